"""HTTP and HTML: pages, feeds, the API, and signing in."""
