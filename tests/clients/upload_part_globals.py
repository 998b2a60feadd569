"""The global options of the AWS CLI."""

from __future__ import annotations

from tests.clients.upload_part_rows import DENIED, ETAG, NOT_IN_V1, WORKS, ClientRefuses, Gives, Prints, Row, Try
from tests.support.vectors import DUMMY_CHECKSUMS


def _version_two(*arguments: str) -> Row:
    """Return the row of an option that only CLI v2 has: v1, which is the one on PyPI, rejects it."""
    tried = Try(ClientRefuses(f"Unknown options: {', '.join(arguments)}"), arguments=arguments)
    return Row(arguments[0], "", NOT_IN_V1, "not part of the request: CLI v1 reports `Unknown options`", (tried,))


_JSON = '{"Bucket": "bucket", "Key": "key", "UploadId": "$upload", "PartNumber": 7}'
_FROM_JSON = dict.fromkeys(("--bucket", "--key", "--upload-id", "--part-number"))
_REDIRECTED = ("--endpoint-url", "http://127.0.0.1:1")

GLOBALS: tuple[Row, ...] = (
    Row(
        "--cli-input-json",
        "",
        WORKS,
        "options on the command line win",
        (
            Try(Gives(part=7), _FROM_JSON, ("--cli-input-json", _JSON)),
            Try(Gives(part=1), arguments=("--cli-input-json", _JSON)),
        ),
    ),
    _version_two("--cli-input-yaml", "PartNumber: 7"),
    Row(
        "--generate-cli-skeleton",
        "",
        WORKS,
        "prints, and sends nothing (`yaml-input` is CLI v2's)",
        (
            Try(Prints(out=r'"PartNumber": 0,\n    "UploadId": ""', stores=False), arguments=("--generate-cli-skeleton",)),
            Try(Prints(out=r'"RequestCharged": "RequestCharged"', stores=False), arguments=("--generate-cli-skeleton", "output")),
            Try(ClientRefuses("Invalid choice, valid choices are"), arguments=("--generate-cli-skeleton", "yaml-input")),
        ),
    ),
    Row(
        "--debug",
        "",
        WORKS,
        "shows the request and the response",
        (
            Try(
                Prints(out=ETAG[1:-1], err=r'"PUT /bucket/key\?partNumber=1&uploadId=\S+ HTTP/1\.1" 200 0'),
                arguments=("--debug",),
                process=True,
            ),
        ),
    ),
    Row(
        "--endpoint-url",
        "",
        WORKS,
        "how the CLI finds the server (or `AWS_ENDPOINT_URL_S3`)",
        (
            Try(Gives(), arguments=("--endpoint-url", "$localhost")),
            Try(ClientRefuses('Could not connect to the endpoint URL: "http://127.0.0.1:1/bucket'), arguments=_REDIRECTED),
        ),
    ),
    Row(
        "--no-verify-ssl",
        "",
        WORKS,
        "tried through a TLS proxy before the server; over https the CLI sends its checksum as a trailer",
        (
            Try(ClientRefuses("SSL validation failed for https://localhost"), arguments=("--endpoint-url", "$tls")),
            Try(
                Gives({"ETag": ETAG, "ChecksumCRC32": DUMMY_CHECKSUMS["CRC32"]}),
                arguments=("--endpoint-url", "$tls", "--no-verify-ssl"),
            ),
        ),
    ),
    Row("--no-paginate", "", WORKS, "no effect: there is one response", (Try(Gives(), arguments=("--no-paginate",)),)),
    Row(
        "--output",
        "",
        WORKS,
        "json, text, table (`yaml` is CLI v2's)",
        (
            Try(
                Prints(out=rf"(?m)^{DUMMY_CHECKSUMS['CRC32']}\t{ETAG}\tAES256$"),
                arguments=("--output", "text"),
                process=True,
            ),
            Try(Prints(out=rf"\|  ETag +\|  {ETAG}  \|"), arguments=("--output", "table")),
            Try(ClientRefuses("argument --output: Invalid choice"), arguments=("--output", "yaml")),
        ),
    ),
    Row("--query", "", WORKS, "", (Try(Prints(out=rf"\A{ETAG}\n\Z"), arguments=("--query", "ETag", "--output", "text")),)),
    Row(
        "--profile",
        "",
        WORKS,
        "a profile of another account is denied",
        (
            Try(DENIED, arguments=("--profile", "other")),
            Try(ClientRefuses("The config profile (nobody) could not be found"), arguments=("--profile", "nobody")),
        ),
    ),
    Row(
        "--region",
        "",
        WORKS,
        "any region: at a server, the endpoint is in the region that the request is signed for",
        (
            Try(Gives(), arguments=("--region", "eu-central-1")),
            Try(Gives(), arguments=("--region", "us-east-1")),
            Try(ClientRefuses("Provided region_name 'no region' doesn't match"), arguments=("--region", "no region")),
        ),
    ),
    Row("--version", "", WORKS, "", (Try(Prints(out=r"\Aaws-cli/1\.", stores=False), arguments=("--version",)),)),
    Row(
        "--color",
        "",
        WORKS,
        "",
        (
            Try(Prints(out="\x1b\\[1m"), arguments=("--color", "on", "--output", "table")),
            Try(Prints(out="\\A[^\x1b]+\\Z"), arguments=("--color", "off", "--output", "table")),
        ),
    ),
    Row("--no-sign-request", "", WORKS, "anonymous: AccessDenied", (Try(DENIED, arguments=("--no-sign-request",)),)),
    Row(
        "--ca-bundle",
        "",
        WORKS,
        "as `--no-verify-ssl`",
        (Try(Gives(), arguments=("--endpoint-url", "$tls", "--ca-bundle", "$ca")),),
    ),
    Row(
        "--cli-read-timeout",
        "",
        WORKS,
        "the server waits for the rest of the body; the client times out, and nothing is stored",
        (
            Try(Gives(), arguments=("--cli-read-timeout", "30")),
            Try(ClientRefuses("Read timeout on endpoint URL"), {"--content-length": "11"}, ("--cli-read-timeout", "1")),
        ),
    ),
    Row(
        "--cli-connect-timeout",
        "",
        WORKS,
        "",
        (
            Try(Gives(), arguments=("--cli-connect-timeout", "30")),
            Try(ClientRefuses("invalid literal for int()"), arguments=("--cli-connect-timeout", "soon")),
        ),
    ),
    _version_two("--cli-binary-format", "base64"),
    _version_two("--no-cli-pager"),
    _version_two("--cli-auto-prompt"),
    _version_two("--no-cli-auto-prompt"),
)
