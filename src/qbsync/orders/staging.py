"""The staging of one run: who is new, who is there already, who is refused, and the records of it.

Reading and checking orders come before (:mod:`.sync`); this is what happens inside the store's transaction.

Records kept: ``refused`` (one a refusal), ``fitted`` (one a name), and ``staging`` with the companies that
have staged orders.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import Factory, define, frozen

from ..errors import InvalidOrderError
from ..jobs import FORMAT, NewJob, State
from ..store import Record
from .checks import MAX_NUMBER
from .names import same
from .reports import Refusal, Remark, Sourced
from .rules import KIND, job_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..jobs import Job
    from ..store import Transaction
    from .work import Work

__all__ = ["Candidate", "Run", "StageReport", "put"]

_ENDED = frozenset({State.FAILED, State.CANCELLED})
_CANCELLABLE = frozenset({State.WAITING, State.BLOCKED})


@frozen(kw_only=True)
class StageReport:
    """What became of the orders of one staging run."""

    #: Orders that now wait.
    accepted: int
    #: Orders that were staged before with the same content (also earlier in the same run).
    already_staged: int
    #: Those of them that were staged under other rules, which they keep.
    other_rules: int
    refused: tuple[Refusal, ...]
    #: Values that QuickBooks cannot hold as they are, of the orders that were not refused.
    remarks: tuple[Remark, ...]
    #: What the orders that were not refused come to; an order that stood twice counts once.
    total: Decimal
    #: Accepted orders that state a payment which is not posted, by what an order becomes under the rules.
    payments_left_out: int = 0

    @property
    def read(self) -> int:
        """How many orders (and broken lines) there were."""
        return self.accepted + self.already_staged + len(self.refused)


@frozen(kw_only=True)
class Candidate:
    """A checked order on its way into the store."""

    sourced: Sourced
    work: Work
    key: str
    payload: bytes
    record: dict[str, object]

    @property
    def digest(self) -> str:
        """A digest of the content."""
        return hashlib.sha256(self.payload).hexdigest()

    def refusal(self, path: str, rule: str, value: object, reason: str) -> Refusal:
        """Return a refusal of this order."""
        order = self.sourced.order
        return Refusal.of(
            InvalidOrderError(path, rule, value, reason),
            file=self.sourced.file,
            line=self.sourced.line,
            channel=order.channel,
            number=order.number,
            digest=self.digest,
        )


@define
class Run:
    """What one staging run has seen."""

    accepted: int = 0
    already_staged: int = 0
    other_rules: int = 0
    refused: list[Refusal] = Factory(list)
    remarks: list[Remark] = Factory(list)
    total: Decimal = Decimal("0.00")
    payments_left_out: int = 0
    #: Keys that were accepted or found staged in this run → where.
    seen: dict[str, str] = Factory(dict)
    #: (kind, what is the same of the fitted name) → what is the same of the order's name.
    names: dict[tuple[str, str], str] = Factory(dict)

    def take(self, one: Candidate) -> None:
        """Count an order that is staged now, once."""
        if one.key not in self.seen:
            self.total += one.work.amounts.total
            self.seen[one.key] = _place(one.sourced)
            self.remarks.extend(_placed(one))

    def report(self) -> StageReport:
        """Return what became of all."""
        return StageReport(
            accepted=self.accepted,
            already_staged=self.already_staged,
            other_rules=self.other_rules,
            refused=tuple(self.refused),
            remarks=tuple(self.remarks),
            total=self.total,
            payments_left_out=self.payments_left_out,
        )


@define
class _Batch:
    """Orders that are put in one transaction."""

    t: Transaction
    company: str
    run: Run
    #: The jobs that the keys of these orders stand for.
    there: dict[str, Job]
    #: What is to be put, by key.
    new: dict[str, Candidate] = Factory(dict)

    def judge(self, one: Candidate) -> Refusal | None:
        """Decide about one order: staged before, refused (returned), or new (added to :attr:`new`)."""
        before, job = self.new.get(one.key), self.there.get(one.key)
        if before is None and job is not None and job.state in _ENDED and one.key not in self.run.seen:
            job = None  # its key may be put again
        if before is None and job is None:
            clash = self._name_clash(one)
            if clash is not None:
                return clash
            self.new[one.key] = one
        else:
            record, payload = (before.record, before.payload) if before else _stored(job)
            if record is not None and record != one.record:
                return _other_content(one, self.run, job)
            self.run.already_staged += 1
            self.run.other_rules += payload not in {one.payload, b""}
        self.run.take(one)
        return None

    def _name_clash(self, one: Candidate) -> Refusal | None:
        """Refuse an order if one of its names is the same for QuickBooks as another order's other name."""
        fresh: dict[tuple[str, str], str] = {}
        for kind, fitted, original, path in one.work.fitted.named:
            key = (kind, same(fitted))
            known = fresh.get(key) or self.run.names.get(key) or self._recorded_name(key)
            if known is None:
                fresh[key] = same(original)
            elif known == same(original):
                self.run.names[key] = known
            else:
                rule = f"a name that differs from others also when it is fitted ({fitted!r})"
                reason = f"{path}: expected {rule}, got {original!r}, and {known!r} is fitted to the same"
                return one.refusal(path, rule, original, reason)
        for key, name in fresh.items():
            value = json.dumps({"format": FORMAT, "name": name}).encode()
            self.t.records.put(Record(company=self.company, kind="fitted", key=":".join(key), value=value))
        self.run.names.update(fresh)
        return None

    def _recorded_name(self, key: tuple[str, str]) -> str | None:
        record = self.t.records.get(self.company, "fitted", ":".join(key))
        return None if record is None else str(json.loads(record.value)["name"])


