"""The rooms by size: files, lines, floors and arrows of each, from the graph of imports. `python .ci/rooms.py`."""

from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1] / "src"
PRODUCT = "paperwire"


def floors(modules: set[str], arrows: dict[str, set[str]]) -> int:
    """How many files stand on top of each other: the longest chain of imports within a room."""
    heights: dict[str, int] = {}

    def height(module: str) -> int:
        if module not in heights:
            heights[module] = 1 + max(map(height, arrows[module]), default=0)
        return heights[module]

    return max(map(height, modules))


def lines_of(module: str) -> int:
    """The lines of a module's file."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return len(file.read_text(encoding="utf-8").splitlines())


def main() -> None:
    """Print a line for each room, and one for all."""
    graph = grimp.build_graph(PRODUCT, cache_dir=None)
    print(f"{'room':12} {'files':>5} {'lines':>6} {'floors':>6} {'arrows':>6}")
    for room in sorted(graph.find_children(PRODUCT)):
        modules = {room, *graph.find_descendants(room)}
        arrows = {module: graph.find_modules_directly_imported_by(module) & modules for module in modules}
        size = f"{len(modules):5} {sum(map(lines_of, modules)):6} {floors(modules, arrows):6}"
        print(f"{room.removeprefix(f'{PRODUCT}.'):12} {size} {sum(map(len, arrows.values())):6}")
    print(f"{'all':12} {len(graph.modules):5} {sum(map(lines_of, graph.modules)):6}")


if __name__ == "__main__":
    main()
