"""Addresses of feeds and searches become queries."""

import pytest

from paperwire.core.query.language import parse
from paperwire.errors import CommandError
from paperwire.services.subscriptions.feed_addresses import is_address, read_address
from paperwire.texts import texts_in

TEXTS = texts_in("en")
API = "http://export.arxiv.org/api/query?search_query="
FORM = "https://arxiv.org/search/advanced?terms-2-operator=NOT&terms-2-term=survey&terms-0-term=lora&"
LISTED = "(source:arxiv OR source:huggingface) upvotes>=1"
PASSES_A_DAY = "(source:arxiv OR source:huggingface) upvotes>=10"
PASSES_A_WEEK = "(source:arxiv OR source:huggingface) upvotes>=30"
QUERIES = [
    ("https://rss.arxiv.org/rss/cs.LG+cs.CL", "cat:cs.LG OR cat:cs.CL", "arxiv"),
    ("https://rss.arxiv.org/atom/cs.AI%2Bq-bio.NC", "cat:cs.AI OR cat:q-bio.NC", "arxiv"),
    ("http://export.arxiv.org/rss/cs.LG", "cat:cs.LG", "arxiv"),
    ("feed://arxiv.org/rss/stat.ML?version=2.0", "cat:stat.ML", "arxiv"),
    ("feed:https://www.arxiv.org/list/math/new", "cat:math", "arxiv"),
    (f"{API}cat:cs.LG+AND+all:lora&sortBy=submittedDate", "cat:cs.LG AND all:lora", "arxiv"),
    (
        f"{API}ti:%22dark+matter%22+ANDNOT+%28abs:halo+OR+au:del_maestro%29",
        'ti:"dark matter" ANDNOT (abs:halo OR au:"del maestro")',
        "arxiv",
    ),
    (f"{API}cat:cs.*+AND+submittedDate:[202001010000+TO+202501010000]+AND+ti:lora", "cat:cs.* ti:lora", "arxiv"),
    ("https://arxiv.org/search/?query=graph+neural&searchtype=title&source=header", "ti:(graph neural)", "arxiv"),
    ("https://arxiv.org/search/?query=lora&searchtype=abstract", "abs:lora", "arxiv"),
    ("https://arxiv.org/search/?query=lora+qlora&searchtype=all", "lora qlora", "arxiv"),
    ("https://arxiv.org/search/cs?query=geoffrey+hinton&searchtype=author", 'cat:cs au:"geoffrey hinton"', "arxiv"),
    (
        f"{FORM}terms-0-field=title&terms-1-operator=OR&terms-1-term=adapter+tuning&terms-1-field=abstract",
        "((ti:lora) OR (abs:(adapter tuning))) ANDNOT (survey)",
        "arxiv",
    ),
    ("https://arxiv.org/a/warner_s_1.atom", 'au:"s warner"', "arxiv"),
    ("https://huggingface.co/papers", LISTED, "huggingface"),
    ("https://huggingface.co/papers?q=lora", "(lora) upvotes>=1", "huggingface"),
    ("https://rsshub.app/huggingface/daily-papers", LISTED, "huggingface"),
    ("https://papers.takara.ai/api/feed", LISTED, "huggingface"),
    ("http://connect.biorxiv.org/biorxiv_xml.php?subject=cell_biology", 'source:biorxiv cat:"cell biology"', "biorxiv"),
    ("http://connect.medrxiv.org/medrxiv_xml.php", "source:medrxiv", "biorxiv"),
    ("https://papers.example.org/feeds/search.atom?q=%22world+model%22", '"world model"', ""),
    ("https://papers.example.org/feeds/search.json?q=cs.CL", "cat:cs.CL", ""),
    ("https://papers.example.org/x/feeds/trending.rss?window=day", PASSES_A_DAY, "huggingface"),
    ("https://papers.example.org/feeds/trending.atom", PASSES_A_WEEK, "huggingface"),
    ("https://papers.example.org/feeds/list.atom", "list:public", ""),
]
REFUSED = [
    ("https://arxiv.org/rss", "neither a category nor a query"),
    (f"{API}", "neither a category nor a query"),
    ("http://export.arxiv.org/api/query?id_list=2510.00001", "single papers by id"),
    ("https://arxiv.org/search/?query=neurips&searchtype=comments", "It searches in comments"),
    ("https://papers.example.org/feeds/daily.atom", "every new paper"),
    (f"https://papers.example.org/f/{'a' * 43}.atom", "A private feed"),
]


@pytest.mark.parametrize(("address", "text", "source"), QUERIES)
def test_an_address_becomes_a_query(address, text, source):
    feed = read_address(address, TEXTS)
    assert (feed.text, feed.source) == (text, source)
    assert parse(feed.text)
    assert is_address(address)


@pytest.mark.parametrize(("address", "reason"), REFUSED)
def test_an_address_that_no_query_can_say_is_refused_with_the_reason(address, reason):
    with pytest.raises(CommandError, match=reason):
        read_address(address, TEXTS)


@pytest.mark.parametrize(
    "address",
    [
        "https://openai.com/blog/rss.xml",
        "https://[bad/",
        "https://www.biorxiv.org/content/10.1101/1",
        "https://papers.example.org/feeds/search.atom",
        "https://papers.example.org/search?q=lora",
    ],
)
def test_other_addresses_are_not_known(address):
    assert read_address(address, TEXTS) is None
