"""Models: every name is there, lazily; values are frozen, comparable, and readable."""

from __future__ import annotations

import subprocess
import sys

import attrs
import pytest

from qbsync import models
from qbsync.qbxml import catalogue
from qbsync.qbxml.layout import layout


def test_every_message_imports():
    """All 464 messages, and every aggregate, are classes of ``qbsync.models``."""
    names = catalogue.names()

    assert len(names) == 464
    for name in catalogue.aggregate_names():
        assert attrs.has(getattr(models, name)), name
    assert set(catalogue.aggregate_names()) <= set(dir(models))


def test_fields_stand_in_the_order_of_the_language():
    """Each class has exactly the fields of its elements and attributes, elements in document order."""
    for name in catalogue.aggregate_names():
        fields = [field.name for field in attrs.fields(getattr(models, name))]
        table = layout(name)
        elements = list(table.fields)
        assert [field for field in fields if field in table.fields] == elements, name
        known = {slot.field for slot in table.attributes.values()} | set(elements) | {"_kept"}
        assert set(fields) == known, name


def test_every_field_may_be_left_out():
    """An incomplete object can be made, shown and reported."""
    for name in catalogue.aggregate_names():
        made = getattr(models, name)()
        assert repr(made) == f"{type(made).__name__}()"
        assert made == getattr(models, name)()


def test_references_are_one_class():
    """The names of plain references are names of one class; others stay their own."""
    assert models.CustomerRef is models.Ref
    assert models.ItemRef is models.Ref
    assert models.AdditionalContactRef is not models.Ref


def test_objects_show_what_is_set_and_nothing_else():
    """A repr can be read by a person."""
    line = models.InvoiceLineAdd(item_ref=models.Ref(full_name="Bolt"), desc="b")

    assert repr(models.InvoiceAdd(lines=(line,))) == (
        "InvoiceAdd(lines=(InvoiceLineAdd(item_ref=Ref(full_name='Bolt'), desc='b'),))"
    )


def test_objects_are_frozen_and_change_by_evolve():
    """Nothing changes in place; a changed copy is made, and equal ones have one hash."""
    ref = models.Ref(full_name="a")

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        ref.full_name = "b"
    assert attrs.evolve(ref, full_name="b") == models.Ref(full_name="b")
    assert len({ref, models.Ref(full_name="a")}) == 1


def test_unknown_names_are_attribute_errors():
    """A name that is not of the language says so."""
    with pytest.raises(AttributeError, match="NoSuchAdd"):
        _ = models.NoSuchAdd


def test_importing_one_class_loads_one_module():
    """Only the module that holds the class is loaded, and no XML parser, no catalogue table."""
    code = (
        "import sys; from qbsync.models import InvoiceAdd;"
        "print(*sorted(m for m in sys.modules if m.startswith('qbsync.models.') or m == 'lxml'))"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["qbsync.models._base", "qbsync.models._index", "qbsync.models.invoice"]
