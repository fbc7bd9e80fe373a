"""A company file in memory that answers qbXML as QuickBooks does, strictly.

Here: ``Company``: its switches, processing a document, saving, and reading helpers for tests.
Not here: what the requests do; the private modules beside this one do it, generically from the catalogue.
Facts: the qbXML dossier throughout; what it calls unknown is a switch (``_switches``).
Nothing is shared with the parts under test: not the builder, parser, rules, models, SOAP, session or planner.
Time is simulated: the company has a clock of its own, and QuickBooks' work costs seconds of it.
"""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from ..errors import StoreVersionError, UsageError
from . import _facts, _seed, _sets
from ._books import Books
from ._context import Context, OpenIterator
from ._costs import OFFICE, SEED, Costs, Pace
from ._nodes import VERSIONS, number
from ._reading import read
from ._refusals import QuickBooksError
from ._switches import FEATURES, Switches, SwitchOptions
from ._views import Entry, Line, Txn, amount_of, entry_view, transaction_view

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Unpack

__all__ = ["FEATURES", "Company", "Costs", "Entry", "Line", "QuickBooksError", "Switches", "Txn"]

_FORMAT: Final = 2
_OWNER_ID: Final = "{6F1B3A52-90C4-4E7D-8A25-3D0E9B71C846}"
_FILE_ID: Final = "{A4D82E17-5B39-4C60-9F13-72E8C05D6B94}"
_COUNTRIES: Final = ("US", "CA", "UK", "AU", "OE")
_COSTS: Final = {"seed": SEED, "office": OFFICE}


