"""Texts of the pages, of the feeds' titles and of what HTTP answers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

SITE = "Paperwire"

# --- feeds -------------------------------------------------------------------------------------------------------

FEED_ALL = "Paperwire: my papers"
FEED_ALL_ABOUT = "Every new paper that matches your subscriptions."
FEED_DAILY = "Paperwire: new papers"
FEED_EMPTY = "There are no papers yet."
RETIRED_TITLE = "This feed's address was reset"
RETIRED_TEXT = "Nothing new will come here. Ask for /feed in your chat to get the new address, and subscribe to that."
NO_FEED = "There is no feed at this address."
FEED_GONE = "This address was reset and is closed for good. Ask for /feed in your chat to get the new one."


def feed_of(name: str) -> str:
    """Title of the private feed of one subscription."""
    return f"Paperwire: {name}"


def feed_of_about(text: str) -> str:
    """What the private feed of one subscription holds."""
    return f"Every new paper that matches: {text}"


def feed_search(query: str) -> str:
    """Title of a public search feed."""
    return f"Paperwire search: {query}"


def feed_daily_about(day: date, count: int, first: date) -> str:
    """What the public feed of the latest day holds: all its papers, and those of the days back to `first`."""
    shown = "The only paper" if count == 1 else f"All {papers(count)}"
    return _and_earlier(f"{shown} of {short_day(day)}", day, first)


def feed_search_about(query: str) -> str:
    """What a public search feed holds."""
    return f"The newest papers that match: {query}"


def feed_search_days(day: date, count: int, first: date) -> str:
    """From which days a public search feed is: all matches of `day`, and those of the days back to `first`."""
    matches = "The only match" if count == 1 else f"All {count:,} matches"
    return _and_earlier(f"{matches} of {short_day(day)}", day, first)


def _and_earlier(text: str, day: date, first: date) -> str:
    return f"{text}." if first == day else f"{text}, and those of earlier days back to {short_day(first)}."


def completeness(states: Sequence[tuple[str, str]]) -> str:
    """Of the latest day of a feed, each source with how complete its part of it is."""
    return " ".join(f"{source}: {state}." for source, state in states) or "It is not known whether the day is complete."


FURTHER_PAGES = "More papers on further pages"


def further_pages(most: int) -> str:
    """An entry of a feed that has several pages."""
    return (
        f"This feed has more than {most:,} entries. The older ones are on further pages, which a reader that follows"
        " the link to the next page loads by itself."
    )


def feed_trending(window: str) -> str:
    """Title of a public trending feed."""
    return f"Paperwire: trending this {window}"


def feed_trending_about(window: str) -> str:
    """What a public trending feed holds."""
    return f"The papers with the most upvotes this {window}."


def long_day(day: date) -> str:
    """A day as a heading: `Monday, 5 January 2026`."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def short_day(day: date) -> str:
    """A day in a line: `5 Jan 2026`."""
    return f"{day.day} {day:%b} {day.year}"


# --- HTTP --------------------------------------------------------------------------------------------------------


def robots(base: str) -> str:
    """What search engines leave alone: the private feeds."""
    return f"User-agent: *\nDisallow: {base}/f/\n"


# --- pages -------------------------------------------------------------------------------------------------------

TAGLINE = "Each new paper once, where and when you want it"
SKIP = "Skip to the papers"
NAV = "Pages"
NAV_LATEST = "Latest"
NAV_TRENDING = "Trending"
NAV_SEARCH = "Search"
NAV_STATUS = "Status"
THANKS = "Thank you to arXiv for use of its open access interoperability."
NOT_ENDORSED = "Paperwire is not endorsed by arXiv."
API = "API"
FEEDS = "Feeds"
FEED_KINDS = (("atom", "Atom"), ("rss", "RSS"), ("json", "JSON"))

