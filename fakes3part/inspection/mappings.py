"""Read-only mappings whose representation lists their names, and whose KeyError suggests similar ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import ClassVar, Generic, TypeVar

from ..text import alternatives, count

K = TypeVar("K")
V = TypeVar("V")
_LISTED = 5


class UnknownNameError(KeyError):
    """A KeyError whose message suggests similar names. It is made when it is read: ``get`` and ``in`` never read it."""

    def __init__(self, name: object, message: Callable[[], str]) -> None:
        super().__init__(name)
        self._message = message

    def __str__(self) -> str:
        return self._message()


class View(Mapping[K, V], Generic[K, V]):
    """A mapping whose representation lists its first names, and whose KeyError suggests similar names."""

    entry: ClassVar[str] = "entry"

    def missing(self, name: object) -> UnknownNameError:
        """Return the error of a name that does not exist."""
        return UnknownNameError(
            name, lambda: f"no {self.entry} {name!r}; {alternatives(name, self.candidates(name))}{self.remark(name)}"
        )

    def candidates(self, name: object) -> Iterable[str]:
        """Return the names to compare with a name that does not exist."""
        return map(str, self)

    def remark(self, name: object) -> str:
        """Return an addition to the message about a name that does not exist."""
        return ""

    def title(self) -> str:
        """Return the beginning of the representation: how many entries there are."""
        return count(len(self), self.entry)

    def __repr__(self) -> str:
        names = [repr(name) for name in islice(self, _LISTED + 1)]
        if len(names) > _LISTED:
            names[_LISTED] = "..."
        return f"<{self.title()}{': ' if names else ''}{', '.join(names)}>"
