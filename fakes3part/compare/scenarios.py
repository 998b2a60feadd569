"""The scenarios that ``fakes3part record`` runs by itself: what decides about a fake, in few and cheap calls.

Nothing in them lasts or costs more than the requests: no archive classes, no KMS keys, no COMPLIANCE retention, no public access.
"""

from __future__ import annotations

from typing import Any

from .configuration_scenarios import CONFIGURATIONS
from .open_questions import OPEN_QUESTIONS
from .steps import BUCKET, Scenario, Steps

MiB = 1024 * 1024
WRONG_MD5 = "rL0Y20zC+Fzt72VPzMSk2A=="
OTHER_ACCOUNT = "111122223333"
CUSTOMER_KEY: dict[str, Any] = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0123456789abcdef0123456789abcdef"}
OTHER_KEY: dict[str, Any] = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "fedcba9876543210fedcba9876543210"}


def buckets(s: Steps) -> None:
    s("list_buckets")
    s("create_bucket")
    s("create_bucket")
    s("head_bucket")
    s("get_bucket_location")
    s("list_buckets")
    s("list_buckets", Prefix="b", MaxBuckets=1)
    s("create_bucket", Bucket="Wrong_Name")
    s("create_bucket", Bucket="dotted..name")
    s("put_object", Key="k", Body=b"1")
    s("delete_bucket")
    s("delete_object", Key="k")
    s("delete_bucket")
    s("delete_bucket")
    s("head_bucket")


def missing_bucket(s: Steps) -> None:
    for method in ("list_objects_v2", "list_objects", "list_object_versions", "list_multipart_uploads", "get_bucket_versioning"):
        s(method)
    for method in ("get_object", "head_object", "delete_object", "get_object_tagging", "create_multipart_upload"):
        s(method, Key="k")
    s("put_object", Key="k", Body=b"1")
    s("delete_objects", Delete={"Objects": [{"Key": "k"}]})


def objects(s: Steps) -> None:
    s("put_object", Key="k", Body=b"0123456789")
    s("get_object", Key="k")
    s("head_object", Key="k")
    for text in ("bytes=0-1", "bytes=-3", "bytes=8-", "bytes=5-100", "bytes=10-", "bytes=3-1", "bytes=0-1,3-4", "x"):
        s("get_object", Key="k", Range=text)
    s("head_object", Key="k", Range="bytes=0-1")
    s("get_object", Key="k", PartNumber=1)
    s("get_object", Key="k", PartNumber=2)
    s("get_object", Key="k", ResponseContentType="text/plain", ResponseCacheControl="no-store", ResponseContentLanguage="de")
    s("put_object", Key="empty", Body=b"")
    s("get_object", Key="empty")
    s("get_object", Key="empty", Range="bytes=0-")
    headers: dict[str, Any] = {
        "ContentType": "text/plain",
        "CacheControl": "no-cache",
        "ContentEncoding": "gzip",
        "ContentLanguage": "en",
    }
    s("put_object", Key="headers", Body=b"1", Metadata={"Name": "a", "other": "b c"}, ContentDisposition="inline", **headers)
    s("head_object", Key="headers")
    s("get_object", Key="none")
    s("head_object", Key="none")
    s("get_object", Key="none", VersionId="none")
    s("delete_object", Key="k")
    s("delete_object", Key="k")
    s("get_object_attributes", Key="headers", ObjectAttributes=["ETag", "ObjectSize", "Checksum", "StorageClass"])


def keys(s: Steps) -> None:
    for key in ("a b", "a+b", "a%20b", "ü/ß", "a//b", "/a", "a/", "a&b=c", "a<b>'\"", "x" * 1024):
        s("put_object", Key=key, Body=b"1")
        s("get_object", Key=key)
    s("put_object", Key="x" * 1025, Body=b"1")
    s("list_objects_v2")
    s("list_objects_v2", EncodingType="url", Prefix="a")


def listings(s: Steps) -> None:
    for key in ("a/1", "a/2", "b", "c/1", "c/2/3", "d"):
        s("put_object", Key=key, Body=key.encode())
    s("list_objects_v2")
    s("list_objects_v2", FetchOwner=True, MaxKeys=1)
    token = s("list_objects_v2", Delimiter="/", MaxKeys=2).get("NextContinuationToken", "none")
    s("list_objects_v2", Delimiter="/", MaxKeys=2, ContinuationToken=token)
    s("list_objects_v2", Prefix="c/", Delimiter="/")
    s("list_objects_v2", StartAfter="b")
    s("list_objects_v2", MaxKeys=0)
    s("list_objects_v2", MaxKeys=-1)
    s("list_objects_v2", MaxKeys=5000)
    s("list_objects_v2", ContinuationToken="none")
    s("list_objects_v2", Prefix="none")
    s("list_objects", Delimiter="/", MaxKeys=2)
    s("list_objects", Marker="b", MaxKeys=1)
    s("list_objects", Prefix="a", Delimiter="1")


