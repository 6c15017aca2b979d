"""Files and functions are short, as CONTRIBUTING.md says."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = [file for place in ("src", "tests", "benchmarks", ".ci") for file in sorted((ROOT / place).rglob("*.py"))]
MIGRATIONS = ROOT / "src" / "paperwire" / "store" / "migrations"


def test_no_file_has_more_than_400_lines():
    assert {file.name: count for file in FILES if (count := len(file.read_text().splitlines())) > 400} == {}


def test_no_function_has_more_than_40_lines():
    long = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in FILES
        if file.is_relative_to(ROOT / "src") and not file.is_relative_to(MIGRATIONS)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 40
    ]
    assert long == []
