import builtins

import numpy as np
import pytest
from tiny_onnx import model, words

from paperwire.encoders import onnx
from paperwire.encoders.onnx import Options, build
from paperwire.errors import ConfigError, EncoderError
from servers.direct import DIRECT

ROWS = [(0, 0), (1, 0), (0, 1)]
VOCABULARY = {"?": 0, "diffusion": 1, "weather": 2}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.onnx").write_bytes(model(ROWS))
    (tmp_path / "tokenizer.json").write_text(words(VOCABULARY))
    return tmp_path


async def test_a_text_is_the_mean_of_its_tokens(folder, monkeypatch):
    monkeypatch.setattr(onnx, "_BATCH", 2)
    encoder = build(Options(folder=folder), network=DIRECT)
    vectors = await encoder.encode([("diffusion", ""), ("diffusion", "weather"), ("weather", "weather weather")])
    half = np.sqrt(0.5)
    assert vectors == pytest.approx(np.array([(1, 0), (half, half), (0, 1)]))
    assert (await encoder.encode([])).shape == (0, 2)
    assert encoder.version == build(Options(folder=folder), network=DIRECT).version
    await encoder.close()


async def test_a_text_without_a_direction_or_a_failing_model_is_an_error_of_the_encoder(folder):
    encoder = build(Options(folder=folder), network=DIRECT)
    with pytest.raises(EncoderError, match="the model gave a vector of zeros"):
        await encoder.encode([("zebra", "")])
    (folder / "tokenizer.json").write_text(words(VOCABULARY | {"weather": 99}))
    with pytest.raises(EncoderError, match="the model failed: "):
        await build(Options(folder=folder), network=DIRECT).encode([("weather", "")])


def test_what_is_missing_is_named(folder, monkeypatch):
    with pytest.raises(ConfigError, match=r"setting meaning.folder is needed"):
        build(Options(), network=DIRECT)
    (folder / "tokenizer.json").write_text("no tokenizer")
    with pytest.raises(ConfigError, match="cannot load the model in"):
        build(Options(folder=folder), network=DIRECT)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match=r"there is no .*tokenizer\.json"):
        build(Options(folder=folder), network=DIRECT)
    load = builtins.__import__

    def without_the_extra(name, *more):
        if name == "onnxruntime":
            raise ImportError
        return load(name, *more)

    monkeypatch.setattr(builtins, "__import__", without_the_extra)
    with pytest.raises(ConfigError, match=r"install '\.\[onnx\]'"):
        build(Options(folder=folder), network=DIRECT)
