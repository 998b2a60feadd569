"""PutBucketWebsite, GetBucketWebsite, DeleteBucketWebsite. (Website endpoints: `fakes3part.website`.)"""

from __future__ import annotations

from ...errors import S3Error
from ...rules.website import shown, website
from ...state.website import Website
from ..context import Context
from ..registry import Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> Website:
    if "WebsiteConfiguration" not in params:
        raise S3Error("MalformedXML")
    return website(params["WebsiteConfiguration"])


configuration(
    field="website",
    put="PutBucketWebsite",
    get="GetBucketWebsite",
    delete="DeleteBucketWebsite",
    parse=_parse,
    show=shown,
    missing="NoSuchWebsiteConfiguration",
)
