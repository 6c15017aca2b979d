"""A model file small enough to write by hand: it looks each token up in a table (ONNX's operator Gather).

The field numbers are those of ONNX's own description, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

import json
import struct

INT64, FLOAT = 7, 1


def model(rows):
    """The bytes of a model that gives `rows[id]` for each token id: one vector a token."""
    width = len(rows[0])
    table = field(1, len(rows)) + field(1, width) + field(2, FLOAT) + field(8, b"table") + field(9, floats(rows))
    node = field(1, b"table") + field(1, b"input_ids") + field(2, b"out") + field(4, b"Gather")
    graph = field(1, node) + field(2, b"g") + field(5, table)
    graph += field(11, value(b"input_ids", INT64, b"n", b"t")) + field(11, value(b"attention_mask", INT64, b"n", b"t"))
    graph += field(12, value(b"out", FLOAT, b"n", b"t", width))
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


def words(vocabulary):
    """A tokenizer that cuts at spaces."""
    return json.dumps(
        {
            "version": "1.0",
            "added_tokens": [],
            "pre_tokenizer": {"type": "Whitespace"},
            "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "?"},
        }
    )


def value(name, kind, *sizes):
    shape = b"".join(field(1, field(1, size) if isinstance(size, int) else field(2, size)) for size in sizes)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def floats(rows):
    return b"".join(struct.pack("<f", number) for row in rows for number in row)


def field(number, content):
    """One field of a protocol buffer: an integer, or bytes with their length."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number):
    low, number = number & 127, number >> 7
    return bytes([low | 128]) + varint(number) if number else bytes([low])
