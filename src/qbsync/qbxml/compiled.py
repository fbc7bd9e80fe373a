"""The fast writer: checks and writes a message in one go, or declines.

For each shape of the catalogue, version and edition one Python function is made, as text, when it is first
needed.  It holds the facts of that place as constants: which fields, which limits, which values.  It
writes text only as long as everything is plainly right; at the first doubt it gives up, and the caller
asks ``rules`` what is wrong, if anything.  So this module need not know every rare right form, but it
must never let a wrong one pass.

For an ``XAdd`` with a name of at most 41 characters, a reference and an amount it looks like this::

    def write(o, tags, tag, text):
        if o.__class__ is not XAdd or o._kept is not None: raise Doubt
        opened = '<XAdd>'
        tag(opened)
        v = o.name
        if v is not None:
            if v.__class__ is not str or not v or len(v) > 41: raise Doubt
            tag('<Name>%s</Name>')
            text(v)
        v = o.customer_ref
        if v is not None:
            if (v.__class__ is Ref and v.list_id is None and v._kept is None
             and (t := v.full_name).__class__ is str and t and len(t) <= 209):
                tag('<CustomerRef><FullName>%s</FullName></CustomerRef>')
                text(t)
            else: w1(v, tags, tag, text)
        v = o.amount
        if v is not None:
            t = str(v)
            if v.__class__ is not Decimal or t[-3:-2] != '.' or len(t) > 16: t = convert(v)
            tag(f'<Amount>{t}</Amount>')
        if not (o.name is not None): raise Doubt
        tag('</XAdd>')

Tags and texts are collected apart: the characters of all texts of a message are looked at, escaped and made
ASCII at once, and put into the places that the tags have for them.

Making text rather than a tree, with the checks in the same function, takes a third of the time of
building and serialising an lxml tree without any check.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..errors import InvalidValueError
from . import catalogue
from ._request_rules import MAX_REQUEST_ID, is_list_name
from .catalogue import Choice, Element
from .characters import escape
from .layout import is_known, model
from .naming import field_name, mix_name
from .values import MAX_ID, SCALARS, UseMacro
from .versions import Version, attribute_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["write"]

#: Writes an object; takes it, the tags so far, what adds a tag, what adds a text for a ``%s`` in one of the
#: tags, and for a message the request id that it gets.
_Writer: TypeAlias = Callable[..., None]

#: The mark between two texts, which no text may hold.
_BETWEEN: Final = "\x00"
#: What QuickBooks can hold, as bytes of two encodings: all but controls; tab, line feed, return are none.
_LATIN_1: Final = bytes([9, 10, 13, *range(32, 127), *range(160, 256)])
_WINDOWS_1252: Final = bytes([9, 10, 13, *range(32, 127), *range(128, 256)])

_PRICE: Final = re.compile(r"-?\d{1,10}(?:\.\d{1,5})?", re.ASCII).fullmatch
#: The forms of numbers that need no second look.
_DECIMALS: Final = {"PRICETYPE": _PRICE, "QUANTYPE": _PRICE, "PERCENTTYPE": _PRICE}
#: The longest text of an amount with two decimals that is surely in range: 13 digits and the decimals.
_AMOUNT: Final = 16
#: The longest text of a number with a point that surely has no more than ten digits before it.
_NUMBER: Final = 12


#: Types whose values are texts, and may hold what must be escaped.
_TEXT_TYPES: Final = frozenset(name for name, scalar in SCALARS.items() if scalar.plain)


class _DoubtError(Exception):
    """Something is not plainly right."""


def write(message: Any, *, version: str, edition: str, request_id: str | None = None) -> bytes | None:
    """Return a message as bytes when it is plainly right, else ``None``.

    Args:
        message: a request or response.
        version: the qbXML version to speak.
        edition: the edition spoken to.
        request_id: what a request without id of its own gets; copying it to set one takes too long.

    Raises:
        InvalidValueError: the version or edition cannot be.
    """
    writer = _top.get((message.__class__, version, edition)) or _top_writer(message, version, edition)
    tags: list[str] = []
    texts: list[str] = []
    try:
        writer(message, tags, tags.append, texts.append, request_id)
        return ("".join(tags) % tuple(_escaped(texts))).encode("ascii")
    except (_DoubtError, InvalidValueError, TypeError):
        return None


#: The writers of whole messages, by class and what is spoken to.
_top: dict[tuple[type, str, str], _Writer] = {}
#: How many of them are kept: versions are the caller's texts, and could be any number of them.
_MOST: Final = 4096


def _top_writer(message: Any, version: str, edition: str) -> _Writer:
    """Return the writer of a message, and keep it.

    Raises:
        InvalidValueError: the version or edition cannot be.
    """
    if edition not in catalogue.EDITIONS.values():
        raise InvalidValueError("edition", f"one of {', '.join(catalogue.EDITIONS.values())}", edition)
    parsed = Version.parse(version)
    name = type(message).__name__
    if not is_known(name) or type(message) is not model(name):
        return _decline
    if len(_top) >= _MOST:
        _top.clear()
    made = _top[type(message), version, edition] = _writer(catalogue.element(name), parsed, edition)
    return made


def _escaped(texts: list[str]) -> list[str]:
    """Return the texts of a message as they stand in an ASCII document; all at once, which is faster.

    Raises:
        _DoubtError: a text holds what QuickBooks cannot.
    """
    joined = _BETWEEN.join(texts)
    _refuse_characters(joined, b"\0" * (len(texts) - 1))
    escaped = escape(joined)
    if escaped is joined and joined.isascii():
        return texts
    return escaped.encode("ascii", "xmlcharrefreplace").decode("ascii").split(_BETWEEN)


def _refuse_characters(text: str, marks: bytes) -> None:
    """Refuse controls and what Windows-1252 lacks; the C1 controls are among that.

    Args:
        text: texts with marks between them.
        marks: the marks alone.

    Raises:
        _DoubtError: there is one.
    """
    try:
        wrong = text.encode("latin-1").translate(None, _LATIN_1)  # four times as fast as Windows-1252
    except UnicodeEncodeError:
        try:
            wrong = text.encode("cp1252").translate(None, _WINDOWS_1252)
        except UnicodeEncodeError:
            raise _DoubtError from None
    if wrong != marks:
        raise _DoubtError


_made: dict[tuple[int, Version, str], tuple[Element, _Writer]] = {}


def _writer(element: Element, version: Version, edition: str) -> _Writer:
    """Return the writer of an element; the element is kept with it, so that its id stays its own."""
    key = (id(element), version, edition)
    found = _made.get(key)
    if found is None:
        found = _made[key] = (element, _Source(element, version, edition).compile())
    return found[1]


class _Source:
    """Collects the source of one function and what its names stand for."""

    def __init__(self, element: Element, version: Version, edition: str) -> None:
        assert element.shape is not None
        self.element = element
        self.shape = element.shape
        self.version = version
        self.edition = edition
        self.lines: list[str] = []
        self.names: dict[str, Any] = {
            "Doubt": _DoubtError,
            "model": model(element.name),
            "Ref": model("Ref"),
            "Decimal": Decimal,
            "date": date,
            "UseMacro": UseMacro,
        }

    def compile(self) -> _Writer:
        """Return the function."""
        if not self.allowed(self.element):
            return _decline
        self.emit("def write(o, tags, tag, text, request_id=None):")
        self.emit(" if o.__class__ is not model or o._kept is not None: raise Doubt")
        self.open_tag()
        self.body(self.shape.particles, 1)
        self.require(self.shape.particles, "", 1)
        self.close_tag()
        exec("\n".join(self.lines), self.names)  # noqa: S102 - made from our own table alone
        made: _Writer = self.names["write"]
        return made

    def emit(self, line: str) -> None:
        """Add a line of source."""
        self.lines.append(line)

    def constant(self, value: Any) -> str:
        """Return a new name for *value*."""
        name = f"c{len(self.names)}"
        self.names[name] = value
        return name

    def allowed(self, element: Element) -> bool:
        """Return whether the QuickBooks spoken to knows the element."""
        return Version.parse(element.since) <= self.version and self.edition not in element.not_in

    def has(self, attribute: str) -> bool:
        """Return whether the QuickBooks spoken to knows the attribute."""
        return Version.parse(attribute_since(attribute)) <= self.version

    def open_tag(self) -> None:
        """Write the open tag with its attributes, and keep it in ``opened``."""
        self.emit(f" opened = {f'<{self.shape.name}>'!r}")
        for attribute in self.shape.attributes:
            self.emit(f" v = o.{field_name(attribute.name)}")
            if attribute.name == "requestID":
                self.emit(" if v is None: v = request_id")
            if attribute.required and not self.shape.name.endswith("Rs"):
                self.emit(" if v is None: raise Doubt")
            self.emit(" if v is not None:")
            # Iterators have rules of their own, and there is one a set: ``rules`` judges them.
            if attribute.name in {"iterator", "iteratorID"} or not self.has(attribute.name):
                self.emit("  raise Doubt")
                continue
            self.emit(f"  t = {self.constant(SCALARS[attribute.type].write)}(v)")
            limit = f" or len(t) > {MAX_REQUEST_ID}" if attribute.name == "requestID" else ""
            self.emit(f"  if not t{limit}: raise Doubt")
            if attribute.values:
                self.emit(f"  if t not in {self.constant(frozenset(attribute.values))}: raise Doubt")
            self.attribute("  ", "t")
            added = f' {attribute.name}="%s">'
            self.emit(f"  opened = opened[:-1] + {added!r}")
        self.emit(" tag(opened)")

    def attribute(self, pad: str, value: str) -> None:
        """Write an attribute's text; what is written otherwise there than between tags is left to others."""
        self.emit(f"{pad}if '\"' in {value} or '\\t' in {value} or '\\n' in {value}: raise Doubt")
        self.emit(f"{pad}text({value})")

    def close_tag(self) -> None:
        """Write the close tag, or make the open tag one of an empty element."""
        if any(isinstance(p, Element) and p.min and self.allowed(p) for p in self.shape.particles):
            self.emit(f" tag({f'</{self.shape.name}>'!r})")
            return
        self.emit(" if tags[-1] is opened: tags[-1] = opened[:-1] + '/>'")
        self.emit(f" else: tag({f'</{self.shape.name}>'!r})")

    def body(self, particles: Iterable[Element | Choice], depth: int) -> None:
        """Write the elements in their order."""
        for particle in particles:
            if isinstance(particle, Element):
                self.member(particle, depth)
            elif particle.max is None:
                self.mix(particle, depth)
            else:
                for branch in particle.branches:
                    self.body(branch, depth)

    def member(self, element: Element, depth: int) -> None:
        """Write one element where it is there."""
        pad = " " * depth
        field = field_name(element.name)
        many = element.max != 1
        self.emit(f"{pad}v = o.{field}")
        self.emit(f"{pad}if {'v' if many else 'v is not None'}:")
        if not self.allowed(element):
            self.emit(f"{pad} raise Doubt")
        elif many:
            bound = "" if element.max is None else f" or len(v) > {element.max}"
            self.emit(f"{pad} if v.__class__ is not tuple{bound}: raise Doubt")
            self.emit(f"{pad} for v in v:")
            self.value(element, depth + 2)
        else:
            self.value(element, depth + 1)
        if many:
            self.emit(f"{pad}elif v != (): raise Doubt")

    def mix(self, choice: Choice, depth: int) -> None:
        """Write a free mix, each member by the writer of its class."""
        pad = " " * depth
        members = [e for branch in choice.branches for e in branch if isinstance(e, Element)]
        writers = {model(e.name): self.part(e) for e in members if self.allowed(e)}
        table = ", ".join(f"{self.constant(cls)}: {name}" for cls, name in writers.items())
        self.emit(f"{pad}v = o.{mix_name(choice)}")
        self.emit(f"{pad}if v.__class__ is not tuple: raise Doubt")
        self.emit(f"{pad}if v:")
        self.emit(f"{pad} w = {{{table}}}")
        self.emit(f"{pad} for v in v:")
        self.emit(f"{pad}  if v.__class__ not in w: raise Doubt")
        self.emit(f"{pad}  w[v.__class__](v, tags, tag, text)")

    def part(self, element: Element) -> str:
        """Return the name of the writer of an aggregate, which is made when it is first called."""
        name = f"w{len(self.names)}"
        names, version, edition = self.names, self.version, self.edition

        def first(value: Any, tags: list[str], tag: Any, text: Any) -> None:
            made = names[name] = _writer(element, version, edition)
            made(value, tags, tag, text)

        names[name] = first
        return name

    def value(self, element: Element, depth: int) -> None:
        """Write the value in ``v``."""
        pad = " " * depth
        if element.shape is not None:
            part = f"{self.part(element)}(v, tags, tag, text)"
            if model(element.name) is model("Ref"):
                self.reference(element, pad)
                part = f"else: {part}"
            self.emit(pad + part)
            return
        if element.macro:
            self.emit(f"{pad}if v.__class__ is UseMacro:")
            if not self.has("useMacro"):
                self.emit(f"{pad} raise Doubt")
            self.emit(f"{pad} if v.name.__class__ is not str or not v.name: raise Doubt")
            self.attribute(f"{pad} ", "v.name")
            macro = f'<{element.name} useMacro="%s"/>'
            self.emit(f"{pad} tag({macro!r})")
            self.emit(f"{pad}else:")
            pad += " "
        for line in self.scalar(element):
            self.emit(pad + line)

    def reference(self, element: Element, pad: str) -> None:
        """Write a reference by name alone, the most frequent aggregate by far, without a call."""
        assert element.shape is not None
        name = next(p for p in element.shape.particles if isinstance(p, Element) and p.name == "FullName")
        longest = name.max_length(self.edition)
        bound = "" if longest is None else f" and len(t) <= {longest}"
        self.emit(f"{pad}if (v.__class__ is Ref and v.list_id is None and v._kept is None")
        self.emit(f"{pad} and (t := v.full_name).__class__ is str and t{bound}):")
        whole = f"<{element.name}><FullName>%s</FullName></{element.name}>"
        self.emit(f"{pad} tag({whole!r})")
        self.emit(f"{pad} text(t)")

    def scalar(self, element: Element) -> Iterator[str]:
        """Yield the lines that check ``v`` and write it."""
        kind = element.type
        assert kind is not None
        opened, closed = f"<{element.name}>", f"</{element.name}>"
        if element.values or kind in _TEXT_TYPES:
            yield from self.checked_text(element, kind)
            yield f"tag({f'{opened}%s{closed}'!r})"
            yield "text(v)"
            return
        convert = self.constant(SCALARS[kind].write)
        if kind == "BOOLTYPE":
            yield f"if v is True: tag({f'{opened}true{closed}'!r})"
            yield f"elif v is False: tag({f'{opened}false{closed}'!r})"
            yield "else: raise Doubt"
            return
        if kind in _DECIMALS:
            usual = self.constant(_DECIMALS[kind])
            yield "t = str(v)"
            # Most are short and have their point within the last six places: no exponent, and not too long.
            yield f"if v.__class__ is not Decimal or (len(t) > {_NUMBER} or '.' not in t[-6:-1]"
            yield f" or 'E' in t or 'e' in t) and not {usual}(t): t = {convert}(v)"
        elif kind == "AMTTYPE":
            # A Decimal whose text has its point there is written without exponent, with two decimals.
            yield "t = str(v)"
            yield f"if v.__class__ is not Decimal or t[-3:-2] != '.' or len(t) > {_AMOUNT}: t = {convert}(v)"
        elif kind == "DATETYPE":
            yield f"t = v.isoformat() if v.__class__ is date else {convert}(v)"
        else:
            yield f"t = {convert}(v)"
        yield from self.bounds(element)
        yield f"tag(f'{opened}{{t}}{closed}')"

    def checked_text(self, element: Element, kind: str) -> Iterator[str]:
        """Yield the lines that check a text in ``v``."""
        if element.values:
            yield f"if v not in {self.constant(frozenset(element.values))}: raise Doubt"
            return
        longest = element.max_length(self.edition)
        if kind == "IDTYPE" and (longest is None or longest > MAX_ID):
            longest = MAX_ID
        bound = "" if longest is None else f" or len(v) > {longest}"
        yield f"if v.__class__ is not str or not v{bound}: raise Doubt"
        if is_list_name(self.shape.name, element.name):
            yield "if ':' in v: raise Doubt"
        if kind not in {"STRTYPE", "IDTYPE"}:
            yield f"{self.constant(SCALARS[kind].write)}(v)"

    def bounds(self, element: Element) -> Iterator[str]:
        """Yield the lines that check the least and the greatest number."""
        if element.min_value is not None:
            yield f"if v < {self.constant(Decimal(element.min_value))}: raise Doubt"
        if element.max_value is not None:
            yield f"if v > {self.constant(Decimal(element.max_value))}: raise Doubt"

    def require(self, particles: Iterable[Element | Choice], guard: str, depth: int) -> None:
        """Check what must be there, and that no two branches of a choice are."""
        pad = " " * depth
        for particle in particles:
            if isinstance(particle, Element):
                if particle.min and self.allowed(particle):
                    self.emit(f"{pad}if {guard}not ({_there(particle)}): raise Doubt")
            elif particle.max is None:
                if particle.min:
                    self.emit(f"{pad}if {guard}not o.{mix_name(particle)}: raise Doubt")
            else:
                self.choice(particle, guard, depth)

    def choice(self, choice: Choice, guard: str, depth: int) -> None:
        """Check one choice."""
        pad = " " * depth
        flags = []
        for branch in choice.branches:
            flag = f"b{len(self.names)}_{len(self.lines)}"
            self.emit(f"{pad}{flag} = {_any_there(branch)}")
            flags.append(flag)
        self.emit(f"{pad}if {' + '.join(flags)} > 1: raise Doubt")
        if choice.min:
            self.emit(f"{pad}if {guard}not ({' or '.join(flags)}): raise Doubt")
        for flag, branch in zip(flags, choice.branches, strict=True):
            # One element alone is there when its branch is.
            if len(branch) > 1 or not isinstance(branch[0], Element):
                self.require(branch, f"{flag} and ", depth)


def _there(element: Element) -> str:
    """Return the source that tells whether an element is there."""
    field = field_name(element.name)
    return f"o.{field} is not None" if element.max == 1 else f"o.{field} != ()"


def _any_there(particles: Iterable[Element | Choice]) -> str:
    """Return the source that tells whether anything of a branch is there, as a bool."""
    return " or ".join(_leaves(particles))


def _leaves(particles: Iterable[Element | Choice]) -> Iterator[str]:
    for particle in particles:
        if isinstance(particle, Element):
            yield _there(particle)
        elif particle.max is None:
            yield f"o.{mix_name(particle)} != ()"
        else:
            for branch in particle.branches:
                yield from _leaves(branch)


def _decline(*_anything: Any) -> None:
    """Stand for an element that the QuickBooks spoken to does not know."""
    raise _DoubtError
