"""Limits of S3 that more than one rule needs. Sources: Amazon S3 user guide, botocore's model."""

MAX_UPLOAD = 5 * 1024**3
"""Bytes of one PutObject, UploadPart or copy source: 5 GiB."""

MAX_PARTS = 10_000
PAGE = 1000
"""Keys, versions, uploads or parts in one page of a listing."""

MAX_HEADERS = 8192
MAX_METADATA = 2048
MAX_TAGS = 10
MAX_DELETE = 1000
