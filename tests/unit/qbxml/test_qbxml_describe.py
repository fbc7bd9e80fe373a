"""Templates of messages: everything that stands in them, with limits and versions."""

from __future__ import annotations

import re

import pytest

from qbsync.errors import InvalidValueError, UsageError
from qbsync.qbxml import catalogue
from qbsync.qbxml.catalogue import Choice
from qbsync.qbxml.describe import template


def names_in(particles, edition):
    """The names of all elements of an edition; what is in a reference is told in words."""
    for particle in particles:
        if isinstance(particle, Choice):
            for branch in particle.branches:
                yield from names_in(branch, edition)
        elif edition not in particle.not_in:
            yield particle.name
            inside = () if particle.shape is None else particle.shape.particles
            if [getattr(part, "name", "") for part in inside] != ["ListID", "FullName"]:
                yield from names_in(inside, edition)


@pytest.mark.parametrize("edition", ["US", "CA", "UK", "AU", "OE"])
def test_every_message_has_a_template(edition):
    """Each element of each message in its order, and no line over 100 columns."""
    for name in catalogue.names():
        if edition in catalogue.element(name).not_in:
            continue
        lines = template(name, version="14.0", edition=edition).splitlines()
        assert lines[0] == f"{name}   qbXML 14.0, edition {edition}"
        assert max(map(len, lines)) <= 100, name
        shown = [found[1] for line in lines[1:] if (found := re.match(r" {1,43}([A-Za-z]\w*)", line))]
        assert shown == list(names_in(catalogue.message(name).particles, edition)), name


def test_what_is_said_of_an_element():
    """How often, the form, the limits, the values, and the version, where they differ from the message's."""
    text = template("CustomerAddRq")

    assert "    Name                                    1; text, up to 41\n" in text
    assert "ListID or FullName, up to 159" in text
    assert re.search(r"AdditionalNotes +0\.\.n; since 12\.0\n", text)
    assert re.search(r"ShipToAddress +0\.\.50; since 12\.0\n", text)
    assert "@requestID                                0..1; text, up to 50\n" in text


def test_choices_are_told_in_words():
    """Branches are parted by ``or``, and how many may be taken is said."""
    text = template("CustomerQueryRq")

    assert "  [ at most one of\n    ListID " in text
    assert text.count("| or") >= 3
    assert "[ any number, mixed" in template("InvoiceAddRq")
    assert "[ one or more, mixed" in template("SalesOrderAddRq")
    assert "[ exactly one of" in template("ItemServiceAddRq")


@pytest.mark.parametrize(
    ("options", "there"),
    [({}, False), ({"edition": "UK"}, True), ({"edition": "UK", "version": "5.0"}, False)],
)
def test_what_a_version_or_edition_lacks_is_left_out(options, there):
    """Tax included is not of the US edition, and came with 6.0."""
    assert ("IsTaxIncluded" in template("InvoiceAdd", **options)) is there


def test_macros_and_bounds_are_told():
    """Where a macro may stand, and between which numbers a value lies."""
    assert re.search(r"TxnID +1; id; or useMacro", template("ReceivePaymentAddRq"))
    assert "or useMacro" not in template("ReceivePaymentAddRq", version="1.1")
    assert re.search(r"MaxReturned +0\.\.1; whole number, at least 1\n", template("ClassQueryRq"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("invoiceaddrq", "near: InvoiceAddRq"),
        ("Nonsense Of All Kinds", "expected a message or aggregate"),
        ("LeadAddRq", "expected qbXML 13.0 or newer"),
    ],
)
def test_what_is_not_there_is_told(name, words):
    """A name that nothing has gets its neighbours; a message that is too new says since when it is there."""
    with pytest.raises(UsageError, match=words):
        template(name, version="12.0")


def test_the_edition_and_the_version_must_be():
    """An unknown edition or version is refused."""
    with pytest.raises(InvalidValueError, match="edition"):
        template("HostQueryRq", edition="DE")
    with pytest.raises(InvalidValueError, match="version"):
        template("HostQueryRq", version="new")
