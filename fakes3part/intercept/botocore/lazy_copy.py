"""Copies of botocore's JSON data, each as good as a file that was read anew: who changes one changes no other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import ItemsView, Iterable, ValuesView
from typing import Any, TypeAlias, cast

from ...locks import new_rlock

Data: TypeAlias = Any
"""What JSON consists of: dictionaries, lists, and immutable values."""

_CONTAINERS = (OrderedDict, dict, list)

_lock = new_rlock()


def full_copy(data: Data) -> Data:
    """Return a copy of nested dictionaries and lists, with the OrderedDicts that botocore's loader makes of JSON.

    (``copy.deepcopy`` takes ten times as long.)
    """
    if type(data) is dict or type(data) is OrderedDict:
        copied: OrderedDict[str, Data] = OrderedDict()
        for key, value in data.items():
            copied[key] = value if type(value) is str else full_copy(value)
        return copied
    if type(data) is list:
        return [value if type(value) is str else full_copy(value) for value in data]
    return data


def lazy_copy(data: dict[str, Data]) -> LazyCopy:
    """Return a copy of nested dictionaries and lists, of which each part is made when it is first read."""
    copied = LazyCopy(data)
    copied._source = data
    return copied


def unread_source(data: Data) -> dict[str, Data] | None:
    """Return what a lazy copy was made of, if none of its parts has been read or replaced; None: it has, or is no lazy copy."""
    source = data._source if type(data) is LazyCopy else None
    if source is None or len(source) != len(data):
        return None
    return source if all(key in data and data.shows(key, value) for key, value in source.items()) else None


class LazyCopy(OrderedDict[str, Data]):
    """A lazy copy of a dictionary.

    It holds the source's own values first. Whoever reads one that could be changed gets a copy, which takes its place.
    """

    _source: dict[str, Data] | None = None
    """What this is a copy of; None: all of its values are its own."""

    def shows(self, key: str, value: Data) -> bool:
        """Return whether the value of a key is this object, which has not been copied yet."""
        return super().__getitem__(key) is value

    def __getitem__(self, key: str) -> Data:
        value = super().__getitem__(key)
        return self._own(key, value) if type(value) in _CONTAINERS else value

    def _own(self, key: str, value: Data) -> Data:
        """Return a value of this dictionary; the source's is replaced by a copy first."""
        source = self._source
        if source is None or source.get(key) is not value:
            return value
        with _lock:
            value = super().__getitem__(key)  # another thread may have been faster
            if source.get(key) is value:
                value = _lazy(value)
                self[key] = value
            return value

    def _own_all(self) -> None:
        if self._source is not None:
            for key in self:
                self[key]
            self._source = None

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 -- (it would call itself)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def items(self) -> ItemsView[str, Data]:  # type: ignore[override]  # (typeshed names the class that it returns)
        self._own_all()
        return super().items()

    def values(self) -> ValuesView[Data]:  # type: ignore[override]
        self._own_all()
        return super().values()

    def pop(self, key: str, *default: Any) -> Any:
        self._own_all()
        return super().pop(key, *default)

    def popitem(self, last: bool = True) -> tuple[str, Data]:
        self._own_all()
        return super().popitem(last)

    def copy(self) -> Any:
        return OrderedDict(self)

    def __repr__(self) -> str:
        return repr(OrderedDict(self))

    def __reduce__(self) -> Any:
        return OrderedDict, (), None, None, iter(self.items())


def _lazy(data: Data) -> Data:
    if type(data) is dict or type(data) is OrderedDict:
        return lazy_copy(data)
    return [_lazy(value) for value in cast("Iterable[Data]", data)] if type(data) is list else data
