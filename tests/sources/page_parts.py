"""What a page shows of days and lists."""


def listed(page):
    """The categories, servers or feeds whose list this page shows in whole."""
    return tuple(listing.part for listing in page.listings if listing.whole)


def day_of(page):
    """The latest day that this page shows anything of, or None."""
    return max((listing.day for listing in page.listings), default=None)
