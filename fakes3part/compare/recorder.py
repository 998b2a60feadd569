"""A stand-in for a fake that passes each request to another S3, and records what came back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ..api.fakes3 import FakeS3
from ..errors import S3Error
from ..leniences import HEADER as LENIENT_HEADER
from ..locks import new_lock
from ..message import Request, Response
from ..pipeline import reject
from ..protocol.query import parse_query
from ..protocol.routes import route
from ..services.dispatch import service_of
from .answers import Answer
from .bucket_names import new_token
from .differences import DOWNLOADS
from .recording import RecordedCall, RecordingWriter, recorded_body
from .redactor import Redactor
from .signing import authentication, region_of, unsigned_query
from .target import HttpTransport, Target, TargetError, target_from_environment
from .target_buckets import TargetBuckets, at_own_prefix
from .translate import Untranslatable, address_of, check_retention, is_document, translate

if TYPE_CHECKING:
    from ..protocol.address import Address

_HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", LENIENT_HEADER.lower()})


class NotRecorded(Exception):
    """A request to another service than S3, which a recorded run does not send."""


class RecordingFake(FakeS3):
    """A fake without a state: the other S3 handles each request, under the run's names of buckets.

    Args:
        target: the other S3.
        add: stores a recorded call.

    Attributes:
        recorded: how many calls were recorded.
        left: a sentence for each bucket that could not be deleted.
    """

    has_state = False

    def __init__(self, target: Target, add: Callable[[RecordedCall], None]) -> None:
        super().__init__(region=target.region)
        self.recorded = 0
        self.left: list[str] = []
        self._target = target
        self._add = add
        self._lock = new_lock()
        self._group = ""
        self._groups = 0
        self._buckets = TargetBuckets(target, 0)

    def begin_group(self, name: str) -> None:
        """Attribute the calls from now on to a scenario or test, which begins without buckets."""
        self.end_group()
        with self._lock:
            self._group = name
            self._groups += 1
            self._buckets = TargetBuckets(self._target, self._groups)
            account = self._target.credentials.account
            if account is not None:
                self._buckets.correspondence.add(self.settings.account, account)

    def end_group(self) -> None:
        """Delete the buckets of the group at the target."""
        self.left += self._buckets.clean_up()

    def handle(self, request: Request) -> Response:
        """Pass a request to the target.

        Raises:
            botocore.exceptions.EndpointConnectionError: the target did not respond.
            NotRecorded: the request is not for S3.
        """
        service = service_of(request)
        if service is not None:
            raise NotRecorded(f"this run records a real S3, and sends no requests to {service}")
        try:
            return self._record(request, address_of(request, self.custom_hosts))
        except Untranslatable as reason:
            return reject(self, S3Error("NotImplemented", f"Not recorded: {reason}."), request.method)
        except TargetError as error:
            from botocore.exceptions import EndpointConnectionError

            raise EndpointConnectionError(endpoint_url=self._target.name, error=error) from error

    def _record(self, request: Request, address: Address) -> Response:
        buckets, group = self._buckets, self._group
        operation = _operation(request, address)
        how = authentication(request)
        if how == "chunks" or operation == "PostObject":
            raise Untranslatable("signed chunks and browser uploads cannot be signed anew")
        values = buckets.correspondence.values_of("real")
        translated = translate(request, address, buckets.names.at_target, values, is_document=is_document(operation))
        check_retention(translated)
        at_own_prefix(translated, buckets.names)
        region = region_of(request) or buckets.region_of(translated)
        answer = self._target.send(translated, how, region)
        now = datetime.now(timezone.utc)
        buckets.note(operation, translated, region, answer)
        answer = buckets.in_fake(answer, is_stored=operation in DOWNLOADS and answer.status < 300)
        call = RecordedCall(
            group=group,
            time=now,
            operation=operation,
            method=request.method,
            path=_path(request, address),
            query=unsigned_query(request.query),
            headers=dict(request.headers),
            body=recorded_body(request.payload.data),
            status=answer.status,
            response_headers=answer.headers,
            response_body=recorded_body(answer.content.data, answer.content),
            authentication=how,
            seconds=parse_query(request.query).get("X-Amz-Expires"),
            trailers=request.payload.trailers,
        )
        with self._lock:
            self.recorded += 1
            self._add(call)
        return _response(answer, request.method, operation)


@contextmanager
def recording(url: str, path: Path) -> Iterator[RecordingFake]:
    """Record into a new file while the block runs, and delete at its end what is left at the target.

    Raises:
        TargetError: there are no credentials, or the URL is none.
        OSError: the file exists already, or cannot be written.
    """
    target = target_from_environment(url, new_token(), HttpTransport(kept=math.inf))
    with open(path, "x", encoding="utf-8") as file:
        writer = RecordingWriter(file, Redactor(target.credentials), url, target.region, datetime.now(timezone.utc))
        fake = RecordingFake(target, writer.add)
        try:
            yield fake
        finally:
            fake.end_group()
            target.close()


def _operation(request: Request, address: Address) -> str | None:
    """Return the name of the operation that a request is for; None: there is none."""
    try:
        return route(request.method, address.level, parse_query(request.query), request.headers).name
    except S3Error:
        return None


def _path(request: Request, address: Address) -> str:
    """Return the path in path style."""
    return request.path if address.endpoint.bucket is None else f"/{address.bucket}{request.path}"


def _response(answer: Answer, method: str, operation: str | None) -> Response:
    headers = [(name, value) for name, value in answer.headers if name.lower() not in _HOP_BY_HOP]
    length = answer.by_name().get("content-length") if method == "HEAD" else str(answer.content.size)
    if length is not None and answer.status not in (204, 304):
        headers.append(("Content-Length", length))
    data = answer.content.data
    return Response(answer.status, headers, (data,) if data else (), operation)
