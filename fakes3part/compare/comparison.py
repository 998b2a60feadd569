"""Sends each request of a fake to another S3 too, and records how the two responses differ.

The fake responds first, and its response is what the client gets. The same thread then sends the translated request to the
target, so that made-up values are known before the client can send them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakSet, ref

from ..auth.authenticate import authenticate
from ..errors import S3Error
from ..locks import new_lock
from ..message import Request, Response
from ..protocol.query import parse_query
from ..services.dispatch import service_of
from .answers import Answer, answer_of
from .calls import ComparedCall, Outcome, shown_target
from .differences import DOWNLOADS, compare, error_of
from .signing import Authentication, authentication, region_of
from .target import Target, TargetError, UnsafeRequest
from .target_buckets import TargetBuckets, at_own_prefix
from .translate import Untranslatable, address_of, check_retention, copy_source, is_document, sends_made_etags, translate

if TYPE_CHECKING:
    from ..backend import Backend
    from ..journal.record import Record
    from ..protocol.address import Address
    from ..state.store import Store

_OF_SIGNATURE = frozenset(
    {
        "AuthorizationHeaderMalformed",
        "AuthorizationQueryParametersError",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
"""Errors of what is replaced before a request is sent to the target."""

FAILURES = 3
"""After so many calls in a row to which the target did not respond, no more are sent."""

_EXPIRED = "Request has expired"


class Comparison:
    """A run in which the requests of fakes are sent to a target too.

    Attributes:
        calls: what was compared, and what was not, in the order of the responses.
        test: the test that runs, for the report; '' between tests.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.calls: list[ComparedCall] = []
        self.test = ""
        self._target_buckets: list[tuple[ref[Backend], ref[Store], TargetBuckets]] = []
        self._lock = new_lock()
        self._ended: WeakSet[Backend] = WeakSet()
        self._in_flight = 0
        self._failures = 0
        self._made = 0

    def handle(self, original: Callable[[Backend, Request], Response], fake: Backend, request: Request) -> Response:
        """Let a fake handle a request, and compare. Whatever happens to the comparison, the fake's response is returned."""
        store = fake.store
        sent = _as_sent(request)
        with self._lock:
            self._in_flight += 1
            overlaps = self._in_flight > 1
            bucket_existed = _existing_buckets(fake, sent)
        try:
            response = original(fake, request)
            call = self._call(fake, store, sent, response, bucket_existed)
            call.overlaps = overlaps
        finally:
            with self._lock:
                self._in_flight -= 1
        with self._lock:
            call.number = len(self.calls) + 1
            self.calls.append(call)
        return response

    def buckets_of(self, fake: Backend, store: Store) -> TargetBuckets:
        """Return the buckets at the target that stand for those of a fake's state. `reset` and `restore` begin new ones."""
        with self._lock:
            for _, of_store, buckets in self._target_buckets:
                if of_store() is store:
                    return buckets
            self._made += 1
            buckets = TargetBuckets(self.target, self._made)
            account = self.target.credentials.account
            if account is not None:
                buckets.correspondence.add(fake.settings.account, account)
            self._target_buckets.append((ref(fake), ref(store), buckets))
            return buckets

    def clean_up(self, *, everything: bool = False) -> list[str]:
        """Delete the buckets of fakes that are gone, closed or reset; return a sentence for each one that is left.

        Args:
            everything: whether to delete those of the other fakes, too.
        """
        with self._lock:
            ended = [entry for entry in self._target_buckets if everything or self._has_ended(entry[0](), entry[1]())]
            self._target_buckets = [entry for entry in self._target_buckets if entry not in ended]
        return [problem for _, _, buckets in ended for problem in buckets.clean_up()]

    def end(self, fake: Backend) -> None:
        """Let the next `clean_up` delete the buckets of this fake."""
        self._ended.add(fake)

    def _has_ended(self, fake: Backend | None, store: Store | None) -> bool:
        return fake is None or store is None or fake.store is not store or fake in self._ended

    def _call(self, fake: Backend, store: Store, request: Request, response: Response, existed: dict[str, bool]) -> ComparedCall:
        call = ComparedCall(
            self.test, response.operation, request.method, _shown(fake, request), Outcome.of(answer_of(response, request.method))
        )
        try:
            self._compare(call, fake, store, request, response, existed)
        except (Untranslatable, TargetError) as reason:
            call.reason = str(reason)
        except Exception as bug:  # a bug of ours must not change the result of a test; the report shows it
            call.reason = f"the comparison failed: {type(bug).__name__}: {bug}"
        return call

    def _send(self, request: Request, how: Authentication, region: str | None, *, repeats: bool) -> Answer:
        """Send a request to the target, unless it has not responded to the last ones: each attempt may take a minute.

        Raises:
            TargetError: it did not respond, or was not asked.
        """
        if self._failures >= FAILURES:
            raise TargetError(f"not sent, since {self.target.name} did not respond to {FAILURES} calls in a row")
        try:
            answer = self.target.send(request, how, region, repeats=repeats)
        except UnsafeRequest:
            raise
        except TargetError:
            self._failures += 1
            raise
        self._failures = 0
        return answer

    def _compare(
        self, call: ComparedCall, fake: Backend, store: Store, request: Request, response: Response, existed: dict[str, bool]
    ) -> None:
        fake_answer = answer_of(response, request.method)
        address = _comparable_address(fake, request, response, fake_answer)
        buckets = self.buckets_of(fake, store)
        if response.operation != "CreateBucket":
            _check_buckets(buckets, existed)
        values = buckets.correspondence.values_of("real")
        translated = translate(request, address, buckets.names.at_target, values, is_document=is_document(response.operation))
        check_retention(translated)
        at_own_prefix(translated, buckets.names)
        region = region_of(request) or buckets.region_of(translated)
        how = authentication(request)
        answer = self._send(translated, how, region, repeats=response.status < 500)
        buckets.note(response.operation, translated, region, answer)
        is_stored = response.operation in DOWNLOADS and answer.status < 300
        real_answer = buckets.in_fake(answer, is_stored=is_stored)
        if error_of(real_answer).code == "RequestTimeTooSkewed":
            raise Untranslatable("the time of this process is not the target's")
        call.real = Outcome.of(real_answer)
        call.differences = compare(
            fake_answer,
            real_answer,
            buckets.correspondence,
            operation=response.operation,
            from_browser="origin" in request.headers,
            opaque_etag=sends_made_etags(response.operation, request, translated),
        )
        if call.differences:
            call.answers = fake_answer, real_answer


