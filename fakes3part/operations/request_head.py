"""The first step of a request: what S3 refuses from the request line, the query and the headers alone.

S3 parses before it looks: these checks come before the credential is judged and before the bucket is looked for (recorded from
AWS, September 2026, for numbers, ``versionId``, attribute names, conflicting parameters and forms; assumed for all other members,
not recorded from AWS).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..auth import expected_owner
from ..auth.authorization.operation import PAYER_HEADER, check_payer
from ..protocol.address import Address
from ..protocol.aws_chunked import DeclaredBody
from ..protocol.header_names import HeaderNames
from ..protocol.model import Operation
from ..rules.names import check_key
from .context import check_version_id
from .registry import HEAD_CHECKS, Params
from .request_body import check_declared

_CHECKED_HEADERS = frozenset({expected_owner.HEADER, expected_owner.SOURCE_HEADER, PAYER_HEADER})


def check_head(
    operation: Operation, address: Address, params: Params, headers: Mapping[str, str], names: HeaderNames, max_upload: int
) -> DeclaredBody | None:
    """Check a request without its body, whose params the operation has parsed.

    Args:
        operation: what the request is for.
        address: as the client wrote it: access points are not resolved in it.
        params: the params without those of the body.
        headers: by lower-case name, with those that were hoisted into the query.
        names: the names of these headers.
        max_upload: the most bytes of an upload.

    Returns:
        What the headers declare about a streaming body; None: the operation has no such body.

    Raises:
        S3Error: the first thing that S3 refuses.
    """
    check = HEAD_CHECKS.get(operation.name)
    if check is not None:
        check(params, headers)
    declared = check_declared(headers, names, max_upload) if operation.streaming_input else None
    if not _CHECKED_HEADERS.isdisjoint(names.all):
        expected_owner.check_format(headers)
        check_payer(headers)
    if address.key is not None:
        if "VersionId" in params:
            check_version_id(params["VersionId"])
        check_key(address.key)
    return declared
