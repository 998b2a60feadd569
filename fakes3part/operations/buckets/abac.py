"""PutBucketAbac, GetBucketAbac: whether a bucket's tags count in policy conditions (attribute-based access control).

The tags themselves are put by PutBucketTagging, and by S3 Control's TagResource (`fakes3part.services.s3control_tags`), which
alone may change them while it is enabled. (Condition keys: `fakes3part.auth.authorization.condition_keys`.)
"""

from __future__ import annotations

from ...errors import S3Error
from ...state.access_control import ABAC_DISABLED, ABAC_ENABLED
from ..context import Context
from ..registry import Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> str:
    status: str | None = params["AbacStatus"].get("Status")
    if status not in (ABAC_ENABLED, ABAC_DISABLED):
        raise S3Error("MalformedXML")
    return status


configuration(
    field="abac",
    put="PutBucketAbac",
    get="GetBucketAbac",
    delete=None,
    parse=_parse,
    show=lambda status: {"AbacStatus": {"Status": status}},
    missing=None,
)
