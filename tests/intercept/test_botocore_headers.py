"""The fast way to make botocore's response makes what botocore's own constructors make."""

from __future__ import annotations

import copy
import pickle
from contextlib import ExitStack
from email.policy import HTTP, compat32
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.compat import HTTPHeaders
from hypothesis import given
from hypothesis import strategies as st

from fakes3part.api.fakes3 import FakeS3
from fakes3part.intercept.activation import intercepted
from fakes3part.intercept.botocore import headers as module
from fakes3part.intercept.botocore.headers import aws_response
from fakes3part.intercept.botocore.response_body import BytesBody

NAMES = st.sampled_from(["ETag", "etag", "x-amz-id-2", "Content-Type", "CONTENT-TYPE", "Server", "x-amz-meta-ä"]) | st.text()
FAKE: Any = FakeS3()
ORIGINAL = vars(HeadersDict)["__setitem__"]
BOTOCORES_RESPONSE: Any = AWSResponse
PAIRS = st.lists(st.tuples(NAMES, st.text(max_size=5)))


def made(headers: list[tuple[str, str]], *, says_length: bool = False) -> AWSResponse:
    return aws_response("https://host/", 200, headers, BytesBody(b"body"), None, says_length=says_length)


@given(PAIRS)
def test_headers_are_equal_to_botocores(pairs: list[tuple[str, str]]) -> None:
    ours, theirs = made(pairs).headers, BOTOCORES_RESPONSE("", 200, pairs, None).headers
    assert type(ours) is HeadersDict
    assert list(ours.items()) == list(theirs.items())
    assert repr(ours) == repr(theirs)
    assert {type(name) for name in ours} <= {str}
    for name, _ in pairs:
        assert ours[name.upper()] == theirs[name.upper()] if name.upper() in theirs else name.upper() not in ours
        assert (name.lower() in ours, ours.get(name.lower())) == (name.lower() in theirs, theirs.get(name.lower()))
    for name, _ in pairs:
        ours[name.lower()] = theirs[name.lower()] = "changed"
    assert list(ours.items()) == list(theirs.items())
    for name, _ in pairs[:2]:
        assert ours.pop(name, None) == theirs.pop(name, None)
    assert list(ours.items()) == list(theirs.items())


@given(PAIRS)
def test_headers_can_be_copied(pairs: list[tuple[str, str]]) -> None:
    headers = made(pairs).headers
    for copied in (headers.copy(), copy.copy(headers), copy.deepcopy(headers), pickle.loads(pickle.dumps(headers))):
        assert list(copied.items()) == list(headers.items())
        assert all(copied[name] == headers[name] for name, _ in pairs)


def test_a_response_has_the_attributes_of_botocores() -> None:
    ours, theirs = made([("ETag", "e")]), BOTOCORES_RESPONSE("https://host/", 200, {"ETag": "e"}, BytesBody(b"body"))
    assert vars(ours).keys() == vars(theirs).keys()
    assert (ours.url, ours.status_code, ours.content, ours.text) == (theirs.url, theirs.status_code, theirs.content, theirs.text)


@pytest.mark.parametrize(
    ("headers", "encoding"),
    [([], "chunked"), ([("ETag", "e")], "chunked"), ([("Content-Length", "4")], None), ([("content-LENGTH", "4")], None)],
)
def test_a_body_without_a_length_is_chunked(headers: list[tuple[str, str]], encoding: str | None) -> None:
    assert made(headers, says_length=True).headers.get("transfer-encoding") == encoding
    assert "transfer-encoding" not in made(headers).headers


def test_few_names_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    names: Any = module._Names()
    for number in range(10):
        assert str(names[f"X-{number}"]) == f"X-{number}"
        assert len(names) <= 3


# Headers that clients make while a fake is active.

ACTIONS = st.lists(
    st.tuples(st.sampled_from(["set", "get", "delete", "contains", "pop", "setdefault"]), NAMES, st.text(max_size=3))
)


def act(headers: HeadersDict, actions: list[tuple[str, str, str]]) -> list[object]:
    """Do something with headers, and return what each step returned and what they contain then."""
    results: list[object] = []
    for action, name, value in actions:
        try:
            if action == "set":
                headers[name] = value
            elif action == "get":
                results.append(headers[name])
            elif action == "delete":
                del headers[name]
            elif action == "contains":
                results.append((name in headers, headers.get(name, value)))
            else:
                results.append(getattr(headers, action)(name, value))
        except KeyError as error:
            results.append(repr(error))
        results.append((list(headers.items()), repr(headers), len(headers), [type(key) for key in headers]))
    return results


