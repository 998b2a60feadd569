"""Access logs of fakes without interception: costs, repeatable logs, TLS."""

from __future__ import annotations

import json
import ssl
from http.client import HTTPSConnection
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from fakes3part import FakeS3
from fakes3part.api.server import Server
from tests.support.access_logs import allow_delivery, bodies, log_to, parse


def test_a_fake_without_logging_collects_nothing() -> None:
    fake = FakeS3()
    s3 = fake.client()
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k")
    assert (fake.store.processes_ran_at, fake.store.access_logs.logs(), fake.deliver_logs()) == ({}, [], [])


def test_the_same_seed_makes_the_same_logs() -> None:
    texts = []
    for _ in range(2):
        fake = FakeS3(seed=7)
        s3 = fake.client()
        for name in ("bucket", "logs"):
            s3.create_bucket(Bucket=name)
        allow_delivery(s3)
        log_to(s3)
        s3.put_object(Bucket="bucket", Key="k")
        fake.clock.advance(hours=1)
        texts.append(bodies(fake))
    assert texts[0] == texts[1]
    assert len(texts[0]) == 1


def test_control_api() -> None:
    fake = _logging_fake()
    with Server(fake) as server, urlopen(Request(f"{server.url}/_fakes3part/logs/deliver", method="POST"), timeout=10) as answer:
        [log] = json.load(answer)["delivered"]
    assert (log["bucket"], list(bodies(fake))) == ("logs", [log["key"]])


def _logging_fake() -> FakeS3:
    """Return a fake whose bucket ``bucket`` is logged to ``logs``; its pending record is that of PutBucketLogging."""
    fake = FakeS3()
    s3 = fake.client()
    for name in ("bucket", "logs"):
        s3.create_bucket(Bucket=name)
    allow_delivery(s3)
    log_to(s3)
    return fake


@pytest.mark.parametrize(
    ("version", "cipher", "shown"),
    [
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2"),
        (ssl.TLSVersion.TLSv1_3, None, "TLSv1.3"),
    ],
)
def test_tls(version: ssl.TLSVersion, cipher: str | None, shown: str) -> None:
    """Over TLS the fields are those of the connection: OpenSSL's name of the suite, and IANA's of TLS 1.3."""
    fake = _logging_fake()
    fake.deliver_logs()
    with Server(fake, tls=True) as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        context.minimum_version = context.maximum_version = version
        if cipher is not None:
            context.set_ciphers(cipher)
        connection = HTTPSConnection(urlsplit(server.url).netloc, context=context, timeout=10)
        connection.request("GET", "/bucket/k")
        assert connection.getresponse().read()
        negotiated = connection.sock.cipher()
        connection.close()
    [log] = fake.deliver_logs()
    line = parse(bodies(fake)[log.key].strip())
    assert (line["cipher"], line["tls"], line["status"]) == (negotiated[0], shown, "403")
