"""What GitHub says of a repository that a paper named: there, the same, and more than a README."""

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from paperwire.core.papers.code_status import NO_ACCOUNT, Promise, RepositoryLook
from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused
from paperwire.sources.github import GitHubSource, Options, build
from servers.github import GitHubServer

NAME = "ada/maps"
CODE = ["README.md", "train.py"]
SINCE = datetime(2026, 1, 5, tzinfo=UTC)
PROMISE = Promise(number=1, repository=NAME, since=SINCE)


@pytest.fixture
async def server():
    async with GitHubServer() as server:
        yield server


@pytest.fixture
def source(server, fetcher):
    return GitHubSource(fetcher, url=server.url)


def again(look, repository=NAME):
    return Promise(number=1, repository=repository, since=SINCE, etag=look.etag, owner=look.owner)


async def test_what_is_not_there_yet_is_seen_when_it_is(source, server):
    assert await source.look(PROMISE) == RepositoryLook(owner="7")
    server.repositories[NAME] = CODE
    look = await source.look(PROMISE)
    assert (look.is_there, look.owner, look.etag[:3]) == (True, "7", 'W/"')


@pytest.mark.parametrize(
    "files",
    [
        [],
        ["README.md"],
        [
            "readme",
            "LICENSE",
            ".gitignore",
            ".github",
            "assets",
            "teaser.PNG",
            "paper.pdf",
            "CITATION.cff",
            "index.html",
        ],
    ],
    ids=["empty", "readme", "announcement"],
)
async def test_an_empty_one_or_one_that_only_announces_is_not_there(source, server, files):
    server.repositories[NAME] = files
    look = await source.look(PROMISE)
    assert not look.is_there
    server.requests.clear()
    assert await source.look(again(look)) == look
    assert [path for path, _ in server.requests] == ["/repos/ada/maps"]  # unchanged: its files are not asked for
    server.repositories[NAME] = [*files, "src"]
    assert (await source.look(again(look))).is_there


async def test_case_does_not_matter(source, server):
    server.repositories["Ada/Maps"] = CODE
    assert (await source.look(PROMISE)).is_there


async def test_a_renamed_one_is_not_there(source, server):
    server.repositories["ada/atlas"] = CODE
    server.renamed[NAME] = "ada/atlas"
    assert await source.look(PROMISE) == RepositoryLook(owner="7")
    server.renamed.clear()
    server.repositories[NAME] = CODE
    assert (await source.look(PROMISE)).is_there


async def test_another_account_that_took_the_name_is_not_believed(source, server):
    server.repositories[NAME] = ["README.md"]
    look = await source.look(PROMISE)
    server.owners["ada"] = 666
    server.repositories[NAME] = CODE
    squatted = await source.look(again(look))
    assert squatted == RepositoryLook(owner="7")
    server.owners["ada"] = 7
    assert (await source.look(again(squatted))).is_there


@pytest.mark.parametrize(("is_missing", "made_at"), [(True, ""), (False, "2026-01-06T00:00:00Z")])
async def test_an_account_that_came_after_the_promise_is_not_believed(source, server, is_missing, made_at):
    server.is_missing, server.made_at = is_missing, made_at
    look = await source.look(PROMISE)
    assert look == RepositoryLook(owner=NO_ACCOUNT)
    server.is_missing = False
    server.repositories[NAME] = CODE
    assert await source.look(again(look)) == look


async def test_one_that_goes_away_is_asked_whole_when_it_is_back(source, server):
    server.repositories[NAME] = ["README.md"]
    look = await source.look(PROMISE)
    files = server.repositories.pop(NAME)
    gone = await source.look(again(look))
    assert gone == RepositoryLook(owner="7")
    server.repositories[NAME] = files
    assert await source.look(again(gone)) == look


@pytest.mark.parametrize("status", [403, 429])
async def test_the_hourly_limit_is_waited_for(source, server, clock, status):
    server.refused_with, server.left = status, 0
    server.reset = int(clock().timestamp()) + 3000
    with pytest.raises(SourceBusy) as refused:
        await source.look(PROMISE)
    assert refused.value.named
    assert refused.value.after == pytest.approx(3000, abs=1)
    assert len(server.requests) == 1
    with pytest.raises(SourceBusy) as left_alone:
        await source.look(PROMISE)
    assert not left_alone.value.sent
    assert len(server.requests) == 1


@pytest.mark.parametrize("reset", ["soon", ""], ids=["word", "nothing"])
async def test_a_limit_that_names_no_time_refuses(source, server, reset):
    server.left, server.reset = 0, reset
    with pytest.raises(SourceRefused):
        await source.look(PROMISE)


async def test_a_second_limit_by_retry_after_is_waited_for(source, server):
    server.retry_after = 3600
    server.faults.append(403)
    with pytest.raises(SourceBusy) as refused:
        await source.look(PROMISE)
    assert refused.value.after == 3600


async def test_down_and_odd_answers_are_errors(source, server):
    server.faults.extend([500, "reset", 502])
    with pytest.raises(SourceError):
        await source.look(PROMISE)
    for odd in ([], {"id": 7}, {"id": 7, "created_at": "soon"}, {"id": "7", "created_at": "2020-01-02T03:04:05Z"}):
        server.odd["/users/ada"] = odd
        with pytest.raises(SourceGarbled):
            await source.look(PROMISE)
    del server.odd["/users/ada"]
    for odd in ([], {}, {"owner": {"id": "7"}, "full_name": NAME}, {"owner": {"id": 7}}, {"owner": {"id": True}}):
        server.odd["/repos/ada/maps"] = odd
        with pytest.raises(SourceGarbled):
            await source.look(PROMISE)
    server.odd.clear()
    server.repositories[NAME] = CODE
    for odd in ({}, "x"):
        server.odd["/repos/ada/maps/contents"] = odd
        with pytest.raises(SourceGarbled):
            await source.look(PROMISE)
    server.odd["/repos/ada/maps/contents"] = [1, {}, {"name": 2}, {"name": ""}]
    assert not (await source.look(PROMISE)).is_there


async def test_requests_keep_the_hourly_limit_and_name_the_version(source, server, pace):
    server.repositories[NAME] = CODE
    await source.look(PROMISE)
    assert pace.waits == [("github", 60.0)] * 3
    assert {headers["X-GitHub-Api-Version"] for headers in server.headers} == {"2022-11-28"}
    assert server.agents == {"Paperwire/test"}
    assert server.authorizations == {None}


async def test_a_token_allows_for_more_and_stands_in_no_log(server, fetcher, pace, clock):
    options = Options(url=server.url, token="ghp_canary")
    source = build(options, fetcher=fetcher, now=clock, public_url="")
    with capture_logs() as logs:
        await source.look(PROMISE)
        server.faults.append(401)
        with pytest.raises(SourceRefused) as refused:
            await source.look(PROMISE)
    assert server.authorizations == {"Bearer ghp_canary"}
    assert pace.waits[0] == ("github", 0.72)
    assert "canary" not in f"{options!r} {source!r} {logs} {refused.value}"
    assert source.at_once > 1


async def test_it_has_nothing_to_read(source):
    assert source.parts() == ()
    assert [page async for page in source.fetch("", "")] == []
