"""CompleteMultipartUpload with If-Match and If-None-Match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.doors import Door, refused
from tests.support.errors import HEADER_NOT_IMPLEMENTED, NO_SUCH_KEY, PRECONDITION_FAILED
from tests.support.multipart import Listed, Upload, content, etag_of, md5, visibly_unchanged

BODIES = (b"one", b"two", b"three")
WHOLE = b"onetwothree"
OTHER = md5(b"other")


def uploaded(tiny: Door) -> tuple[Upload, list[Listed]]:
    """Upload three parts; return the upload and the list of parts for CompleteMultipartUpload."""
    upload = Upload(tiny.client, "bucket")
    return upload, [upload.put(number, body) for number, body in enumerate(BODIES, 1)]


CONFLICT = "The conditional request cannot succeed due to a conflicting operation against this resource."
MULTIPLE_CONDITIONS = "Multiple conditional request headers present in the request"
NOT_ACCEPTED = "We don't accept the provided value of If-None-Match header for this API"
ANY = {"IfNoneMatch": "*"}


def delete(s3: Any) -> None:
    s3.delete_object(Bucket="bucket", Key="key")


def put(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="key", Body=b"old")


def put_and_delete(s3: Any) -> None:
    put(s3)
    delete(s3)


def nothing(s3: Any) -> None:
    """Do nothing."""


OLD = f'"{md5(b"old")}"'
Step = Callable[[Any], None]
CONDITIONS: dict[str, tuple[Step, Step, dict[str, str], int, str, str, dict[str, str]]] = {
    "none, there is one": (put, nothing, ANY, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-None-Match"}),
    "none, one appeared": (nothing, put, ANY, 412, "PreconditionFailed", PRECONDITION_FAILED, {"Condition": "If-None-Match"}),
    "none, one was deleted meanwhile": (
        put,
        delete,
        ANY,
        409,
        "ConditionalRequestConflict",
        CONFLICT,
        {"Condition": "If-None-Match", "Key": "key"},
    ),
    "none, one came and went": (
        nothing,
        put_and_delete,
        ANY,
        409,
        "ConditionalRequestConflict",
        CONFLICT,
        {"Condition": "If-None-Match", "Key": "key"},
    ),
    "match, there is none": (nothing, nothing, {"IfMatch": OLD}, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "key"}),
    "match, it was deleted": (put, delete, {"IfMatch": OLD}, 404, "NoSuchKey", NO_SUCH_KEY, {"Key": "key"}),
    "match another": (
        put,
        nothing,
        {"IfMatch": f'"{OTHER}"'},
        412,
        "PreconditionFailed",
        PRECONDITION_FAILED,
        {"Condition": "If-Match"},
    ),
    "match, but written meanwhile": (
        put,
        put,
        {"IfMatch": OLD},
        409,
        "ConditionalRequestConflict",
        CONFLICT,
        {"Condition": "If-Match", "Key": "key"},
    ),
    "both": (
        put,
        nothing,
        {"IfMatch": OLD, "IfNoneMatch": "*"},
        501,
        "NotImplemented",
        HEADER_NOT_IMPLEMENTED,
        {"Header": "If-Match,If-None-Match", "additionalMessage": MULTIPLE_CONDITIONS},
    ),
    "none but an ETag": (
        nothing,
        nothing,
        {"IfNoneMatch": OLD},
        501,
        "NotImplemented",
        HEADER_NOT_IMPLEMENTED,
        {"Header": "If-None-Match", "additionalMessage": NOT_ACCEPTED},
    ),
    "match anything": (
        put,
        nothing,
        {"IfMatch": "*"},
        501,
        "NotImplemented",
        HEADER_NOT_IMPLEMENTED,
        {"Header": "If-Match", "additionalMessage": NOT_ACCEPTED.replace("If-None-Match", "If-Match")},
    ),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_condition_fails(tiny: Door, name: str) -> None:
    before, meanwhile, options, status, code, message, extras = CONDITIONS[name]
    before(tiny.client)
    upload, parts = uploaded(tiny)
    meanwhile(tiny.client)
    with visibly_unchanged(tiny.client, "bucket"):
        refused(lambda: upload.complete(*parts, **options), status, code, message, extras)
    # The upload is still there, and can be completed without the condition.
    assert upload.complete(*parts)["ETag"] == etag_of(*BODIES)
    assert content(tiny.client, "bucket") == WHOLE


HOLDS: dict[str, tuple[Step, Step, dict[str, str]]] = {
    "none, there is none": (nothing, nothing, ANY),
    "none, it was gone before": (put_and_delete, nothing, ANY),
    "match": (put, nothing, {"IfMatch": OLD}),
    "match, unquoted": (put, nothing, {"IfMatch": md5(b"old")}),
}


@pytest.mark.parametrize("name", HOLDS)
def test_condition_holds(tiny: Door, name: str) -> None:
    before, meanwhile, options = HOLDS[name]
    before(tiny.client)
    upload, parts = uploaded(tiny)
    meanwhile(tiny.client)
    upload.complete(*parts, **options)
    assert content(tiny.client, "bucket") == WHOLE


def test_another_upload_completed_meanwhile_conflicts(tiny: Door) -> None:
    """``If-None-Match: *`` of two uploads of one key: the first wins."""
    first, first_parts = uploaded(tiny)
    second, second_parts = uploaded(tiny)
    first.complete(*first_parts, IfNoneMatch="*")
    with visibly_unchanged(tiny.client, "bucket"):
        refused(
            lambda: second.complete(*second_parts, IfNoneMatch="*"),
            412,
            "PreconditionFailed",
            PRECONDITION_FAILED,
            {"Condition": "If-None-Match"},
        )
