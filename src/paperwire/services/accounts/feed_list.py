"""A person's private feeds as a file for feed readers (OPML 2.0), whose addresses are secrets of their own."""

from __future__ import annotations

from lxml import etree

from paperwire.core.messages.message import Attachment
from paperwire.core.subscriptions.subscription import Owner
from paperwire.core.text.clean import clean
from paperwire.core.tokens import feed_token
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.accounts.feed import hashes
from paperwire.services.context import Context

_TITLE_LIMIT = 200


async def feed_list(context: Context, caller: Caller) -> Attachment:
    """The feed of all of the caller's own subscriptions and that of each, as OPML.

    Feeds that had no address yet have one from then on.
    """
    titles: dict[int | None, str] = {None: caller.texts.gettext("All my subscriptions")}
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        titles |= {each.number: each.name or each.text for each in await unit.subscriptions.of_person(person.number)}
        owner, hash_of = Owner(person=person.number), hashes(context)
        rows = [await unit.feeds.ensure(owner, number, hash_of) for number in titles]
    base = context.public_url.rstrip("/")
    document = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(document, "head"), "title").text = "Paperwire"
    folder = etree.SubElement(etree.SubElement(document, "body"), "outline", text="Paperwire", title="Paperwire")
    for title, row in zip(titles.values(), rows, strict=True):
        name = clean(title, _TITLE_LIMIT)
        address = f"{base}/f/{feed_token(context.secret_key, row.number, row.generation)}.atom"
        etree.SubElement(folder, "outline", type="rss", text=name, title=name, xmlUrl=address, htmlUrl=f"{base}/")
    content = etree.tostring(document, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return Attachment("feeds.opml", "text/x-opml", content)
