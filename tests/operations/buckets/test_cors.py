"""CORS: the configuration, preflight requests, and the headers of plain responses. Recorded from AWS, September 2026."""

from __future__ import annotations

from typing import Any

import pytest

from fakes3part import FakeS3
from tests.support.doors import Door, RawResponse, refused
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

SITE = "https://site.test"
RULE: dict[str, Any] = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def put(door: Door, *rules: dict[str, Any]) -> None:
    configuration: Any = {"CORSRules": list(rules)}
    door.client.put_bucket_cors(Bucket="bucket", CORSConfiguration=configuration)


def cors(response: RawResponse) -> dict[str, str]:
    """Return the CORS headers of a response, without ``access-control-``."""
    return {
        name.removeprefix("access-control-"): value
        for name, value in response.headers.items()
        if name.startswith("access-control-") or name == "vary"
    }


def preflight(door: Door, method: str, origin: str = SITE, headers: str | None = None, target: str = "/bucket/k") -> RawResponse:
    sent = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers is not None:
        sent["Access-Control-Request-Headers"] = headers
    with unchanged(door.fake):
        return door.raw("OPTIONS", target, sent, sign=False)


# --- the configuration -----------------------------------------------------------------------------------------------


def test_put_get_delete(door: Door) -> None:
    s3 = door.client
    rules: Any = [
        {
            "ID": "one",
            "AllowedHeaders": ["x-amz-*", "", "X-Amz-*"],
            "AllowedMethods": ["GET", "PUT", "GET"],
            "AllowedOrigins": ["https://*.test", "null", ""],
            "ExposeHeaders": ["ETag", ""],
            "MaxAgeSeconds": -5,
        },
        {"ID": "one", **RULE},
    ]
    put(door, *rules)
    assert s3.get_bucket_cors(Bucket="bucket")["CORSRules"] == rules
    response = door.raw("GET", "/bucket?cors")
    assert "content-type" not in response.headers
    assert response.body.decode().endswith(
        f"<CORSConfiguration {NS}><CORSRule><ID>one</ID><AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader/>"
        "<AllowedHeader>X-Amz-*</AllowedHeader><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>"
        "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://*.test</AllowedOrigin><AllowedOrigin>null</AllowedOrigin>"
        "<AllowedOrigin/><ExposeHeader>ETag</ExposeHeader><ExposeHeader/>"
        "<MaxAgeSeconds>-5</MaxAgeSeconds></CORSRule><CORSRule><ID>one</ID><AllowedMethod>GET</AllowedMethod>"
        "<AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>"
    )
    put(door, RULE)
    assert s3.get_bucket_cors(Bucket="bucket")["CORSRules"] == [RULE]
    assert s3.delete_bucket_cors(Bucket="bucket")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.delete_bucket_cors(Bucket="bucket")["ResponseMetadata"]["HTTPStatusCode"] == 204
    message = "The CORS configuration does not exist"
    refused(lambda: s3.get_bucket_cors(Bucket="bucket"), 404, "NoSuchCORSConfiguration", message, {"BucketName": "bucket"})


METHOD_TEXT = "Found unsupported HTTP method in CORS config. Unsupported method is "
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "OPTIONS": ({"AllowedMethods": ["GET", "OPTIONS"]}, f"{METHOD_TEXT}OPTIONS"),
    "lower case": ({"AllowedMethods": ["get"]}, f"{METHOD_TEXT}get"),
    "empty method": ({"AllowedMethods": [""]}, METHOD_TEXT),
    "origin": ({"AllowedOrigins": ["http*://*"]}, 'AllowedOrigin "http*://*" can not have more than one wildcard.'),
    "header": ({"AllowedHeaders": ["*-*"]}, 'AllowedHeader "*-*" can not have more than one wildcard.'),
    "space": ({"AllowedHeaders": ["a b"]}, 'AllowedHeader "a b" contains invalid character.'),
    "expose": ({"ExposeHeaders": ["x-*"]}, 'ExposeHeader "x-*" contains wildcard. We currently do not support wildcard for '
               "ExposeHeader."),
    "exposed": ({"ExposeHeaders": ["a b"]}, 'ExposeHeader "a b" contains invalid character.'),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_rules(door: Door, case: str) -> None:
    changes, message = REFUSED[case]
    put(door, RULE)
    with unchanged(door.fake):
        refused(lambda: put(door, RULE, {**RULE, **changes}), 400, "InvalidRequest", message)


def test_too_many_rules(door: Door) -> None:
    put(door, *[RULE] * 100)
    with unchanged(door.fake):
        message = "The number of CORS rules should not exceed allowed limit of 100 rules."
        refused(lambda: put(door, *[RULE] * 101), 400, "InvalidRequest", message)


