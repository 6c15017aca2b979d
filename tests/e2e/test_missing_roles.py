"""Work that no process does is seen by shell, metrics and page; readiness is about the own work of a process."""

import json
import re

import pytest
from product import Product

from servers.outage import Outage
from servers.telegram import TelegramServer

PAPERS = 39
ADA = 101
SAMPLE = re.compile(r"^(\w+(?:\{.*\})?) (\S+)$", re.MULTILINE)


def papers(folder, count):
    row = {"title": "Diffusion", "abstract": "", "authors": ["A B"], "categories": ["cs.CL"], "announced": "2026-01-05"}
    lines = [json.dumps(row | {"id": f"2601.{number:05}"}) for number in range(1, count + 1)]
    (folder / "papers.jsonl").write_text("\n".join(lines) + "\n")


def product_of(folder, database, telegram):
    return Product(
        folder,
        database,
        sources__jsonl__files=f'["{folder}/papers.jsonl"]',
        sources__jsonl__every="1s",
        channels__telegram__token=telegram.token,
        channels__telegram__api_url=telegram.url,
    )


@pytest.mark.slow_on_postgresql
async def test_without_a_matcher_everything_says_that_nothing_matches(tmp_path, database):
    papers(tmp_path, PAPERS)
    async with TelegramServer() as telegram:
        product = product_of(tmp_path, database, telegram)
        await product.start("--only", "collect,deliver,telegram,web")
        try:
            await product.ready()

            async def measured():
                return dict(SAMPLE.findall(await product.metrics()))

            async def all_wait():
                return (await measured())["paperwire_unmatched"] == f"{PAPERS}.0"

            await product.until(all_wait)

            async def is_up():
                return (await measured()).get('paperwire_channel_up{channel="telegram"}') == "1.0"

            await product.until(is_up)
            metrics = await measured()
            assert metrics['paperwire_processes{role="match"}'] == "0.0"
            assert metrics['paperwire_processes{role="deliver"}'] == "1.0"
            assert (metrics["paperwire_outbox_due"], metrics["paperwire_held"]) == ("0.0", "0.0")
            status = (await product.command("status"))[1]
            assert f"⚠ No process matches new papers: {PAPERS} wait, the first since" in status
            assert "To start one: paperwire run --only match" in status
            assert "Processes: collect 1, deliver 1, telegram 1, web 1" in status
            as_json = json.loads((await product.command("status", "--json"))[1])
            assert (as_json["unmatched"], as_json["missing"]) == (PAPERS, ["match"])
            code, check, _ = await product.command("check")
            assert code == 0
            assert f"warning  match: No process matches new papers: {PAPERS} wait" in check
            assert f"No process matches new papers: {PAPERS} wait" in (await product.get("/status")).text
            # It does all the work of its own roles.
            assert (await product.get(f"{product.ops}/readyz")).status_code == 200
        finally:
            assert await product.stop() == 0
        assert "No process is running." in (await product.command("status"))[1]


async def test_a_process_that_was_killed_is_not_counted_under_roles_it_no_longer_has(tmp_path, database):
    papers(tmp_path, 1)
    async with TelegramServer() as telegram:
        product = product_of(tmp_path, database, telegram)

        async def shows(roles):
            return f"Processes: {roles}\n" in (await product.command("status"))[1]

        await product.start("--only", "match,web")
        await product.until(lambda: shows("match 1, web 1"))
        await product.kill()
        await product.start("--only", "web")
        await product.until(lambda: shows("web 1"))
        assert await product.stop() == 0


async def test_a_channel_that_sends_nothing_is_not_called_connected(tmp_path, database):
    papers(tmp_path, 1)
    async with TelegramServer() as telegram:
        telegram.person(ADA)
        product = product_of(tmp_path, database, telegram)
        async with product:
            await product.ready()
            await telegram.ask(ADA, "/subscribe diffusion")
            telegram.outage = Outage(sends=("bad_gateway",))
            papers(tmp_path, 2)

            async def is_said():
                status = (await product.command("status"))[1]
                return "Telegram: nothing sent since" in status and "Telegram: connected" not in status

            await product.until(is_said)
            assert 'paperwire_channel_up{channel="telegram"} 0.0' in await product.metrics()
            assert "warning  telegram: nothing sent since" in (await product.command("check"))[1]
            telegram.outage = None

            async def is_well():
                return "Telegram: connected" in (await product.command("status"))[1]

            await product.until(is_well)
            assert await product.stop() == 0
