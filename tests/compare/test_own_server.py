"""The fake against itself, in another process and over HTTP: no scenario differs, compared, or recorded and replayed."""

from __future__ import annotations

import contextlib
from pathlib import Path

import boto3
import pytest

from fakes3part.api.fakes3 import FakeS3
from fakes3part.compare import report, steps
from fakes3part.compare.bucket_names import new_token
from fakes3part.compare.comparison import Comparison
from fakes3part.compare.recorder import recording
from fakes3part.compare.recording import read
from fakes3part.compare.replay import replay
from fakes3part.compare.scenarios import SCENARIOS
from fakes3part.compare.signing import Credentials
from fakes3part.compare.target import Target
from fakes3part.intercept.activation import intercepted
from tests.support.other_s3 import compared, own_server

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def test_all_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name.upper(), value)
    with own_server(tmp_path) as url:
        target = Target(url, Credentials("testing", "testing"), new_token())
        comparison = Comparison(target)
        fake = FakeS3()
        with compared(comparison), intercepted(fake), steps.clients("us-east-1") as clients:
            for scenario in SCENARIOS:
                comparison.test = scenario.name
                steps.run(scenario, steps.Steps(clients, "us-east-1", needs_all=True))
                fake.reset()
                assert comparison.clean_up() == []
        target.close()
        file = tmp_path / "recording"
        with recording(url, file) as recorder, intercepted(recorder), steps.clients("us-east-1") as clients:
            for scenario in SCENARIOS:
                recorder.begin_group(scenario.name)
                steps.run(scenario, steps.Steps(clients, "us-east-1", needs_all=True))
        assert recorder.left == []
        with contextlib.closing(boto3.client("s3", "us-east-1", endpoint_url=url, **KEYS)) as client:
            assert client.list_buckets()["Buckets"] == []
    compared_calls = [call.to_json() for call in comparison.calls]
    assert report.lines(compared_calls) == []
    assert report.summary(compared_calls, url) == f"{len(compared_calls)} calls compared with {url}: no difference."
    replayed = [call.to_json() for call in replay(read(file))]
    assert report.lines(replayed) == []
    assert len(replayed) == len(compared_calls) > 450
