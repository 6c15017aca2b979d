"""On which day papers stand that one view shows under today and another knew before."""

from datetime import UTC, date, datetime, timedelta

from paperwire.core.days.batch import Batch, Listing, View
from paperwire.core.days.placement import misplaced, older_list, redated, restated

TODAY = date(2026, 1, 7)
BEFORE = TODAY - timedelta(days=1)
NOW = datetime(2026, 1, 7, 13, tzinfo=UTC)


def ids(*numbers):
    return frozenset(f"2601.{number:05}" for number in numbers)


def listing(day, *numbers, part="cs.CL", **more):
    return Listing(part=part, day=day, new=ids(*numbers), **more)


def batches(*shown):
    """Batches by what views show: (day, view, numbers), as whole lists."""
    made = {}
    for day, view, numbers in shown:
        batch = made.get(day, Batch(source="arxiv", part="cs.CL", day=day))
        made[day] = batch.with_listing(view, listing(day, *numbers, whole=True), NOW)
    return {(batch.part, batch.day): batch for batch in made.values()}


def moved(known, *listings, changed=BEFORE):
    papers = {paper for one in listings for paper in one.arrivals}
    wrong = misplaced(listings, known, "oai", dict.fromkeys(papers, changed) if changed else {})
    return redated(wrong, known, NOW)


def test_a_list_most_of_which_another_view_has_on_an_earlier_day_is_of_that_day():
    known = batches((BEFORE, "oai", [1, 2, 3]))
    assert older_list(listing(TODAY, 1, 2, 9), known, "rss") == BEFORE
    assert older_list(listing(TODAY, 1, 8, 9), known, "rss") is None
    assert older_list(listing(BEFORE, 1, 2), known, "rss") is None
    assert older_list(listing(TODAY, 1, 2, part="cs.CV"), known, "rss") is None


def test_a_view_that_showed_that_list_in_its_time_has_another_one_now():
    known = batches((BEFORE, "oai", [1, 2]), (BEFORE, "rss", [1, 2]))
    assert older_list(listing(TODAY, 1, 2), known, "rss") is None
    stale = Batch(source="arxiv", part="cs.CL", day=TODAY).with_listing("rss", listing(TODAY, stale=True), NOW)
    assert older_list(listing(TODAY, 1, 2), known | {("cs.CL", TODAY): stale}, "rss") == BEFORE


def test_papers_that_were_there_before_a_day_were_not_announced_on_it():
    known = batches((TODAY, "rss", [1, 2, 3]), (TODAY, "list", [1, 2, 3]))
    after = moved(known, listing(BEFORE, 1, 2, 3), listing(BEFORE, 1, part="cs.CV"))
    assert after["cs.CL", TODAY].views["rss"] == View(stale=True, at=NOW)
    assert after["cs.CL", BEFORE].views == {"rss": View(new=ids(1, 2, 3), whole=True, at=NOW)}
    assert after["cs.CL", TODAY].views["list"].arrivals == ids(1, 2, 3)


def test_one_of_fifty_papers_makes_no_older_list():
    known = batches((TODAY, "rss", range(50)))
    after = moved(known, listing(BEFORE, 7))
    assert after["cs.CL", TODAY].views["rss"].whole
    assert after["cs.CL", BEFORE].views["rss"] == View(new=ids(7), at=NOW)


def test_a_record_of_that_day_or_of_no_known_one_says_nothing():
    known = batches((TODAY, "rss", [1, 2]))
    assert moved(known, listing(BEFORE, 1, 2), changed=TODAY) == {}
    assert moved(known, listing(BEFORE, 1, 2), changed=None) == {}
    shown = batches((TODAY, "rss", [1, 2]), (BEFORE, "rss", [5]))
    assert moved(shown, listing(BEFORE, 1, 2)) == {}


def test_what_a_part_of_a_reading_leaves_the_next_part_takes():
    known = batches((TODAY, "rss", [1, 2, 3]))
    known |= moved(known, listing(BEFORE, 1))
    after = moved(known, listing(BEFORE, 2, 3))
    assert after["cs.CL", BEFORE].views["rss"].new == ids(1, 2, 3)
    assert not after["cs.CL", TODAY].arrivals


def restate(known, day=TODAY):
    wrong = restated(known, dict.fromkeys(ids(1, 2), (BEFORE, day)), ("oai",))
    return wrong[0], redated(wrong[1], known, NOW, guessed=True)


def test_what_was_guessed_goes_to_the_day_that_is_stated():
    days = (BEFORE - timedelta(days=1), "oai", [1]), (BEFORE, "oai", [1, 2]), (BEFORE, "rss", [2]), (TODAY, "rss", [1])
    moved, after = restate(batches(*days))
    assert moved == ids(1)
    assert after.keys() == {("cs.CL", BEFORE), ("cs.CL", TODAY)}
    assert after["cs.CL", BEFORE].views["oai"] == View(new=ids(2), whole=True, at=NOW)
    assert after["cs.CL", TODAY].views["oai"] == View(new=ids(1), at=NOW)


def test_of_a_day_whose_ids_were_forgotten_nothing_goes():
    known = batches((BEFORE, "oai", [1, 2]))
    assert restate({place: batch.without_ids() for place, batch in known.items()}) == (frozenset(), {})


def test_a_paper_that_leaves_a_day_was_not_found_late_on_it():
    known = batches((BEFORE, "oai", [1, 2]))
    known = {place: batch.with_late(ids(1)) for place, batch in known.items()}
    assert restate(known)[1]["cs.CL", BEFORE].late == frozenset()
