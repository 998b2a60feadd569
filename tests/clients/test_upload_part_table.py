"""Every row of the table of ``upload-part``, tried by the real AWS CLI against the server and by boto3 in-process."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from fakes3part.api.fakes3 import FakeS3
from fakes3part.api.server import Server
from fakes3part.state.access_points import AccessPoint
from tests.clients.upload_part_globals import GLOBALS
from tests.clients.upload_part_options import NEWER, OPTIONS
from tests.clients.upload_part_outputs import BUCKETS, OUTPUTS
from tests.clients.upload_part_rows import LATER, NOT_IN_V1, ClientRefuses, Gives, Prints, Refused, Row, Try
from tests.clients.upload_part_table import ROWS, markdown
from tests.support.aws_cli import Aws, Ran
from tests.support.tls_proxy import TlsProxy
from tests.support.vectors import DUMMY_DATA

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/upload-part.md"
REFERENCE = ROOT / "tests" / "data" / "upload-part.txt"
"""Synopsis and output of ``upload-part`` in the AWS CLI Command Reference."""
NOT_A_SECOND_TRY = r"(?: \(reached max retries: 0\))?"


def rows(door: str) -> list[Any]:
    """Return the rows with tries for a door."""
    params = []
    for row in ROWS:
        tries = [tried for tried in row.tries if at(door, tried)]
        if tries:
            params.append(pytest.param(row, id=row.name.replace(" ", "-")))
    return params


def at(door: str, tried: Try) -> bool:
    return tried.without != door and not (door == "boto3" and (tried.arguments or isinstance(tried.expects, Prints)))


def options(tried: Try, filled: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a try's command in the CLI's form, with values filled in."""
    plain: dict[str, str | None] = {"--bucket": "bucket"}
    if tried.command != "put-bucket-request-payment":
        plain |= {"--key": "key"}
    if tried.command == "upload-part":
        plain |= {"--part-number": "1", "--upload-id": "$upload", "--body": "$body"}
    given = {**plain, **tried.given}
    return {name: Template(value).substitute(filled) for name, value in given.items() if value is not None}


