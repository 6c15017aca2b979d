"""The page of attacks names tests that are there."""

import ast
import re

import pytest
from test_docs import ROOT

NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", (ROOT / "docs/attacks.md").read_text("utf-8"))))


def test_the_page_names_tests():
    assert len(NAMED) > 60


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_an_attack_is_tried_by_a_test(file, name):
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
