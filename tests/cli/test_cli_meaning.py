"""`meaning train`: what it is given, what it makes, and what it refuses."""

import numpy as np
import pytest

from paperwire.encoders import _training
from paperwire.encoders.table import WordTable


@pytest.fixture
def small(monkeypatch):
    """A recipe that three papers are enough for."""
    recipe = _training.Recipe
    monkeypatch.setattr(_training, "_FEWEST_PAPERS", 2)
    monkeypatch.setattr(
        _training, "Recipe", lambda seed: recipe(seed=seed, width=1, pairs=2, epochs=1, fewest_papers=1)
    )


def test_a_table_is_made_from_the_stored_papers_except_for_those_left_out(stocked, small):
    stocked.file("skip.txt", "arxiv:2601.00001\n")
    said = stocked("meaning", "train", "--out", "mine.npz", "--leave-out", "skip.txt", "--seed", "5")
    assert said.code == 0, said.err
    assert said.out.startswith("mine.npz: {")
    card = WordTable.load(stocked.folder / "mine.npz").card
    assert (card["papers"], card["left_out"], card["recipe"]["seed"]) == (2, 1, 5)
    stocked.file("config.toml", '[meaning]\ntable = "mine.npz"\n')
    assert np.load(stocked.folder / "mine.npz")["rows"].shape[1] == 1


def test_what_cannot_be_read_or_written_or_is_too_little_is_named(stocked):
    for given, sentence in (
        (("--leave-out", "nowhere.txt"), "cannot read nowhere.txt: No such file or directory"),
        ((), "a word table needs 2,000 papers or more, there are 3"),
    ):
        said = stocked("meaning", "train", *given)
        assert (said.code, sentence in said.err) == (2, True)
    (stocked.folder / "odd.txt").write_bytes(b"\xff")
    said = stocked("meaning", "train", "--leave-out", "odd.txt")
    assert (said.code, "it is no UTF-8 text" in said.err) == (2, True)


def test_a_file_that_cannot_be_written_is_named(stocked, small):
    said = stocked("meaning", "train", "--out", "no/such/folder/t.npz")
    assert (said.code, "cannot write no/such/folder/t.npz: No such file or directory" in said.err) == (2, True)
