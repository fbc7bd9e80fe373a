"""Make ``qbsync/qbxml/catalogue/qbxmlNNN.json`` from an SDK's onscreen-reference sample.

Usage: ``python scripts/make_catalogue.py SAMPLE [OUTPUT]``

The sample is a skeleton document with one element a line; comments behind an element and block
comments before it say how often it may stand, how long it may be, since which version and in which
editions.  What is kept are those facts, in a layout of our own (described beside the reader,
``qbsync.qbxml.catalogue``): each different node and each different shape once, numbered in order of
first appearance, so that the same sample always gives the same bytes.

Facts that the sample lacks or states wrongly are no business of this script; they stand in
``qbsync/qbxml/catalogue/overlay.py``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import attrs

EDITIONS = {"QBD": "U", "QBCA": "C", "QBUK": "K", "QBAU": "A", "QBOE": "O"}
LETTERS = "UCKAO"
OUTPUT = Path(__file__).resolve().parent.parent / "src/qbsync/qbxml/catalogue"

_TAG = re.compile(r"<(?P<close>/?)(?P<name>\w+)(?P<attributes>[^<>]*?)(?P<empty>/?)>(?P<text>[^<]*)")
_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->")
_ATTRIBUTE = re.compile(r'(\w+)\s*=\s*"(\w+)"')
_ABOUT = re.compile(
    r"'?(\w+)'? (?:is (optional|required)(?: and)? ?)?"
    r"(?:(?:may|must) have one of the following values: (.*))?$"
)
_CONTAINS = re.compile(r"(\w+) contains \d+ (?:(optional|required) )?attributes?(?:: '(\w+)')?$")
_BEGIN = re.compile(
    r"(?P<tokens>.*?)(?:, )?BEGIN OR: You may (?P<how>optionally have|have 0 or more|have 1 or more|have)\b"
)
_LENGTH = re.compile(r"max length = (\d+)(?: for ([\w|]+))?$")
_BOUND = re.compile(r"(min|max) value = ([\d.]+)$")
_NOT_IN = re.compile(r"not in ([\w|]+)$")
_SINCE = re.compile(r"v(\d+\.\d+)$")
_OCCURS = {
    "optionally have": (0, 1),
    "have 0 or more": (0, 0),
    "have 1 or more": (1, 0),
    "have": (1, 1),
}


def editions(text: str) -> str:
    """Turn ``QBD|QBCA`` into letters in a fixed order."""
    found = {EDITIONS[name] for name in text.split("|")}
    return "".join(letter for letter in LETTERS if letter in found)


def newer(left: str | None, right: str | None) -> str | None:
    """Return the higher of two versions, either of which may be missing."""
    if left is None or right is None:
        return left or right
    return max(left, right, key=lambda version: [int(part) for part in version.split(".")])


@attrs.define
class Facts:
    """What one comment says about an element, or about all members of a choice."""

    optional: bool = False
    repeats: bool = False
    lengths: dict[str, int] = attrs.Factory(dict)
    bounds: dict[str, str] = attrs.Factory(dict)
    missing_in: str = ""
    since: str | None = None
    macro: bool = False

    @classmethod
    def read(cls, comment: str) -> Facts:
        """Read the tokens of *comment*; an unknown token is an error."""
        facts = cls()
        for token in filter(None, (part.strip() for part in comment.split(","))):
            facts.take(token)
        return facts

    def take(self, word: str) -> None:
        """Add what one token says."""
        if word == "opt":
            self.optional = True
        elif word in {"may rep", "rep (1 or more)"}:
            self.repeats = True
        elif word == "may be macro value":
            self.macro = True
        elif found := _LENGTH.match(word):
            self.lengths[editions(found[2]) if found[2] else ""] = int(found[1])
        elif found := _BOUND.match(word):
            self.bounds[found[1]] = found[2]
        elif found := _NOT_IN.match(word):
            self.missing_in = editions(found[1])
        elif found := _SINCE.match(word):
            self.since = found[1]
        else:
            raise SystemExit(f"unknown word in the sample: {word!r}")

    def within(self, block: Facts) -> None:
        """Apply the tokens of the choice that this element stands in."""
        self.since = newer(self.since, block.since)
        both = set(self.missing_in) | set(block.missing_in)
        self.missing_in = "".join(letter for letter in LETTERS if letter in both)


@attrs.define
class Values:
    """The values of an enumeration, and which of them is the default."""

    names: tuple[str, ...] = ()
    default: str | None = None

    @classmethod
    def read(cls, text: str) -> Values:
        """Read ``A, B [DEFAULT], C``."""
        values = cls()
        names = []
        for part in filter(str.strip, text.split(",")):
            name, _, mark = part.strip().partition("[")
            names.append(name.strip())
            if mark:
                values.default = name.strip()
        values.names = tuple(names)
        return values


@attrs.define
class Choice:
    """An open choice: its occurrence, its own facts, and the branches so far."""

    occurs: tuple[int, int]
    facts: Facts
    branches: list[list[Any]] = attrs.Factory(lambda: [[]])


@attrs.define
class Frame:
    """An open element and what has been seen inside it."""

    name: str
    facts: Facts
    attributes: list[int]
    particles: list[Any] = attrs.Factory(list)
    choices: list[Choice] = attrs.Factory(list)

    def add(self, particle: Any) -> None:
        """Append a finished particle where the reading stands."""
        (self.choices[-1].branches[-1] if self.choices else self.particles).append(particle)


class Table:
    """A list in which equal entries have one number."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, row: Any) -> int:
        """Return the number of *row*, adding it when it is new."""
        key = json.dumps(row)
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append(row)
        return self._numbers[key]


