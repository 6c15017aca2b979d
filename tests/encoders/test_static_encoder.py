import json
import sys

import numpy as np
import pytest
from tiny_onnx import words

from paperwire.encoders import static
from paperwire.encoders.static import Options, build
from paperwire.errors import ConfigError
from servers.direct import DIRECT

VOCABULARY = {"?": 0, "diffusion": 1, "weather": 2}
ROWS = np.array([(9, 9), (1, 0), (0, 1)])


def safetensors(**tensors):
    """The bytes of a file with these matrices."""
    header, numbers = {"__metadata__": {"made": "here"}}, b""
    for name, (kind, array) in tensors.items():
        content = np.ascontiguousarray(array).astype(static._TYPES[kind]).tobytes()
        offsets = [len(numbers), len(numbers) + len(content)]
        header[name] = {"dtype": kind, "shape": list(np.shape(array)), "data_offsets": offsets}
        numbers += content
    head = json.dumps(header).encode()
    return len(head).to_bytes(8, "little") + head + numbers


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(safetensors(embeddings=("F32", ROWS)))
    (tmp_path / "tokenizer.json").write_text(words(VOCABULARY))
    return tmp_path


async def test_a_text_is_the_mean_of_the_rows_of_the_tokens_that_are_known(folder, monkeypatch):
    monkeypatch.setattr(static, "_BATCH", 2)
    encoder = build(Options(folder=folder), network=DIRECT)
    texts = [("diffusion zebra", ""), ("diffusion", "weather"), ("zebra", ""), ("weather", "weather weather")]
    half = np.sqrt(0.5)
    assert await encoder.encode(texts) == pytest.approx(np.array([(1, 0), (half, half), (0, 0), (0, 1)]))
    assert (await encoder.encode([])).shape == (0, encoder.width)
    assert encoder.version == build(Options(folder=folder), network=DIRECT).version
    await encoder.close()


@pytest.mark.parametrize("kind", ["F16", "F32", "F64"])
async def test_a_matrix_may_be_shared_by_tokens_and_weighted_apart(folder, kind):
    rows = np.array([(1, 0), (0, 1)])
    file = safetensors(embeddings=(kind, rows), mapping=("I64", [0, 0, 1]), weights=(kind, [0, 1, 3]))
    (folder / "model.safetensors").write_bytes(file)
    (vector,) = await build(Options(folder=folder), network=DIRECT).encode([("diffusion weather", "")])
    assert vector == pytest.approx(np.array([1, 3]) / np.sqrt(10), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("model.safetensors", b"no", r"holds no model2vec matrix"),
        (
            "model.safetensors",
            safetensors(other=("F32", ROWS)),
            r"holds no model2vec matrix \(KeyError\('embeddings'\)\)",
        ),
        ("model.safetensors", safetensors(embeddings=("F32", ROWS[:2])), r"has no usable row for each of 3 tokens"),
        ("model.safetensors", safetensors(embeddings=("F32", np.full((3, 2), np.inf))), r"has no usable row"),
        ("model.safetensors", None, r"there is no .*model\.safetensors"),
        ("tokenizer.json", b"no tokenizer", r"cannot load .*tokenizer\.json"),
        ("tokenizer.json", None, r"there is no .*tokenizer\.json"),
    ],
)
def test_what_is_missing_or_wrong_in_the_folder_is_named(folder, name, content, problem):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match=problem):
        build(Options(folder=folder), network=DIRECT)


def test_a_folder_and_the_extra_are_asked_for(folder, monkeypatch):
    with pytest.raises(ConfigError, match=r'meaning.folder is needed with encoder = "static"'):
        build(Options(), network=DIRECT)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ConfigError, match=r"install '\.\[static\]'"):
        build(Options(folder=folder), network=DIRECT)
