"""Helpers for the tests of STS, KMS and S3 Control: clients of each service, and exact errors."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials

from fakes3part.api.fakes3 import FakeS3
from tests.support.callers import OWNER

ROLE = f"arn:aws:iam::{OWNER}:role/job"

_CONFIG = Config(retries={"total_max_attempts": 1})
_CREDENTIALS = {"aws_access_key_id": "access_key", "aws_secret_access_key": "secret_key", "aws_session_token": "token"}


@dataclass
class Door:
    """A fake and how clients reach it; ``url`` None: in-process."""

    name: str
    fake: FakeS3
    url: str | None
    session: boto3.session.Session
    stack: contextlib.ExitStack
    pool: dict[str, list[Any]]
    """In-process clients by service that no test uses now: a new one takes as long as ten requests."""
    made: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str, **settings: Any) -> Any:
        """Return a client; by default it signs with an unknown key for us-east-1."""
        if not settings and service in self.made:
            return self.made[service]
        url = self.url
        if url is not None and service == "s3control":
            url = url.replace("127.0.0.1", "localhost")  # the account goes before it
        given = {
            "region_name": "us-east-1",
            "aws_access_key_id": "testing",
            "aws_secret_access_key": "testing",
            "config": _CONFIG,
            "endpoint_url": url,
            **settings,
        }
        if url is None and settings.keys() <= _CREDENTIALS.keys():
            client = self._borrow(service, given)
        else:
            client = self.session.client(service, **given)
            self.stack.callback(client.close)
        if not settings:
            self.made[service] = client
        return client

    def _borrow(self, service: str, settings: dict[str, Any]) -> Any:
        free = self.pool.setdefault(service, [])
        client = free.pop() if free else self.session.client(service, **settings)
        credentials = {parameter: settings.get(setting) for setting, parameter in _CREDENTIALS.items()}
        client._request_signer._credentials = Credentials(**credentials)
        self.stack.callback(free.append, client)
        return client

    def client_of(self, who: Any, service: str = "s3", **settings: Any) -> Any:
        """Return a client that signs as a configured principal, or with credentials of STS."""
        if isinstance(who, dict):
            keys = who["AccessKeyId"], who["SecretAccessKey"], who["SessionToken"]
        else:
            keys = who.access_key, who.secret_key, who.session_token
        return self.client(service, **dict(zip(_CREDENTIALS, keys, strict=True)), **settings)


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """Return an Allow statement of an identity policy."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """Return a Deny statement of an identity policy."""
    return {**allow(*actions, resource=resource, **more), "Effect": "Deny"}


def trust(principal: Any, *actions: str, **more: Any) -> str:
    """Return a trust policy of one statement."""
    return policy({"Effect": "Allow", "Principal": principal, "Action": list(actions or ("sts:AssumeRole",)), **more})
