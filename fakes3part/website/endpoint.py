"""Responses of website endpoints.

The order: routing rules without an error condition, the object (for a key that ends in ``/`` the index document's), a redirect
from ``folder`` to ``folder/``, routing rules for the error, the error document (or the redirect that it has, recorded from AWS,
February 2026). All requests are anonymous: the bucket's policy or ACLs must grant everybody access.

Sources: the user guide's pages "Website endpoints" and "Configuring a webpage redirect". Assumed, not recorded from AWS:
redirects to other hosts keep the query; error documents are served for every 4xx of the lookup; an endpoint without a bucket's
name redirects to S3's product page; a host that is a bucket's name serves the website to unsigned requests, if the bucket has
one.
"""

from __future__ import annotations

from urllib.parse import quote

from ..auth.callers import ANONYMOUS
from ..errors import S3Error
from ..message import Request, ResponseParts
from ..operations.buckets.cors import respond_to_preflight
from ..operations.context import Context
from ..operations.objects.get_object import get_object, head_object
from ..protocol.address import Address, domain_address
from ..protocol.aws_hosts import GENERAL, WEBSITE
from ..protocol.model import s3_model
from ..rules.names import check_key
from ..rules.regions import partition_of, region_of
from ..rules.website import find_rule, redirected_key
from ..state.bucket import Bucket
from ..state.store import Store
from ..state.website import Redirect, RoutingRule, Website
from .error_pages import PageError, error_headers

