"""Website endpoints: documents, redirects, routing rules, and errors as HTML pages.

Sources: recorded from AWS, February 2026 (LocalStack's test_s3.snapshot.json); the S3 user guide, "Website endpoints" and
"Configuring a webpage redirect".
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from werkzeug.test import Client

from fakes3part.api.fakes3 import FakeS3
from fakes3part.state.bucket import Bucket
from tests.support.doors import Door
from tests.support.errors import METHOD_NOT_ALLOWED, NO_SUCH_BUCKET, NO_SUCH_KEY
from tests.support.website import INDEX, WITH_ERROR, host_of, items, look, open_to_all

HTML = "text/html; charset=utf-8"


@pytest.fixture
def site(door: Door, bucket: str) -> Door:
    """A site that everybody may read and list, with an index and a few pages."""
    s3 = door.client
    open_to_all(s3)
    for key in ("index.html", "docs/index.html", "docs/page.html", "a b/é.html"):
        s3.put_object(Bucket=bucket, Key=key, Body=f"<p>{key}</p>".encode(), ContentType="text/html")
    configure(door, INDEX)
    return door


def configure(door: Door, configuration: dict[str, Any]) -> None:
    door.client.put_bucket_website(Bucket="bucket", WebsiteConfiguration=configuration)


def rules(*rules: dict[str, Any]) -> dict[str, Any]:
    return {**INDEX, "RoutingRules": list(rules)}


# Documents


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("/", "index.html"),
        ("", "index.html"),
        ("/index.html", "index.html"),
        ("/docs/", "docs/index.html"),
        ("/docs/page.html", "docs/page.html"),
        ("/docs/page.html?x=1&versionId=y&uploads", "docs/page.html"),
        ("/a%20b/%C3%A9.html", "a b/é.html"),
    ],
)
def test_documents(site: Door, target: str, key: str) -> None:
    response = look(site, target or "/")
    assert (response.status, response.body) == (200, f"<p>{key}</p>".encode())
    assert (response.headers["content-type"], response.headers["content-length"]) == ("text/html", str(len(response.body)))
    assert re.fullmatch('"[0-9a-f]{32}"', response.headers["etag"])
    assert {"last-modified", "x-amz-request-id", "x-amz-id-2", "date"} <= response.headers.keys()
    head = look(site, target or "/", "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(response.body)))


def test_a_signature_does_not_matter(site: Door) -> None:
    for authorization in ("AWS4-HMAC-SHA256 nonsense", "Bearer x"):
        assert look(site, "/", headers={"Authorization": authorization}).status == 200
    assert look(site, "/?X-Amz-Signature=x&X-Amz-Algorithm=y").status == 200


def test_ranges_and_conditions(site: Door) -> None:
    etag = look(site, "/").headers["etag"]
    part = look(site, "/", headers={"Range": "bytes=3-7"})
    assert (part.status, part.body, part.headers["content-range"]) == (206, b"index", "bytes 3-7/17")
    unsatisfiable = look(site, "/", headers={"Range": "bytes=99-"})
    assert (unsatisfiable.status, unsatisfiable.headers["x-amz-error-code"]) == (416, "InvalidRange")
    same = look(site, "/", headers={"If-None-Match": etag})
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", etag)
    assert "content-type" not in same.headers
    now = datetime.now(timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert look(site, "/", headers={"If-Modified-Since": now}).status == 304
    failed = look(site, "/", headers={"If-Match": '"x"'})
    assert (failed.status, failed.headers["x-amz-error-detail-condition"]) == (412, "If-Match")


def test_stored_headers_are_returned(site: Door) -> None:
    stored = {"CacheControl": "no-store", "ContentEncoding": "gzip", "Metadata": {"a": "b"}}
    site.client.put_object(Bucket="bucket", Key="k", Body=b"x", **stored)
    headers = look(site, "/k").headers
    assert (headers["cache-control"], headers["content-encoding"], headers["x-amz-meta-a"]) == ("no-store", "gzip", "b")


def test_an_object_comes_before_a_folder(site: Door) -> None:
    site.client.put_object(Bucket="bucket", Key="docs", Body=b"file")
    assert look(site, "/docs").body == b"file"


# Redirects


@pytest.mark.parametrize("listing", [True, False])
def test_folders(site: Door, listing: bool) -> None:
    if not listing:
        open_to_all(site.client, "bucket", "s3:GetObject")
    site.client.put_object(Bucket="bucket", Key="ä b/index.html", Body=b"x")
    for target, location in (("/docs", "/docs/"), ("/docs?x=1", "/docs/"), ("/%C3%A4%20b", "/%C3%A4%20b/")):
        for method in ("GET", "HEAD"):
            response = look(site, target, method)
            assert (response.status, response.headers["location"], response.body) == (302, location, b"")


@pytest.mark.parametrize("location", ["/docs/page.html", "https://example.com/x?y#z", "http://example.com"])
def test_redirects_of_objects(site: Door, location: str) -> None:
    for key in ("old", "old/index.html"):
        site.client.put_object(Bucket="bucket", Key=key, Body=b"gone", WebsiteRedirectLocation=location)
    for target in ("/old", "/old/"):
        response = look(site, target)
        assert (response.status, response.headers["location"], response.body) == (301, location, b"")
    assert site.client.get_object(Bucket="bucket", Key="old")["Body"].read() == b"gone"


@pytest.mark.parametrize(
    ("redirect", "target", "location"),
    [
        ({"HostName": "example.com"}, "/", "http://example.com/"),
        ({"HostName": "example.com"}, "/a%20b/%C3%A9?x=1&y", "http://example.com/a%20b/%C3%A9?x=1&y"),
        ({"HostName": "example.com", "Protocol": "https"}, "/docs/", "https://example.com/docs/"),
    ],
)
def test_redirect_all(site: Door, redirect: dict[str, str], target: str, location: str) -> None:
    configure(site, {"RedirectAllRequestsTo": redirect})
    for method in ("GET", "HEAD"):
        response = look(site, target, method)
        assert (response.status, response.headers["location"], response.body) == (301, location, b"")


DOCS = {"KeyPrefixEquals": "docs/"}
NONE = {"HttpErrorCodeReturnedEquals": "404"}
HERE = "http://HOST"
RULES: dict[str, tuple[dict[str, Any], str, tuple[int, str] | None]] = {
    "prefix replaced": (
        {"Condition": DOCS, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}},
        "/docs/page.html",
        (301, f"{HERE}/documents/page.html"),
    ),
    "prefix taken away": (
        {"Condition": DOCS, "Redirect": {"ReplaceKeyPrefixWith": ""}},
        "/docs/a%20b?x=y",
        (301, f"{HERE}/a%20b?x=y"),
    ),
    "another prefix": ({"Condition": DOCS, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}}, "/index.html", None),
    "key replaced": ({"Condition": DOCS, "Redirect": {"ReplaceKeyWith": "moved.html"}}, "/docs/x", (301, f"{HERE}/moved.html")),
    "host": ({"Condition": DOCS, "Redirect": {"HostName": "example.com"}}, "/docs/x", (301, "http://example.com/docs/x")),
    "protocol": ({"Condition": DOCS, "Redirect": {"Protocol": "https"}}, "/docs/x", (301, "https://HOST/docs/x")),
    "code": (
        {"Condition": DOCS, "Redirect": {"HostName": "h", "HttpRedirectCode": "307"}},
        "/docs/x",
        (307, "http://h/docs/x"),
    ),
    "everything": (
        {"Redirect": {"HostName": "h", "Protocol": "https", "ReplaceKeyPrefixWith": "new/", "HttpRedirectCode": "302"}},
        "/docs/",
        (302, "https://h/new/docs/"),
    ),
    "error": ({"Condition": NONE, "Redirect": {"ReplaceKeyWith": "none.html"}}, "/nope", (301, f"{HERE}/none.html")),
    "no error": ({"Condition": NONE, "Redirect": {"ReplaceKeyWith": "none.html"}}, "/docs/page.html", None),
    "error and prefix": (
        {"Condition": {**NONE, **DOCS}, "Redirect": {"ReplaceKeyPrefixWith": "report-404/"}},
        "/docs/nope",
        (301, f"{HERE}/report-404/nope"),
    ),
    "an index that is missing": (
        {"Condition": NONE, "Redirect": {"ReplaceKeyPrefixWith": "x/"}},
        "/empty/",
        (301, f"{HERE}/x/empty/"),
    ),
}


@pytest.mark.parametrize(("rule", "target", "expected"), RULES.values(), ids=RULES)
def test_routing_rules(site: Door, rule: dict[str, Any], target: str, expected: tuple[int, str] | None) -> None:
    configure(site, rules(rule))
    response = look(site, target)
    if expected is None:
        assert response.status == 200
    else:
        status, location = expected
        assert (response.status, response.headers["location"]) == (status, location.replace("HOST", host_of(site)))


def test_error_rules_do_not_match_other_errors_or_keys(site: Door) -> None:
    wrong = {"Redirect": {"ReplaceKeyWith": "x"}}
    configure(
        site,
        rules(
            {"Condition": {"HttpErrorCodeReturnedEquals": "403"}, **wrong},
            {"Condition": {**NONE, **DOCS}, **wrong},
        ),
    )
    assert look(site, "/nope").status == 404


def test_the_first_rule_counts(site: Door) -> None:
    configure(
        site,
        rules(
            {"Condition": {"KeyPrefixEquals": "docs/p"}, "Redirect": {"HostName": "first"}},
            {"Condition": DOCS, "Redirect": {"HostName": "second"}},
        ),
    )
    for target, host in (("/docs/page.html", "first"), ("/docs/", "second")):
        assert look(site, target).headers["location"] == f"http://{host}{target}"


def test_a_rule_for_the_denied(site: Door) -> None:
    site.client.delete_bucket_policy(Bucket="bucket")
    condition = {"HttpErrorCodeReturnedEquals": "403"}
    configure(site, rules({"Condition": condition, "Redirect": {"HostName": "login.example.com", "HttpRedirectCode": "302"}}))
    response = look(site, "/docs/page.html")
    assert (response.status, response.headers["location"]) == (302, "http://login.example.com/docs/page.html")


# Errors


def _page(response: Any, status: int, phrase: str, *lists: list[tuple[str, str]]) -> None:
    assert (response.status, response.headers["content-type"]) == (status, HTML)
    page = response.body.decode()
    assert page.startswith(f"<html>\n<head><title>{status} {phrase}</title></head>\n<body>\n<h1>{status} {phrase}</h1>\n<ul>\n")
    assert page.endswith("</ul>\n<hr/>\n</body>\n</html>\n")
    assert items(response.body) == list(lists)
    for name, text in (("RequestId", response.headers["x-amz-request-id"]), ("HostId", response.headers["x-amz-id-2"])):
        assert f"<li>{name}: {text}</li>\n" in page
    assert response.headers["content-length"] == str(len(response.body))
    code, message, *details = (text for _, text in lists[0])
    assert (response.headers["x-amz-error-code"], response.headers["x-amz-error-message"]) == (code, message)
    names = [name for name, _ in lists[0][2:]]
    assert [response.headers[f"x-amz-error-detail-{name.lower()}"] for name in names] == details


def _missing(key: str) -> list[tuple[str, str]]:
    return [("Code", "NoSuchKey"), ("Message", NO_SUCH_KEY), ("Key", key)]


@pytest.mark.parametrize(("target", "key"), [("/nope", "nope"), ("/empty/", "empty/index.html"), ("/a/b/nope", "a/b/nope")])
def test_missing_key(site: Door, target: str, key: str) -> None:
    _page(look(site, target), 404, "Not Found", _missing(key))
    head = look(site, target, "HEAD")
    assert (head.status, head.body, head.headers["x-amz-error-code"]) == (404, b"", "NoSuchKey")


def test_a_key_is_no_markup(site: Door) -> None:
    response = look(site, "/%3Cb%3E%C3%A9%0Ax")
    assert b"<li>Key: &lt;b&gt;\xc3\xa9\nx</li>" in response.body
    assert response.headers["x-amz-error-detail-key"] == "%3Cb%3E%C3%A9%0Ax"


def test_missing_bucket(door: Door) -> None:
    response = look(door)
    expected = [("Code", "NoSuchBucket"), ("Message", NO_SUCH_BUCKET), ("BucketName", "bucket")]
    _page(response, 404, "Not Found", expected)


def test_no_site(door: Door, bucket: str) -> None:
    text = "The specified bucket does not have a website configuration"
    expected = [("Code", "NoSuchWebsiteConfiguration"), ("Message", text), ("BucketName", bucket)]
    _page(look(door), 404, "Not Found", expected)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods(site: Door, method: str) -> None:
    response = look(site, "/index.html", method)
    text = METHOD_NOT_ALLOWED
    expected = [("Code", "MethodNotAllowed"), ("Message", text), ("Method", method), ("ResourceType", "OBJECT")]
    _page(response, 405, "Method Not Allowed", expected)
    assert look(site, "/index.html").body == b"<p>index.html</p>"


DENIED = [("Code", "AccessDenied"), ("Message", "Access Denied")]


def test_objects_that_are_not_public(site: Door) -> None:
    """A missing key is denied too, to who may not list."""
    open_to_all(site.client, "bucket", "s3:GetObject")
    assert look(site, "/").status == 200
    _page(look(site, "/nope"), 403, "Forbidden", DENIED)
    block = {"RestrictPublicBuckets": True}
    site.client.put_public_access_block(Bucket="bucket", PublicAccessBlockConfiguration=block)
    _page(look(site, "/"), 403, "Forbidden", DENIED)
    site.client.delete_public_access_block(Bucket="bucket")
    site.client.delete_bucket_policy(Bucket="bucket")
    _page(look(site, "/"), 403, "Forbidden", DENIED)
    assert site.fake.last_denial is not None
    assert site.fake.last_denial.action == "s3:GetObject"


def test_the_requester_cannot_pay(site: Door) -> None:
    payment = {"Payer": "Requester"}
    site.client.put_bucket_request_payment(Bucket="bucket", RequestPaymentConfiguration=payment)
    _page(look(site, "/"), 403, "Forbidden", DENIED)


def test_public_by_acl(door: Door, bucket: str) -> None:
    s3 = door.client
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"mine")
    configure(door, INDEX)
    assert look(door).status == 403
    s3.put_object_acl(Bucket=bucket, Key="index.html", ACL="public-read")
    assert look(door).body == b"mine"


# The error document


def test_error_document(site: Door) -> None:
    site.client.put_object(Bucket="bucket", Key="error.html", Body=b"oh no", ContentType="text/plain")
    configure(site, WITH_ERROR)
    for target in ("/nope", "/empty/"):
        response = look(site, target, headers={"Range": "bytes=0-1", "If-None-Match": "*"})
        assert (response.status, response.body, response.headers["content-type"]) == (404, b"oh no", "text/plain")
        assert (response.headers["x-amz-error-code"], response.headers["x-amz-error-message"]) == ("NoSuchKey", NO_SUCH_KEY)
        assert response.headers["content-length"] == "5"
    assert response.headers["x-amz-error-detail-key"] == "empty/index.html"
    head = look(site, "/nope", "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (404, b"", "5")


def test_error_document_of_the_denied(site: Door) -> None:
    """It must be public itself."""
    site.client.put_object(Bucket="bucket", Key="error.html", Body=b"oh no")
    configure(site, WITH_ERROR)
    open_to_all(site.client, "bucket", "s3:GetObject")
    response = look(site, "/nope")
    assert (response.status, response.body, response.headers["x-amz-error-code"]) == (403, b"oh no", "AccessDenied")
    site.client.delete_bucket_policy(Bucket="bucket")
    _page(look(site, "/"), 403, "Forbidden", DENIED, DENIED)


@pytest.mark.parametrize("location", ["/elsewhere", "https://example.com/there?a=b"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_error_document_that_redirects(site: Door, method: str, location: str) -> None:
    """Recorded from AWS, February 2026: 301 in place of the error and its document, not followed within the server."""
    configure(site, WITH_ERROR)
    site.client.put_object(Bucket="bucket", Key="error.html", Body=b"oh no", WebsiteRedirectLocation=location)
    for target in ("/nope", "/nope/", "/docs/nope.html"):
        response = look(site, target, method)
        assert (response.status, response.body, response.headers["location"]) == (301, b"", location)
        assert not [name for name in response.headers if name.startswith("x-amz-error")]


def test_error_document_that_redirects_the_denied(site: Door) -> None:
    configure(site, WITH_ERROR)
    site.client.put_object(Bucket="bucket", Key="error.html", Body=b"oh no", WebsiteRedirectLocation="/elsewhere")
    open_to_all(site.client, "bucket", "s3:GetObject")
    response = look(site, "/nope")
    assert (response.status, response.headers["location"]) == (301, "/elsewhere")


def test_error_document_missing(site: Door) -> None:
    configure(site, WITH_ERROR)
    response = look(site, "/nope")
    _page(response, 404, "Not Found", _missing("nope"), _missing("error.html"))
    heading = b"</ul>\n<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n"
    assert heading in response.body


def test_rules_come_before_the_error_document(site: Door) -> None:
    site.client.put_object(Bucket="bucket", Key="error.html", Body=b"oh no")
    configure(site, {**rules({"Condition": NONE, "Redirect": {"ReplaceKeyWith": "x"}}), **WITH_ERROR})
    assert look(site, "/nope").status == 301


def test_a_site_taken_down(site: Door) -> None:
    site.client.delete_bucket_website(Bucket="bucket")
    assert look(site, "/").headers["x-amz-error-code"] == "NoSuchWebsiteConfiguration"


# Other places


def test_preflights_are_refused_as_pages(site: Door) -> None:
    response = look(site, "/", "OPTIONS", {"Origin": "http://x", "Access-Control-Request-Method": "GET"})
    assert (response.status, response.headers["x-amz-error-code"], response.headers["content-type"]) == (
        403,
        "AccessForbidden",
        HTML,
    )


def _site_in(region: str, name: str = "bucket") -> Any:
    """Return an in-process site in a region."""
    fake = FakeS3()
    client = fake.client(region_name=region)
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    client.put_bucket_website(Bucket=name, WebsiteConfiguration=INDEX)
    open_to_all(client, name)
    client.put_object(Bucket=name, Key="index.html", Body=b"site")
    client.close()
    return Door("in-process", fake, None, "", FakeS3)


def test_regions() -> None:
    door = _site_in("eu-west-1")
    for host in ("bucket.s3-website-eu-west-1.amazonaws.com", "bucket.s3-website.eu-west-1.amazonaws.com"):
        assert look(door, host=host).body == b"site"
    moved = look(door, host="bucket.s3-website-us-east-1.amazonaws.com")
    assert items(moved.body)[0][0] == ("Code", "PermanentRedirect")
    assert items(moved.body)[0][2:] == [
        ("Endpoint", "bucket.s3-website.eu-west-1.amazonaws.com"),
        ("Bucket", "bucket"),
    ]
    assert (moved.status, moved.headers["x-amz-bucket-region"]) == (301, "eu-west-1")
    assert look(door, host="bucket.s3-website.cn-north-1.amazonaws.com.cn").headers["x-amz-error-code"] == "NoSuchBucket"


def test_no_bucket_at_all() -> None:
    for target in ("/", "/bucket/index.html"):
        response = look(_site_in("eu-west-1"), target, host="s3-website-eu-west-1.amazonaws.com")
        assert (response.status, response.headers["location"]) == (301, "https://aws.amazon.com/s3/")


def test_a_domain_of_its_own() -> None:
    """A host that is the bucket's name shows the site to browsers, and stays S3 to who signs."""
    door = _site_in("eu-west-1", "www.example.org")
    for host in ("www.example.org", "www.example.org:8080"):
        assert look(door, host=host).body == b"site"
        assert look(door, "/nope", host=host).headers["x-amz-error-code"] == "NoSuchKey"
    signed = look(door, "/?X-Amz-Signature=x&X-Amz-Date=x", host="www.example.org")
    assert (signed.status, signed.error["Code"]) == (400, "AuthorizationQueryParametersError")
    door.fake.store.buckets["www.example.org"].website = None
    assert look(door, host="www.example.org").headers["content-type"] == "application/xml"


def test_a_bucket_serves_its_own_website_only() -> None:
    fake = FakeS3()
    fake.store.add(Bucket("bucket", "123456789012", "us-east-1", fake.clock.now()))
    door = Door("in-process", fake, None, "", FakeS3)
    assert look(door).headers["x-amz-error-code"] == "NoSuchWebsiteConfiguration"


def test_under_any_wsgi_client(site: Door) -> None:
    with Client(site.fake.wsgi_app).get("/docs/", base_url="http://bucket.s3-website.localhost") as response:
        assert (response.status_code, response.text) == (200, "<p>docs/index.html</p>")
    with Client(site.fake.wsgi_app).get("/nope", base_url="http://bucket.s3-website.localhost") as response:
        assert (response.status_code, response.mimetype) == (404, "text/html")
