"""From what handlers say to moves of jobs, and the plans that are stored with leased jobs.

A plan is JSON: at first what is to be looked up besides what the handler always asks (stage ``look_up``),
then what is to be sent (stage ``send``), as exact bytes without request ids, which a batch adds.

A handler that raises fails its job with what it raised: one bad job must not stop the others.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ._turn import owe_delivery
from .errors import QbsyncError
from .handlers import Again, Ask, Done, Fail, Hold, Send
from .jobs import FORMAT, Move, State
from .look_ups import Wanted
from .qbxml import builder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ._turn import Turn
    from .handlers import Decision, LookUp, Verdict
    from .jobs import Job
    from .look_ups import Found, Templates
    from .models._base import Request
    from .planner import Candidate

__all__ = ["LookUpPlan", "Part", "SendPlan", "decide", "guarded", "look_ups", "move_of"]

_log = logging.getLogger("qbsync.service")

#: A job that says "again" so often is failed with its reason.
MAX_TRIES = 5
#: A job handed out so often, though each time it only made what it needs, is failed too.
MAX_HAND_OUTS = 100
#: A job that asks for more look-ups so often is failed.
MAX_ROUNDS = 5


@frozen
class Part:
    """One request of a plan."""

    name: str
    #: The exact bytes, without a request id.
    xml: str

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

    def to_json(self) -> bytes:
        """Return the stored form."""
        return json.dumps(
            {
                "format": FORMAT,
                "stage": "look_up",
                "extra": [one.to_list() for one in self.extra],
                "rounds": self.rounds,
                "singly": self.singly,
            }
        ).encode()

    @classmethod
    def of(cls, job: Job) -> LookUpPlan:
        """Read the plan of *job*, which has none yet or one of this stage."""
        if job.plan is None:
            return cls()
        stored = json.loads(job.plan)
        extra = tuple(Wanted.from_list(one) for one in stored["extra"])
        return cls(extra=extra, rounds=stored["rounds"], singly=stored["singly"])


@frozen(kw_only=True)
class SendPlan:
    """What is to be sent for a job."""

    parts: tuple[Part, ...]
    needs: tuple[tuple[str, Part], ...] = ()
    stop_on_error: bool = False
    again: bool = False
    memo: Mapping[str, object]

    @property
    def reads(self) -> bool:
        """Whether it only asks."""
        return not self.needs and all(part.name.endswith("QueryRq") for part in self.parts)

    def to_json(self) -> bytes:
        """Return the stored form."""
        return json.dumps(
            {
                "format": FORMAT,
                "stage": "send",
                "parts": [[part.name, part.xml] for part in self.parts],
                "needs": [[key, part.name, part.xml] for key, part in self.needs],
                "stop_on_error": self.stop_on_error,
                "again": self.again,
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
            again=stored["again"],
            memo=stored["memo"],
        )

    def candidate(self, job_id: str, met: frozenset[str], met_key: Callable[[str], str]) -> Candidate:
        """Return what the planner has to know; needs that were met in this session count no more."""
        from .planner import Candidate as Made  # noqa: PLC0415

        return Made(
            job_id=job_id,
            sizes=tuple(len(part.xml) for part in self.parts),
            needs=tuple((key, len(part.xml)) for key, part in self.needs if met_key(key) not in met),
            alone=self.stop_on_error,
            reads=self.reads,
        )
