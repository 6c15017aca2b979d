"""`subscribe` and `unsubscribe`: a place subscribed by the operator."""

import json

import pytest
from cli_world import on

from paperwire.ports.callers import Place

NTFY = {"PAPERWIRE_CHANNELS__NTFY__ENABLED": "true", "PAPERWIRE_CHANNELS__NTFY__SERVER": "http://127.0.0.1:9"}
TELEGRAM = {
    "PAPERWIRE_CHANNELS__TELEGRAM__TOKEN": "42:AA",
    "PAPERWIRE_CHANNELS__TELEGRAM__API_URL": "http://127.0.0.1:9",
}


@pytest.fixture
def with_channels(stocked, monkeypatch):
    for name, value in (NTFY | TELEGRAM).items():
        monkeypatch.setenv(name, value)
    return stocked


async def subscribed(unit):
    """(channel and address, query, cadence) of all subscriptions."""
    named = [("telegram", "123", "private"), ("ntfy", "my-papers-4711", "address")]
    places = [await unit.places.at(Place(channel=channel, address=to, kind=kind)) for channel, to, kind in named]
    return [
        (f"{place.channel}:{place.address}", each.text, each.cadence)
        for place in filter(None, places)
        for each in await unit.subscriptions.of_place(place.number)
    ]


def test_a_person_is_subscribed_once_and_no_longer(with_channels, database):
    for _ in range(2):
        said = with_channels("subscribe", "lora", "OR", "qlora", "--to", "telegram:123", "--when", "daily 8")
        assert said.code == 0, said.err
        assert said.out.startswith("telegram:123: lora OR qlora\n")
    assert on(database, subscribed) == [("telegram:123", "lora OR qlora", "daily 08:00")]
    said = with_channels("unsubscribe", "qlora OR LORA", "--to", "telegram:123")
    assert (said.code, said.out) == (0, "telegram:123: no longer lora OR qlora\n")
    assert on(database, subscribed) == []
    assert with_channels("unsubscribe", "lora", "--to", "telegram:123").code == 1
    assert with_channels("unsubscribe", "lora", "--to", "telegram:123", "--if-there").code == 0


def test_a_query_that_is_a_number_is_no_number_of_a_subscription(with_channels, database):
    for query in ("lora", "2024"):
        assert with_channels("subscribe", query, "--to", "telegram:123").code == 0
    assert with_channels("unsubscribe", "1", "--to", "telegram:123").code == 1
    assert with_channels("unsubscribe", "2024", "--to", "telegram:123").code == 0
    assert on(database, subscribed) == [("telegram:123", "lora", "")]


def test_it_stays_while_another_spelling_is_wanted(with_channels, database):
    assert with_channels("subscribe", "lora OR qlora", "--to", "telegram:123").code == 0
    asked = ("unsubscribe", "--to", "telegram:123", "--unless=-survey", "--unless", "QLoRA OR lora", "lora OR qlora")
    said = with_channels(*asked)
    assert (said.code, said.out) == (0, "telegram:123: still lora OR qlora\n")
    assert len(on(database, subscribed)) == 1
    assert with_channels("unsubscribe", "--to", "telegram:123", "--unless=-survey", "lora OR qlora").code == 0
    assert on(database, subscribed) == []


def test_an_address_is_subscribed_though_its_server_is_away(with_channels, database):
    assert with_channels("subscribe", "-survey world", "--to", "ntfy:my-papers-4711").code == 0
    assert on(database, subscribed) == [("ntfy:my-papers-4711", "-survey world", "")]


def test_no_part_of_an_address_is_said_as_a_picture(with_channels):
    assert with_channels("subscribe", "lora", "--to", "ntfy:dog").out.startswith("ntfy:dog: lora\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["lora", "--to", "telegram"],
            "--to takes CHANNEL:ADDRESS, such as telegram:123456789; channels that are on: ",
        ),
        (["lora", "--to", "slack:5"], "channels that are on: ntfy, telegram"),
        (["(lora", "--to", "telegram:1"], "The closing ) is missing"),
        (["cat:cs.QQ", "--to", "telegram:1"], "cat:cs."),
        (["cat:cs.CL,cs.LG", "--to", "telegram:1"], "cat:cs.CL OR cat:cs.LG"),
        (["lora", "after:2025", "--to", "telegram:1"], "Queries have no dates"),
        (["lora", "--to", "telegram:-100"], "Can't use -100: "),
        (["lora", "--to", "telegram:1", "--when", "sometimes"], "sometimes"),
        (["lora", "--to", "telegram:ann"], "Can't use ann: 'ann' is no address of a Telegram chat"),
        (["lora", "--to", "telegram:@annes_channel"], "Can't use @annes_channel: Telegram can't be reached"),
        (["lora", "--to", "telegram:99999999999999999999"], "Can't use 99999999999999999999: "),
    ],
)
def test_what_is_refused_says_why(with_channels, words, said):
    refused = with_channels("subscribe", *words)
    assert refused.code == 1
    assert said in refused.err


@pytest.mark.parametrize("query", ["diffusion source:natur", "diffusion cat:nonsense"])
def test_what_can_never_match_is_taken_with_a_warning(with_channels, query):
    value = query.split()[1]
    warning = f"⚠ No stored paper has {value}. Check the spelling."
    assert warning in with_channels("subscribe", query, "--to", "telegram:123").out
    assert warning in with_channels("preview", query).out
    assert warning in with_channels("search", query).out
    assert with_channels("search", query, "--json").json["unknown"] == [{"term": value, "nearest": ""}]


def test_the_other_spelling_of_a_name_is_offered(with_channels):
    papers = [
        {"id": f"2601.0010{number}", "title": "Graphs", "abstract": "", "authors": [name], "announced": "2026-01-05",
         "categories": ["cs.CV"]}
        for number, name in enumerate(["Jo Müller", "Lu Müller", "Ada Mueller"])
    ]  # fmt: skip
    with_channels.file("names.jsonl", "".join(f"{json.dumps(paper)}\n" for paper in papers))
    assert with_channels("import", "names.jsonl").code == 0
    offered = "au:Müller: the name in another spelling"
    assert f"{offered}: 2 papers" in with_channels("search", "au:Mueller").out
    assert offered in with_channels("preview", "au:Mueller").out
    assert offered in with_channels("subscribe", "au:Mueller", "--to", "telegram:123").out
    (suggestion,) = with_channels("preview", "au:Mueller", "--json").json["suggestions"]
    assert suggestion["query"] == "au:Müller"


def test_mail_is_confirmed_by_its_reader(with_channels, monkeypatch):
    monkeypatch.setenv("PAPERWIRE_CHANNELS__EMAIL__SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("PAPERWIRE_CHANNELS__EMAIL__FROM_ADDRESS", "papers@example.org")
    refused = with_channels("subscribe", "lora", "--to", "email:ann@example.org")
    assert refused.code == 1
    assert "its reader confirms a subscription first" in refused.err