def _as_sent(request: Request) -> Request:
    """Return a copy of a request, whose headers the fake will change. It shares the body, which can be read once."""
    return Request(
        request.method,
        request.host,
        request.path,
        request.query,
        dict(request.headers),
        scheme=request.scheme,
        client=request.client,
        read=lambda: request.payload,
    )


def _shown(fake: Backend, request: Request) -> str:
    """Return what a request addresses, for people."""
    try:
        address = address_of(request, fake.custom_hosts)
        in_host = "" if address.endpoint.bucket is None else f"/{address.bucket}"
        return shown_target(f"{in_host}{request.path}", request.query)
    except Untranslatable:
        return f"{request.host}{request.path}"


def _existing_buckets(fake: Backend, request: Request) -> dict[str, bool]:
    """Return which of the buckets that a request names exist in the fake before it."""
    try:
        names = [address_of(request, fake.custom_hosts).bucket]
    except Untranslatable:
        return {}
    source = copy_source(request)
    names += [] if source is None else [source[0]]
    return {name: fake.store.get(name) is not None for name in names if name is not None}


def _comparable_address(fake: Backend, request: Request, response: Response, answer: Answer) -> Address:
    """Return what a request addresses.

    Raises:
        Untranslatable: the request cannot be compared; the text says why.
    """
    service = service_of(request)
    if service is not None:
        raise Untranslatable(f"{service} is not compared")
    record = _record(fake, answer)
    if response.delivery is not None or (record is not None and record.fault is not None):
        raise Untranslatable("a fault was injected")
    if fake.clock.is_controlled:
        raise Untranslatable("the fake's clock is frozen or moved")
    how = authentication(request)
    if how == "chunks":
        raise Untranslatable("its chunks are signed one by one")
    if response.operation == "PostObject":
        raise Untranslatable("browser uploads are not compared")
    error = None if record is None else record.error  # the response to a HEAD does not show it
    if error is not None and (error.code in _OF_SIGNATURE or error.message == _EXPIRED):
        raise Untranslatable("the fake refused the signature, which is another one at the target")
    address = address_of(request, fake.custom_hosts)
    if how != "none" and not _is_owner(fake, request, address):
        raise Untranslatable("signed by another account or user than the fake's own")
    return address


def _record(fake: Backend, answer: Answer) -> Record | None:
    """Return what the journal has of the call that was answered so; None: a test has cleared it meanwhile."""
    request_id = answer.by_name().get("x-amz-request-id")
    return next((record for record in fake.calls.latest(64) if record.request_id == request_id), None)


def _is_owner(fake: Backend, request: Request, address: Address) -> bool:
    """Return whether the root of the fake's own account has signed, whose part the user's credentials play at the target."""
    try:
        caller = authenticate(fake, request, parse_query(request.query), address)
    except S3Error:
        return True  # refused for another reason, which the target judges too
    return caller.account is None or (caller.account.id == fake.settings.account and caller.is_root)


def _check_buckets(buckets: TargetBuckets, existed: dict[str, bool]) -> None:
    """Raise Untranslatable if a bucket of the fake has no counterpart, since no request has created it."""
    for name, exists in existed.items():
        if exists and not buckets.has_created(name):
            raise Untranslatable(f"the target has no bucket for {name!r}: it was seeded, restored, or refused there")
