"""The source `github`: whether code that a paper promised is in its repository by now (api.github.com).

It reads no papers. The API is described at https://docs.github.com/en/rest/repos, its limits at
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: 60 requests an hour without a token,
5,000 with one. An answer that nothing changed (304) is free with a token only.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import SecretStr

from paperwire.core.papers.code_status import NO_ACCOUNT, Promise, RepositoryLook
from paperwire.errors import SourceGarbled, SourceRefused
from paperwire.ports.options import AccessToken, Now, PollInterval, WebAddress
from paperwire.ports.options import Options as BaseOptions
from paperwire.ports.sources import Page, Source
from paperwire.sources._http import NO_VALIDATORS, Fetched, Fetcher, Validators
from paperwire.sources._json import parse_json

NAME = "github"
_AN_HOUR, _REQUESTS, _REQUESTS_WITH_TOKEN = 3600.0, 60, 5000
_A_DAY = timedelta(days=1)
_REPOSITORIES_A_RUN = 30
"""Repositories a run with a token; without one there is one, as a second request waits for a minute."""
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_GONE = {404, 410, 451}  # not there: never, no longer or not for us (private, empty), or by order of a court
# What may stand next to a README that only announces: licence, citation, pictures, a page, what git itself wants.
_NO_CODE = re.compile(
    r"readme.*|licen[cs]e.*|copying.*|notice.*|citation.*|code_of_conduct.*|contributing.*|todo.*|\..*"
    r"|.*\.(?:md|rst|txt|png|jpe?g|gif|svg|webp|mp4|pdf|bib|html|css)"
    r"|(?:assets?|docs?|fig(?:ure)?s?|images?|imgs?|media|pics?|pictures?|static|teasers?|videos?)",
    re.IGNORECASE,
)


class Options(BaseOptions):
    """`[sources.github]`: `token` allows for more requests than the 60 an hour that any address has."""

    url: WebAddress = "https://api.github.com"
    every: PollInterval = 60.0
    token: AccessToken = SecretStr("")


def build(options: Options, *, fetcher: Fetcher, now: Now, public_url: str) -> Source:  # noqa: ARG001 -- every source is built alike
    return GitHubSource(fetcher, url=options.url, token=options.token.get_secret_value().strip())


class GitHubSource:
    """Looks at repositories: there under this name, of the same account as before, with more than a README.

    It has no parts to read papers from. Requests keep the interval that the hourly limit leaves.
    """

    name = NAME

    def __init__(self, fetcher: Fetcher, *, url: str, token: str = "") -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._token = token
        self._interval = _AN_HOUR / (_REQUESTS_WITH_TOKEN if token else _REQUESTS)
        self.at_once = _REPOSITORIES_A_RUN if token else 1

    def parts(self) -> Sequence[str]:
        return ()

    async def fetch(self, part: str, cursor: str) -> AsyncIterator[Page]:  # noqa: ARG002 -- every source is read alike
        """No pages, as it has no parts."""
        no_pages: tuple[Page, ...] = ()
        for page in no_pages:
            yield page

    async def look(self, promise: Promise) -> RepositoryLook:
        """What is there now, by one request, and one more where the repository changed; raises SourceError.

        A renamed one answers under its new name, which is another; the account that takes the old name is another, too.
        The first look asks for the account as well: one that came after the promise may be anyone's.
        """
        if not promise.owner:
            promise = replace(promise, owner=await self._account(promise))
        if promise.owner == NO_ACCOUNT:
            return RepositoryLook(owner=NO_ACCOUNT)
        unchanged = RepositoryLook(etag=promise.etag, owner=promise.owner)
        address = f"/repos/{promise.repository}"
        answer = await self._get(address, Validators(etag=promise.etag))
        if answer is None:
            return RepositoryLook(owner=promise.owner)
        if answer.not_modified:
            return unchanged
        name, owner = _read_repository(answer.body)
        if name.casefold() != promise.repository.casefold() or owner != promise.owner:
            return RepositoryLook(owner=promise.owner)
        listing = await self._get(f"{address}/contents", NO_VALIDATORS)
        has_code = listing is not None and _has_code(listing.body)
        return RepositoryLook(is_there=has_code, etag=answer.validators.etag, owner=owner)

    async def _account(self, promise: Promise) -> str:
        """The number of the account that is named, `NO_ACCOUNT` if it came more than a day after the promise."""
        answer = await self._get(f"/users/{promise.repository.partition('/')[0]}", NO_VALIDATORS)
        if answer is None:
            return NO_ACCOUNT
        number, made_at = _read_account(answer.body)
        return number if made_at < promise.since + _A_DAY else NO_ACCOUNT

    async def _get(self, path: str, validators: Validators) -> Fetched | None:
        """An answer, or None for what isn't there."""
        try:
            return await self._fetcher.get(
                f"{self._url}{path}",
                service=self.name,
                interval=self._interval,
                validators=validators,
                kind="json",
                token=self._token,
                headers=_HEADERS,
            )
        except SourceRefused as error:
            if error.status in _GONE:
                return None
            raise


def _read_repository(body: bytes) -> tuple[str, str]:
    """The name of a repository with its account's (`owner/name`), and the number of the account."""
    record = parse_json(body)
    name, owner = (record.get("full_name"), record.get("owner")) if isinstance(record, dict) else (None, None)
    number = owner.get("id") if isinstance(owner, dict) else None
    if not isinstance(name, str) or type(number) is not int:
        raise SourceGarbled("the answer is not a repository of GitHub's")
    return name, str(number)


def _read_account(body: bytes) -> tuple[str, datetime]:
    """The number of an account, and since when it is there."""
    record = parse_json(body)
    number, made_at = (record.get("id"), record.get("created_at")) if isinstance(record, dict) else (None, None)
    try:
        instant = datetime.fromisoformat(made_at) if isinstance(made_at, str) else None
    except ValueError:
        instant = None
    if type(number) is not int or instant is None or instant.tzinfo is None:
        raise SourceGarbled("the answer is not an account of GitHub's")
    return str(number), instant


def _has_code(body: bytes) -> bool:
    """Whether a listing of a repository has a file or folder that is more than words about it."""
    entries = parse_json(body)
    if not isinstance(entries, list):
        raise SourceGarbled("the answer is not a listing of GitHub's")
    return any(_NO_CODE.fullmatch(name) is None for entry in entries if (name := _name_in(entry)))


def _name_in(entry: object) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""
