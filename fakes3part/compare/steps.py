"""Runs scenarios: functions that call S3 step by step, whatever the steps' outcomes are."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any, NamedTuple, TypeAlias

BUCKET = "bucket"
"""The bucket of each scenario."""

NO_BUCKET = frozenset({"list_buckets"})


class Steps:
    """What a scenario calls: ``s("put_object", Key="k", Body=b"1")``.

    Args:
        clients: boto3's clients: ``signed``, and ``anonymous``, whose requests are not signed.
        region: of the buckets.
        needs_all: whether a method or parameter that the installed boto3 does not have is an error. Else the call is left out.
    """

    def __init__(self, clients: Mapping[str, Any], region: str, *, needs_all: bool = False) -> None:
        self._clients = clients
        self._region = region
        self._needs_all = needs_all

    def __call__(
        self,
        method: str,
        *,
        anonymous: bool = False,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
        **params: Any,
    ) -> dict[str, Any]:
        """Call a method of a boto3 client and return its output; {} if S3 refuses the call.

        Args:
            anonymous: whether the request is not signed.
            query: is added to the query.
            headers: are added; None: no headers.
            without: names of headers that are removed.
            params: of the method. ``Bucket`` is `BUCKET` by default.
        """
        from botocore.exceptions import ClientError, ParamValidationError

        def change(request: Any, **_: Any) -> None:
            if query:
                request.url += f"{'&' if '?' in request.url else '?'}{query}"
            for name, value in (headers or {}).items():
                request.headers[name] = value
            for name in without:
                del request.headers[name]

        if method not in NO_BUCKET:
            params.setdefault("Bucket", BUCKET)
        if method == "create_bucket" and self._region != "us-east-1":  # S3 refuses this one as a LocationConstraint
            params["CreateBucketConfiguration"] = {"LocationConstraint": self._region}
        client = self._clients["anonymous" if anonymous else "signed"]
        client.meta.events.register_first("before-sign.s3", change)
        try:
            output: dict[str, Any] = getattr(client, method)(**params)
        except ClientError:
            return {}
        except (AttributeError, ParamValidationError):
            if self._needs_all:
                raise
            return {}
        finally:
            client.meta.events.unregister("before-sign.s3", change)
        if "Body" in output:
            with closing(output["Body"]) as body:
                body.read()
        return output

    def presigned(self, method: str, verb: str, body: bytes | None = None, **params: Any) -> None:
        """Request a presigned URL by an HTTP client."""
        client = self._clients["signed"]
        url = client.generate_presigned_url(method, Params={"Bucket": BUCKET, **params}, ExpiresIn=300)
        request = urllib.request.Request(url, body, {"content-type": ""} if body is not None else {}, method=verb)
        try:
            with urllib.request.urlopen(request) as response:
                response.read()
        except urllib.error.HTTPError as error:
            error.close()

    def upload(self, key: str, **params: Any) -> str:
        """Begin a multipart upload and return its id; ``none`` if S3 refuses it."""
        return str(self("create_multipart_upload", Key=key, **params).get("UploadId", "none"))


Function: TypeAlias = Callable[[Steps], None]


class Scenario(NamedTuple):
    """A named series of calls, which begins without buckets.

    Attributes:
        creates: whether `BUCKET` is created before it.
    """

    name: str
    function: Function
    creates: bool = True


@contextmanager
def clients(region: str) -> Iterator[Mapping[str, Any]]:
    """Yield the clients of `Steps`. They try nothing again, so that each call is one request."""
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    session = boto3.session.Session(region_name=region)
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                closing(session.client("s3", config=Config(retries={"total_max_attempts": 1}, signature_version=version)))
            )
            for name, version in (("signed", "s3v4"), ("anonymous", UNSIGNED))
        }


def run(scenario: Scenario, steps: Steps) -> None:
    """Run one scenario."""
    if scenario.creates:
        steps("create_bucket")
    scenario.function(steps)
