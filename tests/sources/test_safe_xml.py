"""XML that wants to exhaust or to reach out is refused, at once and in little memory; honest XML is read."""

import pytest

from memory_peak import grown
from paperwire.errors import SourceGarbled
from paperwire.sources._xml import parse_xml, text_of

LAUGHS = b"".join(
    [
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">',
        *(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)),
        b"]><l>&a11;</l>",
    ]
)
HOSTILE = {
    "billion laughs": LAUGHS,
    "quadratic": b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 100_000 + b'">]><a>' + b"&x;" * 10_000 + b"</a>",
    "entity file": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external DTD": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "small letters": b"<!doctype html><html/>",
    "after comments": b"<?xml version='1.0'?>\n<!-- a --><?p i?><!-- b -->\n<!DOCTYPE a><a/>",
    "after a mark": b"\xef\xbb\xbf<!DOCTYPE a><a/>",
    "UTF-16": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
    "UTF-16 without mark": "<!DOCTYPE a><a/>".encode("utf-16-le"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-',
    "EBCDIC by its bytes": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("cp037"),
    "EBCDIC": b'<?xml version="1.0" encoding="IBM037"?><a/>',
    "depth": b"<a>" * 100_000 + b"</a>" * 100_000,
    "attributes": b"<a " + b" ".join(b'a%d=">"' % n for n in range(200_000)) + b"/>",
    "few attributes too many": b"<r><a " + b" ".join(b'a%d=""' % n for n in range(65)) + b"/></r>",
    "tags": b"<a>" + b"<b/>" * 1_600_000 + b"</a>",
    "comment without end": b"<!-- " * 100_000,
    "name": b"<" + b"a" * 200_000 + b"/>",
    "cut off": b"<a><b>text</b>",
    "two roots": b"<a/><b/>",
    "nothing": b"",
    "JSON": b'{"a": 1}',
    "unknown entity": b"<a>&nbsp;</a>",
    "bad bytes": b"<a>\xff</a>",
    "NUL": b"<a>" + b" " * 100 + b"\0</a>",
}


@pytest.mark.whole
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_within_little_memory(name):
    with grown(64 * 1024), pytest.raises(SourceGarbled):
        parse_xml(HOSTILE[name])


@pytest.mark.parametrize(
    "body",
    [
        b"<a>B\xc3\xbc</a>",
        b"\xef\xbb\xbf<a>B\xc3\xbc</a>",
        b'<?xml version="1.0" encoding="utf-8"?>\n<a>B\xc3\xbc</a>',
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a>B\xfc</a>",
        b"<a>B<!-- no --><?no way?>\xc3\xbc</a>",
        b"<a><![CDATA[B]]>&#xfc;</a>",
    ],
)
def test_honest_xml_is_read(body):
    assert text_of(parse_xml(body)) == "Bü"


def test_a_doctype_in_the_text_is_text():
    root = parse_xml(b"<a><![CDATA[<!DOCTYPE html> &lt;]]></a>")
    assert root.text == "<!DOCTYPE html> &lt;"


def test_many_attributes_in_all_are_no_harm():
    root = parse_xml(b"<r>" + b"<a b='1' c='2'/>" * 10_000 + b"</r>")
    assert len(root) == 10_000


def test_text_is_one_line_with_single_spaces():
    assert text_of(parse_xml(b"<a>  one\n  two <b>three</b>\tfour </a>")) == "one two three four"
    assert text_of(None) == ""