def versions(s: Steps) -> None:
    s("get_bucket_versioning")
    s("put_object", Key="k", Body=b"0")
    s("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})
    s("get_bucket_versioning")
    ids = [s("put_object", Key="k", Body=body).get("VersionId", "none") for body in (b"1", b"2")]
    marker = s("delete_object", Key="k").get("VersionId", "none")
    s("get_object", Key="k")
    s("head_object", Key="k")
    s("get_object", Key="k", VersionId=marker)
    s("head_object", Key="k", VersionId=marker)
    s("get_object", Key="k", VersionId=ids[0])
    s("get_object", Key="k", VersionId="null")
    s("get_object", Key="k", VersionId="none")
    s("copy_object", Key="copy", CopySource={"Bucket": BUCKET, "Key": "k", "VersionId": ids[1]})
    s("list_object_versions")
    page = s("list_object_versions", MaxKeys=2)
    s(
        "list_object_versions",
        KeyMarker=page.get("NextKeyMarker", "k"),
        VersionIdMarker=page.get("NextVersionIdMarker", "null"),
    )
    s("delete_object", Key="k", VersionId=marker)
    s("get_object", Key="k")
    s("delete_object", Key="k", VersionId=ids[1])
    s("delete_object", Key="k", VersionId=ids[1])
    s("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"})
    s("put_object", Key="k", Body=b"3")
    s("delete_object", Key="k")
    s("list_object_versions", Prefix="k")
    s("delete_bucket")


