"""What delivering is measured on: platforms that hold to their limits, and an earlier program where it is available."""

from collections import Counter

from benchmarks.__main__ import themes
from benchmarks.delivering import Sizes, _before, _Measured
from benchmarks.frame import Context, fallen, ratios
from benchmarks.platforms import Platform, figures, running
from benchmarks.rounds import Round, Took, played

from benchmarks import delivering

TOOK = Took(collect=0.5, match=0.5, deliver=1.0, seconds=2.0, messages=100, most_mb=90.0)


def test_telegram_takes_thirty_messages_a_second():
    instants = iter([index / 100 for index in range(40)] + [1.0])
    platform = Platform("telegram", 0.0, lambda: next(instants))
    fits = [platform.admitted(str(chat))[0] for chat in range(41)]
    assert fits == [True] * 30 + [False] * 10 + [True]
    assert (platform.messages, platform.refused) == (31, 10)


def test_discord_takes_five_in_five_seconds_a_channel_and_says_so():
    platform = Platform("discord", 0.0, iter([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 5.0]).__next__)
    answers = [platform.admitted("1") for _ in range(6)]
    assert Counter(fits for fits, _ in answers) == {True: 5, False: 1}
    assert [told["X-RateLimit-Remaining"] for _, told in answers] == ["4", "3", "2", "1", "0", "0"]
    assert platform.admitted("2")[0]
    assert platform.admitted("1")[0]


def test_a_round_sends_what_is_owed(tmp_path):
    about = {"folder": str(tmp_path), "shared": str(tmp_path / "absent"), "quick": True, "postgres": ""}
    with running("telegram", 0.0) as url:
        took = played(Round(**about, channel="telegram", url=url, places=3))
        assert figures(url)["messages"] == took.messages == 3
    assert took.cpu > 0


EARLIER = """
import json, sys
asked = json.load(sys.stdin)
assert "digests" not in asked
print(json.dumps({"collect": 1, "match": 2, "deliver": 3, "seconds": 4, "messages": asked["places"]}))
"""


def test_an_earlier_program_is_measured_by_benchmarks_of_its_time(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "rounds.py").write_text(EARLIER, encoding="utf-8")
    asked = Round(folder=str(tmp_path), shared="", quick=True, postgres="", places=3)
    assert played(asked, root=tmp_path) == Took(collect=1, match=2, deliver=3, seconds=4, messages=3)


def test_without_the_earlier_program_the_comparison_is_left_out_and_no_ratio_falls(tmp_path, monkeypatch):
    ctx = Context(quick=True, folder=tmp_path, shared=tmp_path, postgres="")
    monkeypatch.setattr(delivering, "_ROOT", tmp_path)
    with _before(ctx) as before:
        assert before is None
    measured = _Measured("Delivering, SQLite", {}, None)
    row = measured._compared("a day", "", None, lambda took: ("", 0.0))
    assert row.note.startswith("left out")
    assert ratios([row]) == {}
    other = measured._compared("a day", "", TOOK, lambda took: ("20 ms", 2.0))
    assert ratios([other]) == {row.key: 2.0}
    assert fallen(ratios([row]), {row.key: 2.0})  # unless the run leaves such keys out


def test_a_run_for_so_many_places_measures_delivering_alone():
    assert [name for name, _ in themes(quick=False, papers=0, places=10_000)] == ["delivering to 10,000"]
    assert Sizes.of(quick=False, places=10_000).places == 10_000
    assert "delivering" in [name for name, _ in themes(quick=False, papers=0)]
