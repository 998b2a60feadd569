"""The fast way to make botocore's response makes what botocore's own constructors make."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from hypothesis import given
from hypothesis import strategies as st

from fakes3part.intercept.botocore import response_headers
from fakes3part.intercept.botocore.response_body import BytesBody
from fakes3part.intercept.botocore.response_headers import aws_response

NAMES = st.sampled_from(["ETag", "etag", "x-amz-id-2", "Content-Type", "CONTENT-TYPE", "Server", "x-amz-meta-ä"]) | st.text()
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
    monkeypatch.setattr(response_headers, "_MOST", 3)
    names: Any = response_headers._Names()
    for number in range(10):
        assert str(names[f"X-{number}"]) == f"X-{number}"
        assert len(names) <= 3
