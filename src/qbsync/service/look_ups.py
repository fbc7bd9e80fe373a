"""Look-ups of many jobs, merged into few queries, and what their answers prove.

Look-ups with the same query, the same key field and the same options become one query with all their keys
as repeated elements. What was asked is remembered as plain data (:class:`Asked`), because the answer comes
in another call of the Web Connector, perhaps to another process.

Proof of absence: whether QuickBooks goes on after the first missing key of a list is not documented. A
missing key therefore counts as absent only if its query came back without error *and* either a key known to
exist stood last in the same list and came back, or the key was asked in a request of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from attrs import evolve, fields, frozen

from .. import models
from ..errors import UsageError, shorten
from ..qbxml import builder, parser
from ..qbxml.characters import forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..handlers import LookUp
    from ..models._base import Request, Response
    from ..qbxml.status import Status

__all__ = ["Asked", "Found", "Question", "Templates", "Wanted", "fold", "merge", "requests", "rets_of"]


def fold(key: str) -> str:
    """Return what two keys that QuickBooks takes for the same have in common."""
    return " ".join(key.split()).casefold()


@frozen
class Question:
    """What look-ups have in common when they can share a query."""

    #: The request with all its options and no key, as XML; its name is in it.
    template: str
    #: The field that takes the keys.
    by: str | None

    @property
    def query(self) -> str:
        """The request, e.g. ``InvoiceQueryRq``."""
        return self.template[1:].partition(">")[0].partition(" ")[0].rstrip("/")


@frozen
class Wanted:
    """One look-up of one job, as it is kept while its answer is awaited."""

    question: Question
    keys: tuple[str, ...]
    proof: bool

    def to_list(self) -> list[object]:
        """Return the stored form: JSON values."""
        return [self.question.template, self.question.by, list(self.keys), self.proof]

    @classmethod
    def from_list(cls, stored: Sequence[Any]) -> Wanted:
        """Read the stored form back."""
        template, by, keys, proof = stored
        return cls(Question(template, by), tuple(keys), proof)


@frozen(kw_only=True)
class Asked:
    """One request of a look-up document."""

    question: Question
    request_id: str = ""
    keys: tuple[str, ...] = ()
    #: A key known to exist that stands last, to show that the answer was not cut short.
    sentinel: str | None = None

    @property
    def place(self) -> tuple[str, str | None]:
        """The query and the field that takes the keys."""
        return self.question.query, self.question.by

    def to_list(self) -> list[object]:
        """Return the stored form: JSON values."""
        return [
            self.request_id,
            self.question.template,
            self.question.by,
            list(self.keys),
            self.sentinel,
        ]

    @classmethod
    def from_list(cls, stored: Sequence[Any]) -> Asked:
        """Read the stored form back."""
        request_id, template, by, keys, sentinel = stored
        question = Question(template, by)
        return cls(question=question, request_id=request_id, keys=tuple(keys), sentinel=sentinel)


class Templates:
    """Makes :class:`Wanted` of :class:`~qbsync.handlers.LookUp`; equal options are written once.

    Args:
        version: the qbXML version spoken.
        edition: the edition spoken to.
    """

    def __init__(self, *, version: str, edition: str) -> None:
        self._version = version
        self._edition = edition
        self._written: dict[object, tuple[Question, Any]] = {}

    def wanted(self, look_up: LookUp) -> Wanted:
        """Return *look_up* as it is kept; it is written once, for what breaks rules would spoil a document.

        Raises:
            UsageError: it names no query, a field that the query does not have, keys without a field, or
                keys and options that break rules of qbXML.
        """
        if look_up.keys and look_up.by is None:
            raise UsageError(f"{look_up.query}: expected a field for its keys (by), got none")
        if any(name == "iterator" for name, _ in look_up.options):
            raise UsageError(
                f"{look_up.query}: expected no iterator, for a look-up is answered in one piece; send a list "
                "of many pages as a request (Send)"
            )
        question, request = self._known(look_up)
        whole = request if look_up.by is None else evolve(request, **{look_up.by: look_up.keys})
        builder.element(whole, version=self._version, edition=self._edition)
        return Wanted(question, look_up.keys, look_up.proof)

    def question(self, look_up: LookUp) -> Question:
        """Return what *look_up* has in common with those that can share its query."""
        return self._known(look_up)[0]

    def _known(self, look_up: LookUp) -> tuple[Question, Any]:
        shape = (look_up.query, look_up.by, look_up.options)
        try:
            known = self._written.get(shape)
        except TypeError:  # an option that cannot be hashed is written anew each time
            return self._write(look_up)
        if known is None:
            known = self._written[shape] = self._write(look_up)
        return known

    def _write(self, look_up: LookUp) -> tuple[Question, Any]:
        made = _message_class(look_up.query)
        try:
            request = made(**dict(look_up.options))
        except TypeError as exc:
            raise UsageError(f"{look_up.query}: expected options that it has, got {exc}") from exc
        if look_up.by is not None and look_up.by not in {f.name for f in fields(made)}:
            raise UsageError(f"{look_up.query}: expected one of its fields, got {shorten(look_up.by)}")
        raw = builder.element(request, version=self._version, edition=self._edition, check=False)
        return Question(raw.decode("ascii"), look_up.by), request


def _message_class(name: str) -> Any:
    """Return the class of a query.

    Raises:
        UsageError: there is no query of that name.
    """
    found = getattr(models, name, None) if name.endswith("QueryRq") else None
    if found is None:
        raise UsageError(f"look-up: expected the name of a query, got {shorten(name)}")
    return found


def merge(
    wanted: Iterable[Wanted],
    *,
    sentinels: Mapping[tuple[str, str], str],
    singly: Iterable[Wanted] = (),
    max_keys: int = 100,
) -> list[Asked]:
    """Return the few requests that answer all that is wanted, without request ids.

    Args:
        wanted: look-ups of any number of jobs.
        sentinels: (query, field) → a key known to exist.
        singly: look-ups whose keys that need proof are each asked in a request of their own, because the
            key known to exist did not come back.
        max_keys: at most so many keys in one request.
    """
    groups: dict[Question, _Group] = {}
    for shown, alone in ((wanted, False), (singly, True)):
        for one in shown:
            group = groups.setdefault(one.question, _Group())
            target = group.plain if not one.proof else group.single if alone else group.proven
            target.update(dict.fromkeys(one.keys))
    asked: list[Asked] = []
    for question, group in groups.items():
        sentinel = sentinels.get((question.query, question.by)) if question.by is not None else None
        asked += group.requests(question, sentinel, max_keys)
    return asked


class _Group:
    """The keys of one question; dictionaries keep their order."""

    def __init__(self) -> None:
        self.plain: dict[str, None] = {}
        self.proven: dict[str, None] = {}
        self.single: dict[str, None] = {}

    def requests(self, question: Question, sentinel: str | None, max_keys: int) -> list[Asked]:
        """Return the requests for these keys."""
        if question.by is None:
            return [Asked(question=question)]
        if sentinel is None:
            self.single |= self.proven
            self.proven = {}
        asked = [Asked(question=question, keys=(key,)) for key in self.single]
        proven = [key for key in self.proven if key != sentinel and key not in self.single]
        if sentinel is not None and self.proven:
            asked += [
                Asked(question=question, keys=keys, sentinel=sentinel)
                for keys in _chunks(proven, max_keys - 1) or [()]
            ]
        plain = [key for key in self.plain if key not in self.single and key not in self.proven]
        asked += [Asked(question=question, keys=keys) for keys in _chunks(plain, max_keys)]
        return asked


def _chunks(keys: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(keys[start : start + size]) for start in range(0, len(keys), size)]


def requests(asked: Sequence[Asked], *, version: str) -> list[Request]:
    """Return the typed requests for *asked*, with their request ids.

    Raises:
        UsageError: the stored template cannot be read, or does not take its keys.
    """
    read: dict[Question, Request] = {}
    made = []
    for one in asked:
        template = read.get(one.question)
        if template is None:
            document = builder.document([one.question.template.encode("ascii")], version=version)
            template = read[one.question] = parser.parse(document).messages[0]
        keys = one.keys if one.sentinel is None else (*one.keys, one.sentinel)
        changes: dict[str, Any] = {"request_id": one.request_id}
        if one.question.by is not None:
            changes[one.question.by] = keys
        made.append(evolve(template, **changes))
    return made


def rets_of(response: object) -> list[object]:
    """Return the ``…Ret`` objects of a typed response, in order."""
    found: list[object] = []
    for name in _ret_fields(type(response)):
        value = getattr(response, name)
        if isinstance(value, tuple):
            found += value
        elif value is not None:
            found.append(value)
    return found


_RET_FIELDS: dict[type, tuple[str, ...]] = {}


def _ret_fields(made: type) -> tuple[str, ...]:
    known = _RET_FIELDS.get(made)
    if known is None:
        names = [f.name for f in fields(cast("Any", made))] if hasattr(made, "__attrs_attrs__") else []
        known = tuple(name for name in names if name.endswith("_ret") or name == "rets")
        _RET_FIELDS[made] = known
    return known


def _key_of(ret: object, by: str) -> object:
    """Return what *ret* is found by; lists without levels have a name and no full name."""
    value: object = getattr(ret, by, None)
    return getattr(ret, "name", None) if value is None and by == "full_name" else value


class Found:
    """The answers to the look-ups of one round; see :class:`qbsync.handlers.Answers`.

    Args:
        asked: what was asked.
        responses: the typed responses by request id.
        templates: makes the same questions of look-ups as when they were asked.
    """

    def __init__(
        self, asked: Iterable[Asked], responses: Mapping[str, Response], templates: Templates
    ) -> None:
        self._templates = templates
        self._answers: dict[Question, _Answer] = {}
        #: (query, field) → a key that came back.
        self.known: dict[tuple[str, str], str] = {}
        #: (query, field) whose key known to exist did not come back.
        self.lost: set[tuple[str, str]] = set()
        for one in asked:
            self._take(one, responses[one.request_id])

    def _take(self, one: Asked, response: Response) -> None:
        question = one.question
        answer = self._answers.setdefault(question, _Answer())
        if response.status.is_error:
            answer.error = answer.error or response.status
            return
        rets = rets_of(response)
        answer.rets += rets
        if question.by is None:
            return
        found: dict[str, list[object]] = {}
        for ret in rets:
            value = _key_of(ret, question.by)
            if value is not None:
                found.setdefault(fold(str(value)), []).append(ret)
        keys = one.keys if one.sentinel is None else (*one.keys, one.sentinel)
        for key in keys:
            for ret in () if forbidden(key) else found.get(fold(key), ()):
                self.known.setdefault((question.query, question.by), str(_key_of(ret, question.by)))
        complete = len(one.keys) == 1
        if one.sentinel is not None:
            complete = fold(one.sentinel) in found
            if not complete:
                self.lost.add((question.query, question.by))
        answer.take(keys, found, complete=complete)

    def rets(self, look_up: LookUp) -> Sequence[object]:
        """Return the ``…Ret`` objects for *look_up*; of a keyed one those that match one of its keys."""
        answer = self._answers.get(self._templates.question(look_up))
        if answer is None:
            return ()
        if look_up.by is None:
            return tuple(answer.rets)
        found = dict.fromkeys(fold(key) for key in look_up.keys)
        return tuple(ret for key in found for ret in answer.by_key.get(key, ()))

    def has(self, question: Question, key: str) -> bool:
        """Return whether *key* came back to *question*."""
        answer = self._answers.get(question)
        return answer is not None and fold(key) in answer.by_key

    def absent(self, look_up: LookUp, key: str) -> bool:
        """Return whether *key* is certainly not there; ``False`` when found *or* not proven."""
        answer = self._answers.get(self._templates.question(look_up))
        return answer is not None and fold(key) in answer.absent

    def error(self, look_up: LookUp) -> Status | None:
        """Return the status of severity Error that a query of *look_up* came back with, or ``None``."""
        answer = self._answers.get(self._templates.question(look_up))
        return None if answer is None else answer.error

    def unproven(self, wanted: Wanted) -> bool:
        """Return whether a key of *wanted* needs proof of absence and has none, nor an error instead."""
        if not wanted.proof:
            return False
        answer = self._answers.get(wanted.question)
        if answer is None:
            return True
        folded = {fold(key) for key in wanted.keys}
        return answer.error is None and not folded <= answer.by_key.keys() | answer.absent


class _Answer:
    """What is known of one question."""

    def __init__(self) -> None:
        self.rets: list[object] = []
        self.by_key: dict[str, list[object]] = {}
        self.absent: set[str] = set()
        self.error: Status | None = None

    def take(self, keys: Iterable[str], found: Mapping[str, list[object]], *, complete: bool) -> None:
        """Add what one request told of its *keys*."""
        for key in map(fold, keys):
            if key in found:
                self.by_key.setdefault(key, found[key])
                self.absent.discard(key)
            elif complete and key not in self.by_key:
                self.absent.add(key)
