"""What QuickBooks says of itself in the first call of a session, and whether it is the right company file.

The Web Connector sends host, company and preferences once a session. From them come the qbXML version and
edition to speak, and the guard against booking one company's orders into another one's file: the file id
that the Web Connector wrote into the file, else the company's name, must be that of the first contact.
A path tells nothing by itself: files are moved, and the same path exists on many machines. Only where
QuickBooks says nothing else, it must be the path of the last contact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, frozen

from ..errors import ParseError, UsageError
from ..qbxml import parser, versions

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Facts", "mismatch"]

#: What tells one company file from another, the surer first.
_MARKS: Final = (("file_id", "file id"), ("company_name", "company name"))
_EDITIONS: Final = {"US": "US", "CA": "CA", "UK": "UK", "AU": "AU"}


@frozen(kw_only=True)
class Facts:
    """What a first call says."""

    #: The qbXML version to speak: the lower of ours and theirs.
    version: str
    #: ``US``, ``CA``, ``UK`` or ``AU``.
    edition: str
    #: The id of the Web Connector's file that is written into the company file; ``None`` when not told.
    file_id: str | None = None
    company_name: str | None = None
    path: str | None = None
    product: str | None = None
    #: How the company file is open, e.g. ``SingleUser``.
    file_mode: str | None = None

    @classmethod
    def read(cls, *, hcp: str, path: str, country: str, major: int, minor: int) -> Facts:
        """Read the first call of a session; what cannot be read is left out."""
        host, company = _rets(hcp)
        ids = [
            ext.data_ext_value
            for ext in getattr(company, "data_ext_ret", ())
            if (ext.data_ext_name or "").casefold() == "fileid" and ext.data_ext_value
        ]
        said = country.strip().upper() or (getattr(host, "country", None) or "").strip().upper()
        return cls(
            version=_version(major, minor, host),
            edition=_EDITIONS.get(said, "US"),
            file_id=ids[0].strip().upper() if ids else None,
            company_name=getattr(company, "company_name", None),
            path=path.strip() or None,
            product=getattr(host, "product_name", None),
            file_mode=getattr(host, "qb_file_mode", None),
        )

    def to_values(self) -> dict[str, Any]:
        """Return the stored form: JSON values."""
        return asdict(self)


def _rets(hcp: str) -> tuple[Any, Any]:
    """Return HostRet and CompanyRet, each ``None`` when it is not there."""
    if not hcp.lstrip().startswith("<"):
        return None, None  # Point of Sale says in words that it does not tell
    try:
        messages = parser.parse(hcp).messages
    except ParseError:
        return None, None
    found = dict.fromkeys(("host_ret", "company_ret"))
    for message in messages:
        for name in found:
            found[name] = found[name] or getattr(message, name, None)
    return found["host_ret"], found["company_ret"]


def _version(major: int, minor: int, host: Any) -> str:
    """Return the highest version that both sides speak; ours where nothing is told."""
    if major > 0:
        most = versions.Version(major, minor)
        both = [v for v in map(versions.Version.parse, versions.KNOWN) if v <= most]
        ceiling = versions.Version.parse(versions.CEILING)
        return str(max((v for v in both if v <= ceiling), default=versions.Version.parse("1.0")))
    try:
        return versions.negotiate(host)
    except UsageError:
        return versions.CEILING


def mismatch(known: Mapping[str, Any], now: Facts) -> str | None:
    """Return why *now* is not the company file of the first contact, or ``None``.

    Args:
        known: what was remembered of the first contact; empty before it.
        now: what QuickBooks says of itself today.
    """
    for what, name in _MARKS:
        before, after = known.get(what), getattr(now, what)
        if before is not None and after is not None:
            if _folded(before) == _folded(after):
                return None
            return (
                f"wrong company file: QuickBooks has {now.path or 'a file'} open, whose {name} is {after}; "
                f"expected {before} ({known.get('path') or 'path unknown'}). Nothing was sent"
            )
    told = any(getattr(now, what) is not None for what, _ in _MARKS)
    wanted = next((known[what] for what, _ in _MARKS if known.get(what) is not None), None)
    if told or wanted is None or _folded(now.path or "") == _folded(known.get("path") or "-"):
        return None
    return (
        f"QuickBooks did not say whose company file is open ({now.path or 'no path'}); "
        f"expected {wanted} ({known.get('path') or 'path unknown'}). Nothing was sent"
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