_PRODUCT_PAGE = "https://aws.amazon.com/s3/"
_FORWARDED_HEADERS = frozenset({"range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})
_SAFE_IN_PATHS = "/!$&'()*+,;=:@~"


def resolve_domain(store: Store, request: Request, address: Address) -> Address:
    """Return the bucket's address, if the Host is the name of a bucket (as a CNAME record would have it).

    Only DNS knows whether the name leads to the REST endpoint or to the website: an unsigned request to a bucket with a website
    is taken for a browser's.
    """
    bucket = store.get(address.endpoint.domain or "")
    if bucket is None:
        return address
    signed = "authorization" in request.headers or "Signature=" in request.query
    return domain_address(bucket.name, request.path, GENERAL if signed or bucket.website is None else WEBSITE)


def serve(context: Context, address: Address, bucket: Bucket | None) -> ResponseParts:
    """Return the response of a website endpoint. ``context`` is anonymous, even for a signed request.

    Args:
        bucket: None if it does not exist.

    Raises:
        S3Error: NotModified, or a `PageError`.
    """
    assert context.caller is ANONYMOUS
    try:
        if context.request.method == "OPTIONS":
            return respond_to_preflight(context.request, bucket)
        if context.request.method not in ("GET", "HEAD"):
            raise S3Error("MethodNotAllowed", None, {"Allow": "GET, HEAD"}, Method=context.request.method, ResourceType="OBJECT")
        if address.bucket is None or address.endpoint.bucket is None:
            return _redirect_response(301, _PRODUCT_PAGE)
        site_bucket = _check_bucket(context, address, bucket)
        site = site_bucket.website
        if site is None:
            raise S3Error("NoSuchWebsiteConfiguration", BucketName=site_bucket.name)
        return _WebsiteRequest(context, site_bucket, site, address.key or "").respond()
    except S3Error as error:
        if error.status == 304 or isinstance(error, PageError):
            raise
        raise PageError(error) from None


def _check_bucket(context: Context, address: Address, bucket: Bucket | None) -> Bucket:
    """Return the bucket, if it exists in the endpoint's Region. An endpoint without a Region serves all.

    Raises:
        S3Error: NoSuchBucket, or PermanentRedirect to the bucket's Region.
    """
    endpoint = address.endpoint
    if bucket is None:
        raise S3Error("NoSuchBucket", BucketName=address.bucket)
    region = region_of(bucket)
    if context.settings.strict_regions is not False and endpoint.region is not None and endpoint.region != region:
        if partition_of(endpoint.region) != partition_of(region):
            raise S3Error("NoSuchBucket", BucketName=bucket.name)
        site = f"{bucket.name}.s3-website.{region}.{endpoint.suffix}"
        raise S3Error("PermanentRedirect", None, {"x-amz-bucket-region": region}, Endpoint=site, Bucket=bucket.name)
    return bucket


def _redirect_response(status: int, location: str) -> ResponseParts:
    return status, [("Location", location), ("Content-Length", "0")], ()


class _WebsiteRequest:
    """A request for one key of one website."""

    def __init__(self, context: Context, bucket: Bucket, site: Website, key: str) -> None:
        self.context = context
        self.bucket = bucket
        self.site = site
        self.key = key

    def respond(self) -> ResponseParts:
        """Return the response.

        Raises:
            S3Error: NotModified, or a `PageError`.
        """
        site, key = self.site, self.key
        if site.redirect_all is not None:
            return self._redirect(site.redirect_all, key)
        rule = find_rule(site, key)
        if rule is not None:
            return self._follow(rule)
        document = f"{key}{site.index}" if key == "" or key.endswith("/") else key
        try:
            check_key(document)
            return self._read(document)
        except S3Error as error:
            if error.status == 304:
                raise
            return self._error_response(error, document)

    def _error_response(self, error: S3Error, document: str) -> ResponseParts:
        key, site = self.key, self.site
        if document == key and error.status in (403, 404) and self._is_folder(key):
            return _redirect_response(302, f"/{quote(key, safe=_SAFE_IN_PATHS)}/")
        rule = find_rule(site, key, error.status)
        if rule is not None:
            return self._follow(rule)
        if site.error is None or error.status >= 500:
            raise PageError(error)
        try:
            location = self._redirect_location(site.error)
            if location is not None:
                return _redirect_response(301, location)
            _, headers, body = self._send(site.error, {})
        except S3Error as document_error:
            raise PageError(error, document_error) from None
        return error.status, [*error.headers.items(), *error_headers(error), *headers], body

    def _is_folder(self, key: str) -> bool:
        index = f"{key}/{self.site.index}"
        with self.bucket.lock:
            is_folder = index in self.bucket.objects and key not in self.bucket.objects
        return is_folder and self.context.is_allowed("s3:GetObject", self.bucket, index)

    def _read(self, key: str) -> ResponseParts:
        """Return the object, or the redirect that it has as ``x-amz-website-redirect-location``."""
        location = self._redirect_location(key)
        if location is not None:
            return _redirect_response(301, location)
        return self._send(
            key, {name: value for name, value in self.context.request.headers.items() if name in _FORWARDED_HEADERS}
        )

    def _redirect_location(self, key: str) -> str | None:
        """Return where an object redirects to; None: it does not, or does not exist.

        Raises:
            S3Error: AccessDenied.
        """
        with self.bucket.lock:
            version = self.bucket.objects.get(key)
        self.context.authorize("s3:GetObject", self.bucket, key)
        return version.properties.redirect if version is not None else None

    def _send(self, key: str, headers: dict[str, str]) -> ResponseParts:
        context = self.context
        context.authorize("s3:GetObject", self.bucket, key)
        operation = s3_model().operations["GetObject"]
        params = operation.parse(self.bucket.name, key, {}, headers, bytes)
        output = (get_object if context.request.method == "GET" else head_object)(context, params) or {}
        sent_headers, body = operation.serialize(output)
        return context.status or 200, sent_headers + context.headers, body

    # Redirects

    def _follow(self, rule: RoutingRule) -> ResponseParts:
        return self._redirect(rule.redirect, redirected_key(rule, self.key))

    def _redirect(self, redirect: Redirect, key: str) -> ResponseParts:
        request = self.context.request
        query = f"?{request.query}" if request.query else ""
        host, protocol = redirect.host or request.host, redirect.protocol or request.scheme
        path = quote(key, safe=_SAFE_IN_PATHS)
        return _redirect_response(int(redirect.code or 301), f"{protocol}://{host}/{path}{query}")