FILTER = "Filter this day"
FILTER_HINT = "diffusion -survey"
FILTER_GO = "Filter"
FILTER_CLEAR = "Show all"
CATEGORIES = "Categories"
ALL_CATEGORIES = "All categories"
ORDER = "Order"
ORDERS_DAY = (("new", "Newest"), ("score", "Most upvoted"))
ORDERS_SEARCH = (("relevance", "Best match"), ("date", "Newest"), ("score", "Most upvoted"))
EARLIER = "Earlier"
LATER = "Later"
PREVIOUS_PAGE = "Previous"
NEXT_PAGE = "Next"
PAGES_NAV = "More papers"
DAYS_NAV = "Other days"

ABSTRACT = "Abstract"
PDF = "PDF"
CODE = "Code"
DETAILS = "Details"
UPVOTES = "Upvotes on Hugging Face"
WITHDRAWN = "Withdrawn"
NO_ABSTRACT = "No abstract is known."
SUMMARY = "TL;DR (Hugging Face)"

NOTHING_HELD = "No papers yet"
NOTHING_HELD_TEXT = "The first run fetches the last thirty days in the background. This is how it stands:"
NOTHING_THAT_DAY = "No papers are held for this day."
NOTHING_MATCHES = "Nothing matches."

SEARCH = "Search"
SEARCH_TITLE = "Search all papers"
SEARCH_LABEL = "Query"
SEARCH_HINT = '"world model" -survey'
SEARCH_HELP = "How to write a query"
SEARCH_START = (
    "The same words work in a subscription, and as a feed: search first, then follow the feed of the results."
)

TRENDING = "Trending"
TRENDING_ABOUT = "What people upvote on Hugging Face Daily Papers."
WINDOWS = (("day", "Today"), ("week", "This week"), ("month", "This month"))
NOTHING_TRENDS = "Nothing with upvotes in this window."

PAPER_SOURCE = "Source"
PAPER_AUTHORS = "Authors"
PAPER_CATEGORIES = "Categories"
PAPER_ANNOUNCED = "Announced"
PAPER_SUBMITTED = "Submitted"
PAPER_VERSION = "Version"
PAPER_COMMENT = "Comment"
PAPER_JOURNAL = "Journal"
PAPER_DOI = "DOI"
PAPER_LICENCE = "Licence"
PAPER_ID = "Id"
PAPER_HISTORY = "What was said of it"
PAPER_DAY = "That day's papers"

STATUS = "Status"
STATUS_SOURCES = "Sources"
STATUS_DAYS = "Are the days complete?"
STATUS_DAY = "Day"
STATUS_PAPERS = "Papers"
STATUS_CHANNELS = "Channels"
STATUS_HELD = "Papers held"
STATUS_SUBSCRIPTIONS = "Subscriptions"
STATUS_OWED = "Messages waiting"
STATUS_SINCE = "Running since"
STATUS_OK = "fine"
STATUS_STARTING = "first run under way"
STATUS_TROUBLE = "in trouble"
STATUS_OVERDUE = "overdue"
STATUS_NOT_RUNNING = "not running"
STATUS_NEVER = "never yet"
STATUS_LAST = "Last read"
STATUS_NEXT = "Next"
STATUS_STATE = "State"
STATUS_NAME = "Name"
STATUS_NO_CHANNELS = "No chat channel is set up. Feeds, pages and the API work without one."

API_TITLE = "API"
API_ABOUT = "Plain JSON over GET, no key needed. The same query language as everywhere."
API_SCHEMA = "OpenAPI description"
API_PARAMETER = "Parameter"
API_MEANING = "Meaning"

MISSING_TITLE = "Not found"
MISSING_TEXT = "There is nothing at this address."
MISSING_PAPER = "This paper is not stored here."
MISSING_PAPER_AT = "Look at its source:"
HOME = "To the latest papers"
ONLY_READ = "This address can only be read."
UNAVAILABLE = "The database does not answer. Try again in a moment."
FAILED = "This is a fault of the service, which has been logged. Try again later."
ERROR_TITLES = {
    400: "That request can't be answered",
    404: MISSING_TITLE,
    405: "That can't be done here",
    410: "Closed",
    421: "Wrong address",
    500: "Something went wrong",
    503: "Not available now",
}
"""What a page says of an error first, by its HTTP status."""

