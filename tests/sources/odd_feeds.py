"""Feeds as the world sends them: a table of encodings and shapes, each as RSS and as Atom, and of what is refused."""

TEXTS = {
    "windows-1251": "Поиск новых статей",
    "koi8-r": "Обзор методов поиска",
    "koi8-u": "Огляд нових методів",
    "ibm866": "Сети и алгоритмы",
    "iso-8859-5": "Теория графов",
    "GBK": "图神经网络综述",
    "gb2312": "论文检索方法",
    "gb18030": "大规模语言模型𠀀",
    "Big5": "機器學習導論",
    "Shift_JIS": "深層学習の基礎①",
    "windows-31j": "論文の検索",
    "EUC-JP": "強化学習の応用",
    "ISO-2022-JP": "自然言語処理",
    "EUC-KR": "기계 학습의 기초",
    "ks_c_5601-1987": "논문 검색 방법",
    "ISO-8859-1": "Über Gödels “Satz”",
    "iso-8859-2": "Zażółć gęślą jaźń",
    "iso-8859-15": "Prix en € et œuvres",
    "windows-1252": "Größe – ein Maß",
    "windows-1254": "Öğrenme için ağlar",
    "windows-1256": "تعلم الآلة",
    "macintosh": "Étude d’été",
    "tis-620": "การเรียนรู้",
    "utf-8": "Naïve 図 обзор",
}
"""For each name of an encoding, as feeds write it, words that it holds."""
_CODECS = {
    "ISO-8859-1": "cp1252",
    "Shift_JIS": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
}


def rss(title, declaration="", doctype="", version="2.0", text="Words."):
    item = f"<item><title>{title}</title><guid>a:1</guid><description>{text}</description></item>"
    return f'{declaration}{doctype}<rss version="{version}"><channel><title>F</title>{item}</channel></rss>'


def atom(title, declaration="", doctype="", text="Words."):
    entry = f"<entry><title>{title}</title><id>a:1</id><summary>{text}</summary></entry>"
    return f'{declaration}{doctype}<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>{entry}</feed>'


def rdf(title, declaration="", doctype="", text="Words."):
    names = 'xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    item = f'<item rdf:about="a:1"><title>{title}</title><link>a:1</link><description>{text}</description></item>'
    return f"{declaration}{doctype}<rdf:RDF {names}><channel><title>F</title></channel>{item}</rdf:RDF>"


def old_rss(title, declaration="", doctype="", text="Words."):
    return rss(title, declaration, doctype or _PUBLIC.format("rss"), "0.91", text)


FORMS = {"rss": rss, "atom": atom}
OTHER_FORMS = {"RSS 1.0": rdf, "RSS 0.91": old_rss}
_UTF8 = '<?xml version="1.0" encoding="utf-8"?>\n'
_PUBLIC = "<!DOCTYPE {} PUBLIC '-//Netscape//DTD RSS 0.91//EN' \"http://my.netscape.com/publish/formats/rss-0.91.dtd\">"


def _declared(name):
    return f'<?xml version="1.0" encoding="{name}"?>'


