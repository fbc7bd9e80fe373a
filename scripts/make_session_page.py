"""Write the page that shows the session's table: a diagram and one row for each state.

    python scripts/make_session_page.py [--check]

The page is made from ``qbsync.qbwc.session.TABLE``, so it cannot differ from what is served. With ``--check``
nothing is written, and the exit status is 1 when the page is not what would be written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qbsync.qbwc.session import CALL_EVENTS, TABLE, Event, State

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "session.md"

HEAD = """# A session, as a table

<!-- Made by scripts/make_session_page.py from qbsync.qbwc.session.TABLE; change that, then run it again. -->

A session is one conversation with the Web Connector.
Its state is a small value in the store, so any process can serve any call, and a restart between two calls changes nothing.
What may follow what is data; this page is made from it.

"""  # noqa: E501 - one sentence a line

MIDDLE = """
## Every call in every state

A call is never refused with an error: each cell says what the service does.
*Record late* means that the answer is recorded if its set is still open, and that the Web Connector then gets a negative number.

"""  # noqa: E501 - one sentence a line

TAIL = """
## What else moves a session

Some steps follow from what the service finds out while it serves a call, or from outside.

"""


def diagram() -> list[str]:
    """Return the states and the steps between them, as Mermaid."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for state, row in TABLE.items():
        for event, cell in row.items():
            if cell.state is not state:
                arrows.setdefault((state, cell.state), []).append(event.value)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.OPEN.value}: authenticate"]
    for (before, after), events in arrows.items():
        lines.append(f"    {before.value} --> {after.value}: {', '.join(events)}")
    return [*lines, f"    {State.CLOSED.value} --> [*]", "```"]


def table(events: list[Event]) -> list[str]:
    """Return one row for each event, one column for each state."""
    lines = ["| event | " + " | ".join(state.value for state in State) + " |", "| --- " * 7 + "|"]
    for event in events:
        cells = []
        for state in State:
            cell = TABLE[state].get(event)
            moved = "" if cell is None or cell.state is state else f" → **{cell.state.value}**"
            cells.append("" if cell is None else f"{cell.decision.value.replace('_', ' ')}{moved}")
        lines.append(f"| `{event.value}` | " + " | ".join(cells) + " |")
    return lines


def page() -> str:
    """Return the whole page."""
    called = [event for event in Event if event in CALL_EVENTS]
    others = [event for event in Event if event not in CALL_EVENTS]
    parts = (HEAD, "\n".join(diagram()), "\n", MIDDLE, "\n".join(table(called)), "\n", TAIL)
    return "".join([*parts, "\n".join(table(others)), "\n"])


def main() -> int:
    """Write or check the page."""
    written = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(written, encoding="utf-8")
        print(f"wrote {PAGE.name}")
        return 0
    same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == written
    print(
        f"{PAGE.name} is {'as the table says' if same else 'out of date: run scripts/make_session_page.py'}"
    )
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
