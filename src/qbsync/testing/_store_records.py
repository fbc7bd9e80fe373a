"""The store suite: rules of the record half."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ..errors import RevisionError, UsageError
from ..store import Record
from ._store_base import SHOP, StoreBase

if TYPE_CHECKING:
    from ..jobs import Page

__all__ = ["Records"]


def _record(
    key: str = "key", *, state: str = "", sort: str = "", value: bytes = b"", company: str = SHOP
) -> Record:
    return Record(company=company, kind="session", key=key, state=state, sort=sort, value=value)


class Records(StoreBase):
    """Rules of records."""

    def write(self, record: Record) -> Record:
        """Write a record in a transaction of its own."""
        with self.store.begin() as t:
            return t.records.put(record)

    def read(self, record: Record) -> Record | None:
        """Return what stands at the place of *record*."""
        with self.store.begin() as t:
            return t.records.get(record.company, record.kind, record.key)

    def test_a_record_reads_back_as_it_was_written(self) -> None:
        """A record comes back with every field, its value byte for byte, at revision 1."""
        records = [
            _record("é ☃ \U0001f600", state="öpen", sort="2026", value=bytes(range(256))),
            _record("big", value=b"x" * 1_000_000),
            Record(company="", kind="account", key="global"),
        ]
        for record in records:
            expected = evolve(record, revision=1)
            self.same(self.write(record) == expected, True, "put returns the new revision")
            self.same(self.read(record) == expected, True, "a record reads back")

    def test_a_place_is_company_kind_and_key(self) -> None:
        """Records that differ in company, kind or key alone are different ones."""
        places = [(c, k, n) for c in ("", "a", "b") for k in ("x", "y") for n in ("1", "2")]
        for company, kind, key in places:
            value = f"{company}/{kind}/{key}".encode()
            self.write(Record(company=company, kind=kind, key=key, value=value))
        with self.store.begin() as t:
            found = [t.records.get(*place) for place in places]
            nothing = t.records.get("a", "x", "3")
        values = [record.value.decode() for record in found if record is not None]

        self.same(values, [f"{c}/{k}/{n}" for c, k, n in places], "places are apart")
        self.same(nothing, None, "an unknown place is None")

    def test_each_change_is_a_revision(self) -> None:
        """A record is changed by whoever knows its revision; each change adds one."""
        first = self.write(_record(value=b"1"))
        second = self.write(evolve(first, value=b"2", state="s", sort="t"))

        self.same(second.revision, 2, "one more with each change")
        self.same(self.read(first), second, "the change is there")

    def test_a_new_record_must_be_new(self) -> None:
        """Revision 0 at a taken place is refused."""
        there = self.write(_record(value=b"1"))
        with self.refused(RevisionError, "a second new record") as refusal:
            self.write(_record(value=b"2"))
        error = refusal.error

        self.same((error.kind, error.expected, error.found), ("session", None, 1), "the error tells")
        self.same(self.read(there), there, "nothing is changed")

    def test_a_change_needs_the_present_revision(self) -> None:
        """A change, or a deletion, of an older, a newer or a missing record is refused."""
        first = self.write(_record(value=b"1"))
        second = self.write(evolve(first, value=b"2"))
        missing = evolve(_record("missing"), revision=1)
        for stale, found in ((first, 2), (evolve(second, revision=3), 2), (missing, None)):
            with self.refused(RevisionError, f"put {stale!r}") as put:
                self.write(stale)
            with self.refused(RevisionError, f"delete {stale!r}") as delete, self.store.begin() as t:
                t.records.delete(stale)
            for error in (put.error, delete.error):
                self.same((error.expected, error.found), (stale.revision, found), "the error tells")

        self.same((self.read(second), self.read(missing)), (second, None), "nothing is changed")

    def test_a_deleted_record_is_gone(self) -> None:
        """A record deleted at its revision is gone, and its place is free."""
        record = self.write(_record())
        with self.store.begin() as t:
            t.records.delete(record)
        self.same(self.read(record), None, "a deleted record is gone")
        with self.refused(RevisionError, "a change of a deleted record"):
            self.write(record)

        self.same(self.write(_record()).revision, 1, "a new one begins at 1")

    def test_records_that_cannot_be_kept_are_refused(self) -> None:
        """Empty kinds and keys, broken text and negative revisions are refused."""
        good = _record()
        bad = [
            *(evolve(good, kind=text) for text in ("", "\0", "\ud800")),
            *(evolve(good, key=text) for text in ("", "\0", "\ud800")),
            *(evolve(good, company=text) for text in ("\0", "\ud800")),
            *(evolve(good, state=text) for text in ("\0", "\ud800")),
            *(evolve(good, sort=text) for text in ("\0", "\ud800")),
            evolve(good, revision=-1),
        ]
        for record in bad:
            with self.refused(UsageError, f"put {record!r}"):
                self.write(record)

    # Pages

    def part(self, *, state: str | None = None, limit: int = 100, cursor: str | None = None) -> Page[Record]:
        """Return a part of the records."""
        with self.store.begin() as t:
            return t.records.page(SHOP, "session", state=state, limit=limit, cursor=cursor)

    def keys_of(self, page: Page[Record]) -> list[str]:
        """Return the keys of a part, in order."""
        return [record.key for record in page.items]

    def test_pages_of_records_are_sorted_by_sort_then_key(self) -> None:
        """Records of one company and kind come by (sort, key), compared by code point."""
        for sort, key in (
            ("b", "1"),
            ("a", "2"),
            ("", "z"),
            ("a", "1"),
            ("ä", "1"),
            ("B", "1"),
            ("\U0001f600", "1"),
        ):
            self.write(_record(f"{sort}{key}", sort=sort))
        self.write(_record("foreign", company="other"))
        self.write(Record(company=SHOP, kind="other", key="foreign"))

        self.same(self.keys_of(self.part()), ["z", "B1", "a1", "a2", "b1", "ä1", "\U0001f6001"], "the order")

    def test_pages_of_records_in_a_state(self) -> None:
        """``state`` gives the records in that state, as they are now."""
        record = self.write(_record("a", state="open"))
        self.write(_record("b", state="open"))
        self.write(_record("c", state="closed"))
        self.write(evolve(record, state="closed"))
        got = [self.keys_of(self.part(state=state)) for state in ("open", "closed", "none", "", None)]

        self.same(got, [["b"], ["a", "c"], [], [], ["a", "b", "c"]], "pages of a state")

    def test_pages_of_records_join_without_gaps(self) -> None:
        """Parts, one after the other, are the whole list, also while records are added and deleted."""
        written = [self.write(_record(key, sort=key[0], state="s")) for key in ("a1", "a2", "b1", "b2", "c1")]
        for state in (None, "s"):
            for limit in (1, 2, 5, 6):
                got: list[str] = []
                cursor: str | None = None
                while part := self.part(state=state, limit=limit, cursor=cursor):
                    got += self.keys_of(part)
                    cursor = part.cursor
                    if cursor is None:
                        break
                self.same(got, ["a1", "a2", "b1", "b2", "c1"], f"parts of {limit}")
        first = self.part(limit=2)
        self.write(_record("a0", sort="a"))
        self.write(_record("b3", sort="b"))
        with self.store.begin() as t:
            t.records.delete(written[1])
        rest = self.part(limit=10, cursor=first.cursor)

        self.same(self.keys_of(rest), ["b1", "b2", "b3", "c1"], "cursors are stable")

    def test_pages_of_records_are_checked(self) -> None:
        """A limit below 1 or above 1000, and a cursor that no listing gave, are refused."""
        self.write(_record())
        for limit in (0, -1, 1001):
            with self.refused(UsageError, f"limit {limit}"):
                self.part(limit=limit)
        for cursor in ("", "nonsense", "☃", "WyJ4Il0", "W10"):
            with self.refused(UsageError, f"cursor {cursor!r}"):
                self.part(cursor=cursor)
