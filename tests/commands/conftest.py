"""A bot over a real store, and what arXiv would answer it."""

from datetime import timedelta

import pytest
from club_chat import ClubChat
from commands_bot import Asker, Bot

from chats import chat_of
from paperwire.core.papers.categories import select


@pytest.fixture
def known():
    """What arXiv answers to a single look-up, by id; an exception is raised."""
    return {}


@pytest.fixture
def bot(store, clock, known):
    async def lookup(paper_id):
        answer = known.get(paper_id)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def lookup_many(ids):
        return {paper_id: found for paper_id in ids if (found := await lookup(paper_id))}

    context = chat_of(
        store=store,
        secret_key=b"k" * 32,
        public_url="https://papers.example.org/",
        followed=select(["cs", "stat.ML"]),
        channels={"telegram": Asker()},
        lookup=lookup,
        lookup_many=lookup_many,
        now=clock,
        sources={"arxiv": timedelta(minutes=15), "huggingface": timedelta(minutes=30)},
    )
    return Bot(store, clock, context)


@pytest.fixture
async def club(bot):
    """The chat of a group whose people vote for papers and present them."""
    club = ClubChat(bot)
    await club.papers()
    return club
