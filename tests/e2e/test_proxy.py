"""The whole service where a proxy alone has the way out: papers in, answers and alerts out, `check`, its failure."""

from datetime import date

from product import Product, papers_of

from servers.discord import DiscordServer
from servers.huggingface import HuggingFaceServer, entry
from servers.telegram import TelegramServer
from servers.way_out import Proxy

ADA = 101


def elsewhere(server, name):
    """The port of a server on loopback, and its address as one that the proxy alone knows."""
    port = int(server.url.split(":")[2].partition("/")[0])
    return port, server.url.replace("127.0.0.1", name)


async def test_behind_a_proxy_everything_works(tmp_path, database):
    async with HuggingFaceServer(date(2026, 1, 9)) as papers, TelegramServer() as chat, DiscordServer() as guilds:
        servers = {"papers.test": papers, "telegram.test": chat, "discord.test": guilds}
        leads = {name: elsewhere(server, name)[0] for name, server in servers.items()}
        leads["127.0.0.1"] = leads["discord.test"]  # where the fake says that its gateway is
        chat.person(ADA)
        async with Proxy(leads, login="ann:hunter2") as proxy:
            product = Product(
                tmp_path,
                database,
                now="2026-01-05T10:00:00Z",
                network__proxy=proxy.url,
                sources__huggingface__enabled="true",
                sources__huggingface__every="0.5",
                sources__huggingface__window_days="2",
                sources__huggingface__url=papers.api.replace("127.0.0.1", "papers.test"),
                channels__telegram__token=chat.token,
                channels__telegram__api_url=elsewhere(chat, "telegram.test")[1],
                channels__discord__token=guilds.token,
                channels__discord__api_url=elsewhere(guilds, "discord.test")[1],
            )
            async with product:
                await product.ready()
                assert "Subscribed" in (await chat.ask(ADA, "/subscribe diffusion")).text
                assert "Subscribed" in (await guilds.ask(1001, "/subscribe diffusion")).text
                papers.put("2026-01-05", entry("2601.00002", "Diffusion for many", upvotes=7))
                await chat.until(lambda: ["2601.00002"] in map(papers_of, chat.messages(ADA)))
                await guilds.until(lambda: ["2601.00002"] in map(papers_of, guilds.messages(guilds.dm(1001).id)))

                async def is_noted():  # or the first message may have arrived, and a copy of it waits
                    return "sent" in (await chat.ask(ADA, "/why 2601.00002")).text

                await product.until(is_noted)
                proxy.go_away()
                papers.put("2026-01-05", entry("2601.00003", "Diffusion meanwhile", upvotes=8))

                async def is_missed():
                    return "be reached (" in (await product.get("/status")).text

                await product.until(is_missed)
                proxy.is_away = False
                await chat.until(lambda: ["2601.00003"] in map(papers_of, chat.messages(ADA)))
                await guilds.until(lambda: ["2601.00003"] in map(papers_of, guilds.messages(guilds.dm(1001).id)))
                alerts = [one for one in map(papers_of, chat.messages(ADA)) if "2601.00003" in one]
                assert alerts == [["2601.00003"]]
                alerts = [one for one in map(papers_of, guilds.messages(guilds.dm(1001).id)) if one]
                assert alerts == [["2601.00002"], ["2601.00003"]]

                code, out, _ = await product.command("check")
                assert code == 0, out
                where = proxy.url.rpartition("@")[2]
                assert f"is reached through the proxy {where}" in out
                proxy.login = "ann:changed"
                code, out, _ = await product.command("check")
                assert code == 1
                assert "the proxy refuses: HTTP 407, check the login in network.proxy" in out
                assert "hunter2" not in out + product.log.read_text()
            assert set(leads) <= set(proxy.asked)
