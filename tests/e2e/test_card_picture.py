"""A paper whose acceptance became known later, as both platforms show it: docs/acceptance.md has the picture.

`WRITE_DOCS=1 python -m pytest tests/e2e/test_card_picture.py` draws it again.
"""

import os
from dataclasses import replace

from card_picture import cards, of_discord, of_telegram
from conversation_world import ANN, PAPERS, conversing, paper
from test_first_minutes import DOCS, deliver

from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import Event, EventKind

PICTURE = DOCS / "images" / "cards.svg"
LISTED = paper(
    1,
    "Folding maps by diffusion",
    abstract="We fold maps of any size with a diffusion model that was never shown a crease.",
    authors=("Ada Örtel", "Bo Lindqvist", "Chi Ferreira"),
    code_url="https://github.com/maps/fold",
    hub=HubEntry(organisation="Institute of Maps", thumbnail="https://cdn.example.org/2601.00001.png"),
)
ACCEPTED = replace(LISTED, comment="12 pages, 3 figures. Accepted at NeurIPS 2025 (spotlight)")


async def test_the_picture_shows_the_card_of_an_acceptance(store, clock):
    async with conversing(store, clock) as made:
        telegram, discord = made.telegram, made.discord
        await telegram.ask(ANN, "/subscribe maps venue:neurips when:instant")
        await discord.ask(ANN, "/subscribe maps venue:neurips when:instant", PAPERS)
        await made.record(LISTED)
        await deliver(made)
        before = len(telegram.messages(ANN)), len(discord.messages(PAPERS))
        clock.advance(hours=20)
        async with made.store.write() as unit:
            news = Event(kind=EventKind.CHANGED, paper=ACCEPTED, source="arxiv", day=clock().date(), at=clock())
            await unit.papers.record([news], quiet=False)
        await deliver(made)
        on_telegram = (await telegram.wait(ANN, before[0] + 1))[-1]
        on_discord = (await discord.wait(PAPERS, before[1] + 1))[-1]
    for card in (of_telegram(on_telegram), of_discord(on_discord)):
        title, lines, has_picture, rows = card
        assert (title, has_picture, rows[0][:2]) == (LISTED.title, True, ["PDF", "Code"])
        assert "Accepted: NeurIPS 2025 – “Accepted at NeurIPS 2025 (spotlight)”" in lines
        assert "Institute of Maps · code" in lines
    drawn = cards(Telegram=of_telegram(on_telegram), Discord=of_discord(on_discord))
    if os.environ.get("WRITE_DOCS"):
        PICTURE.write_text(drawn)
    assert PICTURE.read_text() == drawn