def params_of(client: Any, operation: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Return boto3's params for the options of a CLI call."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    convert: dict[str, Callable[[str], Any]] = {"integer": int, "long": int, "boolean": lambda _: True}
    params: dict[str, Any] = {}
    for member, kind in shape.members.items():
        value = given.get(f"--{xform_name(member, '-')}")
        if value is not None:
            params[member] = convert.get(kind.type_name, str)(value)
    if "Body" in params:
        params["Body"] = DUMMY_DATA
    if "RequestPaymentConfiguration" in params:
        name, _, payer = params["RequestPaymentConfiguration"].partition("=")
        params["RequestPaymentConfiguration"] = {name: payer}
    assert len(params) == len(given)
    return params


def operation_of(command: str) -> str:
    return command.title().replace("-", "")


def furnish(fake: FakeS3) -> AccessPoint:
    """Create a bucket of each kind, and access points of two of them; return the first access point."""
    with contextlib.closing(fake.client()) as owner:
        owner.create_bucket(Bucket="bucket")
        zone = {"Name": "use1-az4", "Type": "AvailabilityZone"}
        kind = {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}
        owner.create_bucket(Bucket="base--use1-az4--x-s3", CreateBucketConfiguration={"Location": zone, "Bucket": kind})
    fake.add_access_point("point", fake.add_outposts_bucket("bucket"), vpc="vpc-1")
    return fake.add_access_point("point", "bucket")


def open_upload(client: Any, tried: Try) -> str:
    created = {"--bucket": tried.home, "--key": "key", **tried.upload}
    upload: str = client.create_multipart_upload(**params_of(client, "CreateMultipartUpload", created))["UploadId"]
    return upload


def parts_of(client: Any, upload: str, home: str) -> list[tuple[int, int]]:
    """Return the numbers and sizes of the uploaded parts."""
    parts = client.list_parts(Bucket=home, Key="key", UploadId=upload).get("Parts", [])
    return [(part["PartNumber"], part["Size"]) for part in parts]


def check_given(expected: Gives, output: Mapping[str, Any], parts: list[tuple[int, int]]) -> None:
    assert {name: output.get(name) for name in expected.output} == dict(expected.output)
    assert not output.keys() & set(expected.absent)
    assert parts == [(expected.part, expected.size)]


class TestAwsCli:
    @pytest.mark.parametrize("row", rows("cli"))
    def test_row(self, row: Row, aws: Aws, home: Path, server: Server, tls: TlsProxy, certificate: Path) -> None:
        (home / "part").write_bytes(DUMMY_DATA)
        local = server.url.replace("127.0.0.1", "localhost")
        filled = {"body": "part", "localhost": local, "tls": tls.url, "ca": str(certificate)}
        for tried in row.tries:
            if at("cli", tried):
                server.fake.reset()
                point = furnish(server.fake)
                with contextlib.closing(server.fake.client()) as owner:
                    upload = open_upload(owner, tried)
                    arguments = self._arguments(tried, filled | {"upload": upload, "alias": point.alias})
                    ran = (aws.process if tried.process else aws)("s3api", tried.command, *arguments)
                    self._check(tried.expects, ran, parts_of(owner, upload, tried.home))

    def _arguments(self, tried: Try, filled: Mapping[str, str]) -> list[str]:
        arguments = [word for option in options(tried, filled).items() for word in option if word]
        return arguments + [Template(argument).substitute(filled) for argument in tried.arguments]

    def _check(self, expected: Gives | Refused | ClientRefuses | Prints, ran: Ran, parts: list[tuple[int, int]]) -> None:
        if isinstance(expected, Gives):
            check_given(expected, ran.output, parts)
        elif isinstance(expected, Prints):
            assert ran.status == 0
            assert re.search(expected.out, ran.out)
            assert re.search(expected.err, ran.err)
            assert bool(parts) is expected.stores
        else:
            assert (ran.out, parts) == ("", [])
            assert ran.status != 0
            if isinstance(expected, ClientRefuses):
                assert expected.words in ran.err
            else:
                said = f"An error occurred ({expected.code}) when calling the {expected.operation} operation"
                assert re.search(rf"(?:\A|\n)\n{re.escape(said)}{NOT_A_SECOND_TRY}: {re.escape(expected.message)}\n\Z", ran.err)


class TestBoto3:
    @pytest.mark.parametrize("row", rows("boto3"))
    def test_row(self, row: Row, in_process: Any) -> None:
        for tried in row.tries:
            if at("boto3", tried):
                with FakeS3() as fake:
                    self._try(tried, in_process, furnish(fake))

    def _try(self, tried: Try, client: Any, point: AccessPoint) -> None:
        upload = open_upload(client, tried)
        operation = operation_of(tried.command)
        params = params_of(client, operation, options(tried, {"upload": upload, "body": "part", "alias": point.alias}))
        call = getattr(client, xform_name(operation))
        expected = tried.expects
        assert not isinstance(expected, Prints)
        if isinstance(expected, Gives):
            check_given(expected, call(**params), parts_of(client, upload, tried.home))
            return
        with pytest.raises((ClientError, BotoCoreError)) as caught:
            call(**params)
        assert parts_of(client, upload, tried.home) == []
        if isinstance(expected, ClientRefuses):
            assert type(caught.value).__name__ == expected.exception
        else:
            assert isinstance(caught.value, ClientError)
            response = caught.value.response
            assert response["ResponseMetadata"]["HTTPStatusCode"] == expected.status
            assert (response["Error"]["Code"], response["Error"]["Message"]) == (expected.code, expected.message)
            assert caught.value.operation_name == expected.operation


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_status_matches_the_tries(row: Row) -> None:
    later = [isinstance(tried.expects, Refused) and tried.expects.status == 501 for tried in row.tries]
    refused = [isinstance(tried.expects, ClientRefuses) and bool(tried.arguments) for tried in row.tries]
    assert row.tries
    assert all(later) is (row.status == LATER)
    assert any(later) is (row.status == LATER)
    assert all(refused) is (row.status == NOT_IN_V1)


def test_the_rows_are_the_models(in_process: Any) -> None:
    """The options are boto3's members, each once, by the CLI's name. Outputs newer than the reference have no row."""
    model = in_process.meta.service_model.operation_model("UploadPart")
    known = {f"--{xform_name(member, '-')}": member for member in model.input_shape.members}
    assert {row.name: row.member for row in (*OPTIONS, *NEWER)} == known
    assert {row.name for row in OUTPUTS} <= set(model.output_shape.members)
    assert len({row.name for row in ROWS}) == len([row for row in ROWS if row not in OUTPUTS]) + len(OUTPUTS)


def test_the_rows_are_those_of_the_cli_reference() -> None:
    text = REFERENCE.read_text()
    synopsis = text.partition("\nupload-part\n")[2].partition("\nOutput\n")[0]
    assert {row.name for row in (*OPTIONS, *GLOBALS)} == set(re.findall(r"--[a-z0-9-]+", synopsis))
    assert [row.name for row in OUTPUTS] == re.findall(r"^(\w+) -> \(\w+\)$", text, re.MULTILINE)
    assert len(BUCKETS) == 5


def test_the_reference_has_the_table() -> None:
    text = PAGE.read_text()
    assert text.partition("<!-- upload-part -->")[2].partition("<!-- /upload-part -->")[0].strip() == markdown().strip()
