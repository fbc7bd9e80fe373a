"""The one XML parser: what it takes, what it refuses, and where it says the trouble is."""

from __future__ import annotations

import pytest

from qbsync import _xml
from qbsync.errors import ParseError


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (b"<a>x</a>", "x"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<a>x</a>", "x"),
        (b"  \n<a>f<!-- c -->oo<![CDATA[<x>]]></a>", "foo<x>"),
        ('<?xml version="1.0" encoding="windows-1252"?><a>é€</a>'.encode("cp1252"), "é€"),
        ('<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode("utf-16"), "é"),
        (b"<a>  </a>", "  "),
    ],
)
def test_documents_are_read_in_the_encoding_they_declare(document, text):
    """Encodings, marks, comments and CDATA are the parser's business."""
    assert _xml.parse(document).text == text


def test_text_ignores_the_encoding_that_it_declares():
    """A document that is text already is read as text."""
    assert _xml.parse_text('\ufeff<?xml version="1.0" encoding="utf-16"?><a>é😀</a>').text == "é😀"


@pytest.mark.parametrize(
    "document",
    [
        b"<!DOCTYPE a><a/>",
        b"<?xml version='1.0'?><!-- c --> <?pi?>\n<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"\xef\xbb\xbf<!doctype a><a/>",
        "<!DOCTYPE a><a/>".encode("utf-16"),
        "<!DOCTYPE a><a/>".encode("utf-16-le"),
        b"<!--" + b"x" * 100_000 + b"--><!DOCTYPE a><a/>",
    ],
    ids=["bare", "behind others", "lower case", "utf-16", "utf-16 without mark", "behind much"],
)
def test_a_doctype_is_refused(document):
    """No document with a DOCTYPE is read, wherever it hides."""
    with pytest.raises(ParseError, match=r"DOCTYPE|well-formed"):
        _xml.parse(document)


@pytest.mark.parametrize(
    ("document", "line", "column"),
    [(b"<a>\n<b></a>", 2, 8), (b"<a>&#0;</a>", 1, 8), (b"<a/><b/>", 1, 5), (b"<a>&x;</a>", 1, 7)],
)
def test_errors_say_where(document, line, column):
    """What is not well-formed is refused with line and column."""
    with pytest.raises(ParseError) as caught:
        _xml.parse(document)

    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    ("document", "line", "column"),
    [
        (b"<a>\n<b></a>", 2, 8),
        (b"<a><b></a>", 1, 11),
        (b'<?xml version="1.0"?><a><b></a>', 1, 32),
        (b"<a/><b/>", 1, 5),
    ],
)
def test_a_growing_document_says_where_too(document, line, column, size):
    """Errors of a document that comes in pieces have the place at which they stand in it."""
    pieces = (document[place : place + size] for place in range(0, len(document), size))

    with pytest.raises(ParseError) as caught:
        list(_xml.grow(pieces, root="a"))

    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("document", [b"", b"   ", b"\x00\x01", b"no xml"])
def test_what_is_no_xml_is_refused(document):
    """Nothing and anything else are refused alike."""
    with pytest.raises(ParseError):
        _xml.parse(document)


def test_lone_surrogates_are_refused_with_their_line():
    """Text that no document can hold is refused before it is parsed."""
    with pytest.raises(ParseError) as caught:
        _xml.parse_text("<a>\n\ud800</a>")

    assert caught.value.line == 2


def test_depth_is_bounded():
    """The deepest nesting taken is the one named; libxml2 itself stops at far more."""
    nested = b"<a>" * 5 + b"</a>" * 5

    assert _xml.parse(nested, max_depth=5).tag == "a"
    with pytest.raises(ParseError, match="at most 4 levels"):
        _xml.parse(nested, max_depth=4)
    with pytest.raises(ParseError):
        _xml.parse(b"<a>" * 100_000 + b"</a>" * 100_000)


def test_size_is_bounded():
    """A document over the limit is refused by its size alone."""
    with pytest.raises(ParseError, match="at most 7 bytes, got 8"):
        _xml.parse(b"<a>x</a>", max_bytes=7)


def test_an_answer_of_64_mib_in_one_text_is_taken():
    """A Web Connector answer is one text node; libxml2's own limit of 10 MB does not apply."""
    size = 64 * 1024 * 1024

    assert len(_xml.parse(b"<a>" + b"x" * size + b"</a>").text) == size


def test_canonical_form_compares_by_meaning():
    """Quotes, attribute order, empty tags and comments make no difference."""
    assert _xml.c14n(b"<a c=\"1\" b='2'><d/><!-- x --></a>") == _xml.c14n(b"<a b='2' c='1'><d></d></a>")


def test_paths_of_elements():
    """An element can say where it stands."""
    assert _xml.element_path(_xml.parse(b"<a><b/><b/></a>")[1]) == "/a/b[2]"
