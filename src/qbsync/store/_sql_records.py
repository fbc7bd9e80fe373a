"""The record half of a store that speaks SQL. The rules are those of :class:`qbsync.store.Records`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ..errors import RevisionError
from ..jobs import Page
from . import Record
from . import _rules as rules

if TYPE_CHECKING:
    from ._sql_work import Work

__all__ = ["SqlRecords"]


class SqlRecords:
    """The records, as one transaction sees them."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, company: str, kind: str, key: str) -> Record | None:
        """Return the record, or ``None``."""
        rows = self._work.rows("record", (company, kind, key))
        if not rows:
            return None
        state, sort, value, revision = rows[0]
        return Record(
            company=company, kind=kind, key=key, state=state, sort=sort, value=value, revision=revision
        )

    def put(self, record: Record) -> Record:
        """Write *record* if nobody else did meanwhile; see ``Records.put``."""
        rules.check_record(record)
        place = (record.company, record.kind, record.key)
        content = (record.state, record.sort, record.value)
        if record.revision == 0:
            changed = self._work.run("insert_record", (*place, *content))
        else:
            changed = self._work.run("update_record", (*place, *content, record.revision))
        if not changed:
            raise self._conflict(record)
        return evolve(record, revision=record.revision + 1)

    def delete(self, record: Record) -> None:
        """Delete *record* if nobody changed it meanwhile; see ``Records.delete``."""
        place = (record.company, record.kind, record.key)
        if not self._work.run("delete_record", (*place, record.revision)):
            raise self._conflict(record)

    def _conflict(self, record: Record) -> RevisionError:
        found = self.get(record.company, record.kind, record.key)
        return RevisionError(record.kind, record.revision or None, None if found is None else found.revision)

    def page(
        self,
        company: str,
        kind: str,
        *,
        state: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Record]:
        """Return records of one kind; see ``Records.page``."""
        rules.check_limit(limit, rules.MAX_PAGE)
        after = ("", "") if cursor is None else rules.decode_cursor(cursor, 2)
        ask = (company, kind, *after, limit + 1)
        if state is None:
            rows = self._work.rows("page_records", ask)
        else:
            rows = self._work.rows("page_records_state", (*ask, state))
        items = [
            Record(company=company, kind=kind, key=key, state=word, sort=sort, value=value, revision=revision)
            for key, word, sort, value, revision in rows[:limit]
        ]
        more = len(rows) > limit
        return Page(items=items, cursor=rules.encode_cursor(items[-1].sort, items[-1].key) if more else None)
