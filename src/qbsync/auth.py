"""Who may log in: the protocol, and accounts kept in the store.

Passwords are hashed with scrypt; a user that does not exist costs the same work as a wrong password, so the
time of an answer tells nothing. Tickets are random and stored only as a hash. Nothing secret is in a repr.

An account is a record: kind ``account``, company empty, key the user name.
Hosts with users of their own pass an :class:`Authenticator` to the service instead.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from functools import cache
from typing import TYPE_CHECKING, Protocol

from attrs import evolve

from .errors import UsageError
from .jobs import FORMAT
from .store import Record

if TYPE_CHECKING:
    from .store import Store

__all__ = ["Accounts", "Authenticator", "add_account", "new_ticket", "session_key"]

_KIND = "account"
#: CPU and memory cost of scrypt: 16 MiB and some 50 ms, the usual choice for logins.
_N, _R, _P = 2**14, 8, 1
_SALT_BYTES = 16
_TICKET_BYTES = 32


class Authenticator(Protocol):
    """Decides who may log in, and to which company."""

    def authenticate(self, user_name: str, password: str) -> str | None:
        """Return the company of the user, or ``None`` if user name and password do not fit.

        Called outside any transaction, once a session; should take well under a second and the same time
        whatever the answer. What it raises is answered with ``busy``.
        """
        ...


class Accounts:
    """The accounts in a store, as an :class:`Authenticator`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def authenticate(self, user_name: str, password: str) -> str | None:
        """Return the company of the account, or ``None``; see :class:`Authenticator`."""
        name = user_name.strip()
        record = None
        if name and "\0" not in name:
            with self._store.begin() as t:
                record = t.records.get("", _KIND, name)
        nobody = _nobody()
        stored: dict[str, str] = nobody if record is None else json.loads(record.value)
        fits = _fits(password, stored["password"])
        return stored["company"] if fits and record is not None else None


def add_account(store: Store, name: str, *, company: str, password: str) -> None:
    """Add an account, or give the one that is there a new company and password.

    Args:
        store: where accounts are kept.
        name: the user name, as in the Web Connector's file; surrounding blanks are not part of it.
        company: the company whose work the account gets.
        password: the password, as the user types it into the Web Connector.

    Raises:
        UsageError: name, company or password is empty.
    """
    cleaned = name.strip()
    for what, value in (("user name", cleaned), ("company", company), ("password", password)):
        if not value:
            raise UsageError(f"{what}: expected some text, got none")
    content = {"format": FORMAT, "company": company, "password": _hashed(password)}
    with store.begin() as t:
        record = t.records.get("", _KIND, cleaned) or Record(company="", kind=_KIND, key=cleaned)
        t.records.put(evolve(record, value=json.dumps(content).encode()))


def new_ticket() -> str:
    """Return a new ticket: 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(_TICKET_BYTES)


def session_key(ticket: str) -> str:
    """Return the key under which the session of *ticket* is stored."""
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()


def _scrypt(password: str, salt: bytes) -> bytes:
    raw = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=salt, n=_N, r=_R, p=_P, maxmem=64 * 1024 * 1024, dklen=32)


def _hashed(password: str) -> str:
    """Return what is stored of a password: ``scrypt$n$r$p$salt$hash``."""
    salt = secrets.token_bytes(_SALT_BYTES)
    parts = [base64.b64encode(part).decode() for part in (salt, _scrypt(password, salt))]
    return "$".join(["scrypt", str(_N), str(_R), str(_P), *parts])


def _fits(password: str, stored: str) -> bool:
    """Return whether *password* is the one that *stored* was made from, in constant time."""
    name, n, r, p, salt, expected = stored.split("$")
    if (name, n, r, p) != ("scrypt", str(_N), str(_R), str(_P)):
        raise UsageError(f"account: expected a password hashed with scrypt {_N}, got {name} {n}")
    return secrets.compare_digest(_scrypt(password, base64.b64decode(salt)), base64.b64decode(expected))


@cache
def _nobody() -> dict[str, str]:
    """Return what is checked for a user that does not exist, at the same cost."""
    return {"company": "", "password": _hashed(secrets.token_urlsafe(_TICKET_BYTES))}
