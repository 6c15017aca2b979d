"""Describes what is stored about a person, and how accounts are separated."""

from __future__ import annotations

from paperwire.core.subscriptions.subscription import Belongings, StoredPlace
from paperwire.core.text.clean import clean
from paperwire.ports.channels import channel_label
from paperwire.texts import Texts


def belonging_lines(all_of_it: Belongings, texts: Texts) -> list[str]:
    """What is deleted, place by place, and what stays."""
    lines = [texts.gettext("This will be deleted:")]
    for place, subscriptions, watched in all_of_it.places:
        counts = [_subscriptions(subscriptions, texts)]
        if watched:
            # Translators: a part of what an account has: "3 subscriptions, 2 watched papers".
            counts.append(texts.ngettext("%(num)s watched paper", "%(num)s watched papers", watched))
        lines.append(f"• {texts.row(_name(place, texts), texts.listed(counts))}")
    if all_of_it.nowhere:
        lines.append(f"• {_subscriptions(all_of_it.nowhere, texts)}")
    if all_of_it.saved:
        lines.append("• " + texts.ngettext("%(num)s saved paper", "%(num)s saved papers", all_of_it.saved))
    if all_of_it.votes:
        lines.append("• " + texts.ngettext("%(num)s vote", "%(num)s votes", all_of_it.votes))
    if all_of_it.talks:
        lines.append("• " + texts.ngettext("%(num)s paper to present", "%(num)s papers to present", all_of_it.talks))
    lines.append("• " + texts.gettext("name, accounts, settings and feed links"))
    if all_of_it.shared:
        lines.append(texts.gettext("Kept, as it belongs to the chat, without the name of who added it:"))
    for shared in all_of_it.shared:
        # Translators: %(subscriptions)s is "3 subscriptions".
        added = texts.ngettext(
            # Translators: %(subscriptions)s is "3 subscriptions".
            "%(subscriptions)s (%(num)s of them added by this account)",
            "%(subscriptions)s (%(num)s of them added by this account)",
            shared.added,
            subscriptions=_subscriptions(shared.subscriptions, texts),
        )
        lines.append(f"• {texts.row(_name(shared.place, texts), added)}")
    return lines


def _subscriptions(count: int, texts: Texts) -> str:
    return texts.ngettext("%(num)s subscription", "%(num)s subscriptions", count)


def _name(place: StoredPlace, texts: Texts) -> str:
    # Translators: a chat without a title, after the name of its channel.
    private = texts.gettext("private chat") if place.kind == "private" else place.address
    label, title = channel_label(place.channel), clean(place.title, 60) or clean(private, 60)
    return label if title == label else texts.listed([label, title])


def unlinking(texts: Texts) -> str:
    return texts.gettext(
        "An account that you unlink is signed out on the pages. Subscriptions that only its chat or mailbox gets go"
        " with it, and it keeps a copy of those that go elsewhere, too. Your private feeds get new links, as it knows"
        " the old ones. A connected library is no longer read; connect it again if it is yours. All the rest, saved"
        " papers included, stays with your other accounts."
    )
