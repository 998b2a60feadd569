"""What the IAM role of a replication configuration may do.

A role that was added to the fake needs the permissions that S3 demands; one that was not may do everything, as in AssumeRole,
unless ``strict_credentials`` is set. The policies of the buckets count in both cases: another account's bucket must let the role
in.

Source: "Setting up permissions for live replication" and "Amazon S3 replication failure reasons" in the user guide. Which reason
belongs to which permission is assumed: not recorded from AWS.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial

from .. import leniences
from ..auth.authorization.evaluate import authorize, is_always_allowed
from ..auth.authorization.kms import authorize_key_use
from ..auth.authorization.request import AuthorizationRequest, RequestContext
from ..auth.authorization.role_trust import ALLOW_EVERYTHING, trust_denial
from ..auth.callers import Caller, Identity
from ..auth.sessions import Role, Session
from ..errors import Decision, S3Error
from ..message import S3_ITSELF, Request
from ..rules.regions import region_of
from ..state.access_points import bucket_arn
from ..state.bucket import Bucket
from ..state.kms import Key, KmsError
from ..state.objects import Version
from .process import ProcessEnvironment, Report

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role(/(?:[!-~]+/)?)([^/]+)", re.ASCII)
_SESSION = "s3-replication"

_CHANGES = {
    "ObjectTagging": (
        ("s3:GetObjectVersionTagging", "SrcGetTaggingNotPermitted"),
        ("s3:ReplicateTags", "DstPutTaggingNotPermitted"),
    ),
    "ObjectAcl": (
        ("s3:GetObjectVersionAcl", "SrcGetAclNotPermitted"),
        ("s3:ReplicateObject", "DstPutAclNotPermitted"),
    ),
    "ObjectAnnotation": (
        ("s3:GetObjectVersionForReplication", "SrcGetObjectNotPermitted"),
        ("s3:ReplicateObject", "DstPutObjectNotPermitted"),
    ),
    "ObjectRetention": (
        ("s3:GetObjectRetention", "SrcGetRetentionNotPermitted"),
        ("s3:ReplicateObject", "DstPutRetentionNotPermitted"),
    ),
    "ObjectLegalHold": (
        ("s3:GetObjectLegalHold", "SrcGetLegalHoldNotPermitted"),
        ("s3:ReplicateObject", "DstPutLegalHoldNotPermitted"),
    ),
}
"""Kind of change -> the actions that it needs on the source and on the destination, with the reasons of failures."""


class ReplicationFailure(Exception):
    """An operation cannot be replicated.

    Attributes:
        reason: the ``failureReason`` of S3's event. ``detail`` is for the log; None: there is none.
    """

    def __init__(self, reason: str, detail: object = None) -> None:
        super().__init__(reason if detail is None else f"{reason} ({detail})")
        self.reason = reason


class ReplicationRole:
    """The role of a configuration, with which S3 replicates one version.

    Raises:
        ReplicationFailure: S3 may not assume the role, or the role may not read the source bucket.
    """

    def __init__(self, environment: ProcessEnvironment, arn: str, source: Bucket, destination: Bucket, version: Version) -> None:
        self._environment = environment
        self._source = source
        self._destination = destination
        self._version = version
        self._request = Request("PUT", S3_ITSELF, "/", headers={"x-amz-request-payer": "requester"}, client=S3_ITSELF)
        self._request.lenient = environment.lenient
        role = self._assume(arn)
        session = Session(f"assumed-role/{role.name}/{_SESSION}", f"{role.id}:{_SESSION}", role)
        account = environment.accounts.account(role.account)
        self._may_do_everything = role.policy is ALLOW_EVERYTHING
        self._root = Caller(account)
        self._caller = Caller(account, identity=Identity(role.name, role.policy), session=session)
        for action in ("s3:GetReplicationConfiguration", "s3:ListBucket"):
            self._require(action, source, "SrcHeadObjectNotPermitted", of_bucket=True)

    def _assume(self, arn: str) -> Role:
        match = _ROLE.fullmatch(arn)
        if match is None:
            raise ReplicationFailure("AssumeRoleNotPermitted")
        account, path, name = match.groups()
        accounts = self._environment.accounts
        role = accounts.role(account, name)
        if role is None and not accounts.strict:
            return Role(account, name, ALLOW_EVERYTHING, None, path)
        if role is None or role.path != path or not self._trusts_s3(role):
            raise ReplicationFailure("AssumeRoleNotPermitted")
        return role

    def _trusts_s3(self, role: Role) -> bool:
        """Return whether S3 may assume a role; a role without a trust policy is taken for one that S3 may assume."""
        if role.trust is None:
            return True
        conditions = {"aws:sourcearn": bucket_arn(self._source), "aws:sourceaccount": self._source.account}
        request = AuthorizationRequest(self._context(Caller(service=S3_ITSELF)), "sts:AssumeRole", extra_conditions=conditions)
        return trust_denial(role, request) is None

    def _context(self, caller: Caller) -> RequestContext:
        return RequestContext(caller, self._request, {}, self._environment.clock, region_of(self._source))

    def _denial(self, action: str, bucket: Bucket, key: str | None) -> Decision | None:
        """Return the decision that denies an action; None: it is allowed."""
        if self._may_do_everything and is_always_allowed(self._root, bucket):
            return None
        version_id = self._version.id if key is not None and bucket is self._source else None
        try:
            authorize(AuthorizationRequest(self._context(self._caller), action, bucket, key, version_id))
        except S3Error as error:
            return error.decision
        return None

    def _require(self, action: str, bucket: Bucket, reason: str, *, of_bucket: bool = False) -> None:
        """Raise ReplicationFailure unless the role may perform an action on the object, or on the bucket itself."""
        denial = self._denial(action, bucket, None if of_bucket else self._version.key)
        if denial is not None:
            raise ReplicationFailure(reason, denial)

    def lenience_reports(self) -> list[Report]:
        """Return what reports the leniences that were used: a fake may let in other accounts that S3 denies."""
        used = self._request.used_leniences
        return [partial(leniences.report, used)] if used else []

    def check_object(self, *, overrides_owner: bool) -> None:
        """Raise ReplicationFailure unless the role may read the object and write its replica."""
        source, destination, lock = self._source, self._destination, self._version.lock
        self._require("s3:GetObjectVersionForReplication", source, "SrcGetObjectNotPermitted")
        self._require("s3:GetObjectVersionAcl", source, "SrcGetAclNotPermitted")
        if lock is not None and lock.mode is not None:
            self._require("s3:GetObjectRetention", source, "SrcGetRetentionNotPermitted")
        if lock is not None and lock.legal_hold is not None:
            self._require("s3:GetObjectLegalHold", source, "SrcGetLegalHoldNotPermitted")
        self._require("s3:ReplicateObject", destination, "DstPutObjectNotPermitted")
        if overrides_owner:
            self._require("s3:ObjectOwnerOverrideToBucketOwner", destination, "DstPutAclNotPermitted")

    def may_replicate_tags(self) -> bool:
        """Return whether the role may read tags and write them: without, objects are replicated without their tags."""
        needed = (("s3:GetObjectVersionTagging", self._source), ("s3:ReplicateTags", self._destination))
        return not any(self._denial(action, bucket, self._version.key) is not None for action, bucket in needed)

    def check_delete_marker(self) -> None:
        """Raise ReplicationFailure unless the role may replicate delete markers."""
        self._require("s3:ReplicateDelete", self._destination, "DstDelObjNotPermitted")

    def check_change(self, kind: str) -> None:
        """Raise ReplicationFailure unless the role may replicate a later change, by the kind of its event."""
        read, write = _CHANGES[kind]
        self._require(read[0], self._source, read[1])
        self._require(write[0], self._destination, write[1])

    # KMS

    def check_source_key(self, arn: str) -> None:
        """Raise ReplicationFailure unless the role may decrypt with the key of the object."""
        key = self._environment.kms.by_arn(arn)
        self._check_key(key, "kms:Decrypt", self._source, "SrcGetObjectNotPermitted", "SrcKmsKeyInvalidState")

    def destination_key(self, name: str) -> str:
        """Return the ARN of the key of the replica.

        Raises:
            ReplicationFailure: it does not exist, or the role may not use it.
        """
        key, region = None, region_of(self._destination)
        key_region, account = name.split(":")[3:5]
        if key_region == region:
            with suppress(KmsError):
                key = self._environment.kms.find(name, account, region)
        if key is None:
            raise ReplicationFailure("DstKmsKeyNotFound")
        self._check_key(key, "kms:Encrypt", self._destination, "DstPutObjectNotPermitted", "DstKmsKeyInvalidState")
        return key.arn

    def _check_key(self, key: Key, action: str, bucket: Bucket, denied: str, unusable: str) -> None:
        account = self._caller.account
        assert account is not None
        conditions = {"kms:viaservice": f"s3.{key.region}.amazonaws.com", "kms:calleraccount": account.id}
        try:
            authorize_key_use(key, AuthorizationRequest(self._context(self._caller), action, bucket, extra_conditions=conditions))
            key.check_state()
        except S3Error as error:
            raise ReplicationFailure(denied, error if error.decision is None else error.decision) from None
        except KmsError as error:
            raise ReplicationFailure(unusable, error.message) from None
