"""Put objects that exist only as a rule: one with a synthetic body, or a whole listing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from ..operations.objects.put_object import default_checksum
from ..rules.etags import md5_of
from ..rules.names import check_key
from ..state.bucket import GENERAL_PURPOSE, Bucket
from ..state.object_rule import Body, KeyRange, ObjectRule, Ranges, checked_keys
from ..state.objects import NULL, Data, Version
from ..state.rule_index import Layer, RuleIndex
from ..state.synthetic_data import Synthetic

if TYPE_CHECKING:
    from ..backend import Backend

RuleBody: TypeAlias = "Synthetic | bytes | str | Callable[[str], bytes]"
Put: TypeAlias = "Callable[[Backend, Bucket, str, Mapping[str, Any]], None]"


_KIBIBYTE = Synthetic(1024)


@dataclass(frozen=True)
class ObjectRange:
    """Objects that exist only as a rule, for `FakeS3.seed`.

    Attributes:
        keys: a `KeyRange`, or any sequence of different keys in the order of their code points, which does not change.
        body: of each object: `Synthetic` (other bytes for each key), bytes or text (the same for each key), or a function that
            returns the bytes of a key, whenever they are needed. It must return the same ones each time.
        arguments: further arguments of boto3's ``put_object``, for each object; None: there are none.
    """

    keys: Sequence[str]
    body: RuleBody = _KIBIBYTE
    arguments: Mapping[str, Any] | None = None


def without_synthetic(value: object) -> tuple[Mapping[str, Any], Synthetic | None]:
    """Return put_object's arguments for a value, without a synthetic body, and that body; None: it has none."""
    arguments = dict(value) if isinstance(value, Mapping) else {"Body": value}
    body = arguments.get("Body")
    return ({**arguments, "Body": b""}, body) if isinstance(body, Synthetic) else (arguments, None)


def replace_body(bucket: Bucket, key: str, body: Synthetic) -> None:
    """Replace the bytes of the object that was just put by synthetic ones."""
    with bucket.lock:
        current = bucket.current(key)
        assert current is not None
        bucket.replace(_synthetic(current, body))


def _synthetic(version: Version, body: Synthetic, key: str | None = None) -> Version:
    etag = body.etag(key) if version.encryption.has_md5_etag else version.etag
    return replace(version, data=body.data(key), etag=etag, checksum=None, parts=body.parts())


def check_rule(name: str, value: KeyRange | ObjectRange) -> None:
    """Check the parts of a rule.

    Raises:
        TypeError: keys or body have another type.
        ValueError: the keys are not sorted.
        S3Error: a key is not valid.
    """
    rule = as_object_range(value)
    if not isinstance(rule.body, Synthetic | bytes | str) and not callable(rule.body):
        raise TypeError(f"{name}: the body of an ObjectRange must be Synthetic, bytes, str or a function, not {rule.body!r}")
    if isinstance(rule.keys, str) or not isinstance(rule.keys, Sequence):
        raise TypeError(f"{name}: the keys of an ObjectRange must be a sequence of str, not {type(rule.keys).__name__}")
    for key in checked_keys(rule.keys):
        if not isinstance(key, str) or not key:
            raise TypeError(f"{name}: a key must be str, and not empty, not {key!r}")
        check_key(key)


def as_object_range(value: KeyRange | ObjectRange) -> ObjectRange:
    return ObjectRange(value) if isinstance(value, KeyRange) else value


def put_rule(backend: Backend, bucket: Bucket, value: KeyRange | ObjectRange, put: Put) -> None:
    """Add the objects of a rule to a bucket.

    The first of them is put as any object, and the others are like it. All have the version id ``null``, as objects that were
    put before versioning was enabled.

    Raises:
        ValueError: the bucket is a directory bucket, or has one of the keys already.
        S3Error: PutObject refuses the first object.
    """
    rule = as_object_range(value)
    if bucket.kind is not GENERAL_PURPOSE:
        raise ValueError(f"{bucket.name}: a rule needs a general purpose bucket, not a {bucket.kind} bucket")
    if not rule.keys:
        return
    with bucket.lock:
        _check_free(bucket, rule.keys)
        first = rule.keys[0]
        body: object = rule.body if isinstance(rule.body, bytes | str) else b""
        put(backend, bucket, first, {**(rule.arguments or {}), "Body": body})
        version = bucket.current(first)
        assert version is not None
        bucket.remove(first, version.id)
        bucket.objects = RuleIndex.extended(bucket.objects, Layer(_object_rule(rule, version), Ranges()))


def _check_free(bucket: Bucket, keys: Sequence[str]) -> None:
    """Raise ValueError if the bucket has a version of one of the keys."""
    probe = ObjectRule(keys, Version("", NULL, bucket.created, bucket.account, data=Data(())))
    RuleIndex.extended(bucket.objects, Layer(probe, Ranges()))
    for key in bucket.versions_by_key.values:
        if probe.index_of(key) is not None:
            raise ValueError(f"{bucket.name}: a rule cannot replace objects: {key!r} has versions")


def _object_rule(rule: ObjectRange, first: Version) -> ObjectRule:
    prototype = replace(first, key="", id=NULL, lock=None)
    if isinstance(rule.body, Synthetic):
        return ObjectRule(rule.keys, _synthetic(prototype, rule.body), rule.body)
    return ObjectRule(rule.keys, prototype, _made_by(rule.body, prototype) if callable(rule.body) else None)


def _made_by(function: Callable[[str], bytes], prototype: Version) -> Body:
    """Return a function that makes the version of a key from what ``function`` returns."""

    def make(key: str) -> Version:
        body = function(key)
        data = Data((body,) if body else ())
        etag = md5_of(data).hex() if prototype.encryption.has_md5_etag else prototype.etag
        return replace(prototype, key=key, data=data, etag=etag, checksum=default_checksum(data))

    return make
