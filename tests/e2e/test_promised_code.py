"""The product asks GitHub for code that a paper promised: a run by schedule, its page and its status."""

import json

from product import Product

from servers.github import GitHubServer

PAPER = {
    "id": "2601.00001",
    "title": "On made-up maps",
    "abstract": "We map towns.",
    "authors": "Ada Örtel",
    "categories": "cs.CL",
    "comments": "Code will be released at https://github.com/ada/maps",
    "versions": [{"version": "v1", "created": "Mon, 5 Jan 2026 10:00:00 GMT"}],
}


async def test_a_run_finds_code_that_was_promised_and_the_paper_says_so(tmp_path, database):
    papers = tmp_path / "papers.jsonl"
    papers.write_text(json.dumps(PAPER) + "\n")
    async with GitHubServer() as server:
        server.repositories["ada/maps"] = ["README.md", "train.py"]
        product = Product(
            tmp_path,
            database,
            now="2026-01-06T12:00:00Z",
            sources__jsonl__files=json.dumps([str(papers)]),
            sources__github__url=server.url,
            sources__github__token="ghp_canary",
        )
        code, out, errors = await product.command("run", "--once")
        assert code == 0, errors
        paths = ["/users/ada", "/repos/ada/maps", "/repos/ada/maps/contents"]
        assert [path for path, _ in server.requests] == paths
        assert "canary" not in out + errors
        code, out, _ = await product.command("status")
        assert code == 0
        assert "github" in out
        assert "canary" not in out
        async with product:
            answer = (await product.get("/api/v1/papers/2601.00001")).json()
            assert (answer["code_status"], answer["code"]) == ("there", "https://github.com/ada/maps")
