"""The checks that a Web Connector makes of a service, played from here: address, certificate, pages, calls.

It calls what a Web Connector calls before it has logged in, and logs in with a user name that nobody has, so
nothing is changed. Replies are judged as the .NET client judges them.
Source: Web Connector guide, *QWC file* and codes 1000 to 1048; what the client demands of a reply.
"""

from __future__ import annotations

import http.client
import secrets
import ssl
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from attrs import frozen

from ..errors import UsageError
from ..qbwc.qwc import QWCFile, new_guid
from ..testing._judging import Rejected, judge
from ..testing._wire import PARAMETERS, envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Check", "probe"]

#: Half of what the Web Connector waits; a service that needs more for a login will be cut off one day.
_SECONDS: Final = 50.0
_QUICK: Final = 5.0
_OK: Final = (200, 202)
_BAD_STATUS: Final = (
    "answer GET with 200 there: the Web Connector shows anything else as a bad certificate (QBWC1048)"
)
_AGENT: Final = "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.42000)"


@frozen
class Check:
    """What one check found."""

    what: str
    passed: bool
    found: str
    remedy: str = ""


@frozen(kw_only=True)
class _Got:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


def probe(url: str) -> Iterator[Check]:
    """Yield the checks of the service at *url*, each as it is done; ends early where nothing can follow."""
    yield _address(url)
    try:
        got = _ask(url, "GET")
    except OSError as error:
        yield _not_reached(url, error)
        return
    yield Check("connection", passed=True, found=f"answered after {got.seconds:.1f} s")
    yield Check("GET", got.status in _OK, f"status {got.status}", _BAD_STATUS)
    head = _ask(url, "HEAD")
    yield Check("HEAD", head.status in _OK, f"status {head.status}", _BAD_STATUS)
    calls = {
        "serverVersion": {},
        "clientVersion": {"strVersion": "2.3.0.215"},
        "authenticate": {
            "strUserName": f"nobody-{secrets.token_hex(8)}",
            "strPassword": secrets.token_hex(8),
        },
    }
    for call, values in calls.items():
        yield _called(url, call, values)


def _address(url: str) -> Check:
    """Check the address as it would stand in a ``.qwc`` file."""
    guid = new_guid()
    file = QWCFile(app_name="x", app_url=url, app_support=url, user_name="x", owner_id=guid, file_id=guid)
    problems = [problem for problem in file.problems() if problem.startswith("app_url")]
    return Check(
        "address", not problems, "; ".join(problems) or url, "put another address into the .qwc file"
    )


def _ask(url: str, method: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> _Got:
    """Make one request; redirects are not followed, as the Web Connector does not follow them.

    Raises:
        OSError: there was no answer.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
    began = time.monotonic()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers={"User-Agent": _AGENT, **(headers or {})})
        response = connection.getresponse()
        content = response.read()
    except http.client.HTTPException as error:
        raise ConnectionError(f"no HTTP answer: {error!r}") from error
    finally:
        connection.close()
    named = {name.lower(): value for name, value in response.getheaders()}
    return _Got(status=response.status, headers=named, body=content, seconds=time.monotonic() - began)


def _not_reached(url: str, error: OSError) -> Check:
    """Return what an error of the connection means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        remedy = "the certificate must chain to a known root, name the host and be in date (QBWC1048)"
        return Check("certificate", False, error.verify_message, remedy)
    if isinstance(error, ssl.SSLError):
        return Check("TLS", False, str(error), "let the server speak TLS 1.2 on this port")
    if isinstance(error, TimeoutError):
        return Check(
            "connection", False, f"no answer within {_SECONDS:g} s", "see what keeps the service busy"
        )
    remedy = "see that the service runs, and that its name and port can be reached from there"
    return Check("connection", False, f"{urlsplit(url).netloc}: {error.strerror or error}", remedy)


def _called(url: str, call: str, values: dict[str, str]) -> Check:
    """Make one call and judge the reply."""
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"http://developer.intuit.com/{call}"',
        "Expect": "100-continue",
    }
    body = envelope(call, {name: values[name] for name in PARAMETERS[call]})
    try:
        got = _ask(url, "POST", body, headers)
        problem = _transfer_problem(got)
        result = judge(call, got.status, got.headers.get("content-type", ""), got.body)
    except (Rejected, OSError, UsageError) as error:
        return Check(call, False, str(error), "see what the service wrote into its log at this moment")
    if problem:
        return Check(call, False, problem, "send replies as they are: no compression, no redirect")
    if isinstance(result, list):
        word = result[1].casefold()
        remedy = "a user that nobody has must be answered with nvu; is this another kind of service?"
        found = f"{word!r} for a user that nobody has, after {got.seconds:.1f} s"
        return Check(call, word == "nvu" and got.seconds < _QUICK, found, remedy)
    return Check(call, True, f"{result!r} after {got.seconds:.1f} s")


def _transfer_problem(got: _Got) -> str:
    if got.headers.get("content-encoding", "identity") != "identity":
        return (
            f"the reply is compressed ({got.headers['content-encoding']}); the Web Connector cannot read it"
        )
    if not got.body.startswith(b"<"):
        return "something stands before the XML of the reply"
    return ""
