"""Read-only mappings that say what is in them, and what is like a name that is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import ClassVar, Generic, TypeVar

from ..text import alternatives, count

K = TypeVar("K")
V = TypeVar("V")
_SHOWN = 5


class UnknownNameError(KeyError):
    """Its message is looked for when somebody wants to read it: ``get`` and ``in`` do not."""

    def __init__(self, name: object, tell: Callable[[], str]) -> None:
        super().__init__(name)
        self._tell = tell

    def __str__(self) -> str:
        return self._tell()


class View(Mapping[K, V], Generic[K, V]):
    """A mapping whose representation names what is in it, and whose KeyError what is like the name that is not."""

    what: ClassVar[str] = "entry"

    def missing(self, name: object) -> UnknownNameError:
        return UnknownNameError(
            name, lambda: f"no {self.what} {name!r}; {alternatives(name, self.candidates(name))}{self.remark(name)}"
        )

    def candidates(self, name: object) -> Iterable[str]:
        """What may be meant by a name that is not there."""
        return map(str, self)

    def remark(self, name: object) -> str:
        """What else there is to say of a name that is not there."""
        return ""

    def title(self) -> str:
        return count(len(self), self.what)

    def __repr__(self) -> str:
        names = [repr(name) for name in islice(self, _SHOWN + 1)]
        if len(names) > _SHOWN:
            names[_SHOWN] = "..."
        return f"<{self.title()}{': ' if names else ''}{', '.join(names)}>"
