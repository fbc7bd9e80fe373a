"""The identifiers of a company and its accounts in QuickBooks, and the ``.qwc`` files made with them.

The Web Connector stamps both into the company file: ``OwnerID`` says whose data it is, ``FileID`` which file
it belongs to. Made anew they would be another application to it, so they are made once and kept in the store:
OwnerID for a company (kind ``owner``), FileID and the settings of the file for an account (kind ``qwc``).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from attrs import evolve, fields

from .auth import account_in
from .errors import UsageError
from .jobs import FORMAT
from .qbwc.qwc import QWCFile, new_guid
from .store import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .store import Store, Transaction

__all__ = ["local_name", "qwc_file"]

_OWNER: Final = "owner"
_QWC: Final = "qwc"
#: What is made or known, and so is no setting.
_OURS: Final = frozenset({"owner_id", "file_id", "user_name", "app_url"})


def qwc_file(store: Store, user_name: str, *, app_url: str, **settings: Any) -> QWCFile:
    """Return the ``.qwc`` file of an account; the same identifiers whenever it is asked for.

    Args:
        store: where accounts and identifiers are kept.
        user_name: the account.
        app_url: where the Web Connector will call.
        **settings: fields of :class:`~qbsync.qbwc.qwc.QWCFile`; they are kept for the next time. What was
            never given has the default of the field; *app_name* is ``qbsync (COMPANY)``, *app_support* is
            *app_url*.

    Raises:
        UsageError: there is no such account, no such setting, or the file would have problems; then nothing
            is kept.
    """
    unknown = settings.keys() - {each.name for each in fields(QWCFile)} | settings.keys() & _OURS
    if unknown:
        raise UsageError(f"qwc file: expected settings of a QWCFile, got {', '.join(sorted(unknown))}")
    with store.begin() as t:
        company = account_in(t, user_name).company
        t.lock(company)
        owner = _kept(t, company, _OWNER, _OWNER, {"owner_id": new_guid()})
        first = {"file_id": new_guid(), "settings": {}}
        values = _kept(t, company, _QWC, user_name.strip(), first)
        kept = {**values["settings"], **_plain(settings)}
        file = _made(company, app_url, kept)
        file = evolve(file, user_name=user_name.strip(), file_id=values["file_id"], **owner)
        problems = file.problems()
        if problems:
            raise UsageError("; ".join(problems))
        _keep(t, company, user_name.strip(), {**values, "settings": kept})
    return file


def local_name(url: str) -> str:
    """Return *url* with ``localhost`` in place of a loopback address, which a file may not hold."""
    parts = urlsplit(url)
    if parts.hostname not in {"127.0.0.1", "::1"}:
        return url
    place = "localhost" if parts.port is None else f"localhost:{parts.port}"
    return urlunsplit(parts._replace(netloc=place))


def _made(company: str, app_url: str, kept: Mapping[str, Any]) -> QWCFile:
    """Return the file but for its identifiers."""
    settings = {"app_name": f"qbsync ({company})", "app_support": app_url, **kept}
    if settings.get("run_every") is not None:
        settings["run_every"] = timedelta(seconds=settings["run_every"])
    return QWCFile(app_url=app_url, user_name="", owner_id="", file_id="", **settings)


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings as JSON holds them."""
    return {
        name: value.total_seconds() if isinstance(value, timedelta) else value
        for name, value in settings.items()
    }


def _kept(t: Transaction, company: str, kind: str, key: str, first: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept, after keeping *first* if nothing was."""
    record = t.records.get(company, kind, key)
    if record is None:
        value = json.dumps({"format": FORMAT, **first}).encode()
        record = t.records.put(Record(company=company, kind=kind, key=key, value=value))
    values: dict[str, Any] = json.loads(record.value)
    del values["format"]
    return values


def _keep(t: Transaction, company: str, key: str, values: dict[str, Any]) -> None:
    record = t.records.get(company, _QWC, key)
    value = json.dumps({"format": FORMAT, **values}).encode()
    if record is not None and record.value != value:
        t.records.put(evolve(record, value=value))
