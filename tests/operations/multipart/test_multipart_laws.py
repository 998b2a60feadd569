"""Properties of multipart uploads, tried on generated sequences of requests."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.doors import Door, refused
from tests.support.errors import NO_SUCH_UPLOAD
from tests.support.multipart import Upload, content, etag_of

KEYS = (f"key {number}" for number in itertools.count())
"""Each example takes a key of its own: the fake is shared by all examples of a test."""

moderate = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
parts = st.tuples(st.sampled_from([1, 2, 3, 4, 5, 9999, 10000]), st.binary(max_size=40))


@moderate
@given(sent=st.lists(parts, min_size=1, max_size=10), data=st.data())
def test_complete_joins_the_listed_parts_as_last_written(tiny: Door, sent: list[tuple[int, bytes]], data: Any) -> None:
    s3 = tiny.client
    upload = Upload(s3, "bucket", next(KEYS))
    stored: dict[int, bytes] = {}
    listed = {}
    for number, body in sent:
        listed[number] = upload.put(number, body)
        stored[number] = body
    assert [(part["PartNumber"], part["Size"]) for part in upload.parts()] == [
        (number, len(stored[number])) for number in sorted(stored)
    ]
    chosen = sorted(data.draw(st.sets(st.sampled_from(sorted(stored)), min_size=1)))
    # A part but the last must have one byte here.
    chosen = [number for number in chosen[:-1] if stored[number]] + chosen[-1:]
    completed = upload.complete(*(listed[number] for number in chosen))
    bodies = [stored[number] for number in chosen]
    whole = b"".join(bodies)
    assert completed["ETag"] == etag_of(*bodies)
    got = s3.get_object(Bucket="bucket", Key=upload.key)
    assert (got["Body"].read(), got["ContentLength"], got["ETag"]) == (whole, len(whole), completed["ETag"])
    for position, body in enumerate(bodies, 1):
        assert content(s3, "bucket", upload.key, PartNumber=position) == body
    if whole:
        first = data.draw(st.integers(0, len(whole) - 1))
        last = data.draw(st.integers(first, len(whole) + 5))
        assert content(s3, "bucket", upload.key, Range=f"bytes={first}-{last}") == whole[first : last + 1]
        assert content(s3, "bucket", upload.key, Range=f"bytes={first}-") == whole[first:]
        assert content(s3, "bucket", upload.key, Range=f"bytes=-{last + 1}") == whole[-(last + 1) :]


steps = st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["put", "put", "put", "complete", "abort"]), parts), max_size=14)


@moderate
@given(sequence=steps)
def test_two_uploads_of_one_key_are_independent(tiny: Door, sequence: list[Any]) -> None:
    """Against a model: two dictionaries of parts and one object."""
    s3 = tiny.client
    key = next(KEYS)
    uploads = [Upload(s3, "bucket", key) for _ in range(2)]
    stored: list[dict[int, bytes] | None] = [{}, {}]
    listed: list[dict[int, Any]] = [{}, {}]
    current: bytes | None = None
    completed: set[int] = set()
    for which, what, (number, body) in sequence:
        upload, model = uploads[which], stored[which]
        parts = [listed[which][one] for one in sorted(listed[which])]
        if what == "put":
            call = partial(upload.put, number, body or b"-")  # never empty: any part may come to stand before another
        elif what == "abort":
            call = partial(s3.abort_multipart_upload, **upload.where)
        else:
            call = partial(upload.complete, *parts)
        if model is None:
            if what == "abort" and which in completed:
                call()  # in vain: the object stays
            elif what != "complete":  # the same Complete again gets the earlier response: tested elsewhere
                refused(call, 404, "NoSuchUpload", NO_SUCH_UPLOAD, {"UploadId": upload.id})
        elif what == "put":
            listed[which][number] = call()
            model[number] = body or b"-"
        elif what == "abort" or model:
            call()
            current = current if what == "abort" else b"".join(model[one] for one in sorted(model))
            stored[which] = None
            if what == "complete":
                completed.add(which)
    found = s3.list_multipart_uploads(Bucket="bucket", Prefix=key).get("Uploads", [])
    assert [one["UploadId"] for one in found if one["Key"] == key] == [
        upload.id for upload, model in zip(uploads, stored, strict=True) if model is not None
    ]
    for upload, model in zip(uploads, stored, strict=True):
        if model is not None:
            assert [(part["PartNumber"], part["Size"]) for part in upload.parts()] == [
                (number, len(model[number])) for number in sorted(model)
            ]
    listing = s3.list_objects_v2(Bucket="bucket", Prefix=key).get("Contents", [])
    assert [one["Size"] for one in listing if one["Key"] == key] == ([] if current is None else [len(current)])
    if current is not None:
        assert content(s3, "bucket", key) == current


@moderate
@given(
    body=st.binary(min_size=1, max_size=200),
    cuts=st.lists(st.integers(0, 200), max_size=5),
    kind=st.sampled_from(["put", "copy"]),
)
def test_cut_in_pieces_and_joined_again(tiny: Door, body: bytes, cuts: list[int], kind: str) -> None:
    """Any pieces, uploaded or copied by ranges, make the same bytes and the same CRC64NVME as one piece."""
    s3 = tiny.client
    source, key = next(KEYS), next(KEYS)
    s3.put_object(Bucket="bucket", Key=source, Body=body, ChecksumAlgorithm="CRC64NVME")
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    upload = Upload(s3, "bucket", key)
    listed = []
    for number, (start, stop) in enumerate(itertools.pairwise(edges), 1):
        if kind == "put":
            listed.append(upload.put(number, body[start:stop]))
        else:
            copied = s3.upload_part_copy(
                **upload.where,
                PartNumber=number,
                CopySource={"Bucket": "bucket", "Key": source},
                CopySourceRange=f"bytes={start}-{stop - 1}",
            )
            listed.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    completed = upload.complete(*listed)
    assert completed["ETag"] == etag_of(*(body[start:stop] for start, stop in itertools.pairwise(edges)))
    assert content(s3, "bucket", key) == body
    head = s3.head_object(Bucket="bucket", Key=source, ChecksumMode="ENABLED")
    assert completed["ChecksumCRC64NVME"] == head["ChecksumCRC64NVME"]
