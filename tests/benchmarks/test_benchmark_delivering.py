"""What delivering is measured on: platforms that hold to their limits, and loops that wait for each answer."""

from collections import Counter

from benchmarks.__main__ import themes
from benchmarks.delivering import Sizes, _one_each, over
from benchmarks.frame import Context, ratios
from benchmarks.platforms import Platform, figures, running
from benchmarks.rounds import Round, played

from benchmarks import delivering


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


def test_a_message_a_place_is_compared_with_a_loop_and_a_platform_with_waiting_for_each_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(delivering, "LATENCY", 0.0)
    monkeypatch.setattr(delivering, "_ONE_BY_ONE", 3)
    ctx = Context(quick=True, folder=tmp_path, shared=tmp_path / "absent", postgres="")
    ((_, values),) = ctx.databases()
    loop = _one_each(ctx, "Delivering, SQLite", values, 3)
    assert [row.size for row in loop] == ["3 private places, one message each"] * 2
    sent = [row for platform in ("telegram", "discord") for row in over(platform, "Delivering, SQLite", values, 3)]
    assert set(ratios([*loop, *sent])) == {
        "Delivering, SQLite: a loop over places",
        "Delivering, SQLite: one request after the other over Telegram",
        "Delivering, SQLite: one request after the other over Discord",
    }


def test_a_run_for_so_many_places_measures_delivering_alone():
    assert [name for name, _ in themes(quick=False, papers=0, places=10_000)] == ["delivering to 10,000"]
    assert Sizes.of(quick=False, places=10_000).places == 10_000
    assert "delivering" in [name for name, _ in themes(quick=False, papers=0)]
