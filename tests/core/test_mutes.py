from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.subscription import mute_keys, mute_value


def test_authors_fold_and_classes_become_small():
    assert mute_value("author", "Jörg  Müller") == mute_value("author", "JORG MULLER")
    assert mute_value("category", " cs.CV ") == "cs.cv"
    assert mute_value("subscription", "12") == "12"


def test_a_paper_may_be_muted_by_each_author_and_class():
    paper = Paper(id="1", title="t", authors=("Jörg Müller", "Li Wei"), categories=("cs.CV", "I.2.7"))
    assert mute_keys(paper) == {
        ("author", "jorg muller"),
        ("author", "li wei"),
        ("category", "cs.cv"),
        ("category", "i.2.7"),
    }
