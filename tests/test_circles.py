"""No two modules import each other, directly or around a corner, be it for types alone."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest


@pytest.mark.parametrize("package", ["paperwire", "benchmarks"])
def test_no_module_imports_itself_by_way_of_others(package):
    graph = grimp.build_graph(package, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert sum(map(len, imports.values())) > len(imports)
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" > ".join(reversed(error.args[1])))
