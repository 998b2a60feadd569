"""PutObject."""

from __future__ import annotations

from ..rules import checksums
from ..rules.carried import carried
from ..rules.conditions import check_write, check_write_headers
from ..rules.etags import check_content_md5, md5_of, quoted
from ..state.objects import Checksum, Data, Version
from .context import ENCRYPTION, Context, shown_version_id
from .registry import Output, Params, operation


def as_data(body: bytes) -> Data:
    return Data((body,) if body else ())


@operation("PutObject")
def put_object(s3: Context, params: Params) -> Output:
    """Store an object, if every digest that came with it is the body's and the conditions hold."""
    check_write_headers(params)
    kept = carried(params)
    data = as_data(params.get("Body", b""))
    md5 = md5_of(data)
    check_content_md5(params.get("ContentMD5"), md5, expected_in_hex=True)
    checksum = checksums.verified(data, s3.request.headers, s3.trailers) or default_checksum(data)
    bucket, key = s3.bucket, params["Key"]
    with bucket.lock:
        s3.ensure(bucket)
        check_write(params, key, bucket.current(key))
        version = Version(key, s3.new_version_id(bucket), s3.now(), bucket.account, md5.hex(), data, kept, checksum)
        bucket.store(version)
    return {
        "ETag": quoted(version.etag),
        "VersionId": shown_version_id(bucket, version),
        **ENCRYPTION,
        **checksums.as_output(checksum),
    }


def default_checksum(data: Data) -> Checksum:
    """What S3 computes when the client sent nothing: CRC64NVME of the whole object."""
    return checksums.computed(data, checksums.DEFAULT)