_KINDS = {
    "new": "announced",
    "cross": "cross-listed",
    "replaced": "replaced",
    "withdrawn": "withdrawn",
    "listed": "listed on Daily Papers",
    "score": "upvotes",
    "published": "published",
    "code": "code appeared",
}
_SOURCES = {
    "arxiv": "arXiv",
    "huggingface": "Hugging Face",
    "biorxiv": "bioRxiv",
    "medrxiv": "medRxiv",
    "jsonl": "import",
    "rss": "feed",
    "demo": "demo",
}


HERE_ONLY = (
    "This site can only be opened on the machine where it runs."
    " To let others in, its operator sets public_url to the address that they use."
)


def wrong_host(public_url: str) -> str:
    """A request that names another host than ours."""
    return f"This site is at {public_url}. Whoever runs it can change that: it is the setting public_url."


def papers(count: int) -> str:
    """A number of papers."""
    return "1 paper" if count == 1 else f"{count:,} papers"


def papers_of(shown: int, total: int) -> str:
    """How many of a day's papers a filter left."""
    return f"{shown:,} of {papers(total)}"


def span(first: int, last: int, total: int, *, at_least: bool = False) -> str:
    """Which part of a list a page shows."""
    return f"{first:,}\u2013{last:,} of {'at least ' if at_least else ''}{total:,}"


def day_title(day: date) -> str:
    """Title of a day's page."""
    return f"Papers of {short_day(day)}"


def column(number: int) -> str:
    """Where in a query something is wrong."""
    return f"column {number}"


def source_name(kind: str) -> str:
    """A source's own name."""
    return _SOURCES.get(kind, kind)


def said(kind: str, version: int, score: int | None) -> str:
    """One statement in a paper's history."""
    text = _KINDS.get(kind, kind)
    if kind in {"replaced", "withdrawn"}:
        return f"{text} (v{version})"
    return f"{score:,} {text}" if kind == "score" and score is not None else text


def feeds_of(what: str) -> str:
    """What the links to feeds on a page follow."""
    return f"Follow {what}:"


FOLLOW_DAILY = feeds_of("all new papers")
FOLLOW_SEARCH = feeds_of("this search")
FOLLOW_TRENDING = feeds_of("what trends")


def held_back(since: datetime) -> str:
    """All deliveries wait for an operator's word."""
    return f"Nothing is sent since {moment(since)}: deliveries are held."


def stage_fails(name: str, since: datetime, reason: str, next_at: datetime) -> str:
    """A part of the service that fails."""
    return f"{name} has been failing since {moment(since)}: {reason}. Next try {moment(next_at)}."


def overdue(since: datetime) -> str:
    """A source without an attempt for three of its intervals."""
    return f"not tried since {moment(since)}"


def moment(instant: datetime) -> str:
    """An instant for people: `5 Jan 2026, 01:02 UTC`."""
    return f"{short_day(instant.date())}, {instant:%H:%M} UTC"


# --- API ---------------------------------------------------------------------------------------------------------

API_SEARCH = "Papers that match a query"
API_PAPER = "One paper, by its arXiv id, DOI or address"
API_DAYS = "How complete the last days of each source are"
API_DAY = "The papers of one day, the last recorded first"
API_QUERY = "the query: words, phrases, ti: abs: au: cat: source: id: has: upvotes>="
API_ORDER = "relevance, date or score"
API_LIMIT = "how many papers at most, up to 1,000"
API_OFFSET = "how many papers to skip"
API_RESUME = "where to go on with older papers: `resume` of the answer before"
API_ID = "the paper's id"
API_DAY_NAME = "the day, as 2026-01-05"
API_NO_PAPER = "This paper is not stored here."
API_NO_DAY = "No papers are stored for that day."
API_PROBLEM = "A problem (RFC 9457): why there is no answer"

NOT_THE_PLATFORM = "This address is for a chat platform that knows its secret.\n"
