"""Enumerations: every value that the language lists, as texts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from qbsync import models
from qbsync.models import enums
from qbsync.qbxml import build, catalogue, check, parse


def test_every_listed_value_is_a_member():
    """The enumeration of an element or attribute has its values, each once."""
    seen = set()
    for name in catalogue.aggregate_names():
        shape = catalogue.aggregate(name)
        for held in (*shape.attributes, *shape.elements()):
            if held.values:
                cls = getattr(models, held.name[0].upper() + held.name[1:])
                assert {str(member) for member in cls} == set(held.values), held.name
                seen.add(cls.__name__)
    assert seen == set(enums.__all__)


def test_members_are_texts():
    """A member is its text: equal, hashed and written alike, and a text serves as well."""
    query = models.CustomerQueryRq(request_id="1", active_status=models.ActiveStatus.ACTIVE_ONLY)
    as_text = models.CustomerQueryRq(request_id="1", active_status="ActiveOnly")

    assert query == as_text
    assert hash(query) == hash(as_text)
    assert build([query]) == build([as_text])
    assert b"<ActiveStatus>ActiveOnly</ActiveStatus>" in build([query])
    assert check(query, version="13.0") == []


def test_unlisted_values_are_read_as_text():
    """What a newer QuickBooks returns is a plain text in the field."""
    (answer,) = parse(
        "<QBXML><QBXMLMsgsRs><AccountQueryRs><AccountRet><AccountType>Crypto</AccountType></AccountRet>"
        "</AccountQueryRs></QBXMLMsgsRs></QBXML>"
    ).messages

    assert answer.account_ret[0].account_type == "Crypto"
    with pytest.raises(ValueError, match="Crypto"):
        models.AccountType("Crypto")


def test_they_are_loaded_when_used():
    """A program that writes texts does not pay for the enumerations."""
    code = "import sys; from qbsync.models import InvoiceAdd; sys.exit('qbsync.models.enums' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
