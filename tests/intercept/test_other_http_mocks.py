"""Other mocks of HTTP live beside a fake: the hosts of each are its own."""

from __future__ import annotations

import pytest
import requests
import requests_mock
import responses
from pytest_httpserver import HTTPServer

from fakes3part.intercept.activation import intercepted
from fakes3part.intercept.network_guard import ServiceNotFaked
from tests.support.canned_fake import Canned

S3 = "https://bucket.s3.amazonaws.com/k"


def canned() -> Canned:
    return Canned((b"fake",), headers=[("Content-Length", "4")])


@pytest.mark.parametrize("inner", ["responses", "fake"])
def test_responses(inner: str) -> None:
    mock = responses.RequestsMock(passthru_prefixes=("https://bucket.s3.amazonaws.com", "https://sqs."))
    first, second = (intercepted(canned()), mock) if inner == "responses" else (mock, intercepted(canned()))
    with first, second:
        mock.get("https://api.test/", body="mocked")
        assert requests.get("https://api.test/", timeout=1).text == "mocked"
        assert requests.get(S3, timeout=1).text == "fake"
        with pytest.raises(requests.ConnectionError, match=r"Connection refused by Responses"):
            requests.get("https://other.test/", timeout=1)
        with pytest.raises(ServiceNotFaked):
            requests.get("https://sqs.us-east-1.amazonaws.com/", timeout=1)


def test_responses_takes_what_a_test_registers() -> None:
    with intercepted(canned()) as fake, responses.RequestsMock() as mock:
        mock.get(S3, body="mocked")
        assert requests.get(S3, timeout=1).text == "mocked"
    assert fake.requests == []


@pytest.mark.parametrize("inner", ["requests-mock", "fake"])
def test_requests_mock(inner: str) -> None:
    mock = requests_mock.Mocker(real_http=True)
    first, second = (intercepted(canned()), mock) if inner == "requests-mock" else (mock, intercepted(canned()))
    with first, second:
        mock.get("https://api.test/", text="mocked")
        assert requests.get("https://api.test/", timeout=1).text == "mocked"
        assert requests.get(S3, timeout=1).text == "fake"


def test_pytest_httpserver() -> None:
    with HTTPServer() as server, requests.Session() as session:
        server.expect_request("/real").respond_with_data("real")
        assert session.get(server.url_for("/real"), timeout=5).text == "real"
        with intercepted(canned()):
            for _ in range(2):
                assert session.get(server.url_for("/real"), timeout=5).text == "real"
                assert session.get(S3, timeout=1).text == "fake"
        assert session.get(server.url_for("/real"), timeout=5).text == "real"
