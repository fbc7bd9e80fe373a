"""Who may log in: the protocol, and accounts kept in the store.

Passwords are hashed (scrypt, or argon2 with its extra). A user that does not exist costs the same work as a
wrong password, so the time of an answer tells nothing. Wrong guesses are never answered with anything but
"wrong", and never lock anybody out; what they may cost is bounded (``_guesses``).
Tickets are random and stored only as a hash. Nothing secret is in a repr, an error or a log.

An account is a record: kind ``account``, company empty, key the user name.
Hosts with users of their own pass an :class:`Authenticator` to the service instead.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from attrs import asdict, evolve, field, frozen

from ._guesses import Guesses, Remembered
from ._passwords import ARGON2, LONGEST, SCRYPT, Hash, costs, generated, is_possible, sieve
from .errors import RevisionError, TooManyGuessesError, UsageError
from .jobs import FORMAT
from .store import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from ._passwords import Scheme
    from .store import Store, Transaction

__all__ = [
    "Account",
    "Accounts",
    "Authenticator",
    "account_in",
    "accounts",
    "add_account",
    "new_ticket",
    "remove_account",
    "rotate_password",
    "session_key",
]

_KIND: Final = "account"
_TICKET_BYTES: Final = 32
#: Characters of a user name; a longer one is nobody's.
_LONGEST_NAME: Final = 256


class Authenticator(Protocol):
    """Decides who may log in, and to which company."""

    def authenticate(self, user_name: str, password: str) -> str | None:
        """Return the company of the user, or ``None`` if user name and password do not fit.

        Called outside any transaction, once a session; should take well under a second and the same time
        whatever the answer. What it raises is answered with ``busy``.
        """
        ...


@frozen(kw_only=True)
class _Password:
    """A password as it is stored."""

    #: ``scrypt$…`` or ``argon2id$…``.
    hash: str = field(repr=False)
    #: For a generated password, what sorts out wrong guesses at no cost; empty for a chosen one.
    sieve: str = field(default="", repr=False)

    def is_out_of_question(self, password: str) -> bool:
        """Return whether *password* is wrong for certain, at no cost; never so for a chosen password."""
        return bool(self.sieve) and not secrets.compare_digest(
            self.sieve, sieve(password, Hash.read(self.hash).salt)
        )


@frozen(kw_only=True)
class Account:
    """Who may log in for which company."""

    user_name: str
    company: str
    #: Until when the password before the present one is taken too; ``None`` when it is not.
    overlap_until: datetime | None = None
    _password: _Password = field(repr=False)
    _previous: _Password | None = field(default=None, repr=False)

    def to_json(self) -> bytes:
        """Return the stored form."""
        previous = None
        if self._previous is not None and self.overlap_until is not None:
            previous = {**asdict(self._previous), "until": self.overlap_until.isoformat()}
        values = {"format": FORMAT, "company": self.company, "password": asdict(self._password)}
        return json.dumps({**values, "previous": previous}, separators=(",", ":")).encode()

    @classmethod
    def from_record(cls, record: Record) -> Account:
        """Read the stored form back."""
        values = json.loads(record.value)
        previous = values["previous"]
        until = None if previous is None else datetime.fromisoformat(previous.pop("until"))
        return cls(
            user_name=record.key,
            company=values["company"],
            overlap_until=until,
            password=_Password(**values["password"]),
            previous=None if previous is None else _Password(**previous),
        )

    def passwords(self, now: datetime) -> tuple[_Password, ...]:
        """Return what is stored of the passwords that are taken at *now*, the present one first."""
        if self._previous is None or self.overlap_until is None or now >= self.overlap_until:
            return (self._password,)
        return (self._password, self._previous)

    def rehashed(self, password: str) -> Account:
        """Return the account with the costs of today for *password*, which is its present one."""
        is_generated = bool(self._password.sieve)
        stored = _stored(password, Hash.of(password, SCRYPT), is_generated=is_generated)
        return evolve(self, password=stored)

    def replaced(self, password: _Password, *, until: datetime) -> Account:
        """Return the account with another password; the present one is taken until *until*."""
        return evolve(self, password=password, previous=self._password, overlap_until=until)


class Accounts:
    """The accounts in a store, as an :class:`Authenticator`.

    One object for the life of a process: it counts wrong guesses and remembers who logged in.
    """

    def __init__(self, store: Store, *, guesses: Guesses | None = None) -> None:
        self._store = store
        self._guesses = guesses or Guesses()
        self._remembered = Remembered()

    def authenticate(self, user_name: str, password: str) -> str | None:
        """Return the company of the account, or ``None``; see :class:`Authenticator`.

        The right password is never answered with ``None``, whatever came before it.

        Raises:
            TooManyGuessesError: so many guesses are being worked on that this one was not looked at. Only a
                password that somebody chose, that this process never saw before, and that comes in the
                midst of a flood of guesses can meet it; generated ones are told apart without any work.
        """
        name = user_name.strip()
        account, taken = self._read(name)
        if any(self._remembered.has(each.hash, password) for each in taken):
            return None if account is None else account.company
        right = self._look_at(name, password, taken)
        if right is None or account is None:
            self._guesses.was_wrong(name)
            return None
        self._remembered.add(right.hash, password)
        if right is taken[0]:
            self._bring_up_to_date(account, password, right)
        return account.company

    def _read(self, name: str) -> tuple[Account | None, tuple[_Password, ...]]:
        """Return the account called *name*, if there is one, and the passwords that it has now."""
        if not name or len(name) > _LONGEST_NAME or "\0" in name:
            return None, ()
        try:
            name.encode()
        except UnicodeEncodeError:
            return None, ()
        with self._store.begin() as t:
            record = t.records.get("", _KIND, name)
            if record is None:
                return None, ()
            account = Account.from_record(record)
            return account, account.passwords(t.now())

    def _look_at(self, name: str, password: str, taken: tuple[_Password, ...]) -> _Password | None:
        """Return which of *taken* the password fits."""
        if not self._guesses.are_many(name):
            return _fitting(password, taken or (_nobody(),))
        possible = tuple(each for each in taken if not each.is_out_of_question(password))
        if not possible or all(each.sieve for each in possible):
            return _fitting(password, possible)
        with self._guesses.slot() as mine:
            if not mine:
                raise TooManyGuessesError
            return _fitting(password, possible)

    def _bring_up_to_date(self, account: Account, password: str, present: _Password) -> None:
        """Hash the password anew if it was hashed with other costs than today's."""
        if Hash.read(present.hash).costs in (SCRYPT, ARGON2):
            return
        changed = account.rehashed(password)
        try:
            with self._store.begin() as t:
                record = t.records.get("", _KIND, account.user_name)
                if record is not None and record.value == account.to_json():
                    t.records.put(evolve(record, value=changed.to_json()))
        except RevisionError:  # somebody changed the account at this moment; the next login sees to it
            return


