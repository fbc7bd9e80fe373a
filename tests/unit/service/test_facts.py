"""What QuickBooks says of itself, and whether it is the right company file."""

from __future__ import annotations

import pytest
from talking import Desk, Talk

from qbsync.service import pin_company_file
from qbsync.service.facts import Facts, mismatch
from qbsync.testing import Company

PATH = r"C:\Data\Shop.QBW"


def read(hcp="", *, path=PATH, country="US", major=13, minor=0):
    """Return the facts of a first call."""
    return Facts.read(hcp=hcp, path=path, country=country, major=major, minor=minor)


@pytest.mark.parametrize(
    ("major", "minor", "version"),
    [
        (13, 0, "13.0"),
        (16, 0, "13.0"),
        (12, 0, "12.0"),
        (6, 1, "6.0"),
        (99, 99, "13.0"),
        (1, 0, "1.0"),
        (0, 0, "13.0"),
    ],
)
def test_the_lower_version_is_spoken(major, minor, version):
    """Never higher than what QuickBooks knows; ours where it says nothing."""
    found = read(major=major, minor=minor).version

    assert found == version or (version == "6.0" and found in {"6.0", "6.1"})


def test_a_version_too_old_to_exist_is_the_oldest():
    """0.9 was never there; nothing higher is spoken."""
    assert read(major=1, minor=0).version == "1.0"


@pytest.mark.parametrize(
    ("country", "edition"),
    [("US", "US"), ("ca", "CA"), (" UK ", "UK"), ("AU", "AU"), ("XX", "US"), ("", "US")],
)
def test_the_edition_is_the_country(country, edition):
    """Unknown ones are taken for the most common one."""
    assert read(country=country).edition == edition


def test_the_first_call_is_read_whole():
    """File id, company name, path and product."""
    company = Company(name="Ann's Shop", file_id="{abcdef00-0000-0000-0000-000000000000}")
    found = read(company.host_answer(), path=company.file)

    assert found.company_name == "Ann's Shop"
    assert found.file_id == "{ABCDEF00-0000-0000-0000-000000000000}"
    assert found.path == company.file
    assert found.product
    assert found.file_mode == "SingleUser"


def test_the_version_comes_from_the_host_answer_when_the_call_tells_none():
    """The list of supported versions says what the numbers did not."""
    found = read(Company(version="12.0").host_answer(), major=0)

    assert found.version == "12.0"


@pytest.mark.parametrize(
    "hcp", ["", "garbage", "<QBXML", "HOSTQUERY is currently not supported in QBPOS.", "<a/>"]
)
def test_what_cannot_be_read_is_left_out(hcp):
    """Point of Sale says it in words."""
    found = read(hcp)

    assert found.file_id is None
    assert found.company_name is None
    assert found.version == "13.0"


def facts(**told):
    """Return facts with these marks."""
    return Facts(version="13.0", edition="US", **{"path": PATH, **told})


ONE, OTHER = "{1}", "{2}"


@pytest.mark.parametrize(
    ("known", "now", "wrong"),
    [
        ({}, facts(file_id=ONE), False),
        ({"file_id": ONE}, facts(file_id=ONE), False),
        ({"file_id": ONE}, facts(file_id=OTHER), True),
        ({"file_id": ONE, "company_name": "A"}, facts(file_id=ONE, company_name="B"), False),
        ({"file_id": ONE, "company_name": "A"}, facts(company_name="a "), False),
        ({"file_id": ONE, "company_name": "A"}, facts(company_name="B"), True),
        ({"company_name": "A"}, facts(file_id=ONE), False),
        ({"file_id": ONE, "path": PATH}, facts(path=PATH.lower()), False),
        ({"file_id": ONE, "path": PATH}, facts(path=r"C:\Data\Other.QBW"), True),
        ({"file_id": ONE}, facts(), True),
        ({"file_id": ONE}, facts(path=None), True),
        ({}, facts(path=None), False),
    ],
)
def test_another_file_is_told_apart(known, now, wrong):
    """By its id, else its name; a path counts only where nothing else is said."""
    said = mismatch(known, now)

    assert (said is not None) is wrong
    assert said is None or "Nothing was sent" in said


def test_nothing_is_sent_to_another_file():
    """The company's work stays where it is, and the operator is told which file is expected."""
    desk = Desk()
    desk.customers("A")
    desk.run()
    desk.customers("B")
    other = Company(
        name="Another", file=r"C:\Data\Another.QBW", file_id="{0C2E7B95-46D1-4F3A-B8A0-15D7E96C2F38}"
    )
    ticket, _ = desk.service.authenticate("Shop", "")
    talk = Talk(Desk(other, store=desk.store), ticket)

    assert talk.send() == ""
    assert "wrong company file" in talk.error()
    assert desk.states() == {"done": 1, "waiting": 1}
    assert talk.send() == ""
    assert talk.close()

    desk.run()

    assert desk.is_done()


def test_a_pinned_file_is_the_only_one():
    """Pinned by its name before the first contact; pinned anew, the next file is learned."""
    desk = Desk()
    pin_company_file(desk.store, "Shop", company_name="Quite Another")
    desk.customers("A")
    talk = desk.log_in()

    assert talk.send() == ""
    assert "Quite Another" in talk.error()

    pin_company_file(desk.store, "Shop")
    desk.run()

    assert desk.is_done()


def test_a_file_is_pinned_by_its_id_in_any_case():
    """Braces and letters as the Web Connector's file has them."""
    desk = Desk()
    pin_company_file(desk.store, "Shop", file_id=desk.company.file_id.lower())
    desk.customers("A")
    desk.run()

    assert desk.is_done()


def test_a_pinned_path_is_named_at_each_login():
    """A QuickBooks that does not run is told which file to open; also after the first contact."""
    desk = Desk()
    desk.customers("A")
    pin_company_file(desk.store, "Shop", path=desk.company.file)
    told = [desk.word()]
    desk.run()
    desk.customers("B")
    told.append(desk.word())

    assert told == [desk.company.file, desk.company.file]
