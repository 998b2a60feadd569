"""CreateSession: credentials for a directory bucket, valid for five minutes.

SDKs create sessions by themselves, without mode and encryption. Such a session encrypts with the bucket's default at the time of
each write; a session with a method of its own always uses that.
"""

from __future__ import annotations

from ...auth.authorization.directory_buckets import allowed_session_mode
from ...auth.authorization.evaluate import is_always_allowed
from ...auth.express_sessions import LIFETIME, client_expiration, issue_credentials
from ...auth.sessions import ExpressSession
from ...clock import later
from ...errors import S3Error, invalid_argument
from ...rules.directory_buckets import READ_ONLY, READ_WRITE, zone_of
from ...state.bucket import DIRECTORY, Bucket
from ...state.encryption import KMS
from ..context import Context
from ..object_encryption import DECRYPT, check_key_use, choose_encryption
from ..registry import Output, Params, operation

_MODE = "x-amz-create-session-mode"


@operation("CreateSession")
def create_session(context: Context, params: Params) -> Output:
    """Return a session in the requested mode, or else in the best one allowed: ReadWrite, then ReadOnly."""
    name, requested = params["Bucket"], params.get("SessionMode")
    if requested not in (None, READ_WRITE, READ_ONLY):
        raise invalid_argument("The session mode must be ReadWrite or ReadOnly", _MODE, requested)
    bucket = context.store.get(name)
    if bucket is not None and bucket.kind is not DIRECTORY:
        raise S3Error("MethodNotAllowed", None, Method="GET", ResourceType="BUCKET")
    if bucket is None:
        zone_of(name)
        return _response(context, name, "", {}, None, None)
    mode = _session_mode(context, bucket, (READ_WRITE, READ_ONLY) if requested is None else (requested,))
    encryption = choose_encryption(context, bucket, params)
    if encryption.key_arn is not None:
        check_key_use(context, encryption.key_arn, DECRYPT)
    if "ServerSideEncryption" not in params:
        return _response(context, name, mode, dict(encryption.response_members), None, None)
    return _response(context, name, mode, dict(encryption.response_members), encryption.algorithm, encryption.key_arn)


def _session_mode(context: Context, bucket: Bucket, modes: tuple[str, ...]) -> str:
    if is_always_allowed(context.caller, bucket):
        return modes[0]
    return allowed_session_mode(context.request_context, bucket, modes)


def _response(
    context: Context, name: str, mode: str, encryption_members: Output, algorithm: str | None, key: str | None
) -> Output:
    expires = later(context.now(), LIFETIME)
    session = ExpressSession(
        bucket=name,
        mode=mode,
        expires=int(expires.timestamp()),
        owner_key=context.caller.access_key or "",
        origin=context.ids.seed,
        nonce=context.ids.uuid("express session"),
        algorithm=algorithm,
        kms_key=key if algorithm == KMS else None,
    )
    issued = issue_credentials(session)
    return {
        "Credentials": {
            "AccessKeyId": issued.access_key,
            "SecretAccessKey": issued.secret,
            "SessionToken": issued.token,
            "Expiration": client_expiration(expires, context.clock, context.request),
        },
        **encryption_members,
    }