def multipart(s: Steps) -> None:
    upload = s.upload("k", ContentType="text/plain", Metadata={"a": "b"})
    s("list_parts", Key="k", UploadId=upload)
    first = s("upload_part", Key="k", UploadId=upload, PartNumber=1, Body=b"a" * 5 * MiB).get("ETag", "none")
    s("upload_part", Key="k", UploadId=upload, PartNumber=2, Body=b"old")
    second = s("upload_part", Key="k", UploadId=upload, PartNumber=2, Body=b"new").get("ETag", "none")
    s("upload_part", Key="k", UploadId=upload, PartNumber=3, Body=b"bad", ContentMD5=WRONG_MD5)
    s("upload_part", Key="k", UploadId=upload, PartNumber=0, Body=b"1")
    s("upload_part", Key="k", UploadId=upload, PartNumber=10001, Body=b"1")
    s("list_parts", Key="k", UploadId=upload)
    s("list_parts", Key="k", UploadId=upload, MaxParts=1)
    s("list_parts", Key="k", UploadId=upload, PartNumberMarker=1)
    s("list_parts", Key="other", UploadId=upload)
    s("list_multipart_uploads")
    s("list_multipart_uploads", Prefix="none")
    parts = [{"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": second}]
    for wrong in ([], parts[::-1], [*parts, {"PartNumber": 3, "ETag": first}], [{"PartNumber": 1, "ETag": second}]):
        s("complete_multipart_upload", Key="k", UploadId=upload, MultipartUpload={"Parts": wrong})
    s("complete_multipart_upload", Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    s("complete_multipart_upload", Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    s("head_object", Key="k")
    s("head_object", Key="k", PartNumber=2)
    s("get_object", Key="k", PartNumber=2)
    s("get_object", Key="k", PartNumber=3)
    s("get_object", Key="k", Range="bytes=5242878-5242881")
    attributes = ["ETag", "ObjectParts", "ObjectSize", "Checksum"]
    s("get_object_attributes", Key="k", ObjectAttributes=attributes)
    s("upload_part", Key="k", UploadId=upload, PartNumber=1, Body=b"1")
    s("list_parts", Key="k", UploadId=upload)


def small_and_aborted_uploads(s: Steps) -> None:
    upload = s.upload("small")
    parts = []
    for number in (1, 2):
        etag = s("upload_part", Key="small", UploadId=upload, PartNumber=number, Body=b"s").get("ETag", "none")
        parts.append({"PartNumber": number, "ETag": etag})
    s("complete_multipart_upload", Key="small", UploadId=upload, MultipartUpload={"Parts": parts})
    s("abort_multipart_upload", Key="small", UploadId=upload)
    s("abort_multipart_upload", Key="small", UploadId=upload)
    s("abort_multipart_upload", Key="small", UploadId="none")
    s("complete_multipart_upload", Key="small", UploadId="none", MultipartUpload={"Parts": parts})
    s("put_object", Key="source", Body=b"0123456789")
    upload = s.upload("copied")
    source = {"Bucket": BUCKET, "Key": "source"}
    for text in ("bytes=0-4", "bytes=5-99", "bytes=5-", "0-4"):
        s("upload_part_copy", Key="copied", UploadId=upload, PartNumber=1, CopySource=source, CopySourceRange=text)
    copied = s("upload_part_copy", Key="copied", UploadId=upload, PartNumber=1, CopySource=source).get("CopyPartResult", {})
    last = [{"PartNumber": 1, "ETag": copied.get("ETag", "none")}]
    s("complete_multipart_upload", Key="copied", UploadId=upload, MultipartUpload={"Parts": last}, IfNoneMatch="*")
    upload = s.upload("copied")
    s("upload_part", Key="copied", UploadId=upload, PartNumber=1, Body=b"1")
    s("complete_multipart_upload", Key="copied", UploadId=upload, MultipartUpload={"Parts": last}, IfNoneMatch="*")


def checksums(s: Steps) -> None:
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        s("put_object", Key=algorithm, Body=b"1", ChecksumAlgorithm=algorithm)
        s("head_object", Key=algorithm, ChecksumMode="ENABLED")
    s("put_object", Key="k", Body=b"1", ChecksumCRC32="AAAAAA==")
    s("put_object", Key="k", Body=b"1", ChecksumSHA256="nonsense")
    s("put_object", Key="k", Body=b"1", ContentMD5=WRONG_MD5)
    s("put_object", Key="k", Body=b"1", ContentMD5="nonsense")
    s("get_object", Key="k")
    for algorithm, kind in (("CRC32", "COMPOSITE"), ("CRC32", "FULL_OBJECT"), ("SHA256", "COMPOSITE"), ("SHA256", "FULL_OBJECT")):
        upload = s.upload(kind, ChecksumAlgorithm=algorithm, ChecksumType=kind)
        part = s("upload_part", Key=kind, UploadId=upload, PartNumber=1, Body=b"1", ChecksumAlgorithm=algorithm)
        member = f"Checksum{algorithm}"
        parts = [{"PartNumber": 1, "ETag": part.get("ETag", "none"), **({member: part[member]} if member in part else {})}]
        s("list_parts", Key=kind, UploadId=upload)
        s("complete_multipart_upload", Key=kind, UploadId=upload, MultipartUpload={"Parts": parts})
        s("head_object", Key=kind, ChecksumMode="ENABLED")


def conditions(s: Steps) -> None:
    wrong = '"00000000000000000000000000000000"'
    etag = s("put_object", Key="k", Body=b"1", IfNoneMatch="*").get("ETag", wrong)
    s("put_object", Key="k", Body=b"2", IfNoneMatch="*")
    s("put_object", Key="k", Body=b"2", IfMatch=wrong)
    s("put_object", Key="none", Body=b"2", IfMatch=etag)
    s("put_object", Key="k", Body=b"2", IfNoneMatch=etag)
    past, future = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
    for method in ("get_object", "head_object"):
        s(method, Key="k", IfMatch=etag)
        s(method, Key="k", IfMatch=wrong)
        s(method, Key="k", IfNoneMatch=etag)
        s(method, Key="k", IfNoneMatch=wrong)
        s(method, Key="k", IfModifiedSince=past)
        s(method, Key="k", IfModifiedSince=future)
        s(method, Key="k", IfUnmodifiedSince=past)
        s(method, Key="k", IfMatch=etag, IfUnmodifiedSince=past)
        s(method, Key="k", IfNoneMatch=wrong, IfModifiedSince=future)
    source = {"Bucket": BUCKET, "Key": "k"}
    s("copy_object", Key="copy", CopySource=source, CopySourceIfMatch=wrong)
    s("copy_object", Key="copy", CopySource=source, CopySourceIfNoneMatch=etag)
    s("delete_object", Key="k", IfMatch=wrong)
    s("delete_object", Key="k", IfMatch=etag)
    s("delete_object", Key="k", IfMatch=etag)


def copies(s: Steps) -> None:
    s("put_object", Key="k", Body=b"1", Metadata={"a": "1"}, ContentType="text/plain", Tagging="t=1")
    source = {"Bucket": BUCKET, "Key": "k"}
    s("copy_object", Key="copy", CopySource=source)
    s("head_object", Key="copy")
    s("get_object_tagging", Key="copy")
    s("copy_object", Key="copy", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"})
    s("head_object", Key="copy")
    s("copy_object", Key="k", CopySource=source)
    s("copy_object", Key="copy", CopySource={"Bucket": BUCKET, "Key": "none"})
    s("copy_object", Key="copy", CopySource={"Bucket": "no-such-bucket", "Key": "k"})
    s("copy_object", Key="copy", CopySource=source, TaggingDirective="REPLACE", Tagging="t=2")
    s("get_object_tagging", Key="copy")


def deletions(s: Steps) -> None:
    for key in ("a", "b", "c"):
        s("put_object", Key=key, Body=b"1")
    s("delete_objects", Delete={"Objects": [{"Key": "a"}, {"Key": "none"}]})
    s("delete_objects", Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    s("delete_objects", Delete={"Objects": [{"Key": "c", "VersionId": "none"}]})
    s("delete_objects", Delete={"Objects": []})
    s("list_objects_v2")


def owners_and_access(s: Steps) -> None:
    s("put_object", Key="k", Body=b"1", ExpectedBucketOwner=OTHER_ACCOUNT)
    s("list_objects_v2", ExpectedBucketOwner=OTHER_ACCOUNT)
    s("head_bucket", ExpectedBucketOwner=OTHER_ACCOUNT)
    s("put_object", Key="k", Body=b"1", ExpectedBucketOwner="short")
    s("put_object", Key="k", Body=b"1")
    s("get_bucket_acl")
    s("get_object_acl", Key="k")
    s("put_object_acl", Key="k", ACL="public-read")
    s("put_bucket_acl", ACL="public-read")
    s("put_object", Key="k", Body=b"1", ACL="public-read")
    for method in ("list_objects_v2", "get_bucket_policy", "get_bucket_location"):
        s(method, anonymous=True)
    for method in ("get_object", "head_object", "delete_object"):
        s(method, anonymous=True, Key="k")
    s("put_object", anonymous=True, Key="k", Body=b"1")
    s("get_object", Key="k", RequestPayer="requester")


def presigned_urls(s: Steps) -> None:
    s.presigned("put_object", "PUT", b"1", Key="a b+c")
    s.presigned("get_object", "GET", Key="a b+c")
    s.presigned("get_object", "GET", Key="a b+c", ResponseContentType="text/plain")
    s.presigned("head_object", "HEAD", Key="a b+c")
    s.presigned("get_object", "GET", Key="none")
    s.presigned("list_objects_v2", "GET", Prefix="a")


def customer_keys(s: Steps) -> None:
    s("put_object", Key="plain", Body=b"1", ServerSideEncryption="AES256")
    s("put_object", Key="k", Body=b"1", **CUSTOMER_KEY)
    s("get_object", Key="k", **CUSTOMER_KEY)
    s("head_object", Key="k", **CUSTOMER_KEY)
    s("get_object", Key="k")
    s("head_object", Key="k")
    s("get_object", Key="k", **OTHER_KEY)
    s("get_object", Key="plain", **CUSTOMER_KEY)
    upload = s.upload("big", **CUSTOMER_KEY)
    s("upload_part", Key="big", UploadId=upload, PartNumber=1, Body=b"1")
    s("upload_part", Key="big", UploadId=upload, PartNumber=1, Body=b"1", **OTHER_KEY)
    part = s("upload_part", Key="big", UploadId=upload, PartNumber=1, Body=b"1", **CUSTOMER_KEY)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part.get("ETag", "none")}]}
    s("complete_multipart_upload", Key="big", UploadId=upload, MultipartUpload=parts)


SCENARIOS = (
    Scenario("buckets", buckets, creates=False),
    Scenario("missing bucket", missing_bucket, creates=False),
    Scenario("objects", objects),
    Scenario("keys", keys),
    Scenario("listings", listings),
    Scenario("versions", versions),
    Scenario("multipart", multipart),
    Scenario("small and aborted uploads", small_and_aborted_uploads),
    Scenario("checksums", checksums),
    Scenario("conditions", conditions),
    Scenario("copies", copies),
    Scenario("deletions", deletions),
    Scenario("owners and access", owners_and_access),
    Scenario("presigned URLs", presigned_urls),
    Scenario("customer keys", customer_keys),
    *CONFIGURATIONS,
    *OPEN_QUESTIONS,
)
