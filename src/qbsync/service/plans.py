"""What was decided for a job and not yet carried out, as it is stored with the job.

A plan is JSON: at first what is to be looked up besides what the handler always asks (stage ``look_up``),
then what is to be sent (stage ``send``), as exact bytes without request ids, which a batch adds.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from ..jobs import FORMAT
from ..planner import Candidate, measure
from ..qbxml import builder
from ..qbxml.characters import escape_attribute
from .look_ups import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..handlers import Context, Send
    from ..jobs import Job
    from ..models._base import Request

__all__ = ["LookUpPlan", "Pages", "Part", "SendPlan", "need_digest"]

#: How a request asks for the first page of many.
_STARTS: Final = ' iterator="Start"'
#: How a request asks for nothing but how many there are.
_COUNT_ONLY: Final = ' metaData="MetaDataOnly"'


def need_digest(key: str) -> str:
    """Return what stands for a need's key in a session, which need not hold names of people."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@frozen
class Part:
    """One request of a plan."""

    name: str
    #: The exact bytes, without a request id.
    xml: str

    @classmethod
    def of(cls, request: Request, context: Context) -> Part:
        """Return *request* as it will be sent.

        Raises:
            InvalidRequestError: it breaks rules of the language.
        """
        raw = builder.element(
            evolve(request, request_id=None), version=context.version, edition=context.edition
        )
        return cls(type(request).__name__, raw.decode("ascii"))

    @property
    def begins_iterator(self) -> bool:
        """Whether it asks for the first page of many; a count alone has no pages."""
        head = self.xml[: self.xml.index(">")]
        return _STARTS in head and _COUNT_ONLY not in head

    def going_on(self, iterator: str) -> Part:
        """Return the request for the next page of *iterator*, which this one began."""
        escaped = escape_attribute(iterator).encode("ascii", "xmlcharrefreplace").decode()
        return evolve(self, xml=self.xml.replace(_STARTS, f' iterator="Continue" iteratorID="{escaped}"', 1))

    def numbered(self, request_id: str) -> bytes:
        """Return the bytes with *request_id*."""
        place = len(self.name) + 1
        return f'{self.xml[:place]} requestID="{request_id}"{self.xml[place:]}'.encode("ascii")


@frozen(kw_only=True)
class LookUpPlan:
    """What a job still wants to know."""

    extra: tuple[Wanted, ...] = ()
    rounds: int = 0
    #: Keys that need proof are asked one by one.
    singly: bool = False

    def to_values(self) -> dict[str, object]:
        """Return the stored form: JSON values."""
        return {
            "format": FORMAT,
            "stage": "look_up",
            "extra": [one.to_list() for one in self.extra],
            "rounds": self.rounds,
            "singly": self.singly,
        }

    def to_json(self) -> bytes:
        """Return the stored form."""
        return json.dumps(self.to_values()).encode()

    @classmethod
    def from_values(cls, stored: Mapping[str, Any]) -> LookUpPlan:
        """Read the stored form back."""
        extra = tuple(Wanted.from_list(one) for one in stored["extra"])
        return cls(extra=extra, rounds=stored["rounds"], singly=stored["singly"])

    @classmethod
    def of(cls, job: Job) -> LookUpPlan:
        """Read the plan of *job*, which has none yet or one of this stage."""
        return cls() if job.plan is None else cls.from_values(json.loads(job.plan))


@frozen(kw_only=True)
class Pages:
    """How far the queries of a job have come that has an iterator among them."""

    #: Which request goes next.
    at: int = 0
    #: The id of the iterator that is open; ``None``: the next request begins.
    iterator: str | None = None
    #: The batches that brought the pages, for each request that was asked.
    batches: tuple[tuple[str, ...], ...] = ()
    #: How many characters the pages have together.
    size: int = 0

    @property
    def count(self) -> int:
        """How many pages there are."""
        return sum(map(len, self.batches))

    def with_one(self, batch_id: str, *, iterator: str | None, size: int = 0) -> Pages:
        """Return how far they have come with one more page, and the iterator that is open behind it."""
        begun = (*self.batches[: self.at], (*(self.batches[self.at :] or ((),))[0], batch_id))
        return Pages(at=self.at + (iterator is None), iterator=iterator, batches=begun, size=self.size + size)

    def to_list(self) -> list[object]:
        """Return the stored form: JSON values."""
        return [self.at, self.iterator, self.batches, self.size]

    @classmethod
    def from_list(cls, stored: Sequence[Any]) -> Pages:
        """Read the stored form back."""
        at, iterator, batches, size = stored
        return cls(at=at, iterator=iterator, batches=tuple(map(tuple, batches)), size=size)


