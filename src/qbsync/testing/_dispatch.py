"""Which function answers which request: all 232 of them, none left out.

Here: the table, and the answer to one request with what was wrong with its values.
Not here: what is done; each entry names the module that does it.
Facts: qbXML dossier 1.4 (the requests).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from . import (
    _access,
    _changes,
    _computed,
    _custom,
    _facts,
    _forms,
    _lists,
    _merging,
    _payments,
    _queries,
    _reports,
    _special,
    _transaction_rows,
    _transactions,
)
from ._context import Answer
from ._kinds import kinds
from ._refusals import Refusal, severity
from ._settling import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._context import Context
    from ._facts import Identity
    from ._nodes import Request

__all__ = ["answer"]

_SINGLE: Final[Mapping[str, Callable[[Context, Request], Answer]]] = {
    "ListDel": _lists.delete,
    "ListMerge": _merging.merge,
    "TxnDel": _changes.delete,
    "TxnVoid": _changes.void,
    "ReceivePaymentAdd": _payments.add,
    "ReceivePaymentMod": _payments.modify,
    "ListDeletedQuery": _queries.deleted,
    "TxnDeletedQuery": _queries.deleted,
    "TransactionQuery": _transaction_rows.query,
    **_computed.QUERIES,
    **_custom.REQUESTS,
    **_special.REQUESTS,
}


def answer(context: Context, identity: Identity, request: Request) -> Answer:
    """Answer one request; a refusal leaves the books as they were."""
    try:
        if request.fault is not None and severity(request.fault.code) == "Error":
            raise request.fault
        _access.check(context, request)
        if request.name in _facts.QUERIES:
            done = _facts.answer(context, identity, request)
        else:
            done = _function(request.name)(context, request)
    except Refusal as refusal:
        done = Answer(refusal.code, refusal.message)
        if refusal.current is not None:
            done.body = _lists.written(context, refusal.current)
        return done
    if request.fault is not None and done.code == 0:
        done.code, done.message = request.fault.code, request.fault.message
    return done


@cache
def _function(name: str) -> Callable[[Context, Request], Answer]:
    """Return what answers a request of this name.

    Raises:
        Refusal: 1030 the catalogue has a request that this simulator has never heard of.
    """
    if name in _SINGLE:
        return _SINGLE[name]
    if name.endswith("ReportQuery"):
        return _reports.answer
    if name.endswith("Query"):
        return _queries.answer
    kind, verb = name[:-3], name[-3:]
    known = kinds().get(kind)
    if known is None:
        raise Refusal(1030, f"{name}Rq is not supported.")
    return _makers(is_list=known.is_list, is_form=kind in FORMS)[verb]


def _makers(*, is_list: bool, is_form: bool) -> dict[str, Callable[[Context, Request], Answer]]:
    if is_list:
        return {"Add": _lists.add, "Mod": _lists.modify}
    if is_form:
        return {"Add": _forms.add, "Mod": _changes.modify}
    return {"Add": _transactions.add, "Mod": _transactions.modify}
