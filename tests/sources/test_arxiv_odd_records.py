"""Records and entries that arXiv may send and our recordings do not have."""

from datetime import date

import pytest
from structlog.testing import capture_logs

from paperwire.errors import SourceGarbled
from paperwire.sources.arxiv.api import parse_answer as parse_api
from paperwire.sources.arxiv.oai import parse_answer as parse_oai
from paperwire.sources.arxiv.record import is_withdrawn, names_in, versioned

HEADER = "<header{}><identifier>oai:arXiv.org:2601.00001</identifier><datestamp>2026-01-07</datestamp></header>"


def oai(content):
    return parse_oai(f"<OAI-PMH><ListRecords>{content}</ListRecords></OAI-PMH>".encode())


def test_a_deleted_record_has_no_paper():
    deleted = HEADER.format(" status='deleted'")
    (record,) = oai(f"<record>{deleted}</record>").records
    assert (record.id, record.stamp, record.deleted, record.paper) == ("2601.00001", date(2026, 1, 7), True, None)


def test_metadata_without_content_is_no_paper():
    (record,) = oai(f"<record>{HEADER.format('')}<metadata/></record>").records
    assert (record.deleted, record.paper) == (False, None)


def test_what_else_stands_in_a_list_is_passed_over():
    assert oai("<note/>").records == ()


@pytest.mark.parametrize(
    "content",
    [
        "<record><metadata/></record>",
        "<record><header><identifier>oai:arXiv.org:2601.00001</identifier></header></record>",
        "<record><header><identifier>x</identifier><datestamp>2026-01-07</datestamp></header></record>",
        "<record><header><identifier>oai:arXiv.org:2601.00001</identifier><datestamp>soon</datestamp></header></record>",
    ],
)
def test_a_record_without_id_or_day_costs_itself_and_a_page_of_them_is_no_list(content):
    with capture_logs() as logs:
        (record,) = oai(f"{content}<record>{HEADER.format('')}</record>{content}").records
    assert record.id == "2601.00001"
    assert [line["records"] for line in logs] == [2]
    with pytest.raises(SourceGarbled):
        oai(content)


def versions(*dates):
    said = "".join(f"<version><date>{date}</date></version>" for date in dates)
    return oai(f"<record>{HEADER.format('')}<metadata><arXivRaw>{said}</arXivRaw></metadata></record>").records[0]


