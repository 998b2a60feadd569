"""Runs an inner pytest over many small files, and returns what its plugin reported about each."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

CONFTEST = """
import json

def pytest_configure(config):
    global is_worker
    is_worker = hasattr(config, "workerinput")  # then the controller gets these reports too

def record(**what):
    if is_worker:
        return
    with open("reports.jsonl", "a") as file:
        file.write(json.dumps(what) + "\\n")

def pytest_runtest_logreport(report):
    sections = [list(section) for section in report.sections if section[0].startswith("S3")]
    outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
    record(node=report.nodeid, when=report.when, outcome=outcome, sections=sections, text=str(report.longrepr or ""))

def pytest_warning_recorded(warning_message, nodeid):
    record(node=nodeid, warning=f"{warning_message.category.__name__}: {warning_message.message}")
"""

HEADER = """
import boto3, pytest, unittest
from fakes3part import FakeS3, mock_s3

def client():
    return boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")

def leave(s3, bucket):
    s3.create_multipart_upload(Bucket=bucket, Key="big")
"""


@dataclass
class FileReport:
    """The reports about one file's ``test_it``: outcomes by phase, our sections, the text of failures, warnings."""

    outcomes: dict[str, str] = field(default_factory=dict)
    sections: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        return [title for title, _ in self.sections]

    @property
    def lines(self) -> list[str]:
        """The lines of the one section, without the last, which says what to do next."""
        ((_, text),) = self.sections
        return text.splitlines()[:-1]

    @property
    def advice(self) -> str:
        """The last line of the one section."""
        ((_, text),) = self.sections
        return text.splitlines()[-1]


def run(pytester: pytest.Pytester, files: Mapping[str, str], *arguments: str, ini: str = "") -> dict[str, FileReport]:
    """Run files, ``name -> source``, and return the reports about each."""
    pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{textwrap.dedent(ini)}")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(**{f"test_{name}": HEADER + textwrap.dedent(source) for name, source in files.items()})
    file = pytester.path / "reports.jsonl"
    file.unlink(missing_ok=True)
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:randomly", *arguments)
    reports = {name: FileReport() for name in files}
    for line in map(json.loads, file.read_text().splitlines()):
        name, _, test = line["node"].partition("::")
        if not test.endswith("test_it"):
            continue
        report = reports[name.removeprefix("test_").removesuffix(".py")]
        if "warning" in line:
            report.warnings.append(line["warning"])
        else:
            report.outcomes[line["when"]] = line["outcome"]
            report.sections += map(tuple, line["sections"])
            report.text += line["text"]
    return reports
