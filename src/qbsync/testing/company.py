"""A company file in memory that answers qbXML as QuickBooks does, strictly.

Here: ``Company``: its switches, processing a document, saving, and reading helpers for tests.
Not here: what the requests do; the private modules beside this one do it, generically from the catalogue.
Facts: the qbXML dossier throughout; what it calls unknown is a switch of ``Company``.
Nothing is shared with the parts under test: not the builder, parser, rules, models, SOAP, session or planner.
Time is simulated: the company has a clock of its own, and QuickBooks' work costs seconds of it.
"""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..errors import StoreVersionError, UsageError
from . import _facts, _seed, _sets
from ._books import Books, ListObject, Transaction
from ._context import Context, OpenIterator, Switches
from ._nodes import LINES, VERSIONS, number
from ._reading import read
from ._refusals import QuickBooksError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Company", "Entry", "Line", "QuickBooksError", "Txn"]

_FORMAT: Final = 1
_OWNER_ID: Final = "{6F1B3A52-90C4-4E7D-8A25-3D0E9B71C846}"
_FILE_ID: Final = "{A4D82E17-5B39-4C60-9F13-72E8C05D6B94}"
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "recovery": ("on", "off", "forgetful"),
    "crash_stores": ("none", "partial"),
    "rounding": ("half_even", "half_up"),
    "other_editions": ("refuse", "warn"),
}


@attrs.frozen(kw_only=True)
class Entry:
    """A list object as a test reads it."""

    kind: str
    list_id: str
    full_name: str
    is_active: bool
    #: What it owes, for customers; what it holds, for accounts.
    balance: Decimal
    #: Its elements by name: texts, mappings, lists.
    fields: Mapping[str, Any] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Line:
    """A line of a sales form as a test reads it."""

    item: str | None
    quantity: str | None
    rate: str | None
    amount: Decimal
    fields: Mapping[str, Any] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Txn:
    """A transaction as a test reads it."""

    kind: str
    txn_id: str
    ref_number: str
    #: The full name of its customer, ``None`` without one.
    customer: str | None
    date: str
    total: Decimal
    #: What is not settled: of an invoice what is due, of a payment or credit what is unused.
    balance: Decimal
    lines: tuple[Line, ...] = attrs.field(repr=False)
    #: The IDs of the transactions that it is linked to.
    links: tuple[str, ...] = attrs.field(repr=False)
    fields: Mapping[str, Any] = attrs.field(repr=False)


