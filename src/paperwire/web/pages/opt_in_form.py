"""The form that subscribes an address: its fields, and what they ask for."""

from __future__ import annotations

from collections.abc import Mapping

from paperwire.core.matching.occasions import ARRIVAL
from paperwire.core.text.clean import clean
from paperwire.services.accounts.opt_in import Wish
from paperwire.services.papers.trending import topic_query, trending_query
from paperwire.services.places.zones import read_zone
from paperwire.services.subscriptions.occasions import check_occasions, read_occasions
from paperwire.services.typed import read_cadence, read_query
from paperwire.texts import Texts
from paperwire.web.forms import reading

_LONGEST_NAME = 60
EMPTY = {
    "to": "",
    "address": "",
    "what": "trending",
    "topic": "",
    "every": "",
    "weekday": "mon",
    "hour": "8",
    "zone": "UTC",
    "name": "",
    "when": "",
    "occasions": "",
}


def wish_of(values: Mapping[str, str], texts: Texts) -> Wish:
    """What a form asks for; raises FieldError for what it can't say."""
    weekly = values["every"] == "week"
    with reading("every"):
        day = f"weekly {values['weekday']}" if weekly else "daily"
        typed = values["when"] if values["every"] == "when" else f"{day} {values['hour']}:00"
        cadence = "instant" if values["every"] == "now" else read_cadence(typed, texts)
    with reading("zone"):
        zone = read_zone(values["zone"] or "UTC", texts)
    with reading("topic"):
        if values["what"] == "papers":
            text, name = topic_query(values["topic"]), clean(values["name"], _LONGEST_NAME)
            occasions = read_occasions(values["occasions"], texts) if values["occasions"] else ARRIVAL
            check_occasions(read_query(text, texts, lists=True), occasions - ARRIVAL, texts)
        else:
            text, name = trending_query(values["topic"], "week" if weekly else "day", texts)
            occasions = ARRIVAL
    return Wish(text=text, name=name, cadence=cadence, zone=zone, occasions=tuple(sorted(occasions)))


def as_shared(given: dict[str, str]) -> dict[str, str]:
    """The values of a form as a shared link fills it in: `q` is the query, with `name`, `when` and `occasions`."""
    if "q" not in given:
        return given
    every = {"every": "when"} if given.get("when", "").strip() else {}
    return {**given, "what": "papers", "topic": given["q"], **every}
