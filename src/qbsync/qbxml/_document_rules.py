"""The rules for a whole document as it stands: every problem at once, each with its line.

Here: what only a document can have wrong (its frame, ids that stand twice, macros that nobody defines)
and the lines of problems.  What is wrong within a message is asked of ``rules``.

Follows the qbXML reference: document structure, macros.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs
from lxml import etree

from .. import _xml
from ..errors import InvalidValueError, shorten
from .envelope import MAX_SET_ID, ON_ERROR
from .layout import is_known, layout
from .messages import UnknownMessage
from .parser import parse
from .problems import Code, Problem
from .reader import BLANK
from .rules import check
from .versions import CEILING, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .parser import Document

__all__ = ["check_document"]

#: An lxml element, whose stubs allow names and texts that a parser never makes.
_Node = Any

_SETS: Final = ("QBXMLMsgsRq", "QBXMLMsgsRs")
_RESPONSE_DATA: Final = ("includeAll", "includeNone")


def check_document(
    document: bytes | str, *, version: str | None = None, edition: str = "US"
) -> list[Problem]:
    """Return every problem of a request or response document, or of one message alone.

    Args:
        document: the document as it would be sent, or as it came.
        version: the qbXML version to judge by; ``None``: what the document states, else 13.0.
        edition: ``US``, ``CA``, ``UK``, ``AU`` or ``OE``.

    Problems have the ``line`` on which the element stands, or the element in which something is missing.
    Macros are judged within the set: what a request uses, an earlier one must define.

    Raises:
        ParseError: the document is not well-formed, not qbXML, or holds a DOCTYPE.
        InvalidValueError: the version or edition cannot be.
    """
    root: _Node = _xml.parse_text(document) if isinstance(document, str) else _xml.parse(document)
    if is_known(root.tag):
        return _of_messages([root], parse(_framed(root)), version or CEILING, edition)
    parsed = parse(document)
    told = [] if parsed.direction == "response" else _instruction(parsed.version)
    spoken = version or (CEILING if told else parsed.version) or CEILING
    body = next(child for child in root if child.tag in _SETS)
    nodes = [child for child in body if isinstance(child.tag, str)]
    found = [
        *told,
        *_frame(root, body),
        *_texts(root),
        *_texts(body),
        *_of_messages(nodes, parsed, spoken, edition),
    ]
    return sorted(found, key=lambda problem: problem.line or 0)


def _framed(message: _Node) -> bytes:
    """Return a message in a set of its own."""
    name = _SETS[message.tag.endswith("Rs")]
    raw = etree.tostring(message, encoding="ascii", xml_declaration=False, with_tail=False)
    return b"<QBXML><%b>%b</%b></QBXML>" % (name.encode(), raw, name.encode())


def _instruction(version: str | None) -> list[Problem]:
    """Return what is wrong with the qbxml instruction of a request document."""
    if version is None:
        return [_problem("?qbxml", Code.MISSING, 'the instruction <?qbxml version="13.0"?>', "none")]
    try:
        Version.parse(version)
    except InvalidValueError as exc:
        return [_problem("?qbxml@version", Code.LEXICAL, exc.rule, shorten(version))]
    return []


def _problem(path: str, code: Code, expected: str, got: str, line: int | None = 1) -> Problem:
    message = f"{path}: expected {expected}, got {got}"
    return Problem(path=path, code=code, message=message, expected=expected, got=got, line=line)


def _frame(root: _Node, body: _Node) -> Iterator[Problem]:
    """Yield what is wrong with the elements around the messages, and with the attributes of the set."""
    for name in root.attrib:
        yield _problem(f"QBXML@{name}", Code.UNKNOWN, "no attribute", name, root.sourceline)
    for child in root:
        if not isinstance(child.tag, str) or child is body:
            continue
        if child.tag.startswith("SignonMsgs"):
            code, expected = Code.NEVER_SEND, "no sign-on, which QuickBooks Desktop does not want"
        elif child.tag in _SETS:
            code, expected = Code.TOO_MANY, "one message set"
        else:
            code, expected = Code.UNKNOWN, "one message set alone"
        yield _problem(child.tag, code, expected, child.tag, child.sourceline)
    if body.tag == "QBXMLMsgsRq" and "onError" not in body.attrib:
        expected = " or ".join(ON_ERROR)
        yield _problem("QBXMLMsgsRq@onError", Code.MISSING, expected, "none", body.sourceline)
    for name, text in body.attrib.items():
        rule = _set_rule(name, text, request=body.tag == "QBXMLMsgsRq")
        if rule is not None:
            yield _problem(f"{body.tag}@{name}", *rule, shorten(text), body.sourceline)


def _texts(element: _Node) -> Iterator[Problem]:
    """Yield the texts between the children of an element, each on the line of what stands before it."""
    for node, text in ((element, element.text), *((child, child.tail) for child in element)):
        if text and text.strip(BLANK):
            got = f"text {shorten(text.strip(BLANK))}"
            yield _problem(element.tag, Code.UNKNOWN, "elements alone", got, node.sourceline)


def _set_rule(name: str, text: str, *, request: bool) -> tuple[Code, str] | None:
    """Return the rule that an attribute of a message set breaks, or ``None``."""
    if name == "newMessageSetID" or (request and name == "oldMessageSetID"):
        good = 0 < len(text) <= MAX_SET_ID
        return None if good else (Code.LENGTH, f"1 to {MAX_SET_ID} characters")
    if request and text == "rollbackOnError":
        return Code.NEVER_SEND, f"{' or '.join(ON_ERROR)}, for there is no rollback"
    listed = {"onError": ON_ERROR, "responseData": _RESPONSE_DATA}.get(name) if request else None
    if listed is not None:
        return None if text in listed else (Code.ENUMERATION, " or ".join(listed))
    if not request and name == "messageSetStatusCode":
        return None if re.fullmatch(r"[0-9]+", text) else (Code.LEXICAL, "an int")
    return Code.UNKNOWN, "an attribute of the language"


def _of_messages(nodes: list[_Node], parsed: Document, version: str, edition: str) -> list[Problem]:
    """Return the problems of all messages, in document order."""
    found: list[Problem] = []
    ids: set[str] = set()
    macros: set[str] = set()
    for number, (node, message) in enumerate(zip(nodes, parsed.messages, strict=True), 1):
        name = node.tag + (f"[{number}]" if len(nodes) > 1 else "")
        lines = _Lines(node)
        for problem in _of_message(message, node.tag, parsed.direction, version, edition):
            rest = problem.path.removeprefix(node.tag)
            found.append(_placed(problem, f"{name}{rest}", lines.of(rest, _which(problem))))
        if parsed.direction == "request":
            found += _doubles(message, name, node.sourceline, ids)
            found += _macros(node, name, macros)
    return found


def _of_message(message: Any, name: str, direction: str, version: str, edition: str) -> list[Problem]:
    if isinstance(message, UnknownMessage):
        return [_problem(name, Code.UNKNOWN, "a message of the language", name)]
    if not name.endswith("Rq" if direction == "request" else "Rs"):
        return [_problem(name, Code.DIRECTION, f"a {direction}", name)]
    return check(message, version=version, edition=edition)


def _placed(problem: Problem, path: str, line: int | None) -> Problem:
    message = f"{path}{problem.message.removeprefix(problem.path)}"
    return attrs.evolve(problem, path=path, message=message, line=line)


def _doubles(message: Any, name: str, line: int, seen: set[str]) -> Iterator[Problem]:
    """Yield a request id that an earlier request has."""
    given = message.request_id
    if given is None:
        return
    if given in seen:
        yield _problem(f"{name}@requestID", Code.DOUBLE, "an id of its own", shorten(given), line)
    seen.add(given)


def _macros(node: _Node, name: str, defined: set[str]) -> Iterator[Problem]:
    """Yield macros that are used before they are defined, or defined twice (statuses 9100 to 9199)."""
    for part in node.iter(etree.Element):
        used, made = part.get("useMacro"), part.get("defMacro")
        if used and used not in defined:
            path = "/".join([name, *_steps(node, part)])
            expected = "a macro that an earlier request of the set defines"
            yield _problem(f"{path}@useMacro", Code.MACRO, expected, shorten(used), part.sourceline)
        if made and made in defined:
            path = "/".join([name, *_steps(node, part)])
            expected = "a macro that nothing before has defined"
            yield _problem(f"{path}@defMacro", Code.DOUBLE, expected, shorten(made), part.sourceline)
        if made:
            defined.add(made)


def _steps(top: _Node, part: _Node) -> list[str]:
    """Return the names from below *top* down to *part*, numbered where several may stand together."""
    steps: list[str] = []
    while part is not top:
        parent = part.getparent()
        step = part.tag
        if _repeats(parent.tag, step):
            step += f"[{1 + sum(1 for _ in part.itersiblings(step, preceding=True))}]"
        steps.insert(0, step)
        part = parent
    return steps


def _repeats(parent: str, name: str) -> bool:
    """Return whether the language lets *name* stand more than once in *parent*."""
    try:
        return layout(parent).slots[name].many
    except KeyError:
        return False


_STEP: Final = re.compile(r"/([^/@.\[]+)(?:\[(\d+)\])?")


def _which(problem: Problem) -> int:
    """Return which of several elements of one name a problem is about, where its path does not say it."""
    return int(problem.got) if problem.code == Code.TOO_MANY and problem.expected == "at most 1" else 1


class _Lines:
    """The lines of what stands in a message; each element is searched once, however many problems it has."""

    def __init__(self, message: _Node) -> None:
        self._message = message
        self._children: dict[_Node, dict[str, list[_Node]]] = {}

    def of(self, path: str, which: int = 1) -> int:
        """Return the line of what stands at *path* below the message, or of the nearest that is there."""
        node = self._message
        steps = _STEP.findall(path)
        for level, (name, number) in enumerate(steps, 1):
            same = self._named(node).get(name, ())
            place = int(number or (which if level == len(steps) else 1)) - 1
            if place >= len(same):
                break
            node = same[place]
        line: int = node.sourceline
        return line

    def _named(self, node: _Node) -> dict[str, list[_Node]]:
        found = self._children.get(node)
        if found is None:
            found = self._children[node] = {}
            for child in node:
                found.setdefault(child.tag, []).append(child)
        return found
