"""Models: every name is there, lazily; values are frozen, comparable, and readable."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest

from qbsync import models
from qbsync.qbxml import CLEAR, QBDateTime, catalogue, writer
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


VALUES = {
    "STRTYPE": "a",
    "IDTYPE": "1-2",
    "GUIDTYPE": "0",
    "BOOLTYPE": True,
    "DATETYPE": date(2024, 2, 29),
    "DATETIMETYPE": QBDateTime("2024-02-29T10:00:00"),
    "TIMEINTERVALTYPE": timedelta(hours=1),
    "INTTYPE": 1,
    "FLOATTYPE": Decimal("1.5"),
    "AMTTYPE": Decimal("1.50"),
    "PRICETYPE": Decimal("1.5"),
    "QUANTYPE": Decimal(1),
    "PERCENTTYPE": Decimal("8.25"),
}


def places():
    """The first field of each scalar type that stands alone in an aggregate."""
    found = {}
    for name in catalogue.aggregate_names():
        for slot in layout(name).slots.values():
            if slot.scalar is not None and not slot.many and slot.scalar.name in VALUES:
                found.setdefault(slot.scalar.name, (name, slot))
    return found


@pytest.mark.parametrize("kind", VALUES)
def test_every_type_is_held_evolved_and_cleared(kind):
    """A field of any type takes its value, a changed one, and ``CLEAR``, which is an empty element."""
    name, slot = places()[kind]
    cls = getattr(models, name)

    held = cls(**{slot.field: VALUES[kind]})
    empty = attrs.evolve(held, **{slot.field: CLEAR})
    assert getattr(held, slot.field) == VALUES[kind]
    assert getattr(empty, slot.field) is CLEAR
    assert empty != held
    assert f"{slot.field}=CLEAR" in repr(empty)
    assert writer.write(name, empty) == f"<{name}><{slot.name}></{slot.name}></{name}>"
    assert attrs.evolve(empty, **{slot.field: None}) == cls()
    assert copy.deepcopy(empty) == pickle.loads(pickle.dumps(empty)) == empty
    assert getattr(pickle.loads(pickle.dumps(empty)), slot.field) is CLEAR
