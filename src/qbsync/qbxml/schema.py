"""The language as an XML Schema, and documents judged by it: another opinion beside the rules.

Here: ``write``, the schema of a version and edition made from the catalogue (``_xsd``), and ``validate``,
which judges a document by it or by a schema file of Intuit's.  Not here: ``check``, which judges typed
messages and knows more (characters that QuickBooks lacks, for one).

Two ways of judging: libxml2 through lxml, which is always there, and the package xmlschema, an
independent implementation, which comes with the extra ``schema``.

Responses are judged leniently unless ``strict``: a newer QuickBooks sends enumeration values that nobody
has listed, and percentages with a sign have been seen.  Elements and attributes that the version does not
know are reported in responses as well; reading keeps them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from lxml import etree

from .. import _xml
from ..errors import InvalidValueError, ParseError, UsageError
from . import catalogue
from ._schema_problems import CONTENT, VALUE, Finding, Judge
from ._xsd import write as _write
from .versions import CEILING, Version

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from .rules import Problem

__all__ = ["Engine", "validate", "write"]

Engine = Literal["lxml", "xmlschema"]

_INSTRUCTION: Final = re.compile(r"""version\s*=\s*["'](\d+\.\d+)["']""", re.ASCII)


def write(version: str = CEILING, edition: str = "US", *, strict: bool = False) -> bytes:
    """Return an XML Schema 1.0 of all requests and responses of one version and edition.

    Args:
        version: the qbXML version, e.g. ``13.0``; above the catalogue's own, the catalogue's.
        edition: ``US``, ``CA``, ``UK``, ``AU`` or ``OE``.
        strict: whether responses are held to the letter too: listed enumeration values only.

    The schema knows a whole document (``QBXML``) and each message alone.

    Raises:
        InvalidValueError: the version or edition cannot be.
    """
    _check_edition(edition)
    return _cached(str(Version.parse(version)), edition, strict)


@lru_cache(maxsize=16)
def _cached(version: str, edition: str, strict: bool) -> bytes:  # noqa: FBT001 - lru_cache keys
    return _write(version, edition, strict=strict).encode("ascii")


def validate(
    document: bytes | str,
    *,
    version: str | None = None,
    edition: str = "US",
    xsd: str | os.PathLike[str] | None = None,
    engine: Engine = "lxml",
    strict: bool = False,
) -> list[Problem]:
    """Return what is wrong with a document by the schema; an empty list when nothing is.

    Args:
        document: a whole document, or one message alone.
        version: the version to judge by; ``None``: the one that the document states, else 13.0.
        edition: the edition to judge by.
        xsd: the path of another schema, such as Intuit's; schemas that it includes lie beside it.
        engine: ``lxml`` or ``xmlschema``.
        strict: see ``write``.

    Paths and codes are those of ``check``.  A validator stops at the first wrong child of an element,
    so that further problems may show when one is mended.

    Raises:
        ParseError: the document is not well-formed.
        UsageError: the version, edition or engine cannot be, the schema cannot be read, or xmlschema is
            wanted and not installed.
    """
    _check_edition(edition)
    root = _xml.parse_text(document) if isinstance(document, str) else _xml.parse(document)
    spoken = str(Version.parse(version or _stated(root) or CEILING))
    if engine == "lxml":
        found = _with_lxml(root, spoken, edition, xsd, strict=strict)
    elif engine == "xmlschema":
        found = _with_xmlschema(root, spoken, edition, xsd, strict=strict)
    else:
        raise InvalidValueError("engine", "lxml or xmlschema", engine)
    return Judge(spoken, edition).problems(found)


def _check_edition(edition: str) -> None:
    if edition not in catalogue.EDITIONS.values():
        raise InvalidValueError("edition", f"one of {', '.join(catalogue.EDITIONS.values())}", edition)


def _stated(root: etree._Element) -> str | None:
    """Return the version that the qbxml instruction states."""
    for node in root.itersiblings(preceding=True):
        if getattr(node, "target", None) == "qbxml":
            found = _INSTRUCTION.search(node.text or "")
            return found[1] if found else None
    return None


def _with_lxml(
    root: etree._Element, version: str, edition: str, xsd: str | os.PathLike[str] | None, *, strict: bool
) -> list[Finding]:
    judge = _lxml_own(version, edition, strict) if xsd is None else _lxml_file(Path(xsd))
    if judge.validate(root):
        return []
    return [_from_lxml(root, entry) for entry in judge.error_log]


@lru_cache(maxsize=16)
def _lxml_own(version: str, edition: str, strict: bool) -> etree.XMLSchema:  # noqa: FBT001 - as above
    return etree.XMLSchema(_xml.parse(_cached(version, edition, strict)))


def _lxml_file(path: Path) -> etree.XMLSchema:
    try:
        tree = _xml.parse(path.read_bytes()).getroottree()
        tree.docinfo.URL = path.resolve().as_uri()
        return etree.XMLSchema(tree)
    except (OSError, ParseError, etree.XMLSchemaParseError) as exc:
        raise UsageError(f"{path.name}: expected an XML Schema, got: {exc}") from exc


_QUOTED: Final = re.compile(r"[Aa]ttribute '([^']*)'")


def _from_lxml(root: etree._Element, entry: Any) -> Finding:
    """Return an entry of lxml's log as a finding."""
    try:
        nodes = root.xpath(entry.path)
    except etree.XPathError:
        nodes = []
    node = nodes[0] if isinstance(nodes, list) and nodes else root
    words = str(entry.message)
    quoted = _QUOTED.search(words)
    if quoted is not None:
        return Finding(node, f"@{quoted[1]}", words)
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT" and "Missing child" not in words:
        parent = node.getparent()
        return Finding(node if parent is None else parent, CONTENT, words)
    contents = ("SCHEMAV_ELEMENT_CONTENT", "SCHEMAV_CVC_ELT_1")
    is_content = entry.type_name in contents or entry.type_name.startswith("SCHEMAV_CVC_COMPLEX_TYPE")
    return Finding(node, CONTENT if is_content else VALUE, words)


def _with_xmlschema(
    root: etree._Element, version: str, edition: str, xsd: str | os.PathLike[str] | None, *, strict: bool
) -> list[Finding]:
    judge = _xmlschema_own(version, edition, strict) if xsd is None else _xmlschema_file(Path(xsd))
    return list(_from_xmlschema(root, judge.iter_errors(root)))


@lru_cache(maxsize=4)
def _xmlschema_own(version: str, edition: str, strict: bool) -> Any:  # noqa: FBT001 - as above
    return _xmlschema().XMLSchema10(_cached(version, edition, strict).decode("ascii"))


def _xmlschema_file(path: Path) -> Any:
    package = _xmlschema()
    try:
        return package.XMLSchema10(str(path), allow="local")
    except (OSError, package.XMLSchemaException) as exc:
        raise UsageError(f"{path.name}: expected an XML Schema, got: {exc}") from exc


def _xmlschema() -> Any:
    """Return the package xmlschema.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import xmlschema  # noqa: PLC0415 - an extra, wanted by this engine alone
    except ImportError as exc:
        raise UsageError(
            "engine: expected the package xmlschema, got none; run: pip install qbsync[schema]"
        ) from exc
    return xmlschema


_NAMED: Final = re.compile(r"attribute ([^\s=']+)=|'([^']+)' attribute|attribute '([^']+)'")


def _from_xmlschema(root: etree._Element, errors: Any) -> Iterator[Finding]:
    for error in errors:
        node = root if error.elem is None else error.elem
        words = str(error.reason)
        named = _NAMED.search(words)
        if named is not None and "attribute" in words:
            yield Finding(node, f"@{named[1] or named[2] or named[3]}", words)
            continue
        content = (
            type(error).__name__ == "XMLSchemaChildrenValidationError"
            or words.startswith("character data")
            or "not an element of the schema" in words
        )
        yield Finding(node, CONTENT if content else VALUE, words)
