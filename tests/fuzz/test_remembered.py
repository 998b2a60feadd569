"""What requests remember for those after them (header names, routes, queries, signatures, callers) changes no response."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from fakes3part.api.fakes3 import FakeS3
from fakes3part.auth import signing_region
from fakes3part.auth.own_credentials import ACCESS_KEY, SECRET_KEY
from fakes3part.auth.signatures import presigned_url, sigv4
from fakes3part.message import Request
from fakes3part.protocol import address, header_names, routes
from fakes3part.protocol import query as queries
from tests.fuzz import grammar
from tests.fuzz.mutation import browser_form, mutated
from tests.fuzz.texts import Dice
from tests.fuzz.world import ids, new_world

COUNT = 150
Answer = tuple[int, list[tuple[str, str]], bytes]


def requests(number: int) -> list[Request]:
    """Return random requests. Each comes twice in a row, so that the second finds what the first has left."""
    random = Dice(number)
    fake, recorded = new_world(number)
    random.ids = ids(fake)
    date = fake.clock.now().strftime("%Y%m%dT%H%M%SZ")
    made = []
    for _ in range(COUNT):
        chance = random.random()
        if chance < 0.3:
            made.append(grammar.request(random, date))
        elif chance < 0.5:
            made.append(presigned(random, random.choice(recorded)))
        else:
            made.append(mutated(random, random.choice(recorded)) if chance < 0.95 else browser_form(random))
    fake.close()
    return [request for request in made for _ in range(2)]


def presigned(random: Dice, sample: Request) -> Request:
    """Return a request that is presigned with the key that every fake knows; every other one is changed afterwards."""
    signed = AWSRequest(sample.method, f"{sample.scheme}://{sample.host}{sample.path}")
    S3SigV4QueryAuth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1", 3600).add_auth(signed)
    query, headers, body = urlsplit(signed.url).query, {"host": sample.host}, sample.payload.data
    request = Request(sample.method, sample.host, sample.path, query, headers, body, scheme=sample.scheme)
    return mutated(random, request) if random.random() < 0.5 else request


def answer(fake: FakeS3, request: Request) -> Answer:
    payload, headers = request.payload, dict(request.headers)
    copied = Request(
        request.method, request.host, request.path, request.query, headers, scheme=request.scheme, read=lambda: payload
    )
    response = fake.handle(copied)
    return response.status, response.headers, b"".join(response.body)


def journal(fake: FakeS3) -> list[dict[str, Any]]:
    """Return the calls that the journal stores, without how long they took."""
    return [
        {name: value for name, value in call.to_json().items() if name not in ("started", "ended", "duration")}
        for call in fake.calls
    ]


def forget(fake: FakeS3) -> None:
    """Forget all that requests have left for others."""
    header_names._remembered.clear()
    routes._without_query.clear()
    address.parse_address.cache_clear()
    queries._parse_query.cache_clear()
    sigv4.parse_usual.cache_clear()
    sigv4._url_signature.cache_clear()
    presigned_url._parse_parameters.cache_clear()
    signing_region._region_before_signature.cache_clear()
    fake.accounts.unverified_callers.clear()


@pytest.mark.parametrize("number", range(4))
def test_what_is_remembered_changes_no_response(number: int) -> None:
    sent = requests(number)
    remembering, _ = new_world(number)
    remembered = [answer(remembering, request) for request in sent]
    forgetting, _ = new_world(number)
    for request, expected in zip(sent, remembered, strict=True):
        forget(forgetting)
        assert answer(forgetting, request) == expected, request
    assert journal(forgetting) == journal(remembering)
    remembering.close()
    forgetting.close()