class Company:
    """One company file.

    Args:
        name: the company's name.
        file: its path, as the Web Connector tells it.
        profile: what stands in it and what work costs; ``seed`` is the only one.
        version: the highest qbXML version.
        country: ``US``.
        owner_id: the application whose marks (AppLock, FileID) stand in the file.
        file_id: the mark of this file.
        machine: the computer's name in the AppLock.
        recovery: message-set recovery: ``on``; ``off`` (its attributes are ignored); ``forgetful`` (nothing
            is ever remembered).
        crash_stores: what message-set recovery remembers of a set in whose middle QuickBooks died: ``none``,
            or ``partial`` (the requests that were run).
        rounding: of computed amounts to cents: ``half_even`` or ``half_up``.
        charges_sales_tax: whether the file charges sales tax.
        list_query_stops_at_first_missing: whether a query by names gives up at the first that is missing.
        lookups_find_inactive: whether queries by ID or name return inactive entries.
        refuses_inactive_references: whether a reference to an inactive entry fails.
        payments_touch_invoices: whether a payment changes the edit sequence of its invoice.
        ascii_only: whether characters above U+007F must be written as references.
        other_editions: what happens to elements of other editions: ``refuse`` the document or ``warn`` (530).
        max_iterators: how many iterators may be open.

    Attributes:
        sets: how many documents were given to ``process``.
        requests: how many requests were run.
        unavailable: while set, ``begin_session`` raises it.
        dies_after: while set, QuickBooks dies in the next set after so many of its requests; that clears it.
        locked_by: the computer whose Web Connector holds the file's AppLock, ``""`` when none does.
    """

    def __init__(
        self,
        *,
        name: str = "Seed Company",
        file: str = r"C:\Data\Shop.QBW",
        profile: str = "seed",
        version: str = "16.0",
        country: str = "US",
        owner_id: str = _OWNER_ID,
        file_id: str = _FILE_ID,
        machine: str = "SHOP-PC",
        recovery: str = "on",
        crash_stores: str = "none",
        rounding: str = "half_even",
        charges_sales_tax: bool = False,
        list_query_stops_at_first_missing: bool = False,
        lookups_find_inactive: bool = True,
        refuses_inactive_references: bool = False,
        payments_touch_invoices: bool = True,
        ascii_only: bool = False,
        other_editions: str = "refuse",
        max_iterators: int = 20,
    ) -> None:
        _check_choice("profile", profile, _seed.PROFILES)
        _check_choice("version", version, VERSIONS)
        for option, given in (
            ("recovery", recovery),
            ("crash_stores", crash_stores),
            ("rounding", rounding),
            ("other_editions", other_editions),
        ):
            _check_choice(option, given, _CHOICES[option])
        self._identity = _facts.Identity(
            name=name,
            file=file,
            country=country,
            version=version,
            owner_id=owner_id,
            file_id=file_id,
            machine=machine,
        )
        self._switches = Switches(
            recovery=recovery,
            crash_stores=crash_stores,
            rounding=rounding,
            charges_sales_tax=charges_sales_tax,
            list_query_stops_at_first_missing=list_query_stops_at_first_missing,
            lookups_find_inactive=lookups_find_inactive,
            refuses_inactive_references=refuses_inactive_references,
            payments_touch_invoices=payments_touch_invoices,
            ascii_only=ascii_only,
            other_editions=other_editions,
            max_iterators=max_iterators,
        )
        self._profile = profile
        self._books = Books()
        _seed.fill(self._books)
        self._memory = _sets.Memory()
        self._iterators: dict[str, OpenIterator] = {}
        self._serial = [0]
        self._application = ""
        self._spent = 0
        self.sets = 0
        self.requests = 0
        self.unavailable: QuickBooksError | None = None
        self.dies_after: int | None = None
        self.locked_by = ""

    def __repr__(self) -> str:
        counts = f"{len(self.customers)} customers, {len(self.items)} items, {len(self.invoices)} invoices"
        return f"Company({self.name!r}: {counts})"

    # -- who it is

    @property
    def name(self) -> str:
        """The company's name."""
        return self._identity.name

    @property
    def file(self) -> str:
        """The path of the company file."""
        return self._identity.file

    @property
    def file_id(self) -> str:
        """The mark by which an application knows the file again."""
        return self._identity.file_id

    @property
    def country(self) -> str:
        """The edition's country."""
        return self._identity.country

    @property
    def version(self) -> tuple[int, int]:
        """The highest qbXML version as two numbers."""
        return number(self._identity.version)

    @property
    def today(self) -> str:
        """The company's date by its own clock, ``YYYY-MM-DD``."""
        return self._books.today

    # -- time

    @property
    def now(self) -> datetime:
        """The company's clock; it stands still but for simulated work and waiting."""
        start = datetime.fromtimestamp(self._books.second, UTC)
        return start + timedelta(milliseconds=self._books.milliseconds % 1000)

    @property
    def simulated_seconds(self) -> float:
        """Seconds that QuickBooks was busy, all in all; waiting between sessions does not count."""
        return self._spent / 1000

    def wait(self, seconds: float) -> None:
        """Let time pass without work."""
        self._books.milliseconds += round(seconds * 1000)

    def spend(self, seconds: float) -> None:
        """Let time pass that counts as QuickBooks being busy."""
        self.wait(seconds)
        self._spent += round(seconds * 1000)

    # -- sessions

    def begin_session(self, application: str = "", path: str = "") -> None:
        """Begin a session: iterators of an earlier one are gone.

        Args:
            application: the name under which outcomes of message sets are kept.
            path: the company file wanted; ``""`` is the one that is open.

        Raises:
            QuickBooksError: QuickBooks cannot be used now, or another file is open.
        """
        if self.unavailable is not None:
            raise self.unavailable
        if path and path.casefold() != self.file.casefold():
            raise QuickBooksError("0x8004040A", "Another company file is open in QuickBooks.")
        self._iterators.clear()
        self._application = application

    def end_session(self) -> None:
        """End the session; harmless without one."""
        self._iterators.clear()

    # -- work

    def process(self, document: str) -> str:
        """Run one request document.

        Args:
            document: the qbXML.

        Returns:
            The response document.

        Raises:
            QuickBooksError: the document is refused as a whole and nothing was executed; or, with another
                HRESULT, QuickBooks died (``dies_after``) and a part of it was.
        """
        self.sets += 1
        before = self._books.milliseconds
        self._books.milliseconds += _seed.ROUND_TRIP
        try:
            message_set = read(
                document,
                newest=self._identity.version,
                ascii_only=self._switches.ascii_only,
                other_editions=self._switches.other_editions,
            )
            context = self._context(message_set.version)
            dies_after, self.dies_after = self.dies_after, None
            done = _sets.run(
                context,
                self._identity,
                self._memory,
                self._application,
                message_set,
                dies_after=dies_after,
            )
        except _sets.Died as died:
            self.requests += died.executed
            raise QuickBooksError("0x800706BE", "The remote procedure call failed.", "it died") from died
        finally:
            self._spent += self._books.milliseconds - before
        self.requests += done.executed
        return done.text

    def host_answer(self) -> str:
        """Return what the Web Connector asks first: host, company and preferences, with the file's marks."""
        asked = (
            '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
            '<HostQueryRq requestID="0"/>'
            f'<CompanyQueryRq requestID="1"><OwnerID>{self._identity.owner_id}</OwnerID></CompanyQueryRq>'
            '<PreferencesQueryRq requestID="2"/></QBXMLMsgsRq></QBXML>'
        )
        own = "13.0" if self.version >= (13, 0) else self._identity.version
        asked = asked.replace('version="13.0"', f'version="{own}"')
        message_set = read(asked, newest=self._identity.version, ascii_only=False, other_editions="refuse")
        before = self._books.milliseconds
        identity = attrs.evolve(self._identity, machine=self.locked_by or self._identity.machine)
        answer = _sets.run(self._context(own), identity, self._memory, self._application, message_set)
        self._books.milliseconds = before
        return answer.text

    def _context(self, version: str) -> Context:
        return Context(self._books, self._switches, version, self._iterators, self._serial)

    # -- what tests read

    @property
    def customers(self) -> list[Entry]:
        """All customers and jobs, in the order of their creation."""
        return self.entries("Customer")

    @property
    def items(self) -> list[Entry]:
        """All items but those for sales tax, in the order of their creation."""
        return [
            _entry(entry)
            for entry in self._books.table("ItemService").by_id.values()
            if not entry.kind.startswith("ItemSalesTax")
        ]

    @property
    def invoices(self) -> list[Txn]:
        """All invoices, in the order of their creation."""
        return self.transactions("Invoice")

    @property
    def payments(self) -> list[Txn]:
        """All payments received, in the order of their creation."""
        return self.transactions("ReceivePayment")

    def entries(self, kind: str) -> list[Entry]:
        """Return the list objects of one kind, such as ``Account``."""
        return [_entry(entry) for entry in self._books.of_kind(kind)]

    def transactions(self, kind: str) -> list[Txn]:
        """Return the transactions of one kind, such as ``SalesOrder``."""
        return [self._txn(one) for one in self._books.by_kind.get(kind, {}).values()]

    def books_total(self) -> Decimal:
        """Return what all invoices add up to."""
        return _decimal(sum(one.total for one in self._books.by_kind.get("Invoice", {}).values()))

    def open_balance(self) -> Decimal:
        """Return what is still due on all invoices."""
        return _decimal(sum(one.open for one in self._books.by_kind.get("Invoice", {}).values()))

    def _txn(self, one: Transaction) -> Txn:
        customer = self._books.customer_of(one)
        return Txn(
            kind=one.kind,
            txn_id=one.id,
            ref_number=str(one.fields.get("RefNumber", "")),
            customer=None if customer is None else customer.full_name,
            date=str(one.fields.get("TxnDate", "")),
            total=_decimal(one.total),
            balance=_decimal(one.open),
            lines=tuple(_line(fields) for _, fields in one.fields.get(LINES, [])),
            links=tuple(other for other, _, _ in one.links),
            fields=MappingProxyType(one.fields),
        )

    # -- files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to *path*; an earlier file is replaced at once or not at all."""
        data = {
            "format": _FORMAT,
            "profile": self._profile,
            "identity": attrs.asdict(self._identity),
            "switches": attrs.asdict(self._switches),
            "spent": self._spent,
            "sets": self.sets,
            "requests": self.requests,
            "locked_by": self.locked_by,
            "serial": self._serial,
            "memory": self._memory.to_data(),
            "books": self._books.to_data(),
        }
        target = Path(path)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                json.dump(data, stream, separators=(",", ":"))
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Company:
        """Return the company that ``save`` wrote.

        Raises:
            OSError: the file cannot be read.
            UsageError: it is not such a file.
            StoreVersionError: it was written in another format.
        """
        try:
            data = json.loads(Path(path).read_text(encoding="ascii"))
            found = data["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path}: expected a saved company file") from error
        if found != _FORMAT:
            raise StoreVersionError(found, _FORMAT)
        company = cls(profile=data["profile"], **data["identity"], **data["switches"])
        company._spent = data["spent"]
        company.sets = data["sets"]
        company.requests = data["requests"]
        company.locked_by = data.get("locked_by", "")
        company._serial = list(data["serial"])
        company._memory = _sets.Memory.from_data(data["memory"])
        company._books = Books.from_data(data["books"])
        return company


def _check_choice(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UsageError(f"{option}: expected one of {', '.join(known)}, got {given!r}")


def _decimal(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


def _entry(entry: ListObject) -> Entry:
    return Entry(
        kind=entry.kind,
        list_id=entry.id,
        full_name=entry.full_name,
        is_active=entry.is_active,
        balance=_decimal(entry.balance),
        fields=MappingProxyType(entry.fields),
    )


def _line(fields: dict[str, Any]) -> Line:
    ref = fields.get("ItemRef") or fields.get("ItemGroupRef")
    return Line(
        item=None if ref is None else ref["FullName"],
        quantity=fields.get("Quantity"),
        rate=fields.get("Rate"),
        amount=Decimal(fields.get("Amount") or fields.get("TotalAmount") or "0.00"),
        fields=MappingProxyType(fields),
    )
