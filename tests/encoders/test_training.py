import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from paperwire.encoders import _training
from paperwire.encoders._training import Recipe, Text, steps, train
from paperwire.errors import ConfigError

RECIPE = Recipe(width=8, pairs=16, epochs=6, fewest_papers=2)
THEMES = [[f"{theme}{word}" for word in ("ab", "ec", "id", "of", "ug")] for theme in "bcdfghjklmnpqrtv"]


def corpus(papers=96):
    """Papers of sixteen themes: each title has two words of its theme, each abstract four sentences of two others."""
    random = np.random.default_rng(3)
    for number in range(papers):
        words = list(random.permutation(THEMES[number % len(THEMES)]))
        sentences = [
            f"{words[2].capitalize()} and {one} and {other}." for one, other in itertools.combinations(words[1:], 2)
        ]
        yield Text.of(f"{words[0]} {words[1]}", " ".join(sentences[:4]))


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(_training, "_FEWEST_PAPERS", 16)


async def test_words_of_one_theme_come_to_lie_together():
    taken = []
    table = train(list(corpus()), RECIPE, {"papers": 96}, lambda: taken.append(1))
    assert len(taken) == steps(96, RECIPE) == 2 * 6 * 6 * 3
    assert (table.width, table.card) == (8, {"papers": 96})
    vectors = await table.encode([("bab", ""), ("bug", ""), ("cec", ""), ("cof", "")])
    near = vectors @ vectors.T
    assert min(near[0, 1], near[2, 3]) > max(near[0, 2], near[0, 3], near[1, 2], near[1, 3]) + 0.3


def trained(file, *, seed, order_of_sets):
    """A table trained in a process of its own, in which sets have another order: the bytes of its file."""
    text = (
        "from test_training import *; from test_training import _training; _training._FEWEST_PAPERS = 16; "
        "train(list(corpus()), Recipe(width=4, pairs=16, epochs=1, fewest_papers=2, seed=int(sys.argv[2])), {}, int)"
        ".save(Path(sys.argv[1]))"
    )
    subprocess.run(
        [sys.executable, "-c", text, str(file), str(seed)],
        cwd=Path(__file__).parent,
        env=os.environ | {"PYTHONHASHSEED": str(order_of_sets)},
        timeout=120,
        check=True,
    )
    return file.read_bytes()


@pytest.mark.whole
def test_the_same_papers_and_seed_give_the_same_file_and_another_seed_another(tmp_path):
    one, two = (trained(tmp_path / f"{order}", seed=0, order_of_sets=order) for order in (1, 2))
    assert one == two != trained(tmp_path / "other", seed=1, order_of_sets=1)


def test_too_few_papers_are_refused(monkeypatch):
    monkeypatch.setattr(_training, "_FEWEST_PAPERS", 2_000)
    with pytest.raises(ConfigError, match="needs 2,000 papers or more, there are 96"):
        train(list(corpus()), RECIPE, {}, int)


def test_sentences_are_cut_where_they_end():
    text = Text.of("A title", "We do this, e.g. well. Then $x$ holds. $y$ does too! And so on")
    assert len(text.sentences) == 4
    assert text.title == ["a", "title"]
