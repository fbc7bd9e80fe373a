"""What stands in the company file: lists, transactions, the clock that dates them.

Here: the objects, their tables and indexes, IDs and edit sequences as QuickBooks makes them, references, and
the whole as plain data for saving.
Not here: what requests do with them (``_lists``, ``_forms``, ``_payments``, ``_queries``).
Facts: qbXML dossier 2 (IDs), 2.1 (the offset stays the standard one), 3.1, 3.2.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from ._kinds import is_reference, kinds, reference_kinds, table_of
from ._nodes import LINES
from ._refusals import Refusal
from ._values import money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..qbxml.catalogue import Shape

__all__ = ["Books", "ListObject", "Table", "Transaction", "fold"]

#: The company's day starts at eight in the morning of the second of January 2024, Pacific standard time.
_EPOCH: Final = int(dt.datetime(2024, 1, 2, 8, tzinfo=dt.UTC).timestamp())
_OFFSET_SECONDS: Final = 8 * 3600
_OFFSET: Final = "-08:00"
_FIRST_LIST_ID: Final = 0x80000001
_DEEPEST: Final = 5


def fold(name: str) -> str:
    """Return a name as names are compared: trimmed, without regard to case."""
    return name.strip().casefold()


class ListObject:
    """One entry of a list.

    ``ref`` is the one dictionary that stands in every object which refers to this one, so a new name shows
    everywhere at once.
    """

    __slots__ = ("balance", "children", "fields", "id", "kind", "parent", "ref")

    def __init__(self, kind: str, identifier: str, full_name: str, fields: dict[str, Any]) -> None:
        self.kind = kind
        self.id = identifier
        self.fields = fields
        self.ref = {"ListID": identifier, "FullName": full_name}
        self.parent: ListObject | None = None
        self.children: list[ListObject] = []
        #: Cents that this entry owes or holds, without its children.
        self.balance = 0

    @property
    def full_name(self) -> str:
        """The names of its parents and its own, joined by colons."""
        return self.ref["FullName"]

    @property
    def is_active(self) -> bool:
        """Whether it shows in lists."""
        return str(self.fields.get("IsActive", "true")) == "true"

    def total_balance(self) -> int:
        """Return the balance in cents with those of its children."""
        return self.balance + sum(child.total_balance() for child in self.children)


class Transaction:
    """One transaction; money is in whole cents."""

    __slots__ = ("fields", "id", "kind", "links", "number", "open", "total")

    def __init__(self, kind: str, identifier: str, number: int, fields: dict[str, Any]) -> None:
        self.kind = kind
        self.id = identifier
        #: The running number over all kinds.
        self.number = number
        self.fields = fields
        #: What the form adds up to.
        self.total = 0
        #: What of it is not settled yet.
        self.open = 0
        #: (the other transaction's ID, kind of link, cents taken off this one).
        self.links: list[tuple[str, str, int]] = []


class Table:
    """One list, or several that share a name space."""

    __slots__ = ("by_id", "by_name", "last")

    def __init__(self) -> None:
        self.by_id: dict[str, ListObject] = {}
        self.by_name: dict[str, ListObject] = {}
        self.last = _FIRST_LIST_ID - 1


class Books:
    """Everything that a company file holds besides its settings."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.transactions: dict[str, Transaction] = {}
        self.by_kind: dict[str, dict[str, Transaction]] = {}
        self.by_number: dict[str, dict[str, list[Transaction]]] = {}
        self.last_date: dict[str, str] = {}
        self.last_number: dict[str, str] = {}
        #: The definitions of custom fields and private data, each as its ``DataExtDefRet``.
        self.definitions: list[dict[str, Any]] = []
        #: Private data of the company itself, each as its ``DataExtRet``.
        self.company_data: list[dict[str, str]] = []
        #: What the 1099 mapping holds, by form.
        self.mapping_1099: dict[str, dict[str, Any]] = {}
        #: Every ExternalGUID that was ever given.
        self.guids: set[str] = set()
        #: (kind, id, time, full name or number) in the order of deletion.
        self.deleted: list[tuple[str, str, str, str]] = []
        self.milliseconds = 0
        self._last_txn = 0
        self._last_txn_number = 0
        self._stamp_at = -1
        self._stamp = ""

    def __len__(self) -> int:
        """How many objects there are."""
        return len(self.transactions) + sum(len(table.by_id) for table in self.tables.values())

    # -- time

    @property
    def second(self) -> int:
        """The company's wall clock as seconds since 1970 (of that clock, not of UTC)."""
        return _EPOCH + self.milliseconds // 1000

    @property
    def unix(self) -> int:
        """The same moment as a Unix time, as it shows in IDs and edit sequences."""
        return self.second + _OFFSET_SECONDS

    @property
    def today(self) -> str:
        """The company's date."""
        return self.stamp()[:10]

    def stamp(self) -> str:
        """Return now as QuickBooks writes it: wall time and the standard offset, all the year."""
        if self._stamp_at != self.second:
            self._stamp_at = self.second
            wall = dt.datetime.fromtimestamp(self.second, dt.UTC)
            self._stamp = f"{wall:%Y-%m-%dT%H:%M:%S}{_OFFSET}"
        return self._stamp

    # -- objects

    def table(self, kind: str) -> Table:
        """Return the table in which objects of *kind* stand."""
        name = table_of(kind)
        found = self.tables.get(name)
        if found is None:
            found = self.tables[name] = Table()
        return found

    def of_kind(self, kind: str) -> Iterator[ListObject]:
        """Yield the list objects of one kind in the order of their creation."""
        return (entry for entry in self.table(kind).by_id.values() if entry.kind == kind)

    def find(self, kind: str, full_name: str) -> ListObject | None:
        """Return the list object of *kind* with this full name."""
        entry = self.table(kind).by_name.get(fold(full_name))
        return entry if entry is not None and entry.kind == kind else None

    def add_entry(self, kind: str, fields: dict[str, Any], parent: ListObject | None = None) -> ListObject:
        """Put a list object in; its name has been checked by ``claim``."""
        table = self.table(kind)
        table.last += 1
        name_field = kinds()[kind].name_field
        name = str(fields.get(name_field, "")) if name_field else f"{kind} {table.last:X}"
        full_name = f"{parent.full_name}:{name}" if parent is not None else name
        entry = ListObject(kind, f"{table.last:X}-{self.unix}", full_name, fields)
        fields["ListID"] = entry.id
        fields["TimeCreated"] = self.stamp()
        fields.setdefault("IsActive", "true")
        self._place(entry, parent)
        self.touch(entry)
        table.by_id[entry.id] = entry
        table.by_name[fold(full_name)] = entry
        self._note_guid(fields)
        return entry

    def _note_guid(self, fields: Mapping[str, Any]) -> None:
        if "ExternalGUID" in fields:
            self.guids.add(fields["ExternalGUID"])

    def _place(self, entry: ListObject, parent: ListObject | None) -> None:
        entry.parent = parent
        if parent is not None:
            entry.fields["ParentRef"] = parent.ref
            parent.children.append(entry)
        if kinds()[entry.kind].is_tree:
            entry.fields["FullName"] = entry.full_name
            entry.fields["Sublevel"] = str(entry.full_name.count(":"))

    def claim(self, kind: str, name: str, parent: ListObject | None, owner: ListObject | None = None) -> None:
        """Check that a list object may take this name.

        Raises:
            Refusal: 3090 the name cannot be stored, 3100 it is in use, 3130 it would stand too deep.
        """
        if not name.strip() or ":" in name:
            raise Refusal(
                3090, f'The field "Name" cannot hold "{name}": names are not empty and have no colon.'
            )
        if parent is not None and parent.full_name.count(":") + 2 > _DEEPEST:
            raise Refusal(3130, f'The parent "{parent.full_name}" stands too deep.')
        full_name = f"{parent.full_name}:{name}" if parent is not None else name
        holder = self.table(kind).by_name.get(fold(full_name))
        if holder is not None and holder is not owner:
            raise Refusal(3100, f'The name "{name}" is already in use in this list ({holder.kind}).')

    def rename(self, entry: ListObject, name: str, parent: ListObject | None) -> None:
        """Give a list object another name or parent; its children's full names follow."""
        if entry.parent is not None:
            entry.parent.children.remove(entry)
        entry.fields[kinds()[entry.kind].name_field] = name
        self._place(entry, parent)
        self._refresh_name(entry)

    def _refresh_name(self, entry: ListObject) -> None:
        names = self.table(entry.kind).by_name
        names.pop(fold(entry.full_name), None)
        own = str(entry.fields[kinds()[entry.kind].name_field])
        entry.ref["FullName"] = f"{entry.parent.full_name}:{own}" if entry.parent is not None else own
        if kinds()[entry.kind].is_tree:
            entry.fields["FullName"] = entry.full_name
            entry.fields["Sublevel"] = str(entry.full_name.count(":"))
        names[fold(entry.full_name)] = entry
        for child in entry.children:
            self._refresh_name(child)

    def remove_entry(self, entry: ListObject) -> None:
        """Take a list object out."""
        table = self.table(entry.kind)
        del table.by_id[entry.id]
        table.by_name.pop(fold(entry.full_name), None)
        if entry.parent is not None:
            entry.parent.children.remove(entry)
        self.deleted.append((entry.kind, entry.id, self.stamp(), entry.full_name))

    def resolve(self, reference: str, node: Mapping[str, str], owner: str) -> ListObject | None:
        """Return what a reference points to; ``None`` when it names nothing.

        Args:
            reference: the element that holds it, e.g. ``CustomerRef``.
            node: its ``ListID`` and ``FullName``; the ID wins.
            owner: the kind of the object that holds it.

        Raises:
            Refusal: 3000 there is no such ID, 3140 no such name.
        """
        allowed = reference_kinds(reference, owner)
        table = self.table(allowed[0]) if allowed else Table()
        identifier, name = node.get("ListID", ""), node.get("FullName", "")
        if identifier:
            entry = table.by_id.get(identifier)
            if entry is None or entry.kind not in allowed:
                raise Refusal(3000, f'The object ID "{identifier}" in the field "{reference}" is invalid.')
            return entry
        if not name:
            return None
        entry = table.by_name.get(fold(name))
        if entry is None or entry.kind not in allowed:
            raise Refusal(
                3140, f'The field "{reference}" of the {owner} refers to "{name}", which is not there.'
            )
        return entry

    # -- transactions

    def next_line_id(self) -> str:
        """Return a new TxnLineID; lines and transactions count together."""
        self._last_txn += 1
        return f"{self._last_txn:X}-{self.unix}"

    def new_transaction(self, kind: str, fields: dict[str, Any]) -> Transaction:
        """Make a transaction with an ID; ``file`` puts it into the books."""
        self._last_txn_number += 1
        transaction = Transaction(kind, self.next_line_id(), self._last_txn_number, fields)
        fields["TxnID"] = transaction.id
        fields["TimeCreated"] = self.stamp()
        fields["TxnNumber"] = str(transaction.number)
        self.touch(transaction)
        return transaction

    def file(self, transaction: Transaction) -> None:
        """Put a transaction into the books and its indexes."""
        self.transactions[transaction.id] = transaction
        self.by_kind.setdefault(transaction.kind, {})[transaction.id] = transaction
        self.index_number(transaction)
        self._note_guid(transaction.fields)
        self.last_date[transaction.kind] = str(transaction.fields.get("TxnDate", self.today))

    def index_number(self, transaction: Transaction) -> None:
        """Make a transaction findable by its number."""
        number = str(transaction.fields.get("RefNumber", ""))
        if number:
            self.last_number[transaction.kind] = number
            kind = self.by_number.setdefault(transaction.kind, {})
            kind.setdefault(fold(number), []).append(transaction)

    def unindex_number(self, transaction: Transaction) -> None:
        """Make a transaction not findable by its number any more."""
        number = fold(str(transaction.fields.get("RefNumber", "")))
        holders = self.by_number.get(transaction.kind, {}).get(number, [])
        if transaction in holders:
            holders.remove(transaction)
            if not holders:
                del self.by_number[transaction.kind][number]

    def remove_transaction(self, transaction: Transaction) -> None:
        """Take a transaction out."""
        del self.transactions[transaction.id]
        del self.by_kind[transaction.kind][transaction.id]
        self.unindex_number(transaction)
        number = str(transaction.fields.get("RefNumber", ""))
        self.deleted.append((transaction.kind, transaction.id, self.stamp(), number))

    def customer_of(self, transaction: Transaction) -> ListObject | None:
        """Return the customer of a transaction."""
        ref = transaction.fields.get("CustomerRef")
        return self.table("Customer").by_id.get(ref["ListID"]) if ref else None

    def touch(self, thing: ListObject | Transaction) -> None:
        """Mark a change: modification time, and an edit sequence that was never there before."""
        fields = thing.fields
        before = int(fields.get("EditSequence", 0))
        fields["TimeModified"] = self.stamp()
        fields["EditSequence"] = str(max(before + 1, self.unix))

    def shown(self, thing: ListObject | Transaction) -> dict[str, Any]:
        """Return the fields of an object, with those that are computed when it is looked at."""
        if isinstance(thing, Transaction):
            return self._shown_transaction(thing)
        if thing.kind in {"Customer", "Account"}:
            thing.fields["Balance"] = money(thing.balance)
            thing.fields["TotalBalance"] = money(thing.total_balance())
        elif thing.kind == "Vendor":
            thing.fields["Balance"] = money(thing.balance)
        return thing.fields

    def _shown_transaction(self, transaction: Transaction) -> dict[str, Any]:
        fields = dict(transaction.fields)
        links = []
        for other_id, kind, amount in transaction.links:
            other = self.transactions[other_id]
            link = {
                "TxnID": other.id,
                "TxnType": other.kind,
                "TxnDate": other.fields["TxnDate"],
                "LinkType": kind,
                "Amount": money(amount),
            }
            if other.fields.get("RefNumber"):
                link["RefNumber"] = other.fields["RefNumber"]
            links.append(link)
        if links:
            fields["LinkedTxn"] = links
        if "AppliedToTxnRet" in fields:
            fields["AppliedToTxnRet"] = [
                {**row, "BalanceRemaining": money(self.transactions[row["TxnID"]].open)}
                for row in fields["AppliedToTxnRet"]
            ]
        return fields

    # -- plain data

    def to_data(self) -> dict[str, Any]:
        """Return everything as what JSON can hold."""
        return {
            "milliseconds": self.milliseconds,
            "last_txn": [self._last_txn, self._last_txn_number],
            "last_date": self.last_date,
            "last_number": self.last_number,
            "deleted": self.deleted,
            "definitions": self.definitions,
            "company_data": self.company_data,
            "mapping_1099": self.mapping_1099,
            "guids": sorted(self.guids),
            "tables": {
                name: {
                    "last": table.last,
                    "entries": [
                        [entry.kind, entry.id, entry.full_name, entry.balance, entry.fields]
                        for entry in table.by_id.values()
                    ],
                }
                for name, table in self.tables.items()
            },
            "transactions": [
                [one.kind, one.id, one.number, one.total, one.open, one.links, one.fields]
                for one in self.transactions.values()
            ],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Books:
        """Return the books that ``to_data`` described."""
        books = cls()
        books.milliseconds = data["milliseconds"]
        books._last_txn, books._last_txn_number = data["last_txn"]
        books.deleted = [(kind, key, when, name) for kind, key, when, name in data["deleted"]]
        books.definitions = list(data["definitions"])
        books.company_data = list(data["company_data"])
        books.mapping_1099 = dict(data["mapping_1099"])
        books.guids = set(data["guids"])
        for name, rows in data["tables"].items():
            table = books.tables[name] = Table()
            table.last = rows["last"]
            for kind, identifier, full_name, balance, fields in rows["entries"]:
                entry = ListObject(kind, identifier, full_name, fields)
                entry.balance = balance
                table.by_id[identifier] = entry
                table.by_name[fold(full_name)] = entry
        for table in books.tables.values():
            for entry in table.by_id.values():
                books._relink(entry.fields, kinds()[entry.kind].ret, entry.kind)
                parent = entry.fields.get("ParentRef")
                if parent is not None:
                    entry.parent = table.by_id[parent["ListID"]]
                    entry.parent.children.append(entry)
        for kind, identifier, number, total, left, links, fields in data["transactions"]:
            one = Transaction(kind, identifier, number, fields)
            one.total, one.open = total, left
            one.links = [(other, link, amount) for other, link, amount in links]
            books._relink(fields, kinds()[kind].ret, kind)
            books.file(one)
        books.last_date = dict(data["last_date"])
        books.last_number = dict(data["last_number"])
        return books

    def _relink(self, fields: dict[str, Any], shape: Shape, owner: str) -> None:
        """Let references share the dictionary of what they point to again."""
        elements = {element.name: element for element in shape.elements()}
        for name, value in fields.items():
            if name == LINES:
                for line, node in value:
                    inner = elements[line].shape
                    assert inner is not None
                    self._relink(node, inner, owner)
                continue
            element = elements.get(name)
            if element is None or element.shape is None:
                continue
            if is_reference(element):
                fields[name] = (
                    [self._shared(name, one, owner) for one in value]
                    if isinstance(value, list)
                    else self._shared(name, value, owner)
                )
                continue
            for one in value if isinstance(value, list) else (value,):
                self._relink(one, element.shape, owner)

    def _shared(self, name: str, ref: dict[str, str], owner: str) -> dict[str, str]:
        allowed: Iterable[str] = reference_kinds(name, owner)
        first = next(iter(allowed), None)
        entry = self.table(first).by_id.get(ref["ListID"]) if first else None
        return entry.ref if entry is not None else ref
