"""PutBucketWebsite, GetBucketWebsite, DeleteBucketWebsite. Most errors are recorded from AWS, February 2026."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import MALFORMED_XML, NO_SUCH_BUCKET
from tests.support.state import unchanged

NONE = "The specified bucket does not have a website configuration"
INDEX: dict[str, Any] = {"IndexDocument": {"Suffix": "index.html"}}
ALL = {"RedirectAllRequestsTo": {"HostName": "example.com"}}
RULE: dict[str, Any] = {"Redirect": {"HostName": "example.com"}}


def _rules(*rules: dict[str, Any]) -> dict[str, Any]:
    return {**INDEX, "RoutingRules": list(rules)}


GOOD: dict[str, dict[str, Any]] = {
    "index": INDEX,
    "index and error": {**INDEX, "ErrorDocument": {"Key": "errors/404 <x>.html"}},
    "redirect": ALL,
    "redirect with protocol": {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}},
    "rules": _rules(
        {"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}},
        {"Condition": {"HttpErrorCodeReturnedEquals": "404"}, "Redirect": {"ReplaceKeyWith": "none.html"}},
        {
            "Condition": {"HttpErrorCodeReturnedEquals": "503", "KeyPrefixEquals": "a"},
            "Redirect": {"HostName": "h", "HttpRedirectCode": "307", "Protocol": "http"},
        },
        {"Redirect": {"Protocol": "https"}},
    ),
    "an empty prefix": _rules({"Condition": {"KeyPrefixEquals": ""}, "Redirect": {"ReplaceKeyPrefixWith": ""}}),
    "50 rules": _rules(*[RULE] * 50),
}


@pytest.mark.parametrize("configuration", GOOD.values(), ids=GOOD)
def test_kept_as_it_was_put(s3: Any, bucket: str, configuration: dict[str, Any]) -> None:
    response = s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    found = s3.get_bucket_website(Bucket=bucket)
    del found["ResponseMetadata"]
    assert found == configuration


def test_never_put_replaced_and_deleted(s3: Any, bucket: str) -> None:
    missing = partial(s3.get_bucket_website, Bucket=bucket)
    refused(missing, 404, "NoSuchWebsiteConfiguration", NONE, {"BucketName": bucket})
    for configuration in (INDEX, ALL):
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)
    assert "IndexDocument" not in s3.get_bucket_website(Bucket=bucket)
    for _ in range(2):
        assert s3.delete_bucket_website(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    refused(missing, 404, "NoSuchWebsiteConfiguration", NONE, {"BucketName": bucket})


def _argument(name: str, value: str) -> dict[str, str]:
    return {"ArgumentName": name, "ArgumentValue": value}


SUFFIX = "The IndexDocument Suffix is not well formed"
BOTH = "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules."
NEITHER = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"
PROTOCOL = "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically."
ONE_KEY = "You can only define ReplaceKeyPrefix or ReplaceKey but not both."
EMPTY = "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present."
TOO_MANY = "51 routing rules provided, the number of routing rules in a website configuration is limited to 50."
CODE = "The provided HTTP redirect code ({}) is not valid. Valid codes are 3XX except 300."
ERROR = "The provided HTTP error code ({}) is not valid. Valid codes are 4XX or 5XX."
BAD: dict[str, tuple[dict[str, Any], str, str, dict[str, str]]] = {
    "suffix with a slash": (
        {"IndexDocument": {"Suffix": "/index.html"}},
        "InvalidArgument",
        SUFFIX,
        _argument("IndexDocument", "/index.html"),
    ),
    "slash within": ({"IndexDocument": {"Suffix": "a/b"}}, "InvalidArgument", SUFFIX, _argument("IndexDocument", "a/b")),
    "empty suffix": ({"IndexDocument": {"Suffix": ""}}, "InvalidArgument", SUFFIX, _argument("IndexDocument", "")),
    "redirect and index": ({**ALL, **INDEX}, "InvalidArgument", BOTH, _argument("RedirectAllRequestsTo", "not null")),
    "redirect and error": (
        {**ALL, "ErrorDocument": {"Key": "e"}},
        "InvalidArgument",
        BOTH,
        _argument("RedirectAllRequestsTo", "not null"),
    ),
    "redirect and rules": (
        {**ALL, "RoutingRules": [RULE]},
        "InvalidArgument",
        BOTH,
        _argument("RedirectAllRequestsTo", "not null"),
    ),
    "neither": ({}, "InvalidArgument", NEITHER, _argument("IndexDocument", "null")),
    "only an error document": ({"ErrorDocument": {"Key": "e"}}, "InvalidArgument", NEITHER, _argument("IndexDocument", "null")),
    "protocol of the redirect": (
        {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "ftp"}},
        "InvalidRequest",
        PROTOCOL,
        {},
    ),
    "protocol of a rule": (_rules({"Redirect": {"Protocol": "HTTP"}}), "InvalidRequest", PROTOCOL, {}),
    "two keys": (
        _rules({"Redirect": {"ReplaceKeyPrefixWith": "a", "ReplaceKeyWith": "b"}}),
        "InvalidRequest",
        ONE_KEY,
        {},
    ),
    "empty condition": (_rules({"Condition": {}, **RULE}), "InvalidRequest", EMPTY, {}),
    "51 rules": (_rules(*[RULE] * 51), "InvalidRequest", TOO_MANY, {}),
    "no rules": (_rules(), "MalformedXML", MALFORMED_XML, {}),
    "a redirect to nowhere": (_rules({"Redirect": {}}), "MalformedXML", MALFORMED_XML, {}),
    "an empty host": ({"RedirectAllRequestsTo": {"HostName": ""}}, "MalformedXML", MALFORMED_XML, {}),
    **{
        f"redirect code {code}": (_rules({"Redirect": {"HttpRedirectCode": code}}), "InvalidRequest", CODE.format(code), {})
        for code in ("200", "300", "404", "x", "3011")
    },
    **{
        f"error code {code}": (
            _rules({"Condition": {"HttpErrorCodeReturnedEquals": code}, **RULE}),
            "InvalidRequest",
            ERROR.format(code),
            {},
        )
        for code in ("200", "301", "x")
    },
}


@pytest.mark.parametrize(("configuration", "code", "message", "extras"), BAD.values(), ids=BAD)
def test_refused(door: Door, bucket: str, configuration: dict[str, Any], code: str, message: str, extras: dict[str, str]) -> None:
    door.client.put_bucket_website(Bucket=bucket, WebsiteConfiguration=GOOD["rules"])
    with unchanged(door.fake):
        put = partial(door.client.put_bucket_website, Bucket=bucket, WebsiteConfiguration=configuration)
        refused(put, 400, code, message, extras)


DOCUMENTS = {
    "no XML": b"<",
    "another root": b"<Website/>",
    "an unknown element": b"<WebsiteConfiguration><Index/></WebsiteConfiguration>",
    "no suffix": b"<WebsiteConfiguration><IndexDocument/></WebsiteConfiguration>",
    "no host": b"<WebsiteConfiguration><RedirectAllRequestsTo/></WebsiteConfiguration>",
    "no error key": (
        b"<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><ErrorDocument/></WebsiteConfiguration>"
    ),
    "no redirect": (
        b"<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument>"
        b"<RoutingRules><RoutingRule/></RoutingRules></WebsiteConfiguration>"
    ),
}


def _put(door: Door, bucket: str, body: bytes) -> Any:
    from base64 import b64encode
    from hashlib import md5

    return door.raw("PUT", f"/{bucket}?website", {"Content-MD5": b64encode(md5(body).digest()).decode()}, body)


@pytest.mark.parametrize("body", DOCUMENTS.values(), ids=DOCUMENTS)
def test_malformed(door: Door, bucket: str, body: bytes) -> None:
    with unchanged(door.fake):
        response = _put(door, bucket, body)
    assert (response.status, response.error) == (400, {"Code": "MalformedXML", "Message": MALFORMED_XML})


def test_an_empty_error_document(door: Door, bucket: str) -> None:
    body = (
        b"<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument>"
        b"<ErrorDocument><Key/></ErrorDocument></WebsiteConfiguration>"
    )
    with unchanged(door.fake):
        response = _put(door, bucket, body)
    expected = {"Code": "InvalidArgument", "Message": "The ErrorDocument Key is not well formed"}
    assert (response.status, response.error) == (400, expected)


def test_too_big(door: Door, bucket: str) -> None:
    start = b"<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>"
    assert _put(door, bucket, start.ljust(128 * 1024)).status == 200
    with unchanged(door.fake):
        response = _put(door, bucket, start.ljust(128 * 1024 + 1))
    expected = {
        "Code": "MaxMessageLengthExceeded",
        "Message": "Your request was too big.",
        "MaxMessageLengthBytes": str(128 * 1024),
    }
    assert (response.status, response.error) == (400, expected)


def test_missing_bucket(s3: Any) -> None:
    extras = {"BucketName": "bucket"}
    for call in (
        partial(s3.put_bucket_website, Bucket="bucket", WebsiteConfiguration=INDEX),
        partial(s3.get_bucket_website, Bucket="bucket"),
        partial(s3.delete_bucket_website, Bucket="bucket"),
    ):
        refused(call, 404, "NoSuchBucket", NO_SUCH_BUCKET, extras)