def accounts(store: Store, *, company: str | None = None) -> Iterator[Account]:
    """Yield the accounts, sorted by user name; those of *company* only where it is given."""
    cursor: str | None = None
    while True:
        with store.begin() as t:
            page = t.records.page("", _KIND, cursor=cursor)
        found = (Account.from_record(record) for record in page.items)
        yield from (each for each in found if company is None or each.company == company)
        if page.cursor is None:
            return
        cursor = page.cursor


def account_in(t: Transaction, name: str) -> Account:
    """Return the account called *name*, inside a transaction.

    Raises:
        UsageError: there is no such account.
    """
    return Account.from_record(_account_record(t, _name(name)))


def add_account(
    store: Store, name: str, *, company: str, password: str | None = None, hashing: Scheme = "scrypt"
) -> str:
    """Add an account, or give the one that is there a new company and password, at once.

    Args:
        store: where accounts are kept.
        name: the user name, as in the Web Connector's file; surrounding blanks are not part of it.
        company: the company whose work the account gets.
        password: the password, as the user types it into the Web Connector, at most 1024 characters;
            ``None`` makes one of 125 random bits.
        hashing: ``scrypt``, or ``argon2`` with the extra of that name.

    Returns:
        The password.

    Raises:
        UsageError: name, company or password is empty or too long, or the extra is missing; nothing is kept.
    """
    cleaned = _name(name)
    if not company:
        raise UsageError("company: expected some text, got none")
    made = costs(hashing)
    word = _word(password)
    stored = _stored(word, Hash.of(word, made), is_generated=password is None)
    with store.begin() as t:
        record = t.records.get("", _KIND, cleaned) or Record(company="", kind=_KIND, key=cleaned)
        account = Account(user_name=cleaned, company=company, password=stored)
        t.records.put(evolve(record, value=account.to_json()))
    return word


