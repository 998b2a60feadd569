"""PutBucketRequestPayment and GetBucketRequestPayment. (`fakes3part.auth` decides whether a requester must pay.)"""

from __future__ import annotations

from ...errors import S3Error
from ...state.access_control import BUCKET_OWNER, REQUESTER
from ..context import Context
from ..registry import Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> str:
    payer: str = params["RequestPaymentConfiguration"]["Payer"]
    if payer not in (BUCKET_OWNER, REQUESTER):
        raise S3Error("MalformedXML")
    return payer


configuration(
    field="payer",
    put="PutBucketRequestPayment",
    get="GetBucketRequestPayment",
    delete=None,
    parse=_parse,
    show=lambda payer: {"Payer": payer},
    missing=None,
)