class Reader:
    """Reads the sample line by line, with a stack of open elements."""

    def __init__(self) -> None:
        self.enums, self.attributes, self.nodes, self.shapes = Table(), Table(), Table(), Table()
        self.messages: dict[str, int] = {}
        self.aggregates: dict[str, list[int]] = {}
        self.stack: list[Frame] = []
        self.values: dict[str, Values] = {}
        self.required: dict[str, bool] = {}

    def read(self, lines: list[str]) -> None:
        """Take in all *lines*."""
        for line in lines:
            comment = _COMMENT.search(line)
            said = comment[1] if comment else ""
            tags = list(_TAG.finditer(_COMMENT.sub("", line)))
            if tags:
                self.element(tags, said)
            elif said:
                self.block(said)

    def element(self, tags: list[re.Match[str]], comment: str) -> None:
        """Take in a line that holds an element or one end of it."""
        tag = tags[0]
        if tag["close"]:
            self.close()
            return
        facts = Facts.read(comment) if not tag["name"].startswith("QBXML") else Facts()
        for choice in self.stack[-1].choices if self.stack else ():
            facts.within(choice.facts)
        declared = self.declare(tag["attributes"])
        if len(tags) > 1:
            self.leaf(tag["name"], tag["text"].strip(), facts)
        else:
            self.stack.append(Frame(tag["name"], facts, declared))
            if tag["empty"]:
                self.close()
        self.required = {}

    def leaf(self, name: str, scalar: str, facts: Facts) -> None:
        """Add an element with text."""
        values = self.values.pop(name, None) if scalar == "ENUMTYPE" else None
        self.stack[-1].add(self.node(name, scalar, facts, values))

    def node(self, name: str, kind: str | int, facts: Facts, values: Values | None) -> int:
        """Number the node; what is usual is left out."""
        extra: dict[str, Any] = {}
        if facts.since:
            extra["s"] = facts.since
        if facts.missing_in:
            extra["n"] = facts.missing_in
        if facts.lengths:
            extra["l"] = facts.lengths
        if values:
            extra["e"] = self.enums.number(" ".join(values.names))
            if values.default:
                extra["d"] = values.default
        if facts.bounds:
            extra["b"] = [facts.bounds.get("min"), facts.bounds.get("max")]
        if facts.macro:
            extra["m"] = 1
        row: list[Any] = [name, kind, 0 if facts.optional else 1, 0 if facts.repeats else 1]
        return self.nodes.number([*row, extra] if extra else row)

    def declare(self, text: str) -> list[int]:
        """Number the attributes of an open tag, with what the comments before it said."""
        numbers = []
        for name, scalar in _ATTRIBUTE.findall(text):
            values = self.values.pop(f"@{name}", Values())
            row: list[Any] = [name, scalar, int(self.required.pop(name, False))]
            if values.names:
                row += [self.enums.number(" ".join(values.names)), values.default]
            numbers.append(self.attributes.number(row))
        return numbers

    def close(self) -> None:
        """Finish the innermost open element."""
        frame = self.stack.pop()
        shape = self.shapes.number([frame.attributes, frame.particles])
        if frame.name.startswith("QBXML"):
            return
        known = self.aggregates.setdefault(frame.name, [])
        if shape not in known:
            known.append(shape)
        number = self.node(frame.name, shape, frame.facts, None)
        self.stack[-1].add(number)
        if self.stack[-1].name in {"QBXMLMsgsRq", "QBXMLMsgsRs"}:
            self.messages[frame.name] = number

    def block(self, said: str) -> None:
        """Take in a comment that stands on a line of its own."""
        if not self.stack:
            return
        frame = self.stack[-1]
        if found := _BEGIN.match(said):
            facts = Facts.read(found["tokens"])
            for outer in frame.choices:
                facts.within(outer.facts)
            frame.choices.append(Choice(_OCCURS[found["how"]], facts))
        elif said == "OR":
            frame.choices[-1].branches.append([])
        elif said == "END OR":
            choice = frame.choices.pop()
            frame.add([*choice.occurs, *choice.branches])
        elif found := _CONTAINS.match(said):
            if found[3]:
                self.required[found[3]] = found[2] == "required"
        elif found := _ABOUT.match(said):
            self.about(found)
        elif not said.startswith("="):
            raise SystemExit(f"unknown comment in the sample: {said!r}")

    def about(self, found: re.Match[str]) -> None:
        """Take in what a comment says about one attribute or one enumeration."""
        name = found[1]
        if found[2]:
            self.required[name] = found[2] == "required"
            name = f"@{name}"
        if found[3]:
            self.values[name] = Values.read(found[3])

    def catalogue(self, source: str) -> dict[str, Any]:
        """Return everything without the parts that only events and subscriptions use."""
        return {
            "format": 1,
            "source": source,
            "messages": self.messages,
            "aggregates": self.aggregates,
            "enums": self.enums.rows,
            "attributes": self.attributes.rows,
            "nodes": self.nodes.rows,
            "shapes": self.shapes.rows,
        }


