"""What is done with characters that QuickBooks cannot hold, in a whole message: by the way the caller names.

By default nothing is: such a message is refused.  ``replace`` and ``transliterate`` change its texts before
they are checked, so that lengths are counted after the change.  The object that was given stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from ..errors import InvalidValueError
from .characters import encodable, replace, transliterate
from .values import UseMacro

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Characters", "fitted"]

#: What to do with characters that QuickBooks cannot hold.
Characters: TypeAlias = Literal["refuse", "replace", "transliterate"]

_WAYS: Final[dict[str, Callable[[str], str]]] = {
    "refuse": str,
    "replace": replace,
    "transliterate": transliterate,
}


def fitted(message: Any, characters: Characters) -> Any:
    """Return a message whose texts QuickBooks can hold; the same object when nothing had to change.

    Args:
        message: any of ``qbsync.models``.
        characters: ``replace`` puts ``?`` in the place of each character that Windows-1252 lacks or XML
            forbids; ``transliterate`` takes the nearest that Windows-1252 has (``ş`` gives ``s``) and
            drops what XML forbids; ``refuse`` changes nothing, and leaves it to the rules.

    Raises:
        InvalidValueError: *characters* is none of these words.
    """
    way = _WAYS.get(characters)
    if way is None:
        raise InvalidValueError("characters", " or ".join(_WAYS), characters)
    return message if characters == "refuse" else _changed(message, way)


def _changed(value: Any, way: Callable[[str], str]) -> Any:
    if type(value) is str:
        return value if encodable(value) else way(value)
    if type(value) is tuple:
        items = [_changed(item, way) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else tuple(items)
    if isinstance(value, UseMacro):
        name = _changed(value.name, way)
        return value if name is value.name else UseMacro(name)
    if not hasattr(value, "_kept"):
        return value
    held = {field.alias: getattr(value, field.name) for field in attrs.fields(type(value))}
    # What was kept from a document is QuickBooks' own, and goes back as it came.
    made = {alias: _changed(item, way) for alias, item in held.items() if alias != "_kept"}
    changes = {alias: item for alias, item in made.items() if item is not held[alias]}
    return attrs.evolve(value, **changes) if changes else value
