"""The ``.qwc`` file that a person opens to add the service to a Web Connector.

All its elements, checked before anything is written: what the Web Connector would refuse with a code that
explains little is refused here in words. The password is never in the file; a person types it in.

Not here: where the identifiers of a company come from and are kept (:mod:`qbsync.identities`).
Source: Web Connector guide, *QWC file*; codes 1000 to 1004, 1010, 1039.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape

from attrs import frozen

from ..errors import UsageError, shorten

__all__ = ["CONTENT_TYPE", "QWCFile", "new_guid"]

#: The media type of the file; browsers offer to save it.
CONTENT_TYPE: Final = "application/octet-stream"

_GUID: Final = re.compile(r"\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_FORBIDDEN: Final = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_LONGEST_DESCRIPTION: Final = 80
_CHOICES: Final = {
    "qb_type": ("QBFS", "QBPOS"),
    "style": ("", "Document", "DocWrapped", "RPC"),
    "personal_data": ("", "pdpNotNeeded", "pdpOptional", "pdpRequired"),
    "unattended_mode": ("", "umpRequired", "umpOptional"),
}
#: Simple Start, Pro, Premier, Enterprise.
_MOST_AUTH_FLAGS: Final = 0xF


def new_guid() -> str:
    """Return a new random identifier in the form of the file: upper case, in braces."""
    return "{" + str(uuid4()).upper() + "}"


@frozen(kw_only=True)
class QWCFile:
    """What stands in a ``.qwc`` file."""

    #: The name under which QuickBooks knows the application; a new name makes it ask for permission again.
    app_name: str
    #: Where the Web Connector calls; https, or http on localhost; no IP address.
    app_url: str
    #: A page for people, on the same host, that answers 200; our own page does.
    app_support: str
    #: Some words for the Web Connector's list, at most 80 characters.
    app_description: str = "Brings orders into QuickBooks"
    user_name: str
    #: GUID in braces, one for an application.
    owner_id: str
    #: GUID in braces, one for a company file; it is written into that file.
    file_id: str
    #: The name in the Web Connector's list, where it differs.
    app_display_name: str = ""
    #: Lets a file replace the installed application of the same unique name without a question.
    app_unique_name: str = ""
    app_id: str = ""
    #: Where the certificate is checked, where that is not *app_url*.
    cert_url: str = ""
    #: ``QBFS``, or ``QBPOS`` for Point of Sale.
    qb_type: str = "QBFS"
    #: ``Document``, ``DocWrapped`` or ``RPC``; all are served. Empty leaves it to the Web Connector.
    style: str = ""
    #: How often it runs by itself, whole seconds; ``None``: only when somebody presses the button.
    run_every: timedelta | None = timedelta(minutes=15)
    #: Which editions may be used: 1 Simple Start, 2 Pro, 4 Premier, 8 Enterprise, added up; 0 all.
    auth_flags: int | None = None
    #: Whether QuickBooks is asked for leave to read only; writing then fails with status 3263.
    is_read_only: bool = False
    #: Whether a balloon tells of each run.
    notify: bool | None = None
    #: ``pdpNotNeeded``, ``pdpOptional``, ``pdpRequired``.
    personal_data: str = ""
    #: ``umpRequired``, ``umpOptional``.
    unattended_mode: str = ""

    def problems(self) -> list[str]:
        """Return what the Web Connector would not take, each with its place; empty when all is well."""
        found = [*_text_problems(self), *_url_problems(self), *_guid_problems(self), *_choice_problems(self)]
        if self.run_every is not None and (
            self.run_every < timedelta(seconds=1) or self.run_every.microseconds
        ):
            found.append(f"run_every: expected whole seconds, at least one, got {self.run_every}")
        if self.auth_flags is not None and not 0 <= self.auth_flags <= _MOST_AUTH_FLAGS:
            found.append(f"auth_flags: expected 0 to 15, got {self.auth_flags}")
        return found

    def to_xml(self) -> bytes:
        """Return the file: ASCII, no byte order mark, which the Web Connector takes for a bad signature.

        Raises:
            UsageError: there are problems; all are told.
        """
        problems = self.problems()
        if problems:
            raise UsageError("; ".join(problems))
        lines = [f"  <{name}>{escape(value)}</{name}>" for name, value in self._elements()]
        if self.run_every is not None:
            seconds = int(self.run_every.total_seconds())
            unit, count = ("Seconds", seconds) if seconds % 60 else ("Minutes", seconds // 60)
            lines.append(f"  <Scheduler><RunEveryN{unit}>{count}</RunEveryN{unit}></Scheduler>")
        text = "\n".join(['<?xml version="1.0"?>', "<QBWCXML>", *lines, "</QBWCXML>", ""])
        return text.encode("ascii", "xmlcharrefreplace")

    def _elements(self) -> list[tuple[str, str]]:
        """Return the elements in the order of the guide; those that may be left out are, when empty."""
        flags = "" if self.auth_flags is None else f"0x{self.auth_flags:X}"
        notify = "" if self.notify is None else str(self.notify).lower()
        elements = [
            ("AppName", self.app_name),
            ("AppDisplayName", self.app_display_name),
            ("AppUniqueName", self.app_unique_name),
            ("AppID", self.app_id),
            ("AppURL", self.app_url),
            ("AppDescription", self.app_description),
            ("AppSupport", self.app_support),
            ("CertURL", self.cert_url),
            ("UserName", self.user_name),
            ("OwnerID", self.owner_id),
            ("FileID", self.file_id),
            ("QBType", self.qb_type),
            ("Style", self.style),
            ("PersonalDataPref", self.personal_data),
            ("UnattendedModePref", self.unattended_mode),
            ("AuthFlags", flags),
            ("Notify", notify),
            ("IsReadOnly", str(self.is_read_only).lower()),
        ]
        return [(name, value) for name, value in elements if value or name == "AppID"]


def _text_problems(file: QWCFile) -> list[str]:
    needed = ("app_name", "app_description", "user_name")
    all_texts = (*needed, "app_display_name", "app_unique_name", "app_id")
    found = [f"{name}: expected some text, got none" for name in needed if not getattr(file, name).strip()]
    found += [
        f"{name}: expected one line of text, got {shorten(getattr(file, name))}"
        for name in all_texts
        if _FORBIDDEN.search(getattr(file, name))
    ]
    if len(file.app_description) > _LONGEST_DESCRIPTION:
        got = len(file.app_description)
        found.append(f"app_description: expected at most {_LONGEST_DESCRIPTION} characters, got {got}")
    return found


def _url_problems(file: QWCFile) -> list[str]:
    named = {"app_url": file.app_url, "app_support": file.app_support, "cert_url": file.cert_url}
    hosts, found = {}, []
    for name, url in named.items():
        if name != "cert_url" or url:
            hosts[name], problem = _host(name, url)
            found += [problem] if problem else []
    if not found and hosts["app_url"] != hosts["app_support"]:
        here, there = hosts["app_url"], hosts["app_support"]
        found.append(f"app_support: expected the host of app_url, {here}, got {there} (QBWC1000)")
    return found


def _host(name: str, url: str) -> tuple[str, str]:
    """Return the host of *url*, and what is wrong with it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "", f"{name}: expected an URL, got {shorten(url)}"
    if parts.scheme not in {"http", "https"} or not host or not url.isascii() or re.search(r"[\s<>\"]", url):
        return "", f"{name}: expected an https URL, got {shorten(url)}"
    if parts.username is not None:
        return host, f"{name}: expected no user name in the URL; it stands in an element of its own"
    if _is_address(host):
        code = "QBWC1002" if name == "app_support" else "QBWC1001"
        return (
            host,
            f"{name}: expected a name, got the IP address {host} ({code}); for this machine: localhost",
        )
    if parts.scheme == "http" and host != "localhost":
        return host, f"{name}: expected https, got {shorten(url)} (QBWC1010); http is for localhost only"
    return host, ""


def _is_address(host: str) -> bool:
    """Say whether *host* is an IP address, also in the forms that only browsers and .NET know.

    A last label that is a number, as in ``127.1``, ``0x7f.1`` or ``2130706433``, makes an IPv4 address.
    """
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _guid_problems(file: QWCFile) -> list[str]:
    return [
        f"{name}: expected a GUID in braces, got {shorten(getattr(file, name))}"
        for name in ("owner_id", "file_id")
        if not _GUID.fullmatch(getattr(file, name))
    ]


def _choice_problems(file: QWCFile) -> list[str]:
    return [
        f"{name}: expected one of {', '.join(filter(None, choices))}, got {shorten(getattr(file, name))}"
        for name, choices in _CHOICES.items()
        if getattr(file, name) not in choices
    ]
