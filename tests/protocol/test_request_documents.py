"""Request documents are read by the model's shapes, or are MalformedXML."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes3part.errors import S3Error
from fakes3part.protocol import documents
from fakes3part.protocol.model import s3_model
from fakes3part.protocol.routes import METHODS, route
from tests.support.errors import MALFORMED_XML

XMLNS = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def read(operation: str, document: bytes | str) -> Any:
    body = document.encode() if isinstance(document, str) else document
    ours = s3_model().operations[operation]
    params = ours.parse("b", "k", {"uploadId": "U", "id": "1"}, {}, lambda: body)
    return params.get(ours.input_shape.payload or "", params)


def complete(inside: str) -> str:
    return f"<CompleteMultipartUpload>{inside}</CompleteMultipartUpload>"


PART = "<Part><PartNumber>1</PartNumber><ETag>&quot;e&quot;</ETag></Part>"
PARTS = {"Parts": [{"PartNumber": 1, "ETag": '"e"'}]}

GOOD = [
    ("CompleteMultipartUpload", complete(PART), PARTS),
    ("CompleteMultipartUpload", f"<CompleteMultipartUpload{XMLNS}>\n  {PART}\n</CompleteMultipartUpload>", PARTS),
    ("CompleteMultipartUpload", f'<?xml version="1.0" encoding="ISO-8859-1"?>{complete(PART)}', PARTS),
    ("CompleteMultipartUpload", b"\xef\xbb\xbf" + complete(PART).encode(), PARTS),
    ("CompleteMultipartUpload", complete(PART).encode("utf-16"), PARTS),
    (
        "CompleteMultipartUpload",
        f"<s:CompleteMultipartUpload xmlns:s='x'>{PART.replace('Part>', 'Part>', 1)}</s:CompleteMultipartUpload>",
        PARTS,
    ),
    (
        "DeleteObjects",
        "<Delete><Object><Key>  a&amp;\r\n&#13;é<![CDATA[<&>]]> </Key></Object><Quiet>true</Quiet></Delete>",
        {"Objects": [{"Key": "  a&\n\ré<&> "}], "Quiet": True},
    ),
    ("DeleteObjects", "<Delete><Object><Key/></Object></Delete>", {"Objects": [{"Key": ""}]}),
    (
        "DeleteObjects",
        "<Delete><Object><Key>k</Key><LastModifiedTime>Sat, 21 Feb 2026 00:17:01 GMT</LastModifiedTime></Object></Delete>",
        {"Objects": [{"Key": "k", "LastModifiedTime": datetime(2026, 2, 21, 0, 17, 1, tzinfo=timezone.utc)}]},
    ),
    ("PutBucketTagging", "<Tagging><TagSet/></Tagging>", {"TagSet": []}),
    ("PutBucketTagging", "<Tagging/>", {}),
    (
        "PutObjectAcl",
        f"<AccessControlPolicy{XMLNS}><AccessControlList><Grant><Grantee xmlns:i='{XSI}' i:type='Group'><URI>u</URI>"
        "</Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        {"Grants": [{"Grantee": {"Type": "Group", "URI": "u"}, "Permission": "READ"}]},
    ),
    ("PutObjectRetention", "<Retention/>", {}),
    (
        "PutObjectRetention",
        "<Retention><RetainUntilDate>2030-01-01</RetainUntilDate></Retention>",
        {"RetainUntilDate": datetime(2030, 1, 1, tzinfo=timezone.utc)},
    ),
]


@pytest.mark.parametrize(("operation", "document", "expected"), GOOD)
def test_good(operation: str, document: bytes | str, expected: Any) -> None:
    assert read(operation, document) == expected


ENTITY = '<!DOCTYPE x [<!ENTITY e "v">]>'
BAD = [
    ("CompleteMultipartUpload", complete("")),
    ("CompleteMultipartUpload", complete("<Part><PartNumber>1</PartNumber></Part>")),
    ("CompleteMultipartUpload", complete("<Part><ETag>e</ETag></Part>")),
    ("CompleteMultipartUpload", complete("<Part><ETag>e</ETag><PartNumber>one</PartNumber></Part>")),
    ("CompleteMultipartUpload", complete("<Part><ETag>e</ETag><PartNumber>4294967296</PartNumber></Part>")),
    ("CompleteMultipartUpload", complete("<Part><ETag>e</ETag><PartNumber>1</PartNumber><Color/></Part>")),
    ("CompleteMultipartUpload", complete("<Part><ETag>e</ETag><ETag>e</ETag><PartNumber>1</PartNumber></Part>")),
    ("CompleteMultipartUpload", complete(PART + "text")),
    ("CompleteMultipartUpload", complete("<Part><ETag>e<b/></ETag><PartNumber>1</PartNumber></Part>")),
    ("CompleteMultipartUpload", complete(PART)[:-1]),
    ("CompleteMultipartUpload", complete(PART) + complete(PART)),
    ("CompleteMultipartUpload", ENTITY + complete(PART)),
    ("CompleteMultipartUpload", ENTITY + complete(PART.replace("&quot;", "&e;"))),
    ("CompleteMultipartUpload", complete(PART.replace("&quot;", "&e;"))),
    ("CompleteMultipartUpload", (ENTITY + complete(PART)).encode("utf-16")),
    ("CompleteMultipartUpload", '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + complete(PART)),
    ("CompleteMultipartUpload", f"<Complete>{PART}</Complete>"),
    ("CompleteMultipartUpload", '{"Parts": []}'),
    ("CompleteMultipartUpload", " "),
    ("CompleteMultipartUpload", complete(PART.replace("e&", "é&")).encode("latin-1")),
    ("DeleteObjects", "<Delete/>"),
    ("DeleteObjects", "<Delete><Object><VersionId>v</VersionId></Object></Delete>"),
    ("DeleteObjects", "<Delete><Object><Key>k</Key></Object><Quiet>maybe</Quiet></Delete>"),
    ("PutBucketTagging", "<Tagging><Tags/></Tagging>"),
    ("PutObjectAcl", "<AccessControlPolicy><AccessControlList><Grant><Grantee/></Grant></AccessControlList>"),
    ("PutObjectRetention", "<Retention><RetainUntilDate>soon</RetainUntilDate></Retention>"),
    ("PutObjectRetention", "<Retention><RetainUntilDate>2030-02-30</RetainUntilDate></Retention>"),
    ("SelectObjectContent", b""),
]


@pytest.mark.parametrize(("operation", "document"), BAD)
def test_bad(operation: str, document: bytes | str) -> None:
    with pytest.raises(S3Error) as caught:
        read(operation, document)
    code = "MalformedACLError" if operation == "PutObjectAcl" else "MalformedXML"
    assert (caught.value.code, caught.value.message, caught.value.status) == (code, MALFORMED_XML, 400)


@pytest.mark.parametrize("operation", ["DeleteObjects", "PutBucketTagging", "PutObjectLockConfiguration"])
def test_an_empty_body_is_missing(operation: str) -> None:
    with pytest.raises(S3Error) as caught:
        read(operation, b"")
    assert (caught.value.code, caught.value.message, caught.value.status) == (
        "MissingRequestBodyError",
        "Request Body is empty",
        400,
    )


def test_an_empty_body_is_an_absent_member() -> None:
    assert read("CompleteMultipartUpload", b"") == {"Bucket": "b", "Key": "k", "UploadId": "U"}


DOCUMENTS = sorted(
    name for name, operation in s3_model().operations.items() if operation.parse_body and not operation.streaming_input
)
TAGS = ["CompleteMultipartUpload", "Part", "ETag", "PartNumber", "Delete", "Object", "Key", "Quiet", "Tagging", "TagSet"]
TEXTS = st.sampled_from(["", " ", "1", "true", "x", "&amp;", "&#0;", "<![CDATA[x]]>", "<!-- -->", "<?x?>", ENTITY])
XML = st.recursive(
    TEXTS,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", st.sampled_from(TAGS), st.lists(inner, max_size=4)
    ),
)


@settings(deadline=None)
@given(st.sampled_from(DOCUMENTS), st.one_of(st.binary(), XML.map(str.encode), st.text().map(str.encode)))
def test_any_bytes_are_params_or_malformed(operation: str, body: bytes) -> None:
    try:
        params = s3_model().operations[operation].parse("b", "k", {"uploadId": "U", "id": "1"}, {}, lambda: body)
    except S3Error as error:
        result = error.code
    else:
        result = params["Bucket"]
    assert result in ("b", "MalformedACLError" if operation.endswith("Acl") else "MalformedXML") or (
        result == "MissingRequestBodyError" and not body
    )


NAMES = st.sampled_from(sorted({name for operation in s3_model().operations.values() for name in operation.query_members}))
HEADER_NAMES = st.sampled_from(
    sorted(
        {
            (shape.wire_name or name).lower()
            for operation in s3_model().operations.values()
            for name, shape in operation.input_shape.members()
            if shape.location in ("header", "headers")
        }
    )
)
VALUES = st.one_of(st.sampled_from(["", "1", "-1", "2", "true", '"', "2030-01-01", "9" * 20]), st.text(max_size=20))


@settings(deadline=None)
@given(
    st.sampled_from([*METHODS, "PATCH", ""]),
    st.sampled_from(["service", "bucket", "object"]),
    st.dictionaries(st.one_of(NAMES, st.text(max_size=8)), VALUES, max_size=5),
    st.dictionaries(st.one_of(HEADER_NAMES, st.text(max_size=8)), VALUES, max_size=5),
)
def test_any_query_and_headers_are_params_or_an_error_of_s3(
    method: str, level: str, query: dict[str, str], headers: dict[str, str]
) -> None:
    try:
        params = route(method, level, query, headers).parse("b", "k", query, headers, lambda: b"")
    except S3Error as error:
        params = {"status": error.status}
    assert params.get("status", 400) in (400, 405, 501)
    assert None not in params.values()


_ROW = st.sampled_from(
    ["<Object><Key>{}</Key></Object>"] * 8
    + [
        "<Object><Key>{}</Key><VersionId>v</VersionId></Object>",
        "<Object> <Key>{}</Key></Object>",
        "<!-- <Object><Key>{}</Key></Object> -->",
        "<![CDATA[<Object><Key>{}</Key></Object>]]>",
        "<Quiet>{}</Quiet>",
        "<Object><Key>{}</Key></Object>\n",
        "<!--",
        "-->",
        "<Object/>",
    ]
)
_KEY = st.one_of(
    st.sampled_from(["a", "true", "", " a ", "a&amp;b", "a]]>b", "a>b", "a--b", "\r", "ü", "\U0001f600", "&", "<"]), st.text()
)


@given(st.lists(st.tuples(_ROW, _KEY), max_size=12), st.booleans())
def test_rows_taken_out_by_a_split_are_read_as_expat_reads_them(rows: list[tuple[str, str]], closed: bool) -> None:
    shape = s3_model().operations["DeleteObjects"].input_shape.member("Delete")
    inside = "".join(row.format(key) for row, key in rows)
    document = f"<Delete>{inside}{'</Delete>' if closed else ''}".encode("utf-8", "surrogatepass")
    results = []
    for threshold, read in ((0, documents.compile_reader("Delete", shape)), (10**9, documents._compile("Delete", shape))):
        with patch.object(documents, "_WORTH_SPLITTING", threshold):
            try:
                results.append(read(document))
            except S3Error as error:
                results.append({"error": error.code})
    assert results[0] == results[1]
