"""What an operation is given beside its params: the state, the clock, who asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn, Protocol

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
from ..ids import Ids
from ..message import Request
from ..protocol.timestamps import http_date
from ..settings import Settings
from ..state.access_control import ENFORCED
from ..state.access_points import AccessPoint
from ..state.bucket import DIRECTORY, Bucket
from ..state.kms import Kms
from ..state.object_lambda import ObjectLambdas
from ..state.objects import NULL, Version
from ..state.store import Store
from . import access_point_routing

_ANONYMOUS_ID = "65a011a29cdf8ec533ec3d1ccaae921c"
"""The canonical id that S3 gives anonymous writers."""

_VERSION_ID = re.compile(r"[A-Za-z0-9._]{32}")


class OperationEnvironment(AuthEnvironment, Protocol):
    """The parts of a fake that operations use."""

    @property
    def kms(self) -> Kms: ...
    @property
    def lambdas(self) -> ObjectLambdas: ...
    @property
    def events(self) -> Events: ...


@dataclass(slots=True, eq=False)
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
        point: the access point through which the bucket is addressed; None: it is addressed directly.
        source_point: the access point through which the source of a copy is addressed; None: it is addressed directly.
        status: of the response, where it is not the model's (206); None: the model's.
        headers: of the response, beside those of the operation's output.
        trailers: trailing headers of the request's body.
        digests: digests of the request's body that were computed while it was read, by algorithm.
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
    point: AccessPoint | None = None
    source_point: AccessPoint | None = None
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    trailers: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    denial: Decision | None = None

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
        """The bucket that the request addresses; the pipeline has seen that it is there and may be used."""
        assert self.addressed_bucket is not None
        return self.addressed_bucket

    @property
    def account(self) -> str:
        """The id of the caller's account; '' for an anonymous one."""
        return self.caller.account.id if self.caller.account else ""

    def authorize(self, action: str, bucket: Bucket, key: str | None = None, version_id: str | None = None) -> None:
        """A further question beside the one that the pipeline asked: a copy's source, one of many keys.

        Raises:
            S3Error: AccessDenied.
        """
        self._authorize(action, bucket, key, version_id, self.point)

    def authorize_source(self, action: str, bucket: Bucket, key: str, version_id: str | None = None) -> None:
        """The same about the source of a copy, whose bucket `source_bucket` has found.

        Raises:
            S3Error: AccessDenied.
        """
        self._authorize(action, bucket, key, version_id, self.source_point)

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

    def may(self, action: str, bucket: Bucket, key: str, version_id: str | None = None) -> bool:
        """Whether the caller may, for what an answer shows only to those who may: nobody else is told of a denial."""
        if self.point is None and is_always_allowed(self.caller, bucket):
            return True
        return evaluate(self._authorization_request(action, bucket, key, version_id, self.point)).allowed

    @property
    def request_context(self) -> RequestContext:
        """What authorization requests need of this request."""
        return RequestContext(self.caller, self.request, self.query, self.clock, self.region)

    def _authorization_request(
        self, action: str, bucket: Bucket, key: str | None, version_id: str | None, point: AccessPoint | None
    ) -> AuthorizationRequest:
        return AuthorizationRequest(self.request_context, versioned_action(action, version_id), bucket, key, version_id, point)

    def authorize_new(self, name: str, location: str | None, tag_set: Sequence[Mapping[str, str]] = ()) -> None:
        """May the caller create a bucket of this name, with this LocationConstraint and these tags?

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
        """The time of a change: whole seconds, which is all that S3 shows."""
        return self.clock.now().replace(microsecond=0)

    def ensure(self, bucket: Bucket) -> None:
        """To be asked first under the bucket's lock: somebody may have deleted it since the request was routed."""
        if bucket.deleted:
            raise S3Error("NoSuchBucket", BucketName=bucket.name)

    def source_bucket(self, name: str) -> Bucket:
        """The bucket of a copy source, which may be an access point. (May the caller read in it? Ask `authorize_source`.)

        Raises:
            S3Error: NoSuchBucket, NoSuchAccessPoint and its kin, or AccessDenied for another owner than expected.
        """
        point = self.source_point = access_point_routing.source_point(self.store, name, self.bucket, self.point)
        bucket = self.store.get(name) if point is None else access_point_routing.bucket_of(self.store, point)
        if bucket is None:
            raise S3Error("NoSuchBucket", BucketName=name)
        expected_owner.check_owner(self.request.headers, bucket, expected_owner.SOURCE_HEADER)
        return bucket

    def new_version_id(self, bucket: Bucket) -> str:
        return self.ids.version_id() if bucket.versioning == "Enabled" else NULL

    def canonical_id(self, account: str) -> str:
        """The canonical user id of an account; '' is nobody, who has one too."""
        return self.accounts.account(account).canonical_id if account else _ANONYMOUS_ID

    def owner_of(self, bucket: Bucket, account: str) -> str:
        """The account that owns an object which ``account`` was made the owner of: the bucket's, unless ACLs count."""
        return bucket.account if bucket.ownership == ENFORCED else account

    def owner_element(self, account: str) -> dict[str, str]:
        """An ``Owner`` element. DisplayName is gone from it since 21 November 2025."""
        element = {"ID": self.canonical_id(account)}
        if self.settings.legacy_defaults and account:
            element["DisplayName"] = self.accounts.account(account).display_name
        return element

    def owner(self, bucket: Bucket) -> dict[str, str]:
        """The ``Owner`` element of the bucket's owner."""
        return self.owner_element(bucket.account)

    def display_names(self, canonical_ids: Iterable[str]) -> dict[str, str]:
        """The names of those of the canonical ids whose accounts are known."""
        found = ((name, self.accounts.find_by_canonical_id(name)) for name in set(canonical_ids))
        return {name: account.display_name for name, account in found if account is not None}

    def add_event(self, event: str, bucket: Bucket, key: str, version: Version | None = None) -> None:
        """Add an event (``ObjectCreated:Put``), which is published with the response.

        To be called under the bucket's lock, after the change.

        Args:
            version: the version that was created, changed or removed; None: a key without versions that was removed.
        """
        self.pending_events.append(event_fields(next(self.events.sequence_numbers), event, bucket, key, version))

    def tell_version(self, version_id: str | None) -> None:
        """Send ``x-amz-version-id`` where the model's output has no member for it."""
        if version_id is not None:
            self.headers.append(("x-amz-version-id", version_id))


