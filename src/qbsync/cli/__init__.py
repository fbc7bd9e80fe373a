"""The command line ``qbsync``.

Here: the way in, which needs nothing but the standard library, so that a missing extra is said in words.
The commands are in the private modules beside this one; they need the extra ``cli`` (click, rich), ``serve``
and ``demo`` also the extra ``serve`` (waitress).
"""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status.

    Args:
        arguments: what stands after ``qbsync``; ``None`` takes them from the process.
    """
    missing = [name for name in ("click", "rich") if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"the command line of qbsync needs {' and '.join(missing)}: pip install 'qbsync[cli,serve]'\n"
        )
        return 1
    from ._commands import run  # noqa: PLC0415 - only here is it known that click is there

    return run(arguments)
