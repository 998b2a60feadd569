"""The options of ``upload-part`` that become part of the request."""

from __future__ import annotations

from tests.clients.upload_part_rows import (
    ACCOUNT,
    DENIED,
    EMPTY_MD5,
    ETAG,
    OTHER_ACCOUNT,
    SSE_C,
    SSE_KEY,
    SSE_KEY_BASE64,
    SSE_KEY_MD5,
    WORKS,
    ClientRefuses,
    Gives,
    Refused,
    Row,
    Try,
)
from tests.support.vectors import DUMMY_CHECKSUMS

_NO_UPLOAD = Refused(
    404,
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
)
_PART_NUMBER = Refused(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
_UNDER_THE_KEY = Gives(
    {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": SSE_KEY_MD5},
    absent=("ServerSideEncryption",),
)
_WITH_MD5 = {**SSE_C, "--sse-customer-key": SSE_KEY_BASE64, "--sse-customer-key-md5": SSE_KEY_MD5}
_CUSTOMERS = "Requests specifying Server Side Encryption with Customer provided keys must provide"
_NO_ALGORITHM = Refused(400, "InvalidArgument", f"{_CUSTOMERS} a valid encryption algorithm.")
_NO_SSE_KEY = Refused(400, "InvalidArgument", f"{_CUSTOMERS} an appropriate secret key.")
_BAD_SSE_KEY = Refused(400, "InvalidArgument", "The secret key was invalid for the specified algorithm.")
_BAD_KEY_MD5 = Refused(
    400,
    "InvalidArgument",
    "The calculated MD5 hash of the key did not match the hash that was provided.",
)
_BAD_ALGORITHM = Refused(
    400,
    "InvalidEncryptionAlgorithmError",
    "The Encryption request you specified is not valid. Supported value: AES256.",
)
_UPLOAD_DIFFERS = Refused(
    400,
    "InvalidRequest",
    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption "
    "parameters.",
)
_OTHER_SSE_KEY = Refused(
    400,
    "InvalidRequest",
    "The provided encryption parameters did not match the ones used originally.",
)


def _required(option: str) -> Try:
    return Try(ClientRefuses(f"the following arguments are required: {option}", "ParamValidationError"), {option: None})


def _checksum(name: str, algorithm: str) -> Row:
    """Return the row of a ``--checksum-...`` option: verified and returned; an error if it is wrong or not a checksum."""
    member = f"Checksum{algorithm}"
    others = tuple(f"Checksum{other}" for other in DUMMY_CHECKSUMS if other != algorithm)
    wrong = {"CRC32": "AAAAAA=="}.get(algorithm) or _other_value(DUMMY_CHECKSUMS[algorithm])
    mismatch = Refused(400, "BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
    invalid = Refused(400, "InvalidRequest", f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.")
    return Row(
        name,
        member,
        WORKS,
        "verified and echoed; BadDigest when wrong, InvalidRequest when malformed",
        (
            Try(
                Gives({"ETag": ETAG, member: DUMMY_CHECKSUMS[algorithm]}, absent=others),
                {name: DUMMY_CHECKSUMS[algorithm]},
            ),
            Try(mismatch, {name: wrong}),
            Try(invalid, {name: "AAAA"}),
        ),
    )


def _other_value(value: str) -> str:
    """Return another value in Base64 of the same length."""
    return ("A" if value[0] != "A" else "B") + value[1:]


_MISMATCHED_TYPE = Refused(
    400,
    "InvalidRequest",
    "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32",
)

OPTIONS: tuple[Row, ...] = (
    Row(
        "--body",
        "Body",
        WORKS,
        "the file's bytes; without it the part is empty",
        (
            Try(Gives()),
            Try(Gives({"ETag": '"d41d8cd98f00b204e9800998ecf8427e"', "ChecksumCRC32": "AAAAAA=="}, size=0), {"--body": None}),
        ),
    ),
    Row(
        "--bucket",
        "Bucket",
        WORKS,
        "kinds of bucket: see below",
        (
            Try(Refused(404, "NoSuchBucket", "The specified bucket does not exist"), {"--bucket": "no-such-bucket"}),
            _required("--bucket"),
        ),
    ),
    Row(
        "--content-length",
        "ContentLength",
        WORKS,
        "the declared length is what is read; a body cut short is not the one that was signed "
        "(boto3 over https sends the real length whatever value is passed)",
        (
            Try(Gives(), {"--content-length": "10"}),
            Try(
                Refused(
                    400,
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ),
                {"--content-length": "4"},
                without="boto3",
            ),
        ),
    ),
    Row(
        "--content-md5",
        "ContentMD5",
        WORKS,
        "InvalidDigest when it is not a base64 MD5, BadDigest when it is not the body's",
        (
            Try(Gives(), {"--content-md5": DUMMY_CHECKSUMS["MD5"]}),
            Try(Refused(400, "InvalidDigest", "The Content-MD5 you specified was invalid."), {"--content-md5": "000"}),
            Try(
                Refused(400, "BadDigest", "The Content-MD5 you specified did not match what we received."),
                {"--content-md5": EMPTY_MD5},
            ),
        ),
    ),
    Row(
        "--checksum-algorithm",
        "ChecksumAlgorithm",
        WORKS,
        "every algorithm; must be the upload's",
        (
            *(
                Try(Gives({f"Checksum{name}": DUMMY_CHECKSUMS[name]}), {"--checksum-algorithm": name})
                for name in ("CRC32", "CRC32C", "SHA1", "SHA256")
            ),
            Try(
                Gives({"ChecksumSHA256": DUMMY_CHECKSUMS["SHA256"]}),
                {"--checksum-algorithm": "SHA256"},
                upload={"--checksum-algorithm": "SHA256"},
            ),
            Try(_MISMATCHED_TYPE, {"--checksum-algorithm": "CRC32"}, upload={"--checksum-algorithm": "SHA256"}),
            Try(
                ClientRefuses("Unsupported checksum algorithm: crc16", "FlexibleChecksumError"), {"--checksum-algorithm": "CRC16"}
            ),
        ),
    ),
    _checksum("--checksum-crc32", "CRC32"),
    _checksum("--checksum-crc32-c", "CRC32C"),
    _checksum("--checksum-sha1", "SHA1"),
    _checksum("--checksum-sha256", "SHA256"),
    Row(
        "--key",
        "Key",
        WORKS,
        "an upload belongs to its key",
        (Try(Gives()), Try(_NO_UPLOAD, {"--key": "another"}), _required("--key")),
    ),
    Row(
        "--part-number",
        "PartNumber",
        WORKS,
        "1 to 10,000",
        (
            Try(Gives(part=10_000), {"--part-number": "10000"}),
            Try(_PART_NUMBER, {"--part-number": "0"}),
            Try(_PART_NUMBER, {"--part-number": "10001"}),
            _required("--part-number"),
        ),
    ),
    Row(
        "--upload-id",
        "UploadId",
        WORKS,
        "NoSuchUpload for any other",
        (Try(Gives()), Try(_NO_UPLOAD, {"--upload-id": "no-such-upload"}), _required("--upload-id")),
    ),
    Row(
        "--sse-customer-algorithm",
        "SSECustomerAlgorithm",
        WORKS,
        "`AES256`; in each part of an upload that was created with a customer key, and in no other",
        (
            Try(_UNDER_THE_KEY, SSE_C, upload=SSE_C),
            Try(_BAD_ALGORITHM, {**SSE_C, "--sse-customer-algorithm": "KMS"}, upload=SSE_C),
            Try(_NO_SSE_KEY, {"--sse-customer-algorithm": "AES256"}, upload=SSE_C),
            Try(_UPLOAD_DIFFERS, SSE_C),
            Try(_UPLOAD_DIFFERS, upload=SSE_C),
        ),
    ),
    Row(
        "--sse-customer-key",
        "SSECustomerKey",
        WORKS,
        "the upload's key, of 32 bytes; it is in no response, log or repr",
        (
            Try(_UNDER_THE_KEY, SSE_C, upload=SSE_C),
            Try(_OTHER_SSE_KEY, {**SSE_C, "--sse-customer-key": SSE_KEY[::-1]}, upload=SSE_C),
            Try(_BAD_SSE_KEY, {**SSE_C, "--sse-customer-key": "short"}, upload=SSE_C),
            Try(_NO_ALGORITHM, {"--sse-customer-key": SSE_KEY}, upload=SSE_C),
        ),
    ),
    Row(
        "--sse-customer-key-md5",
        "SSECustomerKeyMD5",
        WORKS,
        "computed by the client, or passed with a key in base64; must be the key's",
        (
            Try(_UNDER_THE_KEY, _WITH_MD5, upload=SSE_C),
            Try(_BAD_KEY_MD5, {**_WITH_MD5, "--sse-customer-key-md5": EMPTY_MD5}, upload=SSE_C),
            Try(_NO_ALGORITHM, {"--sse-customer-key-md5": EMPTY_MD5}, upload=SSE_C),
        ),
    ),
    Row(
        "--request-payer",
        "RequestPayer",
        WORKS,
        "required of other accounts on a bucket where the requester pays; ignored elsewhere",
        (Try(Gives(absent=("RequestCharged",)), {"--request-payer": "requester"}),),
    ),
    Row(
        "--expected-bucket-owner",
        "ExpectedBucketOwner",
        WORKS,
        "403 for another account, 400 for a value that is not an account id",
        (
            Try(Gives(), {"--expected-bucket-owner": ACCOUNT}),
            Try(DENIED, {"--expected-bucket-owner": OTHER_ACCOUNT}),
            Try(
                Refused(
                    400,
                    "InvalidBucketOwnerAWSAccountID",
                    "The value of the expected bucket owner parameter must be an AWS Account ID... [1234]",
                ),
                {"--expected-bucket-owner": "1234"},
            ),
        ),
    ),
)

NEWER: tuple[Row, ...] = (
    _checksum("--checksum-crc64-nvme", "CRC64NVME"),
    _checksum("--checksum-sha512", "SHA512"),
    _checksum("--checksum-md5", "MD5"),
    _checksum("--checksum-xxhash64", "XXHASH64"),
    _checksum("--checksum-xxhash3", "XXHASH3"),
    _checksum("--checksum-xxhash128", "XXHASH128"),
)
"""Options of UploadPart that are newer than the reference in tests/data."""
