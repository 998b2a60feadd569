"""Writes values as XML, by their shapes.

A writer turns a *column* of values into a column of texts. In Python calls cost more than characters, so the keys of a page of
1,000 are joined, escaped at once and split again: a page takes 1 ms; value by value it would take three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, repeat
from operator import itemgetter
from typing import Any, TypeAlias

from .documents import escape, escape_markup
from .interleaved_lists import INTERLEAVED, interleave, merge_columns
from .older_models import is_older_model
from .shapes import Shape, element_name
from .timestamps import http_date, iso_second

Output: TypeAlias = Mapping[str, Any]
"""The members of a structure."""

ORDER: dict[str, str] = {
    "CompleteMultipartUploadOutput": "Location Bucket Key ETag",
    "CopyObjectResult": "LastModified ETag",
    "CopyPartResult": "LastModified ETag",
    "DeleteMarkerEntry": "Key VersionId IsLatest LastModified Owner",
    "Grant": "Grantee Permission",
    "Initiator": "ID DisplayName",
    "LifecycleRule": "ID Prefix Filter Status Transitions Expiration",
    "ListBucketInventoryConfigurationsOutput": "IsTruncated ContinuationToken NextContinuationToken",
    "LoggingEnabled": "TargetBucket TargetGrants TargetObjectKeyFormat TargetPrefix",
    "ListBucketsOutput": "Owner Buckets ContinuationToken Prefix",
    "ListMultipartUploadsOutput": "Bucket KeyMarker UploadIdMarker NextKeyMarker NextUploadIdMarker Delimiter Prefix "
    "EncodingType MaxUploads IsTruncated Uploads CommonPrefixes",
    "ListObjectVersionsOutput": "Name Prefix KeyMarker VersionIdMarker NextKeyMarker NextVersionIdMarker MaxKeys "
    "Delimiter EncodingType IsTruncated Versions DeleteMarkers CommonPrefixes",
    "ListObjectsOutput": "Name Prefix Marker NextMarker MaxKeys Delimiter EncodingType IsTruncated Contents CommonPrefixes",
    "ListObjectsV2Output": "Name Prefix StartAfter ContinuationToken NextContinuationToken KeyCount MaxKeys Delimiter "
    "EncodingType IsTruncated Contents CommonPrefixes",
    "ListPartsOutput": "Bucket Key UploadId Initiator Owner StorageClass PartNumberMarker NextPartNumberMarker MaxParts "
    "IsTruncated Parts ChecksumAlgorithm ChecksumType",
    "MultipartUpload": "Key UploadId Initiator Owner StorageClass Initiated ChecksumAlgorithm ChecksumType",
    "Object": "Key LastModified ETag ChecksumAlgorithm ChecksumType Size Owner StorageClass",
    "ObjectVersion": "Key VersionId IsLatest LastModified ETag ChecksumAlgorithm ChecksumType Size Owner StorageClass",
    "Owner": "ID DisplayName",
    "Part": "PartNumber LastModified ETag Size",
}
"""By shape, the order of elements where S3's is not the model's; those not named follow in the model's order.

