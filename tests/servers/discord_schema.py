"""Discord's own description of its API, for judging what is sent to it."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_ROOT = "urn:discord"
_RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "specs" / "discord_openapi.json"


class Schema:
    """The OpenAPI document at `path`."""

    def __init__(self, path: Path) -> None:
        self._spec = json.loads(path.read_text())
        self._registry = Registry().with_resource(_ROOT, Resource(self._spec, DRAFT202012))
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", template) + "$"), template) for template in self._spec["paths"]
        ]
        self._validator = cache(self._make_validator)
        self._faults = lru_cache(maxsize=500)(self._judge)

    def faults(self, method: str, path: str, body: Any) -> list[str]:
        """What is wrong with a request; a way that the document does not know is wrong too."""
        return list(self._faults(method, path, json.dumps(body)))

    def _judge(self, method: str, path: str, body_text: str) -> list[str]:
        """Judge once in a process what is sent at each start: all commands in all languages take half a second."""
        body = json.loads(body_text)
        template = next((one for pattern, one in self._paths if pattern.match(path)), "")
        validator = self._validator(method.lower(), template)
        if validator is None:
            return [f"{method} {path} is unknown"] if body and method != "GET" else []
        return [f"{method} {template} {_told(error)}" for error in validator.iter_errors(_ids_as_text(body))]

    def _make_validator(self, method: str, template: str) -> Draft202012Validator | None:
        operation = self._spec["paths"].get(template, {}).get(method, {})
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        pointer = "/".join(
            part.replace("~", "~0").replace("/", "~1")
            for part in ("paths", template, method, "requestBody", "content", "application/json", "schema")
        )
        reference = {"$ref": f"{_ROOT}#/{pointer.replace('{', '%7B').replace('}', '%7D')}"}
        return Draft202012Validator(reference, registry=self._registry)


@cache
def recorded() -> Schema | None:
    """The recorded description; None where the recorded data is absent."""
    return Schema(_RECORDED) if _RECORDED.is_file() else None


def _ids_as_text(value: Any) -> Any:
    """`value` with the numbers of attached files as text: discord.py counts them from 0 and Discord takes that."""
    if isinstance(value, list):
        return [_ids_as_text(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "filename" in value and isinstance(value.get("id"), int):
        value = value | {"id": str(value["id"])}
    return {key: _ids_as_text(one) for key, one in value.items()}


def _told(error: Any) -> str:
    inner = min(error.context, key=lambda one: (len(one.path), one.message)).message if error.context else ""
    return f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]} {inner[:200]}"
