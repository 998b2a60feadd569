"""The credentials that a fake gives to clients: in the environment of a mock, and by ``environment()`` of a server.

Their secret is known although they were not added, so signatures by this key are verified: of presigned URLs and forms always, of
headers if they came over HTTP. (A client of this process has just made its signature from the same request.) Keys of the user's
own, such as ``testing``, may have any secret.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import S3Error
from ..leniences import LenientRequest, allow
from .callers import Caller

ACCESS_KEY = "FOOBARKEY"
SECRET_KEY = "FOOBARSECRET"
"""moto's values, so that tests that compare them keep passing."""

TOKEN = "testing"
"""What test suites write into all four variables of credentials, as moto's documentation advises. A mock leaves it there."""


def secret_of(caller: Caller) -> str | None:
    """Return the secret of a caller's access key; None: it is unknown, so any signature is accepted."""
    if caller.secret is None and caller.access_key == ACCESS_KEY:
        return SECRET_KEY
    return caller.secret


def is_wrong_token(request: LenientRequest, access_key: str, token: str) -> bool:
    """Return whether a session token is sent with the fake's own key, which has none. The lenience ``credentials`` accepts it."""
    return access_key == ACCESS_KEY and token != TOKEN and not allow(request, "credentials")


def verify(
    request: LenientRequest, caller: Caller, check: Callable[[str | None], None], unknown_key: Exception | None = None
) -> None:
    """Verify a presigned URL or a form by ``check(secret)``; None as secret: it is unknown.

    The lenience ``credentials`` accepts what the fake's own key has signed wrongly, as if its secret were unknown.

    Args:
        unknown_key: the error for a key that is the fake's own but for one character, for then the URL was changed; None:
            InvalidAccessKeyId.

    Raises:
        Exception: the error of ``check``, or ``unknown_key``.
    """
    own = caller.secret is None and caller.access_key == ACCESS_KEY
    if caller.secret is None and not own and _is_misspelt(caller.access_key or "") and not allow(request, "credentials"):
        raise unknown_key or S3Error("InvalidAccessKeyId", AWSAccessKeyId=caller.access_key)
    if not own:
        check(caller.secret)
        return
    failures: type[Exception] = S3Error if unknown_key is None else type(unknown_key)
    try:
        check(SECRET_KEY)
    except failures:
        if not allow(request, "credentials"):
            raise
        check(None)


def _is_misspelt(access_key: str) -> bool:
    if len(access_key) == 7:  # in a URL, "FO%BARKEY" has a percent-encoded byte
        return access_key[:2] == ACCESS_KEY[:2] and access_key[3:] == ACCESS_KEY[5:]
    return len(access_key) == len(ACCESS_KEY) and sum(map(str.__ne__, access_key, ACCESS_KEY)) == 1
