"""A message of a kind that the catalogue does not know: typed as far as every message is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs

from ..errors import StatusError
from .status import Status
from .values import SCALARS

if TYPE_CHECKING:
    from .kept import UnknownElement

__all__ = ["UnknownMessage", "stated_number"]


def stated_number(text: str | None) -> int | None:
    """Return the number that an attribute states; ``None`` where there is none, or nothing that is one."""
    try:
        number: int | None = None if text is None else SCALARS["INTTYPE"].read(text.strip())
    except ValueError:
        return None
    return number


@attrs.frozen
class UnknownMessage:
    """A request or response that a newer QuickBooks knows and we do not.

    Attributes:
        element: the whole message as a plain tree.
    """

    element: UnknownElement

    @property
    def name(self) -> str:
        """The qbXML name of the message."""
        return self.element.name

    def attribute(self, name: str) -> str | None:
        """Return an attribute of the message, or ``None``."""
        return dict(self.element.attributes).get(name)

    @property
    def request_id(self) -> str | None:
        """The id by which request and response go together."""
        return self.attribute("requestID")

    @property
    def status(self) -> Status:
        """What QuickBooks says of the request; empty for a request."""
        number = stated_number(self.attribute("statusCode"))
        return Status(number, self.attribute("statusSeverity"), self.attribute("statusMessage"))

    def raise_for_status(self) -> Self:
        """Return this message, unless it says that the request was not done.

        Raises:
            StatusError: the severity is ``Error``.
        """
        status = self.status
        if status.is_error:
            raise StatusError(
                code=status.code,
                severity=status.severity,
                status_message=status.message,
                name=self.name,
                request_id=self.request_id,
            )
        return self
