"""The options of ``aws s3api upload-part``, one by one: what each is for, and the answers that tests assert."""

from __future__ import annotations

from collections.abc import Iterator

from tests.clients.upload_part_globals import GLOBALS
from tests.clients.upload_part_options import NEWER, OPTIONS
from tests.clients.upload_part_rows import ClientRefuses, Refused, Row

_CHECKSUM = "The {} of the part, in base64, as the client computed it."
PURPOSES: dict[str, str] = {
    "--body": "The file whose bytes become the part.",
    "--bucket": "The bucket of the upload: a name, or the ARN or alias of an access point.",
    "--content-length": "The number of bytes of the part, for bodies whose size the client cannot find out.",
    "--content-md5": "The MD5 digest of the part in base64, so that S3 can notice bytes that changed on the way.",
    "--checksum-algorithm": "The checksum that the client computes and sends with the part.",
    "--checksum-crc32": _CHECKSUM.format("CRC-32"),
    "--checksum-crc32-c": _CHECKSUM.format("CRC-32C"),
    "--checksum-crc64-nvme": _CHECKSUM.format("CRC-64/NVME"),
    "--checksum-sha1": _CHECKSUM.format("SHA-1 digest"),
    "--checksum-sha256": _CHECKSUM.format("SHA-256 digest"),
    "--checksum-sha512": _CHECKSUM.format("SHA-512 digest"),
    "--checksum-md5": _CHECKSUM.format("MD5 digest"),
    "--checksum-xxhash64": _CHECKSUM.format("XXHash64"),
    "--checksum-xxhash3": _CHECKSUM.format("XXHash3 (64 bits)"),
    "--checksum-xxhash128": _CHECKSUM.format("XXHash128"),
    "--key": "The key of the object that the upload makes.",
    "--part-number": "Which part this is: its place in the object, 1 to 10,000. A number used before replaces that part.",
    "--upload-id": "The upload, as CreateMultipartUpload returned it.",
    "--sse-customer-algorithm": "The algorithm of an encryption by the customer's own key: AES256.",
    "--sse-customer-key": "The customer's key, which must be that of CreateMultipartUpload. S3 does not keep it.",
    "--sse-customer-key-md5": "The MD5 digest of the customer's key, which the client adds by itself.",
    "--request-payer": "The caller's consent to pay for the request: `requester`.",
    "--expected-bucket-owner": "The account that the caller believes to own the bucket; the request fails if another one does.",
    "--cli-input-json": "Options from a JSON document, in the form that `--generate-cli-skeleton` prints.",
    "--cli-input-yaml": "Options from a YAML document.",
    "--generate-cli-skeleton": "Print a template of the options, or of the output, and send nothing.",
    "--debug": "Log what the CLI does, the request included.",
    "--endpoint-url": "Where the request is sent: here, the fake's server.",
    "--no-verify-ssl": "Accept any TLS certificate.",
    "--no-paginate": "Do not ask for further pages of a listing.",
    "--output": "The format of what the CLI prints.",
    "--query": "A JMESPath expression that selects from the output.",
    "--profile": "The profile of the configuration files.",
    "--region": "The region of the endpoint and of the signature.",
    "--version": "Print the CLI's version.",
    "--color": "Whether the output has colours.",
    "--no-sign-request": "Send the request without a signature, as an anonymous caller.",
    "--ca-bundle": "The certificates that TLS trusts.",
    "--cli-read-timeout": "Seconds that the CLI waits for a response.",
    "--cli-connect-timeout": "Seconds that the CLI waits for a connection.",
    "--cli-binary-format": "How the CLI reads binary values of options.",
    "--no-cli-pager": "Do not show the output in a pager.",
    "--cli-auto-prompt": "Ask for options interactively.",
    "--no-cli-auto-prompt": "Do not ask for options.",
}
"""What each option is for."""


def options() -> str:
    """Return a section for each option."""
    titles = {"Options of the request": (*OPTIONS, *NEWER), "Options of the AWS CLI": GLOBALS}
    return "\n\n".join("\n\n".join([f"### {title}", *map(_section, rows)]) for title, rows in titles.items())


def _section(row: Row) -> str:
    place = f"boto3: `{row.member}`. " if row.member else ""
    note = f": {row.note.replace('see below', 'see above')}" if row.note else ""
    lines = [f"#### `{row.name}`", "", PURPOSES[row.name], "", f"{place}{row.status[:1].upper()}{row.status[1:]}{note}."]
    answers = list(dict.fromkeys(_answers(row)))
    return "\n".join([*lines, "", *answers]) if answers else "\n".join(lines)


def _answers(row: Row) -> Iterator[str]:
    for attempt in row.tries:
        match attempt.expects:
            case Refused(status, code, message, operation):
                place = "" if operation == "UploadPart" else f" (of {operation or 'another operation'})"
                yield f"* `{status} {code}`{place}: {message or 'without a text'}"
            case ClientRefuses(words, exception):
                yield f"* refused by the client itself, which sends nothing: `{words}`" + (
                    f" (boto3: `{exception}`)" if exception else ""
                )