@frozen(kw_only=True)
class SendPlan:
    """What is to be sent for a job."""

    parts: tuple[Part, ...]
    needs: tuple[tuple[str, Part], ...] = ()
    stop_on_error: bool = False
    memo: Mapping[str, object]
    #: Where it only asks, and for pages.
    pages: Pages | None = None

    @classmethod
    def made(cls, decision: Send, context: Context) -> SendPlan:
        """Return the plan for what a handler decided to send.

        Raises:
            InvalidRequestError: a request breaks rules of the language.
        """
        plan = cls(
            parts=tuple(Part.of(request, context) for request in decision.requests),
            needs=tuple((need.key, Part.of(need.request, context)) for need in decision.needs),
            stop_on_error=decision.stop_on_error,
            memo=decision.memo,
        )
        paged = plan.reads and any(part.begins_iterator for part in plan.parts)
        return evolve(plan, pages=Pages()) if paged else plan

    @property
    def due(self) -> tuple[Part, ...]:
        """What goes out next: all of it, or one page."""
        if self.pages is None:
            return self.parts
        part, iterator = self.parts[self.pages.at], self.pages.iterator
        return (part if iterator is None else part.going_on(iterator),)

    @property
    def begun(self) -> bool:
        """Whether what goes out next is a page that others may follow."""
        return self.pages is not None and self.parts[self.pages.at].begins_iterator

    @property
    def reads(self) -> bool:
        """Whether it only asks."""
        return not self.needs and all(part.name.endswith("QueryRq") for part in self.parts)

    def same_requests(self, other: SendPlan) -> bool:
        """Return whether *other* sends requests of the same kinds for the job: nothing of it was done."""
        return [part.name for part in self.parts] == [part.name for part in other.parts]

    def to_json(self) -> bytes:
        """Return the stored form."""
        return json.dumps(
            {
                "format": FORMAT,
                "stage": "send",
                "parts": [[part.name, part.xml] for part in self.parts],
                "needs": [[key, part.name, part.xml] for key, part in self.needs],
                "stop_on_error": self.stop_on_error,
                "memo": dict(self.memo),
                "pages": self.pages.to_list() if self.pages is not None else None,
            }
        ).encode()

    @classmethod
    def of(cls, job: Job) -> SendPlan | None:
        """Read the plan of *job*; ``None`` if it is not decided what is to be sent."""
        stored = json.loads(job.plan) if job.plan is not None else None
        if stored is None or stored["stage"] != "send":
            return None
        pages = stored.get("pages")
        return cls(
            parts=tuple(Part(name, xml) for name, xml in stored["parts"]),
            needs=tuple((key, Part(name, xml)) for key, name, xml in stored["needs"]),
            stop_on_error=stored["stop_on_error"],
            memo=stored["memo"],
            pages=Pages.from_list(pages) if pages is not None else None,
        )

    def candidate(self, job_id: str, met: frozenset[str]) -> Candidate:
        """Return what the planner has to know; needs that were met in this session count no more."""
        needs = [(key, part) for key, part in self.needs if need_digest(key) not in met]
        due = self.due
        own = measure((part.name, part.xml) for part in due)
        return Candidate(
            job_id=job_id,
            sizes=tuple(len(part.xml) for part in due),
            names=tuple(part.name for part in due),
            needs=tuple((key, len(part.xml)) for key, part in needs),
            need_names=tuple(part.name for _, part in needs),
            keys=round(own.keys),
            lines=round(own.lines),
            alone=self.stop_on_error or self.pages is not None,
            reads=self.reads,
            continues=self.pages is not None and self.pages.iterator is not None,
        )
