"""What all generated models share: looks, what was kept, and the status of responses.

The classes themselves are generated; see ``scripts/make_models.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import attrs

from ..errors import StatusError
from ..qbxml.kept import meaning
from ..qbxml.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..qbxml.kept import Kept

__all__ = ["Aggregate", "Request", "Response"]


@attrs.frozen(kw_only=True, repr=False)
class Aggregate:
    """A qbXML element that holds elements.

    Frozen; change one with ``attrs.evolve``.  A field that is ``None`` (or an empty tuple) is left out
    of the document; ``CLEAR`` writes an empty element.
    """

    #: What was read and has no field, see ``qbsync.qbxml.kept``.
    _kept: Kept | None = attrs.field(default=None, alias="_kept", eq=meaning)

    def __repr__(self) -> str:
        shown = []
        kept, *fields = attrs.fields(type(self))
        for field in (*fields, kept):
            value: Any = getattr(self, field.name)
            if value is None or value == ():
                continue
            shown.append(f"{field.alias}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_dict(self) -> dict[str, Any]:
        """Return what is set as plain values, ready for ``json.dumps``.

        Decimal numbers are texts; see ``qbsync.qbxml.plain`` for the form of everything.

        Raises:
            InvalidValueError: a field holds what no field can hold.
        """
        from ..qbxml.plain import to_plain  # noqa: PLC0415 - models load without the catalogue

        return to_plain(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the object that ``to_dict`` described.

        Raises:
            InvalidValueError: a key is no field, or a value has another form.
        """
        from ..qbxml.plain import from_plain  # noqa: PLC0415 - as above

        made: Self = from_plain(cls.__name__, values)
        return made


@attrs.frozen(kw_only=True, repr=False)
class Request(Aggregate):
    """A request message."""

    #: Comes back with the response; at most 50 characters, and different within a message set.
    request_id: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class Response(Aggregate):
    """A response message."""

    request_id: str | None = None
    status_code: int | None = None
    #: ``Info``, ``Warn`` or ``Error``; this, not the code, says whether the work was done.
    status_severity: str | None = None
    #: QuickBooks' own words, in the language of that QuickBooks.
    status_message: str | None = None

    @property
    def status(self) -> Status:
        """What QuickBooks says of the request."""
        return Status(self.status_code, self.status_severity, self.status_message)

    def raise_for_status(self) -> Self:
        """Return this response, unless it says that the request was not done.

        Raises:
            StatusError: the severity is ``Error``.
        """
        if self.status.is_error:
            raise StatusError(
                code=self.status_code,
                severity=self.status_severity,
                status_message=self.status_message,
                name=type(self).__name__,
                request_id=self.request_id,
            )
        return self
