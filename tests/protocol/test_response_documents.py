"""Response documents, byte for byte."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fakes3part.protocol.documents import error_document
from fakes3part.protocol.model import s3_model
from fakes3part.protocol.serialize import WITHOUT_CONTENT_TYPE

NOW = datetime(2026, 2, 21, 0, 17, 1, 999_999, tzinfo=timezone.utc)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def serialize(operation: str, output: dict[str, Any]) -> tuple[list[tuple[str, str]], str]:
    headers, body = s3_model().operations[operation].serialize(output)
    return headers, b"".join(body).decode()


OWNER = {"ID": "f00"}
PAGES = [
    (
        "ListBuckets",
        {
            "Buckets": [{"Name": "b", "CreationDate": NOW, "BucketArn": "a"}],
            "Owner": {"DisplayName": "d", "ID": "f00"},
            "Prefix": None,
        },
        f"<ListAllMyBucketsResult {XMLNS}><Owner><ID>f00</ID><DisplayName>d</DisplayName></Owner><Buckets><Bucket>"
        "<Name>b</Name><CreationDate>2026-02-21T00:17:01.000Z</CreationDate><BucketArn>a</BucketArn></Bucket></Buckets>"
        "</ListAllMyBucketsResult>",
    ),
    ("ListBuckets", {"Buckets": []}, f"<ListAllMyBucketsResult {XMLNS}><Buckets/></ListAllMyBucketsResult>"),
    (
        "ListObjects",
        {
            "IsTruncated": True,
            "MaxKeys": 2,
            "Marker": "",
            "NextMarker": "n",
            "Prefix": "",
            "Name": "b",
            "EncodingType": "url",
            "Delimiter": "/",
            "CommonPrefixes": [{"Prefix": "p/"}],
            "Contents": [
                {"Key": "k\r<&>\"'\x01", "Size": 0, "ETag": '"e"', "LastModified": NOW, "Owner": OWNER},
                {"Key": "l", "Size": 1, "ETag": '"f"', "LastModified": NOW, "ChecksumAlgorithm": ["CRC32", "SHA1"]},
                {"Size": 2, "Key": "", "ETag": None, "LastModified": NOW, "Owner": OWNER},
            ],
        },
        f"<ListBucketResult {XMLNS}><Name>b</Name><Prefix/><Marker/><NextMarker>n</NextMarker><MaxKeys>2</MaxKeys>"
        "<Delimiter>/</Delimiter><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><Contents>"
        "<Key>k&#13;&lt;&amp;&gt;&quot;'&#x1;</Key><LastModified>2026-02-21T00:17:01.000Z</LastModified>"
        "<ETag>&quot;e&quot;</ETag><Size>0</Size><Owner><ID>f00</ID></Owner></Contents><Contents>"
        "<Key>l</Key><LastModified>2026-02-21T00:17:01.000Z</LastModified><ETag>&quot;f&quot;</ETag>"
        "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumAlgorithm>SHA1</ChecksumAlgorithm><Size>1</Size>"
        "</Contents><Contents><Key/><LastModified>2026-02-21T00:17:01.000Z</LastModified><Size>2</Size>"
        "<Owner><ID>f00</ID></Owner></Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>",
    ),
    (
        "ListObjectsV2",
        {"KeyCount": 0, "Name": "b", "Prefix": "", "MaxKeys": 1000, "IsTruncated": False, "Contents": []},
        f"<ListBucketResult {XMLNS}><Name>b</Name><Prefix/><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys>"
        "<IsTruncated>false</IsTruncated></ListBucketResult>",
    ),
    (
        "ListParts",
        {
            "Parts": [{"ETag": '"e"', "Size": 5, "LastModified": NOW, "PartNumber": 1, "ChecksumCRC32": "c"}],
            "Owner": OWNER,
            "Initiator": {"DisplayName": "i", "ID": "f00"},
            "Bucket": "b",
            "Key": "k",
            "UploadId": "U",
            "StorageClass": "STANDARD",
            "PartNumberMarker": 0,
            "NextPartNumberMarker": 1,
            "MaxParts": 1000,
            "IsTruncated": False,
            "ChecksumType": "COMPOSITE",
            "ChecksumAlgorithm": "CRC32",
        },
        f"<ListPartsResult {XMLNS}><Bucket>b</Bucket><Key>k</Key><UploadId>U</UploadId><Initiator><ID>f00</ID>"
        "<DisplayName>i</DisplayName></Initiator><Owner><ID>f00</ID></Owner><StorageClass>STANDARD</StorageClass>"
        "<PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>1</NextPartNumberMarker><MaxParts>1000</MaxParts>"
        "<IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber>"
        "<LastModified>2026-02-21T00:17:01.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>5</Size>"
        "<ChecksumCRC32>c</ChecksumCRC32></Part><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>"
        "<ChecksumType>COMPOSITE</ChecksumType></ListPartsResult>",
    ),
    (
        "ListMultipartUploads",
        {
            "Uploads": [{"UploadId": "U", "Key": "k", "Initiated": NOW, "StorageClass": "STANDARD", "Owner": OWNER}],
            "Bucket": "b",
            "KeyMarker": "",
            "UploadIdMarker": "",
            "NextKeyMarker": "k",
            "NextUploadIdMarker": "U",
            "MaxUploads": 1000,
            "IsTruncated": False,
            "Prefix": "p",
            "Delimiter": "/",
        },
        f"<ListMultipartUploadsResult {XMLNS}><Bucket>b</Bucket><KeyMarker/><UploadIdMarker/>"
        "<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>U</NextUploadIdMarker><Delimiter>/</Delimiter>"
        "<Prefix>p</Prefix><MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated><Upload><Key>k</Key>"
        "<UploadId>U</UploadId><Owner><ID>f00</ID></Owner><StorageClass>STANDARD</StorageClass>"
        "<Initiated>2026-02-21T00:17:01.000Z</Initiated></Upload></ListMultipartUploadsResult>",
    ),
    ("GetBucketLocation", {"LocationConstraint": None}, f"<LocationConstraint {XMLNS}/>"),
    ("GetBucketLocation", {"LocationConstraint": "EU"}, f"<LocationConstraint {XMLNS}>EU</LocationConstraint>"),
    ("GetBucketVersioning", {}, f"<VersioningConfiguration {XMLNS}/>"),
    ("GetObjectTagging", {"TagSet": []}, f"<Tagging {XMLNS}><TagSet/></Tagging>"),
    (
        "CopyObject",
        {"CopyObjectResult": {"ETag": '"e"', "LastModified": NOW}},
        f"<CopyObjectResult {XMLNS}><LastModified>2026-02-21T00:17:01.000Z</LastModified>"
        "<ETag>&quot;e&quot;</ETag></CopyObjectResult>",
    ),
    (
        "GetObjectAcl",
        {"Grants": [{"Permission": "READ", "Grantee": {"URI": "u", "Type": "Group"}}], "Owner": OWNER},
        f"<AccessControlPolicy {XMLNS}><Owner><ID>f00</ID></Owner><AccessControlList><Grant>"
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>u</URI></Grantee>'
        "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
    ),
]


@pytest.mark.parametrize(("operation", "output", "expected"), PAGES)
def test_documents(operation: str, output: dict[str, Any], expected: str) -> None:
    headers, body = serialize(operation, output)
    assert headers == ([] if operation in WITHOUT_CONTENT_TYPE else [("Content-Type", "application/xml")])
    assert body == DECLARATION + expected


def test_rows_that_are_all_alike() -> None:
    owned = [{"Key": key, "Owner": OWNER, "StorageClass": "STANDARD"} for key in ("a", "b", "c")]
    _, body = serialize("ListObjects", {"Contents": owned})
    row = "<Contents><Key>{}</Key><Owner><ID>f00</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>"
    rows = "".join(row.format(key) for key in "abc")
    assert body == f"{DECLARATION}<ListBucketResult {XMLNS}>{rows}</ListBucketResult>"


def test_headers_without_a_document() -> None:
    output = {"ETag": '"e"', "BucketKeyEnabled": True, "ChecksumCRC32": None}
    assert serialize("UploadPart", output) == (
        [("ETag", '"e"'), ("x-amz-server-side-encryption-bucket-key-enabled", "true")],
        "",
    )


def test_an_object_streams_its_segments() -> None:
    segments = (b"one", memoryview(b"two"))
    headers, body = (
        s3_model()
        .operations["GetObject"]
        .serialize(
            {
                "AcceptRanges": "bytes",
                "LastModified": NOW,
                "ObjectLockRetainUntilDate": NOW,
                "Expires": "-1",
                "Metadata": {"a": "b"},
                "Body": segments,
            }
        )
    )
    assert body is segments
    assert headers == [
        ("Accept-Ranges", "bytes"),
        ("Last-Modified", "Sat, 21 Feb 2026 00:17:01 GMT"),
        ("x-amz-object-lock-retain-until-date", "2026-02-21T00:17:01.000Z"),
        ("Expires", "-1"),
        ("x-amz-meta-a", "b"),
    ]
    assert s3_model().operations["GetObject"].serialize({"Body": b"all"}) == ([], (b"all",))


def test_a_policy_is_json() -> None:
    assert serialize("GetBucketPolicy", {"Policy": "{}"}) == ([("Content-Type", "application/json")], "{}")


@pytest.mark.parametrize("member", ["Key", "Size"])
def test_a_member_that_a_nested_shape_lacks_is_named(member: str) -> None:
    with pytest.raises(AssertionError, match="Colour"):
        serialize("ListObjects", {"Contents": [{member: None, "Colour": "red"}]})


def test_a_value_of_the_wrong_kind_is_an_error() -> None:
    with pytest.raises(TypeError):
        serialize("ListObjects", {"Name": 5})
    with pytest.raises(TypeError):
        serialize("ListObjects", {"MaxKeys": "5"})


def test_dates_of_other_zones_are_written_in_utc() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert dict(serialize("HeadObject", {"LastModified": there})[0]) == {"Last-Modified": "Sat, 21 Feb 2026 00:17:01 GMT"}


def test_an_error_document() -> None:
    extras = {"ArgumentName": "x-amz-acl", "ArgumentValue": None, "Size": 5, "Key": "<\ud800\x00>"}
    assert error_document("InvalidArgument", "", extras, "R", "H").decode() == (
        f"{DECLARATION}<Error><Code>InvalidArgument</Code><Message/><ArgumentName>x-amz-acl</ArgumentName>"
        "<ArgumentValue/><Size>5</Size><Key>&lt;&#55296;&#x0;&gt;</Key><RequestId>R</RequestId><HostId>H</HostId></Error>"
    )
