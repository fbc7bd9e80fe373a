"""What holds for every message of the language, shown on messages made from the catalogue."""

from __future__ import annotations

import random

import pytest
from message_maker import Maker, spoil

from qbsync import _xml, errors
from qbsync.qbxml import build, catalogue, check, compiled, parse
from qbsync.qbxml.parser import message_text
from qbsync.qbxml.rules import find_problems

NAMES = catalogue.names()
#: How full the made messages are: only what is required, everything, and in between.
FILLS = (0.0, 1.0, 0.5, 0.3, 0.7)


def made(name, version="14.0", edition="US"):
    """The messages of one kind, for the first edition that knows it."""
    for candidate in (edition, "CA", "UK", "AU", "OE"):
        messages = [Maker(n, fill, version, candidate).message(name) for n, fill in enumerate(FILLS)]
        if messages[0] is not None:
            return candidate, messages
    raise AssertionError(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_built_is_read_again(name):
    """A valid message has no problems, and building and parsing gives it back."""
    edition, messages = made(name)

    for message in messages:
        assert find_problems(message, version="14.0", edition=edition) == []
        document = build([message], version="14.0", edition=edition)
        parsed = parse(document)
        assert parsed.messages == (message,)
        assert document.isascii()
        assert _xml.c14n(parsed.to_xml()) == _xml.c14n(document)


def unusual(message, written):
    """Whether the fast writer may leave a message to the plain one."""
    return (
        "CLEAR" in repr(message)
        or getattr(message, "iterator", None) is not None
        or getattr(message, "iterator_id", None) is not None
        or any(mark in written for mark in (b"&quot;", b"&#9;", b"&#10;"))
    )


@pytest.mark.parametrize("name", NAMES)
def test_both_writers_agree(name):
    """The fast writer takes every message of usual things, and writes what the plain one writes."""
    edition, messages = made(name)

    for message in messages:
        fast = compiled.write(message, version="14.0", edition=edition)
        plain = message_text(message).encode("ascii", "xmlcharrefreplace")
        assert fast == plain if fast is not None else unusual(message, plain)


@pytest.mark.parametrize("name", NAMES)
def test_the_fast_writer_lets_nothing_wrong_pass(name):
    """What the rules find wrong, the fast writer declines; nothing but our own errors comes out."""
    rnd = random.Random(name)
    edition, messages = made(name)

    for _ in range(25):
        message = spoil(rnd.choice(messages), rnd)
        version = rnd.choice(["14.0", "14.0", "8.0", "2.0"])
        written = compiled.write(message, version=version, edition=edition)
        problems = find_problems(message, version=version, edition=edition)
        assert check(message, version=version, edition=edition) == problems
        assert not (written is not None and problems), problems
        if problems:
            with pytest.raises(errors.InvalidRequestError):
                build([message], version=version, edition=edition)
        else:
            build([message], version=version, edition=edition)


def test_every_message_is_covered():
    """The tests above run over all 232 requests and 232 responses."""
    assert len(NAMES) == 464
    assert sum(name.endswith("Rq") for name in NAMES) == 232