def rotate_password(
    store: Store, name: str, *, overlap: timedelta, password: str | None = None, hashing: Scheme = "scrypt"
) -> str:
    """Give an account a new password; the present one is taken for *overlap* more.

    Args:
        store: where accounts are kept.
        name: the user name.
        overlap: how long both are taken; a password before the present one ends at once.
        password: the new password; ``None`` makes one, as in :func:`add_account`.
        hashing: as in :func:`add_account`.

    Returns:
        The new password.

    Raises:
        UsageError: there is no such account, *overlap* is negative, or as in :func:`add_account`.
    """
    if overlap.total_seconds() < 0:
        raise UsageError(f"overlap: expected no negative time, got {overlap}")
    cleaned = _name(name)
    made = costs(hashing)
    word = _word(password)
    with store.begin() as t:
        present = account_in(t, cleaned).passwords(t.now())[0]
    # Under the salt of the present password, so that one hash tells for both: a guess costs the same as ever.
    salt = Hash.read(present.hash).salt if Hash.read(present.hash).costs == made else None
    stored = _stored(word, Hash.of(word, made, salt=salt), is_generated=password is None)
    with store.begin() as t:
        record = _account_record(t, cleaned)
        account = Account.from_record(record).replaced(stored, until=t.now() + overlap)
        t.records.put(evolve(record, value=account.to_json()))
    return word


def remove_account(store: Store, name: str) -> None:
    """Remove an account; what it put stays, and a session that is under way goes on to its end.

    Raises:
        UsageError: there is no such account.
    """
    cleaned = _name(name)
    with store.begin() as t:
        t.records.delete(_account_record(t, cleaned))


def new_ticket() -> str:
    """Return a new ticket: 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(_TICKET_BYTES)


def session_key(ticket: str) -> str:
    """Return the key under which the session of *ticket* is stored."""
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()


def _name(name: str) -> str:
    cleaned = name.strip()
    if not cleaned or len(cleaned) > _LONGEST_NAME:
        raise UsageError(f"user name: expected 1 to {_LONGEST_NAME} characters, got {len(cleaned)}")
    return cleaned


def _account_record(t: Transaction, name: str) -> Record:
    record = t.records.get("", _KIND, name)
    if record is None:
        raise UsageError(
            f"user name: expected an account, there is none called {name!r}; see: qbsync user list"
        )
    return record


def _word(password: str | None) -> str:
    """Return the password, or a new one."""
    word = generated() if password is None else password
    if not is_possible(word):
        raise UsageError(f"password: expected 1 to {LONGEST} characters and no NUL, got {len(word)}")
    return word


def _stored(word: str, hashed: Hash, *, is_generated: bool) -> _Password:
    """Return what is stored of the password *word*."""
    return _Password(hash=str(hashed), sieve=sieve(word, hashed.salt) if is_generated else "")


def _fitting(password: str, stored: tuple[_Password, ...]) -> _Password | None:
    """Return which of *stored* the password fits; all are worked out, whichever it is.

    Passwords that share salt and costs, as those before and after a rotation do, cost one hash together.
    """
    hashes = [Hash.read(each.hash) for each in stored]
    digests = {(h.costs, h.salt): h.again(password) for h in {(h.costs, h.salt): h for h in hashes}.values()}
    fits = [h.matches(digests[h.costs, h.salt]) for h in hashes]
    return stored[fits.index(True)] if any(fits) and is_possible(password) else None


@cache
def _nobody() -> _Password:
    """Return what is checked for a user that does not exist, at the same cost."""
    return _Password(hash=str(Hash.of(generated(), SCRYPT)))