RULE_XML = "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
MALFORMED = {
    "no rule": "",
    "no method": "<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>",
    "no origin": "<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>",
    "two ages": f"<CORSRule>{RULE_XML}<MaxAgeSeconds>1</MaxAgeSeconds><MaxAgeSeconds>1</MaxAgeSeconds></CORSRule>",
    "two ids": f"<CORSRule>{RULE_XML}<ID>a</ID><ID>b</ID></CORSRule>",
    "no number": f"<CORSRule>{RULE_XML}<MaxAgeSeconds>x</MaxAgeSeconds></CORSRule>",
    "unknown": f"<CORSRule>{RULE_XML}<Other>x</Other></CORSRule>",
}


def _put_raw(door: Door, rules: str) -> RawResponse:
    from base64 import b64encode
    from hashlib import md5

    body = f"<CORSConfiguration {NS}>{rules}</CORSConfiguration>".encode()
    return door.raw("PUT", "/bucket?cors", {"Content-MD5": b64encode(md5(body).digest()).decode()}, body)


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_documents(door: Door, case: str) -> None:
    with unchanged(door.fake):
        response = _put_raw(door, MALFORMED[case])
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    assert (response.status, response.error) == (400, {"Code": "MalformedXML", "Message": message})


def test_size_of_the_document(door: Door) -> None:
    rest = 65_536 - len(f"<CORSConfiguration {NS}><CORSRule>{RULE_XML}<ID></ID></CORSRule></CORSConfiguration>")
    assert _put_raw(door, f"<CORSRule>{RULE_XML}<ID>{'a' * rest}</ID></CORSRule>").status == 200
    with unchanged(door.fake):
        response = _put_raw(door, f"<CORSRule>{RULE_XML}<ID>{'a' * (rest + 1)}</ID></CORSRule>")
    expected = {"Code": "MaxMessageLengthExceeded", "Message": "Your request was too big.", "MaxMessageLengthBytes": "65536"}
    assert (response.status, response.error) == (400, expected)


def test_it_is_saved_forked_and_shown(door: Door, tmp_path: Any) -> None:
    fake, s3 = door.fake, door.client
    configuration: Any = {"CORSRules": [RULE]}
    s3.create_bucket(Bucket="saved")
    s3.put_bucket_cors(Bucket="saved", CORSConfiguration=configuration)
    snapshot, forked = fake.snapshot(), fake.fork()
    fake.save(tmp_path / "archive")
    s3.delete_bucket_cors(Bucket="saved")
    assert fake.buckets["saved"].configuration.cors is None
    assert forked.client().get_bucket_cors(Bucket="saved")["CORSRules"] == [RULE]
    fake.restore(snapshot)
    assert s3.get_bucket_cors(Bucket="saved")["CORSRules"] == [RULE]
    loaded = FakeS3()
    loaded.load(tmp_path / "archive")
    assert loaded.client().get_bucket_cors(Bucket="saved")["CORSRules"] == [RULE]


# --- matching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "origin", "matches"),
    [
        ("https://site.test", "https://site.test", True),
        ("https://site.test", "https://Site.test", False),
        ("https://site.test", "https://site.test/", False),
        ("https://*.example", "https://a.b.example", True),
        ("https://*.example", "https://.example", True),
        ("https://*.example", "http://a.example", False),
        ("https://a*a", "https://a", False),
        ("*", "null", True),
        ("null", "null", True),
        ("*", "https://one.test https://two.test", True),
        ("https://site.test*", "https://site.test:8080", True),
    ],
)
def test_origins(door: Door, pattern: str, origin: str, matches: bool) -> None:
    put(door, {**RULE, "AllowedOrigins": [pattern]})
    response = preflight(door, "GET", origin)
    assert response.status == (200 if matches else 403)
    assert cors(response).get("allow-origin") == (None if not matches else "*" if pattern == "*" else origin)


@pytest.mark.parametrize(
    ("patterns", "names", "allowed"),
    [
        ([], None, {}),
        ([], "x-a", None),
        (["*"], "X-A, x-b", {"allow-headers": "x-a, x-b"}),
        (["X-A"], "x-a,x-a", {"allow-headers": "x-a, x-a"}),
        (["x-a"], "x-a,x-b", None),
        (["x-amz-*"], "x-amz-meta-a", {"allow-headers": "x-amz-meta-a"}),
        (["x-a"], "x-a,,", {"allow-headers": "x-a"}),
        (["x-a"], ",x-a", None),
        (["*"], ",x-a", {"allow-headers": ", x-a"}),
        (["x-a"], "", {}),
    ],
)
def test_headers(door: Door, patterns: list[str], names: str | None, allowed: dict[str, str] | None) -> None:
    put(door, {**RULE, "AllowedHeaders": patterns})
    response = preflight(door, "GET", headers=names)
    expected = {"allow-origin": "*", "allow-methods": "GET", "vary": VARY}
    assert cors(response) == ({} if allowed is None else {**expected, **allowed})
    assert response.status == (403 if allowed is None else 200)


