"""Values on their way into PostgreSQL arrays; needs no server."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg", reason="the PostgreSQL client library is not here", exc_type=ImportError)

from qbsync.store._postgres_work import array_text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "{}"),
        ([1, -2, 2**62], "{1,-2,4611686018427387904}"),
        ([True, False], "{True,False}"),
        (["a", "b c"], '{"a","b c"}'),
        (["", "NULL", "{x}", "a,b"], '{"","NULL","{x}","a,b"}'),
        (['say "no"', "a\\b"], r'{"say \"no\"","a\\b"}'),
        ([None, "a", None], '{NULL,"a",NULL}'),
        ([None, 1], "{NULL,1}"),
        ([b"", b"\x00\xff"], r'{"\\x","\\x00ff"}'),
    ],
)
def test_arrays_are_written_as_postgresql_reads_them(values, text):
    """NULL is bare, text is quoted, and quotes and backslashes in it are escaped."""
    assert array_text(values) == text


def test_a_quote_is_never_taken_for_a_border():
    """Values that hold the border between values are escaped like any others."""
    assert array_text(['a","b', "c"]) == r'{"a\",\"b","c"}'
    assert array_text(['"']) == r'{"\""}'
