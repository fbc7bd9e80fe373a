"""Finding the job that makes QuickBooks refuse a whole document (0x80040400): pure functions.

Nothing of a refused document was run, and nothing says which request is at fault. So the group is halved:
one half is sent, and if QuickBooks takes it, the other half is known to be at fault without being sent.
Groups to look into form a stack; a group of one that was refused alone is the culprit.

Until QuickBooks has taken a document of the same purpose in this session, the fault may be in what all
documents share (version, attributes). So at first the second half is tried too, and if it is refused as
well, a harmless request is sent in the same frame; if that is refused, no job is to blame.

One culprit among n is refused alone after at most ⌈log2 n⌉ + 2 further round trips.

A group is a tuple of job ids behind a mark: ``TRY`` (not known), ``BAD`` (refused as it stands, or all that
is left of a refused group).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BAD", "TRY", "Findings", "Suspects", "culprits", "next_group", "refused", "taken"]

TRY, BAD = "try", "bad"

#: The stack; the last group is next.
Suspects = tuple[tuple[str, ...], ...]


@frozen(kw_only=True)
class Findings:
    """What a refusal tells."""

    suspects: Suspects
    #: Whether a harmless request must be tried before anybody is blamed.
    probe: bool


def next_group(suspects: Suspects) -> tuple[Suspects, tuple[str, ...], tuple[str, ...]]:
    """Return the stack without what is sent next, the jobs to send, and the other half of their group.

    Only called with a stack that is not empty, and whose last group is no culprit.
    """
    *below, (mark, *jobs) = suspects
    if mark == TRY:
        return tuple(below), tuple(jobs), ()
    middle = (len(jobs) + 1) // 2
    return tuple(below), tuple(jobs[:middle]), tuple(jobs[middle:])


def refused(suspects: Suspects, jobs: Sequence[str], rest: Sequence[str], *, accepted: bool) -> Findings:
    """Return what follows when a document of *jobs* was refused as a whole.

    Args:
        suspects: the stack without this group.
        jobs: the jobs of the document, in order.
        rest: the other half of the group that they were taken from.
        accepted: whether QuickBooks has taken a document of this purpose in this session.
    """
    stack = (*suspects, (BAD, *jobs))
    if rest and not accepted:
        return Findings(suspects=(*stack, (TRY, *rest)), probe=False)
    # With *rest* the refusal of the half says nothing of the other one: it goes out with other work.
    first_split = len(jobs) > 1 and not suspects and not rest
    return Findings(suspects=stack, probe=not accepted and not first_split)


def taken(suspects: Suspects, rest: Sequence[str]) -> Suspects:
    """Return the stack after QuickBooks took a document: the other half of its group is at fault."""
    if not rest:
        return suspects
    return (*suspects, (BAD if len(rest) > 1 else TRY, *rest))


def culprits(suspects: Suspects) -> tuple[Suspects, tuple[str, ...]]:
    """Return the stack without the groups of one that were refused alone, and those jobs."""
    blamed = [group for group in suspects if group[0] == BAD and len(group) == 2]  # noqa: PLR2004 - mark, job
    left = tuple(group for group in suspects if group not in blamed)
    return left, tuple(group[1] for group in blamed)
