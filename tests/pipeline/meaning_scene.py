"""The pipeline's world with an encoder: papers whose titles say where they point, and a server that may be away."""

import numpy as np
from sqlalchemy import text

from meaning_world import small_table
from paperwire.encoders.table import WordTable
from paperwire.errors import EncoderError
from paperwire.ports.callers import Actor

DAYS = (("Diffusion", "Weather"), ("Latent", "Weather proof"), ("Diffusion proof", "Proof"), ("Diffusion forecast",))
"""What the first run finds, day after day."""


class Server:
    """The small table as a server that may be away: vectors come when it is asked next to matching."""

    instant = False

    def __init__(self, version="server"):
        self.table = small_table()
        self.version, self.width = version, self.table.width
        self.is_away = False

    async def encode(self, texts):
        if self.is_away:
            raise EncoderError("the server is away")
        return await self.table.encode(texts)

    async def close(self):
        pass


def other_table():
    """Another version of the small table, in which a forecast is as far from weather as it can be."""
    table = small_table()
    rows = np.array([(127, 0, 0), (100, 0, 0), (0, 127, 0), (0, 0, 100), (0, 0, 127)], np.int8)
    return WordTable(table.words, rows, np.full(len(rows), 1 / 127, np.float32), {"papers": 5})


async def begin(stages, encoder):
    """Let the stages begin again with this encoder."""
    stages.encoder = encoder
    stages.begin()
    await stages.matching.follow()


async def first_run(stages, encoder):
    """The stages with an encoder, after a first run of seven papers over four days."""
    await begin(stages, encoder)
    for day, titles in enumerate(DAYS):
        stages.clock.advance(days=1)
        await stages.announce(*(f"{title} {day}" for title in titles), quiet=True)
    await stages.encoding.run()
    stages.clock.advance(minutes=1)
    return stages


async def meaning(stages, subscription):
    async with stages.store.read() as unit:
        return await unit.meanings.of((await unit.subscriptions.get(subscription)).query)


_KEPT = """
    SELECT paper.title, match_score.score, match_score.threshold, match.quiet FROM match
    JOIN match_score ON match_score.query = match.query AND match_score.paper = match.paper
        AND match_score.occasion = match.occasion
    JOIN paper ON paper.number = match.paper
    JOIN subscription ON subscription.query = match.query
    WHERE subscription.number = :subscription
"""


async def matched(stages, subscription):
    """The titles that a subscription's query matched, with their scores, and whether it did so quietly."""
    return {row.title: (round(row.score, 2), bool(row.quiet)) for row in await _kept(stages, subscription)}


async def thresholds(stages, subscription):
    """The titles that a subscription's query matched, with what they had to reach then."""
    return {row.title: row.threshold for row in await _kept(stages, subscription)}


async def _kept(stages, subscription):
    async with stages.store.read() as unit:
        return (await unit.connection.execute(text(_KEPT), {"subscription": subscription})).all()


async def save(stages, address, *titles):
    """A person saves papers by their titles."""
    async with stages.store.write() as unit:
        person = await unit.people.ensure(Actor(channel=stages.post.kind, user_id=address), "en")
        for title in titles:
            await unit.people.save_paper(person.number, await numbered(unit, title))
    return person.number


async def numbered(unit, title):
    rows = await unit.connection.execute(text("SELECT number FROM paper WHERE title = :title"), {"title": title})
    return rows.scalar_one()
