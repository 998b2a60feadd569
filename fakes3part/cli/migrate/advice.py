"""Tables of moto's names: which ones fakes3part has too, and what to write in place of the others."""

from __future__ import annotations

import re

SERVED = frozenset({"s3", "s3control", "sts", "kms"})
"""The services, as botocore names them, that a fake serves itself."""

READERS_OF_BUCKETS = frozenset({"athena", "awslambda", "cloudformation", "config", "firehose", "lambda"})
"""Services that moto lets read buckets: they read moto's own."""

SERVER = "ThreadedMotoServer"
MOCK = "mock_aws"

_MOCKS = re.compile(r"moto(?:\.\w+)*\.mock_(\w+)")
_NOT_MOCKS = frozenset({"xray_client", "batch_simple", "lambda_simple"})
_SERVERS = frozenset({f"moto.server.{SERVER}", f"moto.moto_server.threaded_moto_server.{SERVER}"})

_OF_MOTO = "part of moto's inside, which fakes3part does not have"

_ADVICE = [
    (r".*\.S3_UPLOAD_PART_MIN_SIZE", "write mock_aws(min_part_size=1), or set the variable S3_UPLOAD_PART_MIN_SIZE"),
    (r".*\.S3_IGNORE_SUBDOMAIN_BUCKETNAME|.*\.get_s3_\w+", "set the environment variable of the same name"),
    (r".*\.(DEFAULT_)?ACCOUNT_ID", 'write the account: "123456789012"'),
    (r".*\.DEFAULT_REGION_NAME", 'write the region: "us-east-1"'),
    (r"moto\.settings\b.*", "read the environment variable itself; fakes3part has moto's variables for S3"),
    (r".*\.(patch_client|patch_resource)", "delete the call: clients made before the mock are mocked too"),
    (
        r".*\.(set_initial_no_auth_action_count|enable_iam_authentication)",
        'write fakes3.add_user(None, "tester", policy=...), and use its keys',
    ),
    (
        r".*\.(s3_backends?|S3Backend|FakeBucket|FakeKey|get_backend)\b.*",
        "write current_fake().buckets to look, .reset() to empty",
    ),
    (r".*\.(responses_mock|botocore_stubber|BotocoreStubber)\b.*", "delete it: no HTTP library is mocked as a whole"),
    (r".*\.(DomainDispatcherApplication|create_backend_app)", "write FakeS3().wsgi_app"),
    (r"moto\.(server|moto_server)\b.*", "write fakes3part.ThreadedMotoServer, or the command fakes3part serve --lenient"),
    (r".*\.mock_\w+_deprecated", "fakes3part mocks boto3 and botocore, not boto 2"),
    (r".*\.mock_(batch|lambda)_simple", 'keep it with moto, or write mock_aws(others="moto")'),
    (r"moto\.__version__", "leave the condition out: it is about a version of moto"),
    (r"moto", "write fakes3part for what concerns S3"),
    (r".*\.\*", "import the names themselves, so that they can be rewritten"),
    (r"moto\.s3\b.*", f"{_OF_MOTO}: use boto3's client, or current_fake().buckets"),
    (r"moto\.core\b.*", _OF_MOTO),
]

_CONSTANTS = [
    (r"moto\.core\.(models\.)?(DEFAULT_)?ACCOUNT_ID", "123456789012"),
    (r"moto\.s3\.responses\.DEFAULT_REGION_NAME", "us-east-1"),
]


def constant_value(qualified_name: str) -> str | None:
    """Return the value of one of moto's constants, a string; None: it is not one that test suites may need."""
    return next((value for pattern, value in _CONSTANTS if re.fullmatch(pattern, qualified_name)), None)


def mocked_service(qualified_name: str) -> str | None:
    """Return the service of one of moto's mocks: ``aws`` for all, ``s3`` of ``moto.mock_s3``; None: it is not a mock."""
    match = _MOCKS.fullmatch(qualified_name)
    if match is None or match[1] in _NOT_MOCKS or match[1].endswith("_deprecated"):
        return None
    return "aws" if match[1] == "all" else match[1]


def new_name(qualified_name: str) -> str | None:
    """Return fakes3part's name for one of moto's; None: it has none."""
    if qualified_name in _SERVERS:
        return SERVER
    return MOCK if mocked_service(qualified_name) else None


def advice_for(qualified_name: str) -> str:
    """Return what to write in place of a name of moto's that fakes3part does not have."""
    for pattern, advice in _ADVICE:
        if re.fullmatch(pattern, qualified_name):
            return advice
    return f"keep it with moto; it is {_OF_MOTO}"
