"""The rooms and the folders in them by size, from the graph of imports: `python .ci/rooms.py`."""

from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1] / "src"
PRODUCT = "paperwire"


def floors(arrows: dict[str, set[str]]) -> int:
    """How many files and folders stand on top of each other: the longest chain of imports within a room."""
    heights: dict[str, int] = {}

    def height(module: str) -> int:
        if module not in heights:
            heights[module] = 1 + max(map(height, arrows[module]), default=0)
        return heights[module]

    return max(map(height, arrows))


def inside(room: str, module: str) -> str:
    """The file or folder of a room in which a module stands; a folder counts as one."""
    return module.removeprefix(room).removeprefix(".").partition(".")[0]


def lines_of(module: str) -> int:
    """The lines of a module's file."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return len(file.read_text(encoding="utf-8").splitlines())


def main() -> None:
    """Print a line for each folder with files and folders of its own, and one for all."""
    graph = grimp.build_graph(PRODUCT, cache_dir=None)
    print(f"{'room':28} {'files':>5} {'lines':>6} {'floors':>6} {'arrows':>6}")
    for room in sorted(module for module in graph.modules if graph.find_children(module)):
        modules = {room, *graph.find_descendants(room)}
        arrows: dict[str, set[str]] = {inside(room, module): set() for module in modules}
        for module in modules:
            place = inside(room, module)
            imported = graph.find_modules_directly_imported_by(module) & modules
            arrows[place] |= {inside(room, name) for name in imported} - {place}
        size = f"{len(modules):5} {sum(map(lines_of, modules)):6} {floors(arrows):6}"
        print(f"{room.removeprefix(f'{PRODUCT}.'):28} {size} {sum(map(len, arrows.values())):6}")


if __name__ == "__main__":
    main()
