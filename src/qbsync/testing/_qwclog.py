"""The log of the simulated Web Connector, in the form of ``QWCLog.txt``.

Here: lines with a stamp, a place and a text, and how much of a payload each level shows.
Not here: when something is logged (``_session``).
Facts: Web Connector dossier 3.5: the stamp, the levels, the 50 characters of DEBUG. The names of the places
and the wording, where the dossier does not quote them, are this simulator's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .company import Company

__all__ = ["QWCLog"]

#: How much of a payload DEBUG shows, in characters.
_SHOWN: Final = 50
_MASK: Final = "<MaskedForSecurity>"


class QWCLog:
    """Collects lines; ``level`` is ``NONE``, ``DEBUG`` or ``VERBOSE``."""

    def __init__(self, level: str, company: Company, on_line: Callable[[str], None] | None = None) -> None:
        self._level = level
        self._company = company
        self._on_line = on_line
        self.lines: list[str] = []

    def say(self, place: str, text: str) -> None:
        """Add a line; nothing at level NONE."""
        if self._level == "NONE":
            return
        line = f"{_stamp(self._company.now)}\t: QBWebConnector.{place}() : {text}"
        self.lines.append(line)
        if self._on_line is not None:
            self._on_line(line)

    def call(self, call: str, values: dict[str, str | None]) -> None:
        """Log that a call goes out; the password is masked at every level."""
        if self._level == "NONE":
            return
        shown = "".join(
            f"<{name}={_MASK if name == 'strPassword' else self._payload(value)}>"
            for name, value in values.items()
        )
        with_values = f" with following parameters:{shown}" if shown else ""
        self.say(f"SOAPWebService.do_{call}", f"*** Calling {call}(){with_values}")

    def reply(self, call: str, result: object) -> None:
        """Log what came back."""
        if self._level == "NONE":
            return
        if isinstance(result, list):
            shown = "".join(f"<authRet[{place}]={self._payload(one)}>" for place, one in enumerate(result))
        else:
            shown = f"<{call}Ret={self._payload(None if result is None else str(result))}>"
        self.say(f"SOAPWebService.do_{call}", f"Received from {call}():{shown}")

    def _payload(self, value: str | None) -> str:
        text = "" if value is None else value
        if self._level == "VERBOSE" or len(text) <= _SHOWN:
            return f'"{text}"'
        return f'"{text[:_SHOWN]}" ...'


def _stamp(now: datetime) -> str:
    """Return ``YYYYMMDD.HH:MM:SS UTC``."""
    return f"{now:%Y%m%d.%H:%M:%S} UTC"
