"""Wrong guesses: how many come, and how much work they may cost.

A process counts the wrong passwords for each user name and for all together, in buckets that empty with
time. While a bucket is full, the slow hash is worked out for one guess at a time, and then rests three times
as long: a flood of guesses takes a quarter of one core, one thread that hashes and one that waits, no more.
Nobody is locked out: the count decides how a password is looked at, never whether the right one is taken.

The counts are of one process and are lost with it, on purpose: a guess costs no write, and what must hold
(the right password is taken, the work is bounded) holds in each process by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Guesses", "Remembered"]

#: So many wrong guesses for one name at once, and one more each minute: typing errors, not guessing.
_NAME_LEVEL: Final = 5.0
_NAME_SECONDS: Final = 60.0
#: The same for all names together: a hundred Web Connectors whose password was changed are no attack yet.
_ALL_LEVEL: Final = 50.0
_ALL_SECONDS: Final = 1.0
#: Names that are counted at one time; the oldest is forgotten, and the count of all still stands.
_NAMES: Final = 4096
#: How long the slow hash rests after a guess, as a multiple of what the guess took.
_REST: Final = 3.0
#: Right passwords that are remembered at one time.
_REMEMBERED: Final = 4096


class Guesses:
    """Counts wrong guesses and lets only so many be worked on.

    Args:
        clock: seconds that only grow.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._names: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._all = (0.0, clock())
        self._queue = threading.BoundedSemaphore(2)
        self._work = threading.Lock()
        self._rested_at = clock()

    def are_many(self, name: str) -> bool:
        """Return whether so many wrong guesses came, for *name* or altogether, that they cost too much."""
        now = self._clock()
        with self._lock:
            level = self._left(self._names.get(name, (0.0, now)), now, _NAME_SECONDS)
            return level >= _NAME_LEVEL or self._left(self._all, now, _ALL_SECONDS) >= _ALL_LEVEL

    def was_wrong(self, name: str) -> None:
        """Count one wrong guess."""
        now = self._clock()
        with self._lock:
            level = self._left(self._names.pop(name, (0.0, now)), now, _NAME_SECONDS)
            self._names[name] = (min(level + 1, _NAME_LEVEL + 1), now)
            if len(self._names) > _NAMES:
                self._names.popitem(last=False)
            self._all = (min(self._left(self._all, now, _ALL_SECONDS) + 1, _ALL_LEVEL + 1), now)

    @contextmanager
    def slot(self) -> Iterator[bool]:
        """Give the place in which one guess may be worked on, or ``False`` while one waits for it already."""
        if not self._queue.acquire(blocking=False):
            yield False
            return
        try:
            with self._work:
                self._sleep(max(0.0, self._rested_at - self._clock()))
                started = self._clock()
                try:
                    yield True
                finally:
                    ended = self._clock()
                    self._rested_at = ended + _REST * (ended - started)
        finally:
            self._queue.release()

    @staticmethod
    def _left(bucket: tuple[float, float], now: float, seconds: float) -> float:
        """Return what is in *bucket* now; one guess leaves it every *seconds*."""
        level, at = bucket
        return max(0.0, level - (now - at) / seconds)


class Remembered:
    """Passwords that were right in this process, as keyed digests under a key that never leaves it.

    The Web Connector logs in with the same password every few minutes; the second time costs no slow hash,
    so it also goes through while somebody floods the service with guesses.
    A password stands beside the stored hash that it fitted: when the account changes, it means nothing.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._digests: OrderedDict[str, bytes] = OrderedDict()

    def has(self, stored: str, password: str) -> bool:
        """Return whether *password* was found to fit *stored* before."""
        digest = self._digest(stored, password)
        with self._lock:
            return hmac.compare_digest(self._digests.get(stored, b""), digest)

    def add(self, stored: str, password: str) -> None:
        """Remember that *password* fits *stored*."""
        digest = self._digest(stored, password)
        with self._lock:
            self._digests.pop(stored, None)
            self._digests[stored] = digest
            if len(self._digests) > _REMEMBERED:
                self._digests.popitem(last=False)

    def _digest(self, stored: str, password: str) -> bytes:
        content = f"{stored}\0{password}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, content, hashlib.sha256)
