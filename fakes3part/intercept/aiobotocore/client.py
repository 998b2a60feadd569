"""What `intercept.botocore` does for boto3's clients, for aiobotocore's: methods that it has written anew as coroutines."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

from .. import network_guard
from ..botocore import credentials, region_redirects, retry_sleep, send
from ..patch import Function, Patch

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from ...clock import Clock

_clock: ContextVar[Clock | None] = ContextVar("fakes3part_clock", default=None)
"""The clock on which the pauses of the task's client pass; None: they are real."""


def patches() -> list[Patch]:
    """Return the patches of aiobotocore's endpoint, signer, redirector, and token bucket; those that its version has."""
    endpoint: Any = sys.modules["aiobotocore.endpoint"]
    signers: Any = sys.modules["aiobotocore.signers"]
    utils: Any = sys.modules["aiobotocore.utils"]
    found = [
        Patch(signers.AioRequestSigner, "get_auth_instance", _signing),
        send.clock_patch(signers) if hasattr(signers, "get_current_datetime") or hasattr(signers, "datetime") else None,
        Patch(endpoint.AioEndpoint, "_send_request", _sending),
        Patch(endpoint, "asyncio", cast(Any, _Asyncio)),
    ]
    if hasattr(endpoint, "AnyioEndpoint"):  # httpx's
        found.append(Patch(endpoint.AnyioEndpoint, "_sleep", _sleep))
    if hasattr(utils, "AioS3RegionRedirectorv2"):
        found.append(Patch(utils.AioS3RegionRedirectorv2, "get_bucket_region", _recording))
    if (bucket := sys.modules.get("aiobotocore.retries.bucket")) is not None:
        found.append(Patch(bucket.AsyncTokenBucket, "_sleep_amount", _sleep_amount))
    for module, name in (("httpsession", "AIOHTTPSession"), ("httpxsession", "HttpxSession")):
        if hasattr(session := getattr(sys.modules.get(f"aiobotocore.{module}"), name, None), "send"):
            found.append(Patch(session, "send", _send))
    return [patch for patch in found if patch is not None]


def _signing(original: Function) -> Function:
    async def get_auth_instance(
        self: Any,
        signing_name: str,
        region_name: str,
        signature_version: str | None = None,
        request_credentials: Any = None,
        **kwargs: Any,
    ) -> Any:
        chosen = credentials.signing_credentials(self, request_credentials)
        if chosen is credentials.FAKE:
            chosen = sys.modules["aiobotocore.credentials"].AioCredentials(chosen.access_key, chosen.secret_key)
        return await original(self, signing_name, region_name, signature_version, chosen, **kwargs)

    return get_auth_instance


def _sending(original: Function) -> Function:
    async def _send_request(self: Any, request_dict: Any, operation_model: Any) -> Any:
        clock = retry_sleep.clock_for(self.host)
        try:
            if clock is None:
                return await original(self, request_dict, operation_model)
            token = _clock.set(clock)
            try:
                return await original(self, request_dict, operation_model)
            finally:
                _clock.reset(token)
        except network_guard.ServiceNotFaked as error:
            error.name_operation(self.host, operation_model.name)
            raise

    return _send_request


def _send(original: Function) -> Function:
    async def send(self: Any, request: AWSPreparedRequest) -> Any:
        network_guard.refuse_request(request)  # what aiohttp raises would be wrapped, and retried
        return await original(self, request)

    return send


class _Asyncio:
    """The module ``asyncio`` for aiobotocore's endpoint."""

    def __init__(self, module: Any) -> None:
        self._module = module

    async def sleep(self, delay: float, *result: Any) -> Any:
        clock = _clock.get()
        if clock is None:
            return await self._module.sleep(delay, *result)
        clock.sleep(delay)
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _sleep(original: Function) -> Function:
    async def _sleep(self: Any, sleep_amount: float) -> None:
        clock = _clock.get()
        if clock is None:
            await original(self, sleep_amount)
        else:
            clock.sleep(sleep_amount)

    return _sleep


def _sleep_amount(original: Function) -> Function:
    def _sleep_amount(self: Any, amount: float) -> float:
        return retry_sleep.sleep_amount(original, self, amount, _clock.get())

    return _sleep_amount


def _recording(original: Function) -> Function:
    async def get_bucket_region(self: Any, bucket: str, response: Any) -> Any:
        region = await original(self, bucket, response)
        region_redirects.record(self, bucket)
        return region

    return get_bucket_region
