"""What a document holds beside its messages: remarks, stray texts, unknown elements, names of its root.

It means nothing to us, and is written back in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from .. import _xml
from .kept import UnknownElement, without_remarks
from .reader import remark, strange_text, unknown
from .walk import stated_version
from .writer import attributes_text, unknown_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .compiled_reader import Node
    from .reader import Reading

__all__ = ["NOTHING", "Between", "Surroundings", "surroundings"]

#: The name under which the qbxml instruction is kept.
_INSTRUCTION: Final = "?qbxml"


@attrs.frozen(kw_only=True)
class Surroundings:
    """What stands around the messages of one document."""

    root_attributes: tuple[tuple[str, str], ...] = ()
    #: In the root element, before and after the message set.
    before: tuple[UnknownElement, ...] = attrs.field(default=(), eq=without_remarks)
    after: tuple[UnknownElement, ...] = attrs.field(default=(), eq=without_remarks)
    #: What stands between messages, by the number of messages before it.
    between: dict[int, list[UnknownElement]] = attrs.field(factory=dict, eq=False)
    #: What stands before the root element, where it is not just the instruction as we would write it.
    prolog: tuple[UnknownElement, ...] = attrs.field(default=(), eq=False)
    epilog: tuple[UnknownElement, ...] = attrs.field(default=(), eq=False)

    def written(
        self, messages: Iterable[str], name: str, attributes: tuple[tuple[str, str], ...], version: str | None
    ) -> Iterator[str]:
        """Yield the parts of the whole document behind its XML declaration.

        Args:
            messages: the texts of the messages.
            name: the name of the message set.
            attributes: its attributes.
            version: what the qbxml instruction says; ``None``: there is none.
        """
        yield from self._opening(version)
        yield f"<QBXML{attributes_text(self.root_attributes)}>"
        yield from map(unknown_text, self.before)
        yield f"<{name}{attributes_text(attributes)}>"
        count = 0
        for count, message in enumerate(messages, 1):
            yield from map(unknown_text, self.between.get(count - 1, ()))
            yield message
        for number, parts in self.between.items():  # messages may have been taken away
            if number >= count:
                yield from map(unknown_text, parts)
        yield f"</{name}>"
        yield from map(unknown_text, self.after)
        yield "</QBXML>"
        yield from map(unknown_text, self.epilog)

    def _opening(self, version: str | None) -> Iterator[str]:
        """Yield what stands before the root element."""
        prolog = self.prolog
        if version != _version_in(prolog):
            prolog = tuple(part for part in prolog if part.name != _INSTRUCTION)
            if version is not None:
                yield f'<?qbxml version="{version}"?>\n'
        for part in prolog:
            yield f"{unknown_text(part)}\n"


#: Most documents have nothing around their messages.
NOTHING: Final = Surroundings()


class Between:
    """Collects what stands between the messages of a set.

    Args:
        body: the message set; what is in it is given to ``take`` one after the other.
    """

    def __init__(self, body: Node) -> None:
        self.found: dict[int, list[UnknownElement]] = {}
        self._messages = 0
        self._keep(strange_text(body.text))

    def take(self, node: Node) -> None:
        """Take in a message, or what stands between two, and the text behind it."""
        if isinstance(node.tag, str):
            self._messages += 1
        else:
            self._keep(remark(node))
        self._keep(strange_text(node.tail))

    def _keep(self, part: UnknownElement | None) -> None:
        if part is not None:
            self.found.setdefault(self._messages, []).append(part)


def surroundings(root: Node, body: Node, between: Between | None, reading: Reading) -> Surroundings:
    """Return what stands around the messages.

    Args:
        root: the root element of the whole document.
        body: the message set in it.
        between: what was found there; ``None`` where there are but messages.
        reading: the reading of the document.

    Raises:
        ParseError: an unknown element nests too deep.
    """
    beside = len(root) > 1 or root.text or body.tail
    outside = root.getprevious() is not None or root.getnext() is not None
    if not (beside or outside or between or root.nsmap or root.keys()):
        return NOTHING
    before, after = _beside(root, body, reading) if beside else ((), ())
    return Surroundings(
        root_attributes=_literal(root),
        before=before,
        after=after,
        between=between.found if between else {},
        prolog=_prolog(root),
        epilog=tuple(map(remark, root.itersiblings())),
    )


def _literal(root: Node) -> tuple[tuple[str, str], ...]:
    """Return the attributes of the root element as they were written, with the prefixes of names."""
    spaces = root.nsmap
    prefixes = {space: f"{prefix}:" for prefix, space in spaces.items()}
    declared = [(f"xmlns:{prefix}", space) for prefix, space in spaces.items()]
    for name, text in root.items():
        space, _, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
        declared.append((prefixes.get(space, "xml:") + local if space else local, text))
    return tuple(declared)


def _beside(
    root: Node, body: Node, reading: Reading
) -> tuple[tuple[UnknownElement, ...], tuple[UnknownElement, ...]]:
    """Return what stands before and after the message set."""
    before: list[UnknownElement | None] = [strange_text(root.text)]
    after: list[UnknownElement | None] = []
    found = before
    for child in root:
        if child is body:
            found = after
        else:
            found.append(unknown(child, reading) if isinstance(child.tag, str) else remark(child))
        found.append(strange_text(child.tail))
    return tuple(filter(None, before)), tuple(filter(None, after))


def _prolog(root: Node) -> tuple[UnknownElement, ...]:
    """Return what stands before the root element, unless it is as we would write it."""
    prolog = [remark(node) for node in root.itersiblings(preceding=True)][::-1]
    if prolog and prolog[-1].name == f"?{_xml.MARK}" and not prolog[-1].content:
        del prolog[-1]
    usual = [UnknownElement(name=_INSTRUCTION, content=(f'version="{_version_in(prolog)}"',))]
    return () if prolog == usual else tuple(prolog)


def _version_in(prolog: Iterable[UnknownElement]) -> str | None:
    """Return the version that the last qbxml instruction states; ``None`` where there is none."""
    found = [part.text for part in prolog if part.name == _INSTRUCTION]
    return stated_version(found[-1]) if found else None