@given(ACTIONS, ACTIONS, ACTIONS)
def test_headers_are_as_without_a_fake_before_it_in_it_and_after_it(
    before: list[tuple[str, str, str]], inside: list[tuple[str, str, str]], after: list[tuple[str, str, str]]
) -> None:
    plain, intercepted_headers = HeadersDict(), HeadersDict()
    results = act(plain, before + inside + after)
    ours = act(intercepted_headers, before)
    with intercepted(FAKE):
        assert vars(HeadersDict)["__setitem__"] is not ORIGINAL
        ours += act(intercepted_headers, inside)
    assert vars(HeadersDict)["__setitem__"] is ORIGINAL
    ours += act(intercepted_headers, after)
    assert ours == results


UPDATES: st.SearchStrategy[Any] = st.lists(PAIRS | PAIRS.map(dict) | PAIRS.map(tuple) | PAIRS.map(iter).map(list))


@given(UPDATES, st.dictionaries(st.sampled_from(["ETag", "etag", "Server"]), st.text(max_size=2)))
def test_headers_are_updated_as_without_a_fake(updates: list[Any], keywords: dict[str, str]) -> None:
    plain, inside = HeadersDict(), HeadersDict()
    for headers, stack in ((plain, ExitStack()), (inside, ExitStack())):
        with stack:
            if headers is inside:
                stack.enter_context(intercepted(FAKE))
            for update in updates:
                headers.update(update)
            headers.update(keywords)
            headers.update([("Date", "d")], **keywords)
            headers.update()
    assert repr(inside) == repr(plain)
    assert list(inside.items()) == list(plain.items())


@pytest.mark.parametrize("wrong", [[("one",)], [("one", "two", "three")], [1], 1])
def test_a_wrong_update_fails_as_without_a_fake(wrong: Any) -> None:
    failures = []
    for inside in (False, True):
        headers = HeadersDict({"ETag": "e"})
        with ExitStack() as stack:
            if inside:
                stack.enter_context(intercepted(FAKE))
            with pytest.raises((TypeError, ValueError)) as caught:
                headers.update(wrong)
        failures.append(type(caught.value))
        assert dict(headers) == {"ETag": "e"}
    assert failures[0] is failures[1]


def test_headers_of_a_class_of_ones_own_call_its_methods() -> None:
    class Own(HeadersDict):
        def __setitem__(self, name: str, value: str) -> None:
            super().__setitem__(name, f"<{value}>")

        def __getitem__(self, name: str) -> str:
            return str(super().__getitem__(name.removeprefix("x-")))

    with intercepted(FAKE):
        headers = Own([("ETag", "e")])
        assert headers["ETag"] == "<e>"
        assert "x-ETag" in headers
    assert "update" not in vars(HeadersDict)
    assert "__contains__" not in vars(HeadersDict)


def test_a_name_of_bytes_is_what_it_is_without_a_fake() -> None:
    names: Any = (b"ETag", "ETag", b"etag")
    plain, inside = HeadersDict(), HeadersDict()
    for number, name in enumerate(names):
        plain[name] = number
    with intercepted(FAKE):
        for number, name in enumerate(names):
            inside[name] = number
        assert [inside[name] for name in names] == [plain[name] for name in names] == [2, 1, 2]
        assert repr(inside) == repr(plain)
        with pytest.raises(AttributeError):
            inside[None]  # type: ignore[index]


# The headers of requests that are not prepared yet: an e-mail message.

VALUES = st.text(max_size=4) | st.binary(max_size=4) | st.sampled_from(["plain", "\udc80", "ä", "a\udcffb"]) | st.none()


def listed(headers: HTTPHeaders) -> list[tuple[str, str]]:
    """Return the items of an e-mail message; what stands for bytes that are no text is an object of its own."""
    return [(name, f"{type(value).__name__} {value!s}") for name, value in headers.items()]


@given(st.lists(st.tuples(NAMES, VALUES)), st.sampled_from(["compat32", "HTTP"]))
def test_messages_are_as_without_a_fake(pairs: list[tuple[str, Any]], policy: str) -> None:
    message_policy = compat32 if policy == "compat32" else HTTP.clone(max_line_length=70)
    plain, inside = HTTPHeaders(policy=message_policy), HTTPHeaders(policy=message_policy)
    results: list[list[object]] = [[], []]
    for headers, found in zip((plain, inside), results, strict=True):
        with ExitStack() as stack:
            if headers is inside:
                stack.enter_context(intercepted(FAKE))
            for name, value in pairs:
                try:
                    headers[name] = value
                except Exception as error:
                    found.append(repr(error))
                found.append((name in headers, str(headers.get(name))))
            found.append(listed(headers))
            del headers["etag"]
            found.append(listed(headers))
    assert results[0] == results[1]


def test_a_list_of_items_is_the_callers_own() -> None:
    headers = HTTPHeaders()
    headers["ETag"] = "e"
    with intercepted(FAKE):
        headers.items().clear()
        assert headers.items() == [("ETag", "e")]
    assert "items" not in vars(HTTPHeaders)


def test_versions_of_python_that_check_names_do_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STORES_ALL", False)
    assert len(module.patches()) == 4
