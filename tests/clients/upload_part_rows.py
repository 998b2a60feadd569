"""What a line of the seed's table is made of: a `Row`, its tries, and what a try expects.

A try writes options as the CLI has them; the boto3 call is made from the same. ``$upload``, ``$body``, ``$localhost``,
``$tls``, ``$ca`` are filled in by the test. The part is ``dummy data``, whose checksums are vectors of facts 20.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.vectors import DUMMY_DATA

ETAG = '"31bfb9730ae51af73953ba720c8660d7"'
EMPTY_MD5 = "1B2M2Y8AsgTpgAmY7PhCfg=="
ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"

WORKS, LATER, NOT_IN_V1 = "works", "501", "CLI v2 only"
"""The statuses: right / answers a clear ``501 NotImplemented`` until a later issue / refused by CLI v1 itself."""


@dataclass(frozen=True)
class Gives:
    """The answer has these members (and none of ``absent``), and the upload then lists just this part."""

    output: Mapping[str, object] = field(default_factory=lambda: {"ETag": ETAG})
    absent: tuple[str, ...] = ()
    part: int = 1
    size: int = len(DUMMY_DATA)


@dataclass(frozen=True)
class Refused:
    """S3's own error; nothing was stored. ``operation`` is None where the client asks another one first."""

    status: int
    code: str
    message: str
    operation: str = "UploadPart"


@dataclass(frozen=True)
class ClientRefuses:
    """The client itself says no, and sends nothing that could be stored: words on the CLI's stderr, boto3's exception."""

    words: str
    exception: str = ""


@dataclass(frozen=True)
class Prints:
    """The CLI succeeds and prints what matches these patterns. ``stores``: it sent a part."""

    out: str = ""
    err: str = ""
    stores: bool = True


@dataclass(frozen=True)
class Try:
    """One call: ``given`` replaces (None: removes) options of a plain upload-part, or are those of another ``command``.

    ``upload`` are options of the create-multipart-upload before it; ``arguments`` the CLI's own, so that boto3 has no part in
    it; ``process``: in an ``aws`` process of its own; ``without``: the door at which there is nothing to try. ``home`` is the
    bucket where the upload is.
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
    """A line of the table. ``member`` is boto3's name for it, '' where it has none."""

    name: str
    member: str
    status: str
    note: str
    tries: tuple[Try, ...]


DENIED = Refused(403, "AccessDenied", "Access Denied")
SSE_KEY = "0123456789abcdef0123456789abcdef"
SSE_KEY_BASE64, SSE_KEY_MD5 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "hRasmdxgYDKV3nvbahU1MA=="
SSE_C = {"--sse-customer-algorithm": "AES256", "--sse-customer-key": SSE_KEY}
"""How the client sends its own key: the CLI and boto3 encode it and add the MD5, unless that is given."""
