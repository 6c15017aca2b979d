import numpy as np
import pytest

from meaning_world import small_table
from paperwire.encoders import table
from paperwire.encoders.table import Options, WordTable, build, words_of_chunk
from paperwire.errors import ConfigError
from servers.direct import DIRECT


async def test_a_vector_is_the_weighted_sum_of_the_words_rows_a_title_counting_twice():
    one, other, none = await small_table().encode([("Diffusion", "weather weather"), ("weather", ""), ("zebra", "")])
    twice = 1 + np.log(2)
    assert one == pytest.approx(np.array([twice, twice, 0]) / np.hypot(twice, twice))
    assert other == pytest.approx([0, 1, 0])
    assert not none.any()
    assert (await small_table().encode([])).shape == (0, 3)


async def test_texts_are_encoded_alike_in_whatever_batches(monkeypatch):
    texts = [("diffusion", "weather"), ("proof", ""), ("latent", "forecast forecast")]
    together = await small_table().encode(texts)
    monkeypatch.setattr(table, "_BATCH", 1)
    assert (await small_table().encode(texts)).tolist() == together.tolist()


async def test_words_that_subtract_make_no_part_larger_than_the_whole():
    words = small_table()
    (query,) = await words.encode([("diffusion weather", "")])
    shares = words.shares(("diffusion", "proof"), query - 0.9 * (await words.encode([("proof", "")]))[0])
    assert sum(share.part for share in shares) == pytest.approx(1)


def test_plurals_and_joined_words_are_read_as_everywhere_else():
    assert words_of_chunk("Few-shots") == ("few", "fewshot", "shot")


async def test_the_shares_of_words_add_up_to_the_whole_score():
    words = small_table()
    (query,) = await words.encode([("diffusion weather", "")])
    text = ("diffusion", "forecasts and proofs")
    shares = words.shares(text, query)
    assert [share.word for share in shares] == ["diffusion", "forecasts"]
    twice = 1 + np.log(2)
    assert [share.part for share in shares] == pytest.approx(
        [twice / (twice + 100 / 127), 100 / 127 / (twice + 100 / 127)]
    )
    assert sum(share.part for share in shares) == pytest.approx(1)
    assert words.shares(("proof", ""), query) == []
    assert words.shares(("zebra", ""), query) == []
    assert [share.word for share in words.shares(text, query, most=1)] == ["diffusion"]


async def test_a_joined_word_counts_with_its_pieces_and_what_is_little_is_not_named():
    names = ("graph", "graphlevel", "level", "toxicity", "efficient")
    rows = np.array([(20, 0), (60, 0), (10, 0), (5, 0), (120, 0)], np.int8)
    words = WordTable(names, rows, np.full(5, 1 / 127, np.float32), {})
    shares = words.shares(("", "An efficient graph-level toxicity"), np.array([1, 0], np.float32))
    assert [share.word for share in shares] == ["graph-level"]
    assert shares[0].part == pytest.approx(90 / 95, abs=0.07)  # `level` may name no topic


async def test_a_table_is_the_same_after_writing_and_reading_and_its_file_too(tmp_path):
    words = small_table()
    words.save(tmp_path / "one.npz")
    read = build(Options(table=tmp_path / "one.npz"), network=DIRECT)
    read.save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert (read.version, read.width, read.card) == (words.version, 3, {"papers": 5})
    assert (await read.encode([("diffusion", "proof")])).tolist() == (
        await words.encode([("diffusion", "proof")])
    ).tolist()
    await read.close()


def test_what_is_no_table_is_refused_by_name(tmp_path):
    path = tmp_path / "table.npz"
    with pytest.raises(ConfigError, match=r"cannot read the word table .*table\.npz: No such file"):
        WordTable.load(path)
    path.write_text("no table")
    with pytest.raises(ConfigError, match=r"is no word table; `paperwire meaning train"):
        WordTable.load(path)
    small_table().save(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ConfigError, match=r"is no word table; `paperwire meaning train"):
        WordTable.load(path)
    np.savez(
        path,
        words=np.frombuffer(b"a\nb", np.uint8),
        rows=np.zeros((1, 3), np.int8),
        scales=np.ones(2),
        card=np.frombuffer(b"{}", np.uint8),
    )
    with pytest.raises(ConfigError, match="do not fit together"):
        WordTable.load(path)


async def test_the_table_that_comes_with_paperwire_knows_what_is_near():
    own = WordTable.load()
    assert (len(own.words) > 30_000, own.width, own.card["left_out"] > 1_000) == (True, 256, True)
    near, far, query = await own.encode(
        [
            ("Denoising score matching for image synthesis", ""),
            ("Spin waves in magnetic insulators", ""),
            ("diffusion models that generate pictures", ""),
        ]
    )
    assert near @ query > 0.3 > far @ query


def test_the_table_that_comes_with_paperwire_stays_in_its_file_and_has_the_version_of_what_it_holds(tmp_path):
    own = WordTable.load()
    assert isinstance(own._rows.base, np.memmap)
    own.save(tmp_path / "copy.npz")
    copy = WordTable.load(tmp_path / "copy.npz")  # which is read, and its version made of that
    assert copy._rows.base is None or not isinstance(copy._rows.base, np.memmap)
    assert (copy._rows == own._rows).all()
    assert (copy.version, list(copy.words)) == (own.version, list(own.words))
    assert [own.knows(word) for word in ("graph", "graphgraph", "", "\ud800", "\uffff")] == [True, *[False] * 4]
    assert own.words.number(own.words[777]) == 777