def response_version_id(bucket: Bucket, version: Version) -> str | None:
    """The ``x-amz-version-id`` of an answer to a write: none unless versioning is enabled."""
    return version.id if bucket.versioning == "Enabled" else None


def read_response_version_id(bucket: Bucket, version: Version) -> str | None:
    """The ``x-amz-version-id`` of an answer to a read: also ``null``, once versioning was ever enabled."""
    return version.id if bucket.versioning is not None else None


def no_such_key(bucket: Bucket, key: str, marker: Version | None = None) -> NoReturn:
    """A key that is not there, or whose current version is a delete marker (which the headers tell)."""
    headers = {}
    if marker is not None:
        headers = {"x-amz-delete-marker": "true", "x-amz-version-id": marker.id}
    raise S3Error("NoSuchKey", None, headers, Key=key)


def find_version(bucket: Bucket, key: str, version_id: str | None, method: str = "GET") -> Version:
    """The version that a read asks for: the current one, or that of ``version_id``.

    Raises:
        S3Error: NoSuchKey, NoSuchVersion, InvalidArgument for an id of no possible version, MethodNotAllowed for a delete
            marker by its id.
    """
    if version_id is None:
        current = bucket.current(key)
        if current is None or current.is_delete_marker:
            no_such_key(bucket, key, current)
        return current
    check_version_id(version_id)
    version = bucket.version(key, version_id)
    if version is None:
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
    """Raise InvalidArgument for what can be no version id (of ours: 32 URL-safe characters, or ``null``)."""
    if version_id == "":
        raise invalid_argument("Version id cannot be the empty string", argument, "")
    if version_id != NULL and not _VERSION_ID.fullmatch(version_id):
        raise invalid_argument("Invalid version id specified", argument, version_id)
