"""Sends the requests of a recording to fakes, without a network, and compares their responses with the recorded ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ..api.fakes3 import FakeS3
from ..auth.own_credentials import ACCESS_KEY, SECRET_KEY
from ..message import Payload, Request
from .answers import answer_of
from .calls import ComparedCall, Outcome, shown_target
from .correspondence import Correspondence
from .differences import compare
from .recording import RecordedCall, Recording
from .signing import Authentication, Credentials, sign
from .translate import Untranslatable, address_of, is_document, translate

_CREDENTIALS = Credentials(ACCESS_KEY, SECRET_KEY)


def replay(recording: Recording) -> Iterator[ComparedCall]:
    """Yield each call of a recording as it was compared.

    Each group of calls gets a new fake, whose clock shows the recorded time.
    """
    number = 0
    for _, calls in groupby(recording.calls, lambda call: call.group):
        fake, correspondence = FakeS3(region=recording.region), Correspondence()
        for call in calls:
            number += 1
            compared = _replay(fake, correspondence, call, recording.region)
            compared.number = number
            yield compared


def _replay(fake: FakeS3, correspondence: Correspondence, call: RecordedCall, region: str) -> ComparedCall:
    real = call.answer
    compared = ComparedCall(
        call.group, call.operation, call.method, shown_target(call.path, call.query), Outcome(0), Outcome.of(real)
    )
    if call.body.data is None:
        compared.reason = f"the recording does not have the body of {call.body.size} bytes"
        return compared
    fake.clock.freeze(call.time)
    try:
        request = _request(call, correspondence, region)
    except Untranslatable as reason:
        compared.reason = str(reason)
        return compared
    answer = answer_of(fake.handle(request), call.method)
    compared.fake = Outcome.of(answer)
    compared.differences = compare(
        answer,
        real,
        correspondence,
        operation=call.operation,
        from_browser="origin" in call.headers,
        opaque_etag=call.operation == "CompleteMultipartUpload" and request.payload.data != call.body.data,
    )
    if compared.differences:
        compared.answers = answer, real
    return compared


def _request(call: RecordedCall, correspondence: Correspondence, region: str) -> Request:
    """Return a recorded request with the fake's values, signed with the fake's own key."""
    payload = Payload(call.body.data or b"", call.trailers)
    recorded = Request(call.method, f"s3.{region}.amazonaws.com", call.path, call.query, dict(call.headers), read=lambda: payload)
    values = correspondence.values_of("fake")
    request = translate(
        recorded, address_of(recorded), lambda name: name, values, is_document=is_document(call.operation), keeps_framing=False
    )
    request.host, request.scheme = recorded.host, recorded.scheme
    if call.authentication == "query":
        signature = f"X-Amz-Signature=replaced&X-Amz-Expires={call.seconds or '900'}"
        request.query = f"{request.query}&{signature}" if request.query else signature
    how: Authentication = "query" if call.authentication == "query" else "header" if call.authentication == "header" else "none"
    return sign(request, _CREDENTIALS, region, call.time, how)
