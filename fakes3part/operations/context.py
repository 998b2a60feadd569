"""`Context`, which every operation gets beside its parameters, and what operations share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn, Protocol

from ..auth import expected_owner
from ..auth.accounts import Accounts
from ..auth.authorization.directory_buckets import authorize_zonal
from ..auth.authorization.evaluate import authorize, evaluate, is_always_allowed
from ..auth.authorization.operation import authorize_service_operation
from ..auth.authorization.request import AuthorizationRequest, RequestContext
from ..auth.callers import Caller
from ..auth.environment import AuthEnvironment
from ..auth.policies.actions import versioned_action
from ..clock import Clock
from ..errors import Decision, S3Error, invalid_argument
from ..events.events import Events
from ..events.records import EventFields, event_fields
from ..ids import Ids, is_version_id
from ..message import Request
from ..protocol.aws_chunked import DeclaredBody
from ..protocol.timestamps import http_date
from ..rules.checksums import ALGORITHMS, SentChecksum, checksum_or_trailer
from ..settings import Settings
from ..state.access_control import ENFORCED
from ..state.access_points import AccessPoint
from ..state.bucket import DIRECTORY, Bucket
from ..state.kms import Kms
from ..state.object_lambdas import ObjectLambdas
from ..state.objects import NULL, Version
from ..state.store import Store
from . import access_point_routing

if TYPE_CHECKING:
    from ..state.notification import NotificationEntry


class OperationEnvironment(AuthEnvironment, Protocol):
    """The parts of a fake that operations use."""

    @property
    def kms(self) -> Kms: ...
    @property
    def lambdas(self) -> ObjectLambdas: ...
    @property
    def events(self) -> Events: ...
    def destination_problem(self, bucket: Bucket, entry: NotificationEntry) -> tuple[str, str] | None:
        """Return ArgumentName and ArgumentValue of the error for a destination that S3 cannot use; None: it can."""

    def object_changed(self, context: Context, name: str, bucket: Bucket, key: str, version: Version | None) -> None:
        """Tell background processes of a change; see `Context.announce_change`."""


@dataclass(eq=False)
class Context:
    """What an operation gets beside its parameters: the fake, the request, and where to put headers of the response.

    Attributes:
        environment: the fake.
        store: the state on which the whole request is performed, even if a snapshot is restored meanwhile.
        request: the HTTP request.
        query: its decoded query parameters.
        caller: who signed it. PostObject sets it: its form carries the signature.
        region: of the endpoint.
        addressed_bucket: see `bucket`; None: the request addresses none, or one that does not exist.
        pending_events: S3 events of this request, published once its response is made.
        access_point: the access point through which the bucket is addressed; None: it is addressed directly.
        source_access_point: the access point through which the source of a copy is addressed; None: it is addressed directly.
        request_id: of the response.
        status: of the response, where it is not the model's (206); None: the model's.
        headers: of the response, beside those of the operation's output.
        declared: what the headers declare about a streaming body; None: the operation has no such body.
        trailers: trailing headers of the request's body; None: it has none.
        digests: digests of the request's body that were computed while it was read, by algorithm; None: there are none.
        denial: the last decision that denied a part of the request, such as one of many keys, where the response is a 200;
            None: no part was denied.
    """

    environment: OperationEnvironment
    store: Store
    request: Request
    query: Mapping[str, str]
    caller: Caller
    region: str
    addressed_bucket: Bucket | None
    pending_events: list[EventFields]
    access_point: AccessPoint | None = None
    request_id: str | None = None
    declared: DeclaredBody | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    # What few requests have is an attribute of the class until it is set: to make a context is a cost of every request.
    source_access_point: AccessPoint | None = field(default=None, init=False)
    status: int | None = field(default=None, init=False)
    trailers: Mapping[str, str] | None = field(default=None, init=False)
    digests: dict[str, str] | None = field(default=None, init=False)
    denial: Decision | None = field(default=None, init=False)

    @property
    def accounts(self) -> Accounts:
        return self.environment.accounts

    @property
    def clock(self) -> Clock:
        return self.environment.clock

    @property
    def ids(self) -> Ids:
        return self.environment.ids

    @property
    def kms(self) -> Kms:
        return self.environment.kms

    @property
    def lambdas(self) -> ObjectLambdas:
        return self.environment.lambdas

    @property
    def settings(self) -> Settings:
        return self.environment.settings

    @property
    def events(self) -> Events:
        return self.environment.events

    @property
    def bucket(self) -> Bucket:
        """The bucket that the request addresses. `authorize_target` has checked that it exists and may be used."""
        assert self.addressed_bucket is not None
        return self.addressed_bucket

    @property
    def account(self) -> str:
        """The id of the caller's account; empty for an anonymous caller, unless the fake is lenient towards it."""
        if self.caller.account is not None:
            return self.caller.account.id
        return self.settings.account if "anonymous" in self.request.used_leniences else ""

    def authorize(self, action: str, bucket: Bucket, key: str | None = None, version_id: str | None = None) -> None:
        """Authorize a further action beside the operation's own, such as the deletion of one key of many.

        Raises:
            S3Error: AccessDenied.
        """
        self._authorize(action, bucket, key, version_id, self.access_point)

    def authorize_source(self, action: str, bucket: Bucket, key: str, version_id: str | None = None) -> None:
        """Authorize an action on the source of a copy, whose bucket `source_bucket` has returned.

        Raises:
            S3Error: AccessDenied.
        """
        self._authorize(action, bucket, key, version_id, self.source_access_point)

    def _authorize(self, action: str, bucket: Bucket, key: str | None, version_id: str | None, point: AccessPoint | None) -> None:
        if point is None and is_always_allowed(self.caller, bucket):
            return
        try:
            if bucket.kind is DIRECTORY:
                writes = not action.startswith("s3:Get")
                authorize_zonal(self.request_context, bucket, writes=writes)
            else:
                authorize(self._authorization_request(action, bucket, key, version_id, point))
        except S3Error as error:
            self.denial = error.decision
            raise

    def is_allowed(self, action: str, bucket: Bucket, key: str, version_id: str | None = None) -> bool:
        """Return whether the caller is allowed, for optional members of a response. A denial is not reported."""
        if self.access_point is None and is_always_allowed(self.caller, bucket):
            return True
        return evaluate(self._authorization_request(action, bucket, key, version_id, self.access_point)).allowed

    @property
    def request_context(self) -> RequestContext:
        """Return what authorization requests need of this request."""
        return RequestContext(self.caller, self.request, self.query, self.clock, self.region)

    def _authorization_request(
        self, action: str, bucket: Bucket, key: str | None, version_id: str | None, point: AccessPoint | None
    ) -> AuthorizationRequest:
        return AuthorizationRequest(self.request_context, versioned_action(action, version_id), bucket, key, version_id, point)

    def authorize_create_bucket(self, name: str, location: str | None, tag_set: Sequence[Mapping[str, str]] = ()) -> None:
        """Authorize CreateBucket with this name, LocationConstraint (None: without one) and these tags.

        Raises:
            S3Error: AccessDenied.
        """
        conditions: dict[str, str | tuple[str, ...]] = {} if location is None else {"s3:locationconstraint": location}
        if tag_set:
            conditions["aws:tagkeys"] = tuple(tag["Key"] for tag in tag_set)
            conditions |= {f"aws:requesttag/{tag['Key']}": tag["Value"] for tag in tag_set}
        authorize_service_operation(
            "CreateBucket",
            self.request_context,
            bucket_name=name,
            extra_conditions=conditions,
            extra_actions=("s3:TagResource",) if tag_set else (),
        )

    def now(self) -> datetime:
        """Return the time for a change: in whole seconds, as S3 shows it."""
        now = self.environment.clock.now()
        return now - timedelta(0, 0, now.microsecond)

    def ensure_exists(self, bucket: Bucket) -> None:
        """Raise NoSuchBucket if the bucket was deleted since the request was routed. Call it first under the bucket's lock."""
        if bucket.deleted:
            raise S3Error("NoSuchBucket", BucketName=bucket.name)

    def source_bucket(self, name: str) -> Bucket:
        """Return the bucket of a copy source, which an access point may name. `authorize_source` checks whether it may be read.

        Raises:
            S3Error: NoSuchBucket, NoSuchAccessPoint, InvalidAccessPointAliasError, AccessDenied for an unexpected owner.
        """
        point = self.source_access_point = access_point_routing.source_point(self.store, name, self.bucket, self.access_point)
        bucket = self.store.get(name) if point is None else access_point_routing.bucket_of(self.store, point)
        if bucket is None:
            raise S3Error("NoSuchBucket", BucketName=name)
        expected_owner.check_owner(self.request.headers, bucket, expected_owner.SOURCE_HEADER)
        return bucket

    def new_version_id(self, bucket: Bucket) -> str:
        """Return the id for a new version of an object in this bucket."""
        return self.ids.version_id() if bucket.versioning == "Enabled" else NULL

    def canonical_id(self, account: str) -> str:
        """Return the canonical user id of an account; empty: that of anonymous writers."""
        return self.accounts.canonical_id(account)

    def owner_of(self, bucket: Bucket, account: str) -> str:
        """Return the account that owns an object written by ``account``: the bucket's, if Object Ownership is enforced."""
        return bucket.account if bucket.ownership == ENFORCED else account

    def owner_element(self, account: str) -> dict[str, str]:
        """Return an ``Owner`` element. AWS removed its DisplayName on 21 November 2025."""
        element = {"ID": self.canonical_id(account)}
        if account and (self.settings.legacy_defaults or "acls" in self.request.lenient):
            element["DisplayName"] = self.accounts.account(account).display_name
        return element

    def owner(self, bucket: Bucket) -> dict[str, str]:
        """Return the ``Owner`` element of the bucket's owner."""
        return self.owner_element(bucket.account)

    def display_names(self, canonical_ids: Iterable[str]) -> dict[str, str]:
        """Return canonical id -> display name of those accounts that exist."""
        accounts = ((name, self.accounts.find_by_canonical_id(name)) for name in set(canonical_ids))
        return {name: account.display_name for name, account in accounts if account is not None}

    def add_event(
        self,
        event: str,
        bucket: Bucket,
        key: str,
        version: Version | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        """Add an event (``ObjectCreated:Put``), which is published with the response.

        To be called under the bucket's lock, after the change.

        Args:
            version: the version that was created, changed or removed; None: a key without versions that was removed.
            extra: further members of the event's record, as in `EventData`, in JSON's types; None: there are none.
        """
        self.pending_events.append(event_fields(next(self.events.sequence_numbers), event, bucket, key, version, extra))
        if self.store.processes_ran_at:
            self.environment.object_changed(self, event, bucket, key, version)

    def announce_change(self, name: str, bucket: Bucket, key: str, version: Version) -> None:
        """Tell background processes, such as replication, of a change that has no event: of a legal hold, for example.

        To be called under the bucket's lock, after the change.
        """
        if self.store.processes_ran_at:
            self.environment.object_changed(self, name, bucket, key, version)

    def sent_checksum(self) -> SentChecksum | None:
        """Return the checksum that the client sent for the body, in a header or in a trailer; None: it sent none.

        Raises:
            S3Error: InvalidRequest for a trailer that cannot be one, and for two checksums.
        """
        sent = None if self.declared is None else self.declared.checksum
        if sent is None and self.digests is not None and len(self.digests) == 1:  # of the one trailer
            [(name, value)] = self.digests.items()
            return SentChecksum(ALGORITHMS[name], value)
        return checksum_or_trailer(sent, self.trailers)

    def add_version_header(self, version_id: str | None) -> None:
        """Add ``x-amz-version-id`` to the response, for outputs without a member for it; None: nothing is added."""
        if version_id is not None:
            self.headers.append(("x-amz-version-id", version_id))


def response_version_id(bucket: Bucket, version: Version) -> str | None:
    """Return the ``x-amz-version-id`` of the response to a write; None: versioning is not enabled, so there is none."""
    return version.id if bucket.versioning == "Enabled" else None


def read_response_version_id(bucket: Bucket, version: Version) -> str | None:
    """Return the ``x-amz-version-id`` of the response to a read; None: versioning was never enabled, so there is none."""
    return version.id if bucket.versioning is not None else None


def no_such_key(bucket: Bucket, key: str, marker: Version | None = None) -> NoReturn:
    """Raise NoSuchKey; if the current version is a delete marker, with headers that say so. None: there is no version."""
    headers = {}
    if marker is not None:
        headers = {"x-amz-delete-marker": "true", "x-amz-version-id": marker.id}
    raise S3Error("NoSuchKey", None, headers, Key=key)


def find_version(bucket: Bucket, key: str, version_id: str | None, method: str = "GET") -> Version:
    """Return the version that a request addresses: that of ``version_id``, or if it is None, the current one.

    Raises:
        S3Error: NoSuchKey, NoSuchVersion, InvalidArgument for a version id that was never given, MethodNotAllowed for a delete
            marker by its id.
    """
    if version_id is None:
        current = bucket.current(key)
        if current is None or current.is_delete_marker:
            no_such_key(bucket, key, current)
        return current
    version = bucket.version(key, version_id)
    if version is None:
        check_version_id(version_id)
        raise S3Error("NoSuchVersion", Key=key, VersionId=version_id)
    if version.is_delete_marker:
        headers = {
            "x-amz-delete-marker": "true",
            "x-amz-version-id": version.id,
            "Last-Modified": http_date(version.last_modified),
            "Allow": "DELETE",
        }
        raise S3Error("MethodNotAllowed", None, headers, Method=method, ResourceType="DeleteMarker")
    return version


def check_version_id(version_id: str, argument: str = "versionId") -> None:
    """Raise InvalidArgument for a version id that was never given (recorded from AWS, February 2026); ``null`` is right.

    Recorded for DeleteObject and GetObject; assumed for other operations: not recorded from AWS.
    """
    if version_id == "":
        raise invalid_argument("Version id cannot be the empty string", argument, "")
    if version_id != NULL and not is_version_id(version_id):
        raise invalid_argument("Invalid version id specified", argument, version_id)