def test_the_first_rule_that_matches_counts(door: Door) -> None:
    exact = {**RULE, "AllowedOrigins": [SITE], "AllowedMethods": ["GET", "HEAD", "PUT"], "MaxAgeSeconds": 0}
    put(door, {**RULE, "AllowedMethods": ["PUT"]}, {**exact, "ExposeHeaders": ["ETag", "x-amz-id-2"]}, RULE)
    response = preflight(door, "GET")
    assert (response.status, response.body, response.headers["content-length"]) == (200, b"", "0")
    assert cors(response) == {
        "allow-origin": SITE,
        "allow-credentials": "true",
        "allow-methods": "GET, HEAD, PUT",
        "expose-headers": "ETag, x-amz-id-2",
        "max-age": "0",
        "vary": VARY,
    }
    assert cors(preflight(door, "PUT")) == {"allow-origin": "*", "allow-methods": "PUT", "vary": VARY}


@pytest.mark.parametrize("target", ["/bucket/k", "/bucket", "/bucket?acl", "/bucket/k?uploads"])
@pytest.mark.parametrize("method", ["PUT", "HEAD", "PATCH", "OPTIONS"])
def test_no_rule_matches(door: Door, method: str, target: str) -> None:
    put(door, RULE)
    response = preflight(door, method, target=target)
    message = (
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
        "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
    )
    expected = {"Code": "AccessForbidden", "Message": message, "Method": method, "ResourceType": "OBJECT"}
    assert (response.status, response.error, cors(response)) == (403, expected, {})


@pytest.mark.parametrize("http_method", ["OPTIONS", "GET"])
@pytest.mark.parametrize(
    ("header", "value", "message"),
    [
        ("Access-Control-Request-Method", "TRACE", "Invalid Access-Control-Request-Method: TRACE"),
        ("Access-Control-Request-Method", "get", "Invalid Access-Control-Request-Method: get"),
        (
            "Access-Control-Request-Headers",
            "Bad Header",
            'Access-Control-Request-Headers "bad header" contains invalid character.',
        ),
    ],
)
def test_what_no_browser_asks(door: Door, http_method: str, header: str, value: str, message: str) -> None:
    put(door, RULE)
    response = door.raw(http_method, "/bucket/k", {"Origin": SITE, header: value})
    assert (response.status, response.error) == (400, {"Code": "BadRequest", "Message": message})


# --- plain requests --------------------------------------------------------------------------------------------------

ALLOWING = {"allow-origin": SITE, "allow-credentials": "true", "allow-methods": "GET, PUT, HEAD, DELETE, POST", "vary": VARY}
ALL_METHODS: dict[str, Any] = {"AllowedMethods": ["GET", "PUT", "HEAD", "DELETE", "POST"], "AllowedOrigins": [SITE]}


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/bucket/k", 200),
        ("HEAD", "/bucket/k", 200),
        ("PUT", "/bucket/k", 200),
        ("DELETE", "/bucket/k", 204),
        ("GET", "/bucket/missing", 404),
        ("HEAD", "/bucket/missing", 404),
        ("GET", "/bucket?cors", 200),
        ("GET", "/bucket?policy", 404),
        ("GET", "/bucket?list-type=2", 200),
        ("GET", "/bucket?max-keys=x", 400),
        ("POST", "/bucket?delete", 400),
    ],
)
def test_every_response_has_the_headers(door: Door, method: str, target: str, status: int) -> None:
    put(door, ALL_METHODS)
    door.client.put_object(Bucket="bucket", Key="k", Body=b"abc")
    response = door.raw(method, target, {"Origin": SITE})
    assert (response.status, cors(response)) == (status, ALLOWING)
    assert cors(door.raw(method, target)) == {}
    assert cors(door.raw(method, target, {"Origin": "https://other.test"})) == {}


def test_denied_requests_have_the_headers(door: Door) -> None:
    put(door, ALL_METHODS)
    assert cors(door.raw("GET", "/bucket/k", {"Origin": SITE}, sign=False)) == ALLOWING
    malformed = door.raw("GET", "/bucket/k", {"Origin": SITE, "Authorization": "AWS4-HMAC-SHA256 x"}, sign=False)
    assert (malformed.status, cors(malformed)) == (403, ALLOWING)


def test_plain_requests_are_matched_by_what_they_announce(door: Door) -> None:
    put(door, {**RULE, "AllowedHeaders": ["x-a"]})
    for headers, matches in [
        ({"Access-Control-Request-Method": "GET"}, True),
        ({"Access-Control-Request-Method": "PUT"}, False),
        ({"Access-Control-Request-Headers": "x-a"}, True),
        ({"Access-Control-Request-Headers": "x-b"}, False),
    ]:
        response = door.raw("GET", "/bucket/k", {"Origin": SITE, **headers})
        assert ("allow-origin" in cors(response)) is matches
    assert cors(door.raw("PUT", "/bucket/k", {"Origin": SITE})) == {}
