"""The first step of a request: what S3 refuses from the request line, the query and the headers alone.

S3 parses before it looks: these checks come before the credential is judged and before the bucket is looked for (recorded from
AWS, September 2026, for numbers, ``versionId``, attribute names, conflicting parameters and forms; assumed for all other members,
not recorded from AWS).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..auth import expected_owner
from ..auth.authorization.operation import check_payer
from ..protocol.address import Address
from ..protocol.model import Operation
from ..rules.checksums import SentChecksum
from ..rules.names import check_key
from .context import check_version_id
from .registry import HEAD_CHECKS, Params
from .request_body import declare


class RequestHead(NamedTuple):
    """What a request says besides its body.

    Attributes:
        params: the params of the operation without those of the body.
        checksum: the ``x-amz-checksum-*`` header of a streaming body; None: there is none.
    """

    params: Params
    checksum: SentChecksum | None


def parse_head(operation: Operation, address: Address, query: Mapping[str, str], headers: Mapping[str, str]) -> RequestHead:
    """Parse and check a request without its body.

    Args:
        operation: what the request is for.
        address: as the client wrote it: access points are not resolved in it.
        query: decoded values by name.
        headers: by lower-case name, with those that were hoisted into the query.

    Raises:
        S3Error: the first thing that S3 refuses.
    """
    params = operation.parse_head(address.bucket, address.key, query, headers)
    check = HEAD_CHECKS.get(operation.name)
    if check is not None:
        check(params, headers)
    if "VersionId" in params:
        check_version_id(params["VersionId"])
    checksum = declare(headers).checksum if operation.streaming_input else None
    expected_owner.check_format(headers)
    check_payer(headers)
    if address.key is not None:
        check_key(address.key)
    return RequestHead(params, checksum)