@pytest.mark.parametrize("odd", ["", "soon", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_a_version_with_an_odd_time_leaves_the_paper_without_times(odd):
    record = versions("Mon, 5 Jan 2026 10:00:00 GMT", odd)
    assert (record.versions, record.paper.version, record.paper.published) == ((), 2, None)


def test_an_author_without_name_is_left_out():
    authors = "<authors><author><keyname/></author><author><keyname>Roe</keyname><suffix>Jr</suffix></author></authors>"
    (record,) = oai(f"<record>{HEADER.format('')}<metadata><arXiv>{authors}</arXiv></metadata></record>").records
    assert record.paper.authors == ("Roe Jr",)


def test_an_entry_of_the_api_without_dates_or_with_a_strange_id():
    entry = "<entry><id>{}</id><title>T</title><published>soon</published></entry>"
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:o='http://a9.com/-/spec/opensearch/1.1/'>"
        f"<o:totalResults>2</o:totalResults>{entry.format('http://arxiv.org/abs/2601.00001v3')}{entry.format('x')}</feed>"
    )
    (paper,) = parse_api(body.encode())
    assert (paper.id, paper.version, paper.published, paper.announced) == ("2601.00001", 3, None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oai:arXiv.org:2604.14193v2", ("2604.14193", 2)),
        ("http://arxiv.org/abs/astro-ph/0601001v1", ("astro-ph/0601001", 1)),
        ("oai:arXiv.org:hep-th/9901002", ("hep-th/9901002", 1)),
        ("oai:arXiv.org:0811.36489v3", ("0811.36489", 3)),
        ("http://arxiv.org/abs/nothing", None),
        ("oai:arXiv.org:10.1101/x", None),
        ("https://doi.org/10.1101/x", None),
        ("oai:arXiv.org:", None),
        ("", None),
    ],
)
def test_ids_and_versions(text, expected):
    assert versioned(text) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("LHCb Collaboration: R. Aaij, B. Adeva, et al.", ("LHCb Collaboration", "R. Aaij", "B. Adeva")),
        ("The XYZ Group : A. Roe and B. Poe", ("The XYZ Group", "A. Roe", "B. Poe")),
        ("A. Roe, et al", ("A. Roe",)),
        ("A. Foo, B. Poe, & R. Bar", ("A. Foo", "B. Poe", "R. Bar")),
        ("A. Roe, on behalf of the CMS Collaboration", ("A. Roe", "CMS Collaboration")),
        ("", ()),
    ],
)
def test_names_in_one_string(text, names):
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("This paper has been withdrawn by the author", ""),
        ("Withdrawn due to an error in Lemma 2", ""),
        ("9 pages; this submission was withdrawn by arXiv administrators", ""),
        ("This article has been removed by arXiv administrators because the submitter lacked the authority", ""),
        ("", "This submission has been removed by arXiv administrators due to copyright infringement"),
        ("arXiv admin note: this version has been removed by arXiv administrators", ""),
        ("Removed by arXiv administrators due to a falsified authorship", ""),
        ("", "This article has been withdrawn by the authors due to a crucial error."),
        ("", "The paper is being withdrawn until further notice"),
        ("paper withdrawn", ""),
        ("Withdrawn", ""),
        ("12 pages, withdrawn by submitter", ""),
        ("withdrawn by the author(s)", ""),
        ("", "The authors have withdrawn this paper because of an error in equation 3."),
        ("I would like to withdraw the paper because I would like to change some of the results", ""),
        ("We are withdrawing this submission.", ""),
        ("9 pages, 3 figures This paper was submitted by mistake and has now been withdrawn", ""),
        ("arXiv admin note: This submission has been withdrawn due to violation of arXiv policies", ""),
        ("This paper has been withdrawn from arXiv by the author", ""),
        ("This preprint is withdrawn pending additional internal review", ""),
        ("", "This paper and abstract have been withdrawn."),
        ("", "This paper (with an erratum) has been temporarily withdrawn by W.H.Mannan."),
        ("", "Note the paper has\nbeen withdrawn."),
    ],
)
def test_withdrawals(comment, abstract):
    assert is_withdrawn(comment, abstract)


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("", ""),
        ("12 pages", "Cash is withdrawn from machines."),
        ("Figures removed by arXiv to reduce the size; the outliers were removed by arXiv-trained annotators", ""),
        ("", "We study how troops are withdrawn. This paper is about that."),
        ("5 figures. This paper was withdrawn from the IJCAI 2025 proceedings due to the lack of participation", ""),
        ("Accepted to LM4Plan Workshop @ ICAPS 2025 (withdrawn before presentation due to lack of travel funding)", ""),
        ("Submitted to CVPR 2026, but the authors have withdrawn it and submit it elsewhere", ""),
        ("This paper was withdrawn by the authors from NeurIPS 2025", ""),
        ("The authors have withdrawn this paper from ICLR 2026", ""),
        ("Withdrawn from ICLR 2026", ""),
        ("Withdrawn ICLR 2026 submission", ""),
        ("ICLR 2026 (withdrawn)", ""),
        ("This paper was withdrawn before publication in PRL", ""),
        ("A previous version of this paper was withdrawn", ""),
        ("", "This paper studies how heat is withdrawn from a reservoir."),
        ("", "We study articles that were withdrawn and papers that have been withdrawn by their authors."),
        ("This paper has not been withdrawn", ""),
        ("not withdrawn", "A paper. Funds were withdrawn."),
        ("", "x" * 400 + " This paper has been withdrawn."),
    ],
)
def test_what_is_no_withdrawal(comment, abstract):
    assert not is_withdrawn(comment, abstract)
