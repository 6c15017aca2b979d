"""A Zotero web API on loopback: keys, libraries with versions, paging by Link, and its limits."""

import json

from aiohttp import web

from servers.loopback import Loopback

KEY = "P9NiFoyLeZu2bZNvvuQPDWsd"
USER = 475425
PAGE = 2


class ZoteroServer(Loopback):
    """`items` are CSL-JSON objects by library, each added at a version of its own; `keys` open libraries."""

    def __init__(self):
        super().__init__()
        self.keys = {KEY: {f"users/{USER}", "groups/5"}}
        self.items = {f"users/{USER}": [], "groups/5": []}
        self.backoff = None
        self.next_page = None
        self.seen_keys = []

    def add(self, *items, library=f"users/{USER}"):
        """Put entries into a library; each makes a version."""
        self.items[library] += items

    def routes(self):
        return [("/keys/current", self._key), ("/{kind}/{number}/items/top", self._top)]

    async def _key(self, request):
        key = self._of(request)
        if key not in self.keys:
            return web.Response(text="Forbidden", status=403)
        return web.json_response({"key": key, "userID": USER, "username": "ann", "access": {"user": {"library": True}}})

    async def _top(self, request):
        library = f"{request.match_info['kind']}/{request.match_info['number']}"
        if library not in self.keys.get(self._of(request), ()):
            return web.Response(text="Forbidden", status=403)
        version = len(self.items[library])
        headers = {"Last-Modified-Version": str(version)}
        if self.backoff is not None:
            headers["Backoff"] = str(self.backoff)
        if request.headers.get("If-Modified-Since-Version") == str(version):
            return web.Response(status=304, headers=headers)
        since, start = int(request.query.get("since", 0)), int(request.query.get("start", 0))
        changed = self.items[library][since:]
        if start + PAGE < len(changed):
            query = f"include=csljson&since={since}&limit={PAGE}&start={start + PAGE}"
            address = self.next_page or f"{self.url}/{library}/items/top?{query}"
            headers["Link"] = f'<{address}>; rel="next", <{self.url}/>; rel="alternate"'
        shown = [{"key": "ABCD2345", "version": version, "csljson": one} for one in changed[start : start + PAGE]]
        return web.Response(text=json.dumps(shown), content_type="application/json", headers=headers)

    def _of(self, request):
        self.seen_keys.append(request.headers.get("Zotero-API-Key"))
        return self.seen_keys[-1]
