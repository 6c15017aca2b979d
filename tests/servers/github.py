"""GitHub's REST API on loopback: repositories with their owners' numbers, renames, validators and the hourly limit."""

import hashlib

from aiohttp import web

from servers.loopback import Loopback


class GitHubServer(Loopback):
    """`repositories` are names of files by `owner/name`; `owners` are the numbers of accounts by name.

    `made_at` is when accounts were made; one that `is_missing` is not there.

    `renamed` maps an old name to the new one. With `left` set, so many requests are allowed until the second `reset`,
    304 included; `refused_with` is the status after that. `odd` are answers to paths that make no sense.
    """

    def __init__(self):
        super().__init__()
        self.repositories = {}
        self.owners = {}
        self.made_at = "2020-01-02T03:04:05Z"
        self.is_missing = False
        self.renamed = {}
        self.odd = {}
        self.left = None
        self.reset = 0
        self.refused_with = 403
        self.headers = []

    def routes(self):
        return [
            ("/users/{owner}", self._account),
            ("/repos/{owner}/{name}", self._repository),
            ("/repos/{owner}/{name}/contents", self._contents),
            ("/repositories/{owner}/{name}", self._repository),
        ]

    async def _account(self, request):
        return self._answer(request, self._user)

    async def _repository(self, request):
        return self._answer(request, self._record)

    async def _contents(self, request):
        return self._answer(request, self._listing)

    def _answer(self, request, answer):
        self.headers.append(dict(request.headers))
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                limit = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(self.reset)}
                body = {"message": "API rate limit exceeded"}
                return web.json_response(body, status=self.refused_with, headers=limit)
        if request.path in self.odd:
            return web.json_response(self.odd[request.path])
        if request.path.startswith("/users/"):
            return answer(request, request.match_info["owner"])
        name = f"{request.match_info['owner']}/{request.match_info['name']}"
        if request.path.startswith("/repos/") and name in self.renamed:
            return web.Response(status=301, headers={"Location": f"{self.url}/repositories/{self.renamed[name]}"})
        own = next((other for other in self.repositories if other.lower() == name.lower()), None)
        if own is None:
            return web.json_response({"message": "Not Found"}, status=404)
        return answer(request, own)

    def _user(self, _, owner):
        if self.is_missing:
            return web.json_response({"message": "Not Found"}, status=404)
        return web.json_response({"login": owner, "id": self.owners.get(owner, 7), "created_at": self.made_at})

    def _record(self, request, name):
        owner = name.partition("/")[0]
        record = {"full_name": name, "owner": {"login": owner, "id": self.owners.get(owner, 7)}, "size": 0}
        etag = hashlib.sha256(repr((record, self.repositories[name])).encode()).hexdigest()[:20]
        if request.headers.get("If-None-Match") == f'W/"{etag}"':
            return web.Response(status=304)
        return web.json_response(record, headers={"ETag": f'W/"{etag}"'})

    def _listing(self, _, name):
        if not self.repositories[name]:
            return web.json_response({"message": "This repository is empty."}, status=404)
        return web.json_response([{"name": file, "type": "file"} for file in self.repositories[name]])