class Company:
    """One company file.

    Args:
        name: the company's name.
        file: its path, as the Web Connector tells it.
        profile: what work costs when *costs* says nothing: ``seed`` (exact) or ``office`` (lines, size,
            noise, slow spells and freezes count). The same lists stand in both.
        costs: what work costs in simulated time.
        version: the highest qbXML version.
        country: the edition: ``US``, ``CA``, ``UK``, ``AU``, or ``OE`` (the dead Online Edition); the lists
            are those of a US company.
        owner_id: the application whose marks (AppLock, FileID) stand in the file.
        file_id: the mark of this file.
        machine: the computer's name in the AppLock.
        switches: see ``Switches``: settings of the file, and each behaviour that no source settles.

    Attributes:
        sets: how many documents were given to ``process``.
        requests: how many requests were run.
        unavailable: while set, ``begin_session`` and ``process`` raise it: a modal dialog is open, QuickBooks
            is not running, and the like.
        in_use: IDs of objects that a user holds open: changing one is 3175, naming one in a change 3176.
        dies_after: while set, QuickBooks dies in the next set after so many of its requests; that clears it.
            What they did stays, and the switch ``crash_stores`` says what recovery remembers.
        locked_by: the computer whose Web Connector holds the file's AppLock, ``""`` when none does.

    Raises:
        UsageError: an option or switch has a value that it cannot have.
    """

    def __init__(
        self,
        *,
        name: str = "Seed Company",
        file: str = r"C:\Data\Shop.QBW",
        profile: str = "seed",
        costs: Costs | None = None,
        version: str = "16.0",
        country: str = "US",
        owner_id: str = _OWNER_ID,
        file_id: str = _FILE_ID,
        machine: str = "SHOP-PC",
        **switches: Unpack[SwitchOptions],
    ) -> None:
        _check_choice("profile", profile, tuple(_COSTS))
        _check_choice("version", version, VERSIONS)
        _check_choice("country", country, _COUNTRIES)
        self._identity = _facts.Identity(
            name=name,
            file=file,
            country=country,
            version=version,
            owner_id=owner_id,
            file_id=file_id,
            machine=machine,
        )
        self._switches = _switches(switches)
        self._profile = profile
        self._books = Books()
        _seed.fill(self._books, multicurrency=self._switches.multicurrency)
        self._pace = Pace(_COSTS[profile] if costs is None else costs)
        self._memory = _sets.Memory()
        self._iterators: dict[str, OpenIterator] = {}
        self._serial = [0]
        self._application = ""
        self._spent = 0
        self.sets = 0
        self.requests = 0
        self.unavailable: QuickBooksError | None = None
        self.in_use: set[str] = set()
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

    @property
    def switches(self) -> Switches:
        """How this company is set."""
        return self._switches

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
                HRESULT, QuickBooks could not be used, or died (``dies_after``) and a part of it was executed.
        """
        if self.unavailable is not None:
            raise self.unavailable
        self.sets += 1
        before = self._books.milliseconds
        self._books.milliseconds += self._pace.begin()
        try:
            message_set = read(
                document,
                newest=self._identity.version,
                edition=self.country,
                ascii_only=self._switches.ascii_only,
                other_editions=self._switches.other_editions,
                unknown_version=self._switches.unknown_version,
            )
            dies_after, self.dies_after = self.dies_after, None
            done = _sets.run(self._desk(message_set.version), message_set, dies_after=dies_after)
        except _sets.Died as died:
            self.requests += died.executed
            raise QuickBooksError("0x800706BE", "The remote procedure call failed.", "it died") from died
        finally:
            self._spent += self._books.milliseconds - before
        self.requests += done.executed
        return done.text

    def host_answer(self) -> str:
        """Return what the Web Connector asks first: host, company and preferences, with the file's marks."""
        own = "13.0" if self.version >= (13, 0) else self._identity.version
        asked = (
            f'<?xml version="1.0"?><?qbxml version="{own}"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
            '<HostQueryRq requestID="0"/>'
            f'<CompanyQueryRq requestID="1"><OwnerID>{self._identity.owner_id}</OwnerID></CompanyQueryRq>'
            '<PreferencesQueryRq requestID="2"/></QBXMLMsgsRq></QBXML>'
        )
        message_set = read(asked, newest=self._identity.version, edition=self.country)
        before = self._books.milliseconds
        answer = _sets.run(self._desk(own), message_set)
        self._books.milliseconds = before
        return answer.text

    def _desk(self, version: str) -> _sets.Desk:
        context = Context(
            self._books,
            self._switches,
            version,
            self._identity.country,
            self._iterators,
            self._serial,
            frozenset(self.in_use),
        )
        identity = attrs.evolve(self._identity, machine=self.locked_by or self._identity.machine)
        return _sets.Desk(context, identity, self._memory, self._application, self._pace)

    # -- what tests read

    @property
    def customers(self) -> list[Entry]:
        """All customers and jobs, in the order of their creation."""
        return self.entries("Customer")

    @property
    def items(self) -> list[Entry]:
        """All items but those for sales tax, in the order of their creation."""
        return [
            entry_view(entry)
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
        return [entry_view(entry) for entry in self._books.of_kind(kind)]

    def transactions(self, kind: str) -> list[Txn]:
        """Return the transactions of one kind, such as ``SalesOrder``."""
        return [transaction_view(self._books, one) for one in self._books.by_kind.get(kind, {}).values()]

    def books_total(self) -> Decimal:
        """Return what all invoices add up to."""
        return amount_of(sum(one.total for one in self._books.by_kind.get("Invoice", {}).values()))

    def open_balance(self) -> Decimal:
        """Return what is still due on all invoices."""
        return amount_of(sum(one.open for one in self._books.by_kind.get("Invoice", {}).values()))

    # -- files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to *path*; an earlier file is replaced at once or not at all."""
        data = {
            "format": _FORMAT,
            "profile": self._profile,
            "identity": attrs.asdict(self._identity),
            "switches": attrs.asdict(self._switches),
            "pace": self._pace.to_data(),
            "spent": self._spent,
            "sets": self.sets,
            "requests": self.requests,
            "locked_by": self.locked_by,
            "in_use": sorted(self.in_use),
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
        company._pace = Pace.from_data(data["pace"])
        company._spent = data["spent"]
        company.sets = data["sets"]
        company.requests = data["requests"]
        company.locked_by = data["locked_by"]
        company.in_use = set(data["in_use"])
        company._serial = list(data["serial"])
        company._memory = _sets.Memory.from_data(data["memory"])
        company._books = Books.from_data(data["books"])
        return company


def _switches(options: SwitchOptions) -> Switches:
    known = SwitchOptions.__annotations__
    for name in options:
        if name not in known:
            raise UsageError(
                f"Company: expected a switch such as {', '.join(sorted(known)[:3])}, got {name!r}"
            )
    return Switches(**options)


def _check_choice(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UsageError(f"{option}: expected one of {', '.join(known)}, got {given!r}")