def _shapes(form):
    """The bytes and the title of each shape of a feed."""
    utf16 = form("Широко 図", '<?xml version="1.0" encoding="utf-16"?>')
    plain = form("Naïve", _UTF8)
    yield "UTF-16 with a mark", utf16.encode("utf-16"), "Широко 図"
    yield "UTF-16, big end first", b"\xfe\xff" + utf16.encode("utf-16-be"), "Широко 図"
    yield "UTF-16 without mark", utf16.encode("utf-16-le"), "Широко 図"
    yield "UTF-16, big end first, without mark", utf16.encode("utf-16-be"), "Широко 図"
    yield "UTF-16 by name alone", utf16.encode(), "Широко 図"
    yield "UTF-8 with a mark", b"\xef\xbb\xbf" + plain.encode(), "Naïve"
    yield "UTF-8 by another name", form("Обзор", _declared("UTF8")).encode(), "Обзор"
    yield (
        "a byte that is no UTF-8",
        form("A caf? table", _UTF8).encode().replace(b"?\x20", b"\xe9 "),
        "A caf\ufffd table",
    )
    yield "an empty line first", f"\n{plain}".encode(), "Naïve"
    yield "spaces and a mark first", f" \r\n\t\ufeff{plain}".encode(), "Naïve"
    yield "a comment first", f"<!-- made today --><?style it?>{plain.removeprefix(_UTF8)}".encode(), "Naïve"
    yield "no-break space", form("One&nbsp;two", _UTF8).encode(), "One two"
    yield "HTML's names", form("Caf&eacute; &mdash; &lt; &hellip;", _UTF8).encode(), "Café — < …"
    yield "a lone ampersand", form("R&D & more, AT&T;", _UTF8).encode(), "R&D & more, AT&T;"
    yield "an ampersand in a link", form("Naïve", _UTF8, text="a?b=1&c=2&copy=3").encode(), "Naïve"
    yield "control characters", form("Na\x08ï\x1bve\x00", _UTF8).encode(), "Naïve"
    yield "numbers of no character", form("Na&#8;ï&#x1B;ve&#xFFFF;&#0;&#xD800;&#9999999;", _UTF8).encode(), "Naïve"
    yield "a DOCTYPE of old", form("Naïve", _UTF8, _PUBLIC.format("rss")).encode(), "Naïve"
    yield "a DOCTYPE, bare", form("Naïve", _UTF8, "<!doctype rss>\n<!-- so -->").encode(), "Naïve"
    yield "a DOCTYPE with a system", form("Naïve", "", "<!DOCTYPE feed SYSTEM 'file:///etc/passwd'>").encode(), "Naïve"
    yield "a section of data", form("<![CDATA[Salt &amp; <b>water</b>]]>", _UTF8).encode(), None


def _feeds():
    for form_name, form in FORMS.items():
        for name, title in TEXTS.items():
            body = form(title, _declared(name)).encode(_CODECS.get(name, name))
            yield f"{form_name} {name}", body, title
        for name, body, title in _shapes(form):
            yield f"{form_name} {name}", body, title

    for form_name, form in OTHER_FORMS.items():
        for name in ("windows-1251", "Shift_JIS", "utf-8"):
            body = form(TEXTS[name], _declared(name)).encode(_CODECS.get(name, name))
            yield f"{form_name} {name}", body, TEXTS[name]
        yield f"{form_name} in UTF-16", form("Широко 図").encode("utf-16"), "Широко 図"
        yield f"{form_name} with names", form("Salt&nbsp;&amp;&nbsp;water").encode(), "Salt & water"


FEEDS = {name: (body, title) for name, body, title in _feeds()}
"""What is read: its bytes, and the one title in it (None where RSS and Atom mean different things)."""

_ENTITY = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
REFUSED = {
    "nothing": (b" \n", "empty"),
    "JSON": (b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON"),
    "words": (b"Sorry, back soon.", "no XML"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "no XML"),
    "a page": (b"<!DOCTYPE html>\n<html><body>Sorry</body></html>", "an HTML page"),
    "a page of old": (
        b'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd"><HTML>',
        "an HTML page",
    ),
    "a page as XML": (_UTF8.encode() + b"<!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'/>", "an HTML page"),
    "a page without DOCTYPE": (b"\n<html lang='en'><head/></html>", "an HTML page"),
    "another document": (b"<opml version='1.0'><body/></opml>", r"XML of another kind \(opml\)"),
    "a map of a site": (b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", r"another kind \(urlset\)"),
    "entities": (rss("&b;", _UTF8, _ENTITY).encode(), "declares entities of its own"),
    "entities in UTF-16": (rss("&b;", "", _ENTITY).encode("utf-16"), "declares entities of its own"),
    "entities from outside": (
        atom("x", "", '<!DOCTYPE feed SYSTEM "x.dtd" [<!ENTITY % e SYSTEM "y"> %e;]>').encode(),
        "declares entities of its own",
    ),
    "UTF-7": (_declared("UTF-7").encode() + b"+ADw-rss+AD4-", "in the encoding utf-7"),
    "EBCDIC": (rss("x", _declared("IBM037")).encode(), "in the encoding ibm037"),
    "an encoding of no name": (rss("x", _declared("x-klingon")).encode(), "in the encoding x-klingon"),
    "a codec that is no encoding": (rss("x", _declared("zlib")).encode(), "in the encoding zlib"),
    "a crowd of references": (rss("&x;" * 200_001).encode(), "more references"),
    "cut off": (rss("x").encode()[:-12], "broken or cut off"),
    "tags that cross": (b"<rss version='2.0'><channel><b><i></b></i></channel></rss>", "broken or cut off"),
}
"""What is refused: its bytes, and what the refusal says of it."""
