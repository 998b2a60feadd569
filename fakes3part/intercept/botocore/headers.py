"""Headers of botocore's requests and responses, in a third of the time.

botocore makes an object of a header's name each time one is read or written: a hundred of a put. While a fake is active, a name
has one object, which all headers share; and the headers of a request that is not prepared yet, an e-mail message, are stored and
listed without asking its policy, which would return them as they are. Nobody can see the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore import awsrequest
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.compat import HTTPHeaders

from ..patch import Function, Patch

_HeaderKey: Any = awsrequest._HeaderKey
_HeadersDict: Any = HeadersDict
_MOST = 1024


class _Name(str, _HeaderKey):  # type: ignore[misc]  # botocore has no types
    """A header's name as a key of `HeadersDict`.

    As text it is in lower case, so that it has the hash of botocore's key without calling Python. It is equal to botocore's key
    of the same name, and shown as it is spelled.
    """

    def __new__(cls, key: str) -> _Name:
        return str.__new__(cls, key.lower())

    __init__ = _HeaderKey.__init__
    __str__ = _HeaderKey.__str__
    __repr__ = _HeaderKey.__repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return _HeaderKey, (self._key,)


class _Names(dict[str, _Name]):
    """The names by their spelling, made when they are needed first."""

    def __missing__(self, name: str) -> Any:
        if type(name) is not str:
            return _HeaderKey(name)
        if len(self) >= _MOST:
            self.clear()
        made: _Name = _Name(name)
        self[name] = made
        return made


_names = _Names()
_TRANSFER_ENCODING = _names["Transfer-Encoding"]


def patches() -> list[Patch]:
    """Return the patches of `HeadersDict`, and of the headers of requests that are not prepared yet."""
    patches = [Patch(HeadersDict, "__setitem__", _set), Patch(HeadersDict, "__getitem__", _get)]
    patches += [Patch(HeadersDict, "__contains__", _contains), Patch(HeadersDict, "update", _update)]
    if _STORES_ALL:
        patches += [Patch(HTTPHeaders, "__setitem__", _add), Patch(HTTPHeaders, "items", _items)]
    return patches


def _set(original: Function) -> Function:
    def __setitem__(self: Any, key: str, value: Any) -> None:  # noqa: N807
        self._dict[_names[key]] = value

    return __setitem__


def _get(original: Function) -> Function:
    def __getitem__(self: Any, key: str) -> Any:  # noqa: N807
        return self._dict[_names[key]]

    return __getitem__


def _contains(original: Function) -> Function:
    def __contains__(self: Any, key: object) -> bool:  # noqa: N807
        if type(key) is not str or type(self) is not _HeadersDict:
            return bool(original(self, key))
        return _names[key] in self._dict

    return __contains__


def _update(original: Function) -> Function:
    def update(self: Any, other: Any = (), /, **others: Any) -> None:
        if others or type(other) is not list or type(self) is not _HeadersDict:
            original(self, other, **others)
        else:
            self._dict.update([(_names[name], value) for name, value in other])

    return update


_COMPAT32: Any = HTTPHeaders().policy
"""The policy of e-mail messages that botocore's headers have. (To import it from `email.policy` would import the others too.)"""

_STORES_ALL = type(_COMPAT32).header_store_parse.__code__.co_code == (lambda self, name, value: (name, value)).__code__.co_code
"""Whether this version of Python stores the headers of an e-mail message as they are, without a look at their names."""


def _add(original: Function) -> Function:
    def __setitem__(self: Any, name: str, value: Any) -> None:  # noqa: N807
        if self.policy is _COMPAT32:
            self._headers.append((name, value))
        else:
            original(self, name, value)

    return __setitem__


def _items(original: Function) -> Function:
    def items(self: Any) -> list[tuple[str, Any]]:
        headers: list[tuple[str, Any]] = self._headers
        is_plain = self.policy is _COMPAT32
        for _, value in headers:
            if isinstance(value, str) and not value.isascii():  # it may stand for bytes that are no text
                is_plain = False
        return [*headers] if is_plain else list(original(self))

    return items


def aws_response(
    url: str, status: int, headers: Iterable[tuple[str, str]], raw: Any, content: bytes | None, *, says_length: bool
) -> AWSResponse:
    """Return a response with these headers; of several of one name the last counts, as in botocore.

    Args:
        content: what ``response.content`` is without reading ``raw``; None: it is read.
        says_length: whether the headers must say how long the body is: one without a length is sent in chunks.
    """
    values: dict[Any, str] = {_names[name]: value for name, value in headers}
    if says_length and "content-length" not in values:
        values[_TRANSFER_ENCODING] = "chunked"
    made = _HeadersDict.__new__(_HeadersDict)
    made._dict = values
    response = AWSResponse.__new__(AWSResponse)
    response.url, response.status_code, response.headers, response.raw = url, status, made, raw
    response._content = content  # type: ignore[attr-defined]  # botocore-stubs have no private names
    return response
