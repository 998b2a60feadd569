"""PutBucketWebsite, GetBucketWebsite, DeleteBucketWebsite. (Website endpoints: `fakes3part.website`.)"""

from __future__ import annotations

from ...errors import S3Error
from ...rules.website import parse_website, website_output
from ...state.website import Website
from ..context import Context
from ..registry import Params
from .configurations import configuration


def _parse(context: Context, params: Params) -> Website:
    if "WebsiteConfiguration" not in params:
        raise S3Error("MalformedXML")
    return parse_website(params["WebsiteConfiguration"])


configuration(
    field="website",
    put="PutBucketWebsite",
    get="GetBucketWebsite",
    delete="DeleteBucketWebsite",
    parse=_parse,
    show=website_output,
    missing="NoSuchWebsiteConfiguration",
)