def put(t: Transaction, company: str, candidates: Sequence[Candidate | Refusal], run: Run) -> None:
    """Put one batch of orders and keep its refusals, in one transaction."""
    t.lock(company)
    keys = [one.key for one in candidates if isinstance(one, Candidate)]
    batch = _Batch(t, company, run, t.jobs.find(company, keys))
    found = [one if isinstance(one, Refusal) else batch.judge(one) for one in candidates]
    refused = [refusal for refusal in found if refusal is not None]
    jobs = [
        NewJob(company=company, kind=KIND, key=key, payload=one.payload) for key, one in batch.new.items()
    ]
    if jobs:
        t.jobs.put(jobs)
    _forget_refusals(t, company, batch.new)
    _keep_refusals(t, company, refused)
    _note_company(t, company)
    run.accepted += len(jobs)
    run.payments_left_out += sum(
        bool(one.sourced.order.payments) and one.work.payment is None for one in batch.new.values()
    )
    run.refused.extend(refused)


def _stored(job: Job | None) -> tuple[dict[str, object] | None, bytes]:
    """Return the record and payload of a staged order; ``None`` where the document was dropped since."""
    if job is None or not job.payload:
        return None, b""
    return json.loads(job.payload)["order"], job.payload


def _place(sourced: Sourced) -> str:
    return ":".join(str(part) for part in (sourced.file, sourced.line) if part is not None)


def _placed(one: Candidate) -> Iterator[Remark]:
    order, sourced = one.sourced.order, one.sourced
    for remark in one.work.fitted.remarks:
        yield Remark(
            path=remark.path,
            rule=remark.rule,
            value=remark.value,
            became=remark.became,
            channel=order.channel,
            number=order.number,
            file=sourced.file,
            line=sourced.line,
        )


def _other_content(one: Candidate, run: Run, job: Job | None) -> Refusal:
    number = one.sourced.order.number
    rule = "a number that was not staged with other content"
    where = run.seen.get(one.key)
    when = f"in {where}" if where else ("in the same run" if where == "" else "earlier")
    reason = f"number: expected {rule}, {number!r} was staged {when} with other content"
    if job is not None and not where and job.state in _CANCELLABLE:
        reason += f"; cancel job {job.id} first if this is to take its place"
    return one.refusal("number", rule, number, reason)


def _forget_refusals(t: Transaction, company: str, new: dict[str, Candidate]) -> None:
    if not t.records.page(company, "refused", limit=1).items:
        return
    for key in new:
        for record in t.records.page(company, "refused", state=key).items:
            t.records.delete(record)


def _keep_refusals(t: Transaction, company: str, refused: list[Refusal]) -> None:
    now = t.now().isoformat()
    for index, refusal in enumerate(refused):
        parts = [refusal.channel, refusal.number, refusal.digest, refusal.path, refusal.rule, refusal.value]
        key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        if t.records.get(company, "refused", key) is not None:
            continue
        known = {"format": FORMAT, **refusal.to_dict(), "channel": refusal.channel, "number": refusal.number}
        record = Record(
            company=company,
            kind="refused",
            key=key,
            state=_identity(refusal),
            sort=f"{now}/{index:06}",
            value=json.dumps(known, ensure_ascii=False).encode(),
        )
        t.records.put(record)


def _identity(refusal: Refusal) -> str:
    """Return the key that an accepted order of this identity would have; empty when there can be none."""
    parts = refusal.channel or "", refusal.number or ""
    if not parts[1] or not all(part.isprintable() and len(part) <= MAX_NUMBER for part in parts):
        return ""
    return job_key(*parts)


def _note_company(t: Transaction, company: str) -> None:
    if t.records.get("", "staging", company) is None:
        value = json.dumps({"format": FORMAT}).encode()
        t.records.put(Record(company="", kind="staging", key=company, value=value))
