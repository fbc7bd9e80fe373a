"""What was decided for a job and not yet carried out, as it is stored with the job.

A plan is JSON: at first what is to be looked up besides what the handler always asks (stage ``look_up``),
then what is to be sent (stage ``send``), as exact bytes without request ids, which a batch adds.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ..jobs import FORMAT
from ..planner import Candidate, measure
from ..qbxml import builder
from .look_ups import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..handlers import Context, Send
    from ..jobs import Job
    from ..models._base import Request

__all__ = ["LookUpPlan", "Part", "SendPlan", "need_digest"]


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
class SendPlan:
    """What is to be sent for a job."""

    parts: tuple[Part, ...]
    needs: tuple[tuple[str, Part], ...] = ()
    stop_on_error: bool = False
    memo: Mapping[str, object]

    @classmethod
    def made(cls, decision: Send, context: Context) -> SendPlan:
        """Return the plan for what a handler decided to send.

        Raises:
            InvalidRequestError: a request breaks rules of the language.
        """
        return cls(
            parts=tuple(Part.of(request, context) for request in decision.requests),
            needs=tuple((need.key, Part.of(need.request, context)) for need in decision.needs),
            stop_on_error=decision.stop_on_error,
            memo=decision.memo,
        )

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
            }
        ).encode()

    @classmethod
    def of(cls, job: Job) -> SendPlan | None:
        """Read the plan of *job*; ``None`` if it is not decided what is to be sent."""
        stored = json.loads(job.plan) if job.plan is not None else None
        if stored is None or stored["stage"] != "send":
            return None
        return cls(
            parts=tuple(Part(name, xml) for name, xml in stored["parts"]),
            needs=tuple((key, Part(name, xml)) for key, name, xml in stored["needs"]),
            stop_on_error=stored["stop_on_error"],
            memo=stored["memo"],
        )

    def candidate(self, job_id: str, met: frozenset[str]) -> Candidate:
        """Return what the planner has to know; needs that were met in this session count no more."""
        needs = [(key, part) for key, part in self.needs if need_digest(key) not in met]
        own = measure((part.name, part.xml) for part in self.parts)
        return Candidate(
            job_id=job_id,
            sizes=tuple(len(part.xml) for part in self.parts),
            names=tuple(part.name for part in self.parts),
            needs=tuple((key, len(part.xml)) for key, part in needs),
            need_names=tuple(part.name for _, part in needs),
            keys=round(own.keys),
            lines=round(own.lines),
            alone=self.stop_on_error,
            reads=self.reads,
        )