def wanted(lines: list[str]) -> list[str]:
    """Return the lines of the two message sets that travel over the Web Connector."""
    text = "".join(lines)
    parts = []
    for name in ("QBXMLMsgsRq", "QBXMLMsgsRs"):
        found = re.search(rf"^\s*<{name}[ >].*?</{name}>", text, re.MULTILINE | re.DOTALL)
        if found is None:
            raise SystemExit(f"the sample holds no {name}")
        parts += found[0].splitlines()
    return parts


def layout(catalogue: dict[str, Any]) -> str:
    """Return the JSON text: one entry of a table a line, so that differences can be read."""

    def row(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"))

    parts = []
    for name, value in catalogue.items():
        if isinstance(value, list):
            parts.append(f'"{name}":[\n' + ",\n".join(map(row, value)) + "\n]")
        elif isinstance(value, dict):
            pairs = (f"{row(key)}:{row(entry)}" for key, entry in value.items())
            parts.append(f'"{name}":{{\n' + ",\n".join(pairs) + "\n}")
        else:
            parts.append(f"{row(name)}:{row(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def make(sample: str) -> tuple[str, str]:
    """Return the file name and the text of the catalogue made from the text of a sample."""
    found = re.search(r"qbxmlops(\d+)(\d)\.dtd", sample)
    if found is None:
        raise SystemExit("the sample does not say its version")
    reader = Reader()
    reader.read(wanted(sample.splitlines(keepends=True)))
    name = f"qbxml{found[1]}{found[2]}.json"
    return name, layout(reader.catalogue(f"qbXML {found[1]}.{found[2]}"))


def main(arguments: list[str]) -> None:
    """Read the sample named first, write the catalogue to the folder named second."""
    if not 1 <= len(arguments) <= 2:  # noqa: PLR2004 - two arguments are two arguments
        raise SystemExit(__doc__)
    name, text = make(Path(arguments[0]).read_text(encoding="utf-8"))
    target = Path(arguments[1]) if len(arguments) > 1 else OUTPUT
    (target / name).write_text(text, encoding="ascii", newline="\n")
    print(f"{target / name}: {len(text):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
