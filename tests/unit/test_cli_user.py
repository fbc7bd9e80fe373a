"""``qbsync user``: add, rotate, list, remove."""

from __future__ import annotations

import io
import json
import sys

import pytest

from qbsync.auth import Accounts
from qbsync.cli import main
from qbsync.cli._stores import open_store


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The path of a store that is not there yet; the environment of the developer does not count."""
    monkeypatch.delenv("QBSYNC_STORE", raising=False)
    return str(tmp_path / "s")


def user(*arguments):
    """Run ``qbsync user`` and return its exit status."""
    return main(["user", *map(str, arguments)])


def login(path, name, password):
    """Return what a new process says to a login."""
    store = open_store(path)
    try:
        return Accounts(store).authenticate(name, password)
    finally:
        store.close()


def test_without_password_one_is_made_and_shown_once(path, capsys):
    """On standard output, so that a script can take it; it works."""
    assert user("add", "shop", "--company", "Shop", "--store", path) == 0
    first, second = capsys.readouterr().out.splitlines()

    assert first == "user shop may connect for company Shop"
    word = second.removeprefix("password ")
    assert len(word) == 29
    assert login(path, "shop", word) == "Shop"


def test_a_given_password_is_not_shown(path, capsys, monkeypatch):
    """Neither by add nor by rotate."""
    for arguments in (("add", "shop", "--company", "Shop"), ("rotate", "shop", "--overlap", "0")):
        monkeypatch.setattr(sys, "stdin", io.StringIO("secret word\n"))
        assert user(*arguments, "--password-stdin", "--store", path) == 0
    written = capsys.readouterr()

    assert "secret" not in written.out + written.err
    assert "the old one is void" in written.out
    assert login(path, "shop", "secret word") == "Shop"


def test_rotate_keeps_the_present_password_for_the_overlap(path, capsys):
    """72 hours unless said otherwise: until somebody comes to type the new one in."""
    user("add", "shop", "--company", "Shop", "--store", path)
    old = capsys.readouterr().out.split()[-1]
    assert user("rotate", "shop", "--store", path) == 0
    out = capsys.readouterr().out
    assert "the present one is taken for 72 more hours" in out

    assert login(path, "shop", old) == "Shop"
    assert login(path, "shop", out.split()[-1]) == "Shop"


def test_list_shows_users_and_nothing_of_a_password(path, capsys):
    """As a table, or one object a line."""
    for name, company in (("b", "B"), ("a", "A")):
        user("add", name, "--company", company, "--hashing", "argon2", "--store", path)
    user("rotate", "b", "--store", path)
    capsys.readouterr()
    assert user("list", "--store", path, "--json") == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())

    assert first == {"user": "a", "company": "A", "overlap_until": None}
    assert list(second) == ["user", "company", "overlap_until"]
    assert second["overlap_until"].endswith("+00:00")
    assert user("list", "--store", path, "--company", "B") == 0
    out = capsys.readouterr().out
    assert "b" in out
    assert "argon2" not in out


def test_remove_ends_the_account(path, capsys):
    """A second removal says that there is none."""
    user("add", "shop", "--company", "Shop", "--store", path)
    word = capsys.readouterr().out.split()[-1]

    assert user("remove", "shop", "--store", path) == 0
    assert login(path, "shop", word) is None
    assert user("remove", "shop", "--store", path) == 1
    assert "there is none called 'shop'" in capsys.readouterr().err


def test_looking_makes_no_store(path, capsys):
    """A typing error in the path is said."""
    for arguments in (("list",), ("remove", "x"), ("rotate", "x")):
        assert user(*arguments, "--store", path) == 1
        assert "there is no store" in capsys.readouterr().err
