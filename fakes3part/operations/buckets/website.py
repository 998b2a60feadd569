"""A bucket's website configuration. (The website itself: `fakes3part.website`.)"""

from __future__ import annotations

from ...errors import S3Error
from ...rules.website import shown, website
from ..context import Context
from ..registry import Output, Params, operation


@operation("PutBucketWebsite")
def put_bucket_website(context: Context, params: Params) -> Output:
    """Make the bucket a website, or change what it is like."""
    if "WebsiteConfiguration" not in params:
        raise S3Error("MalformedXML")
    site = website(params["WebsiteConfiguration"])
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.website = site
    return {}


@operation("GetBucketWebsite")
def get_bucket_website(context: Context, params: Params) -> Output:
    """The configuration as it was put."""
    bucket = context.bucket
    if bucket.website is None:
        raise S3Error("NoSuchWebsiteConfiguration", BucketName=bucket.name)
    return shown(bucket.website)


@operation("DeleteBucketWebsite")
def delete_bucket_website(context: Context, params: Params) -> Output:
    """The bucket is no website (any more)."""
    bucket = context.bucket
    with bucket.lock:
        context.ensure(bucket)
        bucket.website = None
    return {}
