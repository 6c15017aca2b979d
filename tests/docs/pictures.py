"""Pictures in docs/ that are drawn from the code. To draw them again: python tests/docs/pictures.py"""

import ast
import re
from pathlib import Path

from sqlalchemy import Integer

import paperwire.store.database.tables  # noqa: F401 -- fills the catalogue
from paperwire.store.database.tables.base import Row

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "src" / "paperwire"
PICTURE = re.compile(r"```mermaid\n(erDiagram|flowchart)\b.*?\n```", re.DOTALL)

ROOMS = {
    "readers": ("wording.days", "web.api", "web.contents"),
    "sources": ("sources",),
    "pipeline": ("pipeline.ingest", "pipeline.reconcile", "pipeline.days"),
    "store": ("store.sources",),
    "core": ("core.days",),
}
"""What completeness is made of, room by room; `core.days.dates` only refuses impossible dates."""


def modules():
    """Each module of the product with its file; a package stands for its `__init__`."""
    files = sorted(CODE.rglob("*.py"))
    return {".".join(file.relative_to(CODE).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def called(file, known):
    """The modules whose names a file uses when it runs, and the part of a unit that it asks for batches."""
    text = file.read_text()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("paperwire"):
            module = node.module.removeprefix("paperwire").removeprefix(".")
            for name in node.names:
                inner = f"{module}.{name.name}".removeprefix(".")
                yield inner if inner in known else module
    if "unit.sources." in text:
        yield "store.sources"


def node(module):
    """The node of the picture that a module is drawn as, or None."""
    if module in {"core.days.dates", "core.days", "pipeline.days"}:
        return None
    if module.startswith("sources."):
        return "sources"
    inside = any(module == name or module.startswith(f"{name}.") for names in ROOMS.values() for name in names)
    return module if inside else None


def arrows():
    """(who, whom) over all nodes, without those that follow from others."""
    known = modules()
    pairs = {(node(module), node(other)) for module, file in known.items() for other in called(file, known)}
    below = {}
    for who, whom in pairs:
        if who and whom and who != whom:
            below.setdefault(who, set()).add(whom)
    reached = {}

    def reach(one):
        if one not in reached:
            reached[one] = set()
            for other in below.get(one, ()):
                reached[one] |= {other} | reach(other)
        return reached[one]

    for who, whoms in below.items():
        for whom in whoms:
            if not any(whom in reach(other) for other in whoms - {whom}):
                yield who, whom


def completeness():
    """Who calls whom to find out whether a day is complete."""
    pairs = sorted(arrows())
    nodes = sorted({one for pair in pairs for one in pair})
    lines = ["flowchart TD"]
    for room, names in ROOMS.items():
        lines.append(f"  subgraph the_{room} [{room}]")
        lines += [f"    {_id(one)}[{_file(one)}]" for one in nodes if one.startswith(names)]
        lines.append("  end")
    return "\n".join([*lines, *(f"  {_id(who)} --> {_id(whom)}" for who, whom in pairs)])


def _id(one):
    return one.replace(".", "_")


def _file(one):
    return "one file each" if one == "sources" else f"{one.replace('.', '/')}.py"


def schema():
    """The tables with their columns and what points at what; dotted where no foreign key holds it."""
    tables = sorted(Row.metadata.tables.values(), key=lambda table: table.name)
    names = {table.name for table in tables}
    lines = ["erDiagram"]
    for table in tables:
        lines.append(f"  {table.name} {{")
        lines += [f"    {_kind(column)} {column.name}{' PK' * column.primary_key}" for column in table.columns]
        lines.append("  }")
    for table in tables:
        for column in table.columns:
            held = next((key.column.table.name for key in column.foreign_keys), None)
            other = held or (column.name if column.name in names and isinstance(column.type, Integer) else None)
            if other is not None:
                many = "|o" if column.nullable else "||"
                lines.append(f"  {other} {many}{'--' if held else '..'}o{{ {table.name} : {column.name}")
    return "\n".join(lines)


def _kind(column):
    kind = type(column.type).__name__
    return {"PlainText": "text", "UTCDateTime": "time", "LargeBinary": "bytes"}.get(kind, kind.lower())


PICTURES = {"architecture.md": completeness, "schema.md": schema}


def with_picture(page):
    """The text of a page in docs/ as it should be."""
    text = (ROOT / "docs" / page).read_text()
    return PICTURE.sub(lambda _: f"```mermaid\n{PICTURES[page]()}\n```", text, count=1)


if __name__ == "__main__":
    for name in PICTURES:
        (ROOT / "docs" / name).write_text(with_picture(name))
