"""Properties of objects: any sequence of puts, copies and deletes leaves what a dict would hold; with versions, a list."""

from __future__ import annotations

from typing import Any, TypeAlias

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.doors import Door

KEY = st.sampled_from(["a", "b", "a/b", "\U0001f600"])
BODY = st.binary(max_size=3)
STEP = st.one_of(
    st.tuples(st.just("put"), KEY, BODY),
    st.tuples(st.just("copy"), KEY, KEY),
    st.tuples(st.just("delete"), KEY),
    st.tuples(st.just("delete many"), st.lists(KEY, min_size=1, unique=True)),
)
LAW = settings(max_examples=30, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _fresh(door: Door) -> Any:
    door.fake.reset()
    door.client.create_bucket(Bucket="bucket")
    return door.client


def _read(s3: Any, key: str, **version: str) -> bytes | str:
    """Return the body, or the error code."""
    try:
        return bytes(s3.get_object(Bucket="bucket", Key=key, **version)["Body"].read())
    except ClientError as error:
        return str(error.response["Error"]["Code"])


@LAW
@given(steps=st.lists(STEP, max_size=15))
def test_a_bucket_is_a_dict(door: Door, steps: list[tuple[Any, ...]]) -> None:
    s3, model = _fresh(door), {}
    for step, *arguments in steps:
        if step == "put":
            key, body = arguments
            s3.put_object(Bucket="bucket", Key=key, Body=body)
            model[key] = body
        elif step == "copy":
            source, key = arguments
            if source in model:
                s3.copy_object(
                    Bucket="bucket", Key=key, CopySource={"Bucket": "bucket", "Key": source}, MetadataDirective="REPLACE"
                )
                model[key] = model[source]
        elif step == "delete":
            s3.delete_object(Bucket="bucket", Key=arguments[0])
            model.pop(arguments[0], None)
        else:
            s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": key} for key in arguments[0]]})
            for key in arguments[0]:
                model.pop(key, None)
    listed = s3.list_objects_v2(Bucket="bucket").get("Contents", [])
    assert {entry["Key"]: entry["Size"] for entry in listed} == {key: len(body) for key, body in model.items()}
    assert {key: _read(s3, key) for key in model} == model


Versions: TypeAlias = "list[tuple[str, bytes | None]]"
"""(id, body; None: a delete marker), oldest first."""

VERSIONED_STEP = st.one_of(
    st.tuples(st.just("put"), BODY),
    st.tuples(st.just("delete")),
    st.tuples(st.just("delete version"), st.integers(0, 5)),
    st.tuples(st.just("status"), st.sampled_from(["Enabled", "Suspended"])),
)


def _add(versions: Versions, version_id: str, body: bytes | None) -> None:
    if version_id == "null":
        versions[:] = [version for version in versions if version[0] != "null"]
    versions.append((version_id, body))


@LAW
@given(steps=st.lists(VERSIONED_STEP, max_size=12))
def test_a_key_is_a_list_of_versions(door: Door, steps: list[tuple[Any, ...]]) -> None:
    s3 = _fresh(door)
    versions: Versions = []
    removed: set[str] = set()
    status = None
    for step, *arguments in steps:
        if step == "put":
            response = s3.put_object(Bucket="bucket", Key="k", Body=arguments[0])
            assert ("VersionId" in response) is (status == "Enabled")
            _add(versions, response.get("VersionId", "null"), arguments[0])
        elif step == "delete":
            response = s3.delete_object(Bucket="bucket", Key="k")
            if status is None:
                versions.clear()
            else:
                assert response["DeleteMarker"] is True
                assert (response["VersionId"] != "null") is (status == "Enabled")
                _add(versions, response["VersionId"], None)
        elif step == "delete version" and versions:
            version_id, body = versions.pop(arguments[0] % len(versions))
            response = s3.delete_object(Bucket="bucket", Key="k", VersionId=version_id)
            assert response.get("DeleteMarker", False) is (body is None)
            removed.add(version_id)
        elif step == "status":
            [status] = arguments
            s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": status})
    for version_id, body in versions:
        assert _read(s3, "k", VersionId=version_id) == ("MethodNotAllowed" if body is None else body)
    for version_id in removed - {version_id for version_id, _ in versions}:
        assert _read(s3, "k", VersionId=version_id) == "NoSuchVersion"
    newest = versions[-1][1] if versions else None
    assert _read(s3, "k") == ("NoSuchKey" if newest is None else newest)
    listed = [entry["Size"] for entry in s3.list_objects_v2(Bucket="bucket").get("Contents", [])]
    assert listed == ([] if newest is None else [len(newest)])
