"""Describes how accounts are joined and separated."""

from __future__ import annotations

from paperwire.texts import Texts


def unlinking(texts: Texts) -> str:
    """What happens to an account that is unlinked."""
    return texts.gettext(
        "An account that you unlink is signed out on the pages. Subscriptions that only its chat or mailbox gets go"
        " with it, and it keeps a copy of those that go elsewhere, too. Your private feeds get new links, as it knows"
        " the old ones. A connected library is no longer read; connect it again if it is yours. All the rest, saved"
        " papers included, stays with your other accounts."
    )