From the response syntax in the Amazon S3 API Reference and the sources of versitygw and LocalStack; not recorded from AWS.
"""

Writer: TypeAlias = Callable[[Sequence[Any]], "list[str]"]
Texts: TypeAlias = Callable[[Sequence[Any]], str]

_MARK = "\0"
"""Separates the values of a column while they are one string: no escaped text contains it."""


def _strings(values: Sequence[str]) -> str:
    if "".join(values).isprintable():
        return escape_markup(_MARK.join(values))
    return _MARK.join([escape(value) for value in values])


# Each of these raises for a None rather than write it; `structure_writer` then leaves the None out.


def _numbers(values: Sequence[int]) -> str:
    return _MARK.join(map(int.__repr__, values))


def _booleans(values: Sequence[bool]) -> str:
    return _MARK.join(map({True: "true", False: "false"}.__getitem__, values))


def _iso_dates(values: Sequence[Any]) -> str:
    return _MARK.join([iso_second(int(value.timestamp())) for value in values])


def _http_dates(values: Sequence[Any]) -> str:
    return _MARK.join([http_date(value) for value in values])


def _texts(shape: Shape) -> Texts:
    if shape.type == "timestamp":
        return _http_dates if shape.date_format == "rfc822" else _iso_dates
    by_type: dict[str, Texts] = {"string": _strings, "boolean": _booleans, "integer": _numbers, "long": _numbers}
    return by_type[shape.type]


def _leaf(tag: str, texts: Texts) -> Writer:
    opening, closing, empty = f"<{tag}>", f"</{tag}>", f"<{tag}/>"
    nothing, between = opening + closing, closing + _MARK + opening

    def write(values: Sequence[Any]) -> list[str]:
        if len(values) > 1 and values[0] == values[-1] and len(set(values)) == 1:
            return write(values[:1]) * len(values)  # storage classes, owners: often the same in all rows
        text = opening + texts(values).replace(_MARK, between) + closing
        return text.replace(nothing, empty).split(_MARK)

    return write


def _list(tag: str, shape: Shape) -> Writer:
    item = shape.item
    write_items = _writer(tag if shape.flattened else item.wire_name or "member", item)

    def write(values: Sequence[Sequence[Any]]) -> list[str]:
        texts = iter(write_items([item for value in values for item in value]) if any(values) else ())
        joined = ["".join(islice(texts, len(value))) for value in values]
        return joined if shape.flattened else [f"<{tag}>{text}</{tag}>" if text else f"<{tag}/>" for text in joined]

    return write


def _interleaved(writers: Sequence[Writer]) -> Writer:
    """Return the writer of rows with several lists each, whose items are interleaved (`InterleavedItems`)."""

    def write(rows: Sequence[Sequence[Sequence[Any]]]) -> list[str]:
        return [
            "".join(interleave([write(items) if items else [] for write, items in zip(writers, lists, strict=True)], lists))
            for lists in rows
        ]

    return write


def _attribute(name: str) -> Writer:
    def write(values: Sequence[str]) -> list[str]:
        return [f' {name}="{escape(value)}"' for value in values]

    return write


def _in_order(shape: Shape, members: Iterable[tuple[str, Shape]]) -> list[tuple[str, Shape]]:
    names = ORDER.get(shape.name, "").split()
    return sorted(members, key=lambda member: names.index(member[0]) if member[0] in names else len(names))


def structure_writer(tag: str, shape: Shape, namespace: str = "") -> Writer:
    """Return the writer of a structure: rows of members -> elements. Rows with the same members (usually all) go together."""
    prefix = shape.namespace.get("prefix")
    opening = f"<{tag}{namespace}"
    if prefix:
        opening += f' xmlns:{prefix}="{shape.namespace["uri"]}"'
    closing, empty = f"</{tag}>", f"{opening}/>"
    attributes: dict[str, Writer] = {}
    elements: dict[str, Writer] = {}
    for name, member in _in_order(shape, shape.body()):
        if member.attribute:
            attributes[name] = _attribute(member.wire_name or name)
        else:
            elements[name] = _writer(element_name(name, member), member)
    names = {*attributes, *elements}
    interleaved = INTERLEAVED.get(shape.name, ())
    if interleaved:
        members = [(name, shape.member(name)) for name in interleaved]
        elements[interleaved[0]] = _interleaved([_writer(element_name(name, member), member.item) for name, member in members])

    def write_columns(columns: Mapping[str, Sequence[Any]], count: int) -> list[str]:
        if not columns:
            return [empty] * count
        if not columns.keys() <= names and not is_older_model():
            raise AssertionError(f"{shape.name} has no member {', '.join(sorted(columns.keys() - names))}")
        if interleaved:
            columns = merge_columns(columns, interleaved)
        parts: list[Iterable[str]] = [repeat(opening)]
        parts += [write(columns[name]) for name, write in attributes.items() if name in columns]
        parts.append(repeat(">"))
        parts += [write(columns[name]) for name, write in elements.items() if name in columns]
        parts.append(repeat(closing))
        return list(map("".join, zip(*parts, strict=False)))

    def write(rows: Sequence[Output]) -> list[str]:
        if len(rows) > 1 and rows[0] is rows[-1] and len(set(map(id, rows))) == 1:
            return write(rows[:1]) * len(rows)
        try:
            return _write_rows(rows, write_columns)
        except (TypeError, AttributeError, KeyError):
            if not any(None in row.values() for row in rows):
                raise
        return write([{name: value for name, value in row.items() if value is not None} for row in rows])

    return write


_WriteColumns: TypeAlias = Callable[["Mapping[str, Sequence[Any]]", int], "list[str]"]
"""(member -> its values in every row, number of rows) -> the rows' elements."""


def _columns(rows: Sequence[Output]) -> Mapping[str, Sequence[Any]] | None:
    """Return the rows' members as columns; None if not all rows have the same members."""
    names = tuple(rows[0])
    if set(map(len, rows)) != {len(names)}:
        return None
    try:
        if len(names) < 2:
            return {name: [row[name] for row in rows] for name in names}
        return dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True))
    except KeyError:
        return None


def _write_rows(rows: Sequence[Output], write: _WriteColumns) -> list[str]:
    """Write all rows at once if they have the same members; else those of each kind at once, and restore the order."""
    columns = _columns(rows)
    if columns is not None:
        return write(columns, len(rows))
    kinds: dict[tuple[str, ...], list[int]] = {}
    for index, row in enumerate(rows):
        kinds.setdefault(tuple(row), []).append(index)
    texts = [""] * len(rows)
    for indices in kinds.values():
        written = _write_rows([rows[index] for index in indices], write)
        for index, text in zip(indices, written, strict=True):
            texts[index] = text
    return texts


def _writer(tag: str, shape: Shape) -> Writer:
    if shape.type == "structure":
        return structure_writer(tag, shape)
    if shape.type == "list":
        return _list(tag, shape)
    return _leaf(tag, _texts(shape))
