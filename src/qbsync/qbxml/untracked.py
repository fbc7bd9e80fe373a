"""Objects that the cyclic garbage collector need not follow.

It goes through all objects that hold others, again and again while they become more, to find those that hold
each other and that nobody else holds.  A model is frozen when it is whole, so it holds only what was there
before it: no ring can be closed.  Following a large document costs a fifth of reading it, for nothing, and
goes on after that in every program that keeps the document.

Python has no word for this in the language itself, and no switch but one for the whole process, which is not
a library's to turn.  Its C interface has: containers written in C say it for themselves (``tuple`` does it in
the language's own implementation).  Where that interface is not to be had, objects stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["untracking"]


def untracking() -> Callable[[Any], object]:
    """Return what takes an object out of what the collector follows.

    The object must be of a class with slots that hold something, as all models are: only such objects have
    the place where the collector notes them.
    """
    try:
        import ctypes  # noqa: PLC0415 - takes milliseconds, and not every Python has it

        untrack = ctypes.pythonapi.PyObject_GC_UnTrack
    except (ImportError, AttributeError):
        return _leave
    untrack.argtypes = [ctypes.py_object]
    untrack.restype = None
    return untrack


def _leave(_made: Any) -> None:
    """Leave an object as it is."""
