"""The parts of the table of ``upload-part``: a `Row`, its tries, and what a try expects.

A try writes options as the CLI has them; the boto3 call is made from the same. ``$upload``, ``$body``, ``$localhost``,
``$tls``, ``$ca`` are filled in by the test. The part is ``dummy data``, whose checksums are in `tests.support.vectors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.vectors import DUMMY_DATA

ETAG = '"31bfb9730ae51af73953ba720c8660d7"'
EMPTY_MD5 = "1B2M2Y8AsgTpgAmY7PhCfg=="
ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"

WORKS, LATER, NOT_IN_V1 = "works", "501", "CLI v2 only"
"""The statuses: works / responds ``501 NotImplemented`` / is rejected by CLI v1 itself."""


@dataclass(frozen=True)
class Gives:
    """The response has these members and none of ``absent``, and the upload then lists exactly this part."""

    output: Mapping[str, object] = field(default_factory=lambda: {"ETag": ETAG})
    absent: tuple[str, ...] = ()
    part: int = 1
    size: int = len(DUMMY_DATA)


@dataclass(frozen=True)
class Refused:
    """An error of S3, and nothing was stored. ``operation``: None if the client calls another one first."""

    status: int
    code: str
    message: str
    operation: str = "UploadPart"


@dataclass(frozen=True)
class ClientRefuses:
    """The client itself rejects the call and sends nothing: text on the CLI's stderr, and boto3's exception."""

    words: str
    exception: str = ""


@dataclass(frozen=True)
class Prints:
    """The CLI succeeds and its output matches these patterns. ``stores``: whether it sent a part."""

    out: str = ""
    err: str = ""
    stores: bool = True


@dataclass(frozen=True)
class Try:
    """One call.

    ``given``: options that replace those of a plain upload-part (None: remove them), or those of another ``command``;
    ``upload``: options of the create-multipart-upload before it; ``arguments``: of the CLI alone, which boto3 does not have;
    ``process``: whether it needs an ``aws`` process of its own; ``without``: the door that cannot try it; ``home``: the bucket
    of the upload.
    """

    expects: Gives | Refused | ClientRefuses | Prints
    given: Mapping[str, str | None] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    command: str = "upload-part"
    upload: Mapping[str, str] = field(default_factory=dict)
    process: bool = False
    without: str = ""
    home: str = "bucket"


@dataclass(frozen=True)
class Row:
    """A line of the table. ``member`` is boto3's name for it, '' if it has none."""

    name: str
    member: str
    status: str
    note: str
    tries: tuple[Try, ...]


DENIED = Refused(403, "AccessDenied", "Access Denied")
SSE_KEY = "0123456789abcdef0123456789abcdef"
SSE_KEY_BASE64, SSE_KEY_MD5 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "hRasmdxgYDKV3nvbahU1MA=="
SSE_C = {"--sse-customer-algorithm": "AES256", "--sse-customer-key": SSE_KEY}
"""The client's own key as it is sent: the CLI and boto3 encode it, and add the MD5 if it is not given."""
