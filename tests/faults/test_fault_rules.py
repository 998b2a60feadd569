"""Which calls a rule selects, how often it fires, and the errors of rules that are not allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fakes3part import faults
from fakes3part.api.fakes3 import FakeS3
from fakes3part.faults.matching import PendingCall
from fakes3part.message import Request
from tests.support.faults import BUCKET, Transport, error_of


@pytest.fixture
def fake() -> FakeS3:
    fake = FakeS3(seed=7)
    assert ask(fake, "PUT", "/bucket") == 200
    return fake


def ask(fake: FakeS3, method: str, path: str, query: str = "", **headers: str) -> int:
    """Return the status of the response to a request that anybody could have signed."""
    signed = {"authorization": "AWS AKIDEXAMPLE:c2lnbmF0dXJl", "date": "", "content-length": "0"}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(method, "localhost", path, query, {**signed, **names})
    request.headers["date"] = fake.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    return fake.handle(request).status


@pytest.mark.parametrize(
    ("operation", "where", "slowed"),
    [
        ("PutObject", {}, {"put a/1", "put a/2", "put b"}),
        ("*Object", {}, {"put a/1", "put a/2", "put b", "head a/1", "delete b"}),
        (["HeadObject", "Delete*"], {}, {"head a/1", "delete b"}),
        ("*", {"key": "a/*"}, {"put a/1", "put a/2", "head a/1", "part 1 a/1", "part 2 a/1"}),
        ("*", {"key": "a/[12]"}, {"put a/1", "put a/2", "head a/1", "part 1 a/1", "part 2 a/1"}),
        ("*", {"key": "A/*"}, set()),
        ("*", {"key": "b"}, {"put b", "delete b"}),
        ("*", {"bucket": "buck"}, set()),
        ("*", {"bucket": "b*", "key": "b"}, {"put b", "delete b"}),
        ("*", {"bucket": "*"}, {"put a/1", "put a/2", "put b", "head a/1", "delete b", "part 1 a/1", "part 2 a/1", "list"}),
        ("UploadPart", {"part_number": 2}, {"part 2 a/1"}),
        ("*", {"part_number": {1, 3}}, {"part 1 a/1"}),
        ("*", {"when": lambda call: call.headers.get("x-amz-meta-a") == "1"}, {"put a/2"}),
        ("ListBuckets", {}, {"list all"}),
        ("ListBuckets", {"bucket": "*"}, set()),
    ],
)
def test_which_calls(fake: FakeS3, operation: Any, where: dict[str, Any], slowed: set[str]) -> None:
    calls: dict[str, Callable[[], int]] = {
        "put a/1": lambda: ask(fake, "PUT", "/bucket/a/1"),
        "put a/2": lambda: ask(fake, "PUT", "/bucket/a%2F2", x_amz_meta_a="1"),
        "put b": lambda: ask(fake, "PUT", "/bucket/b"),
        "head a/1": lambda: ask(fake, "HEAD", "/bucket/a/1"),
        "delete b": lambda: ask(fake, "DELETE", "/bucket/b"),
        "part 1 a/1": lambda: ask(fake, "PUT", "/bucket/a/1", "partNumber=1&uploadId=none"),
        "part 2 a/1": lambda: ask(fake, "PUT", "/bucket/a/1", "partNumber=2&uploadId=none"),
        "list": lambda: ask(fake, "GET", "/bucket", "list-type=2"),
        "list all": lambda: ask(fake, "GET", "/"),
    }
    with fake.fail(operation, "SlowDown", **where) as rule:
        statuses = {name: call() for name, call in calls.items()}
    assert {name for name, status in statuses.items() if status == 503} == slowed
    assert (rule.hits, rule.calls) == (len(slowed), len(slowed))
    assert 503 not in [call() for call in calls.values()]


def test_the_call_that_a_condition_gets(fake: FakeS3) -> None:
    pending: list[PendingCall] = []
    fake.fail("*", "SlowDown", when=lambda call: bool(pending.append(call)))
    ask(fake, "PUT", "/bucket/a%20b", "partNumber=3&uploadId=u", x_amz_meta_a="1")
    ask(fake, "HEAD", "/bucket/k", "versionId=null&partNumber=2")
    first, second = pending
    assert (first.operation, first.bucket, first.key) == ("UploadPart", "bucket", "a b")
    assert (first.part_number, first.upload_id, first.version_id) == (3, "u", None)
    assert first.headers["x-amz-meta-a"] == "1"
    assert (first.caller.access_key, first.request.method) == ("AKIDEXAMPLE", "PUT")
    assert (second.operation, second.part_number, second.version_id) == ("HeadObject", 2, "null")
    assert str(first) == "UploadPart bucket/a b"


def hits(fake: FakeS3, calls: int = 8) -> list[int]:
    """Return which of so many calls got a SlowDown, counted from 1."""
    return [number for number in range(1, calls + 1) if ask(fake, "GET", "/bucket", "list-type=2") == 503]


@pytest.mark.parametrize(
    ("often", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"times": 2}, [1, 2]),
        ({"nth": 3}, [3]),
        ({"nth": [2, 5]}, [2, 5]),
        ({"nth": {2, 5, 7}, "times": 2}, [2, 5]),
        ({"probability": 0}, []),
        ({"probability": 1}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"probability": 1, "times": 1}, [1]),
    ],
)
def test_how_often(fake: FakeS3, often: dict[str, Any], expected: list[int]) -> None:
    rule = fake.fail("ListObjectsV2", "SlowDown", **often)
    assert hits(fake) == expected
    assert (rule.hits, rule.calls) == (len(expected), 8)


def chances(seed: int, *rules: float) -> list[list[int]]:
    fake = FakeS3(seed=seed)
    ask(fake, "PUT", "/bucket")
    results = []
    for probability in rules:
        with fake.fail("*", "SlowDown", probability=probability):
            results.append(hits(fake, 40))
    return results


def test_probability_depends_on_the_seed() -> None:
    first, second = chances(1, 0.5, 0.5)
    assert chances(1, 0.5, 0.5) == [first, second]
    assert first != second
    assert chances(2, 0.5) != [first]
    assert 5 < len(first) < 35


def test_a_number_is_drawn_for_every_call_that_matches(fake: FakeS3) -> None:
    expected = chances(7, 0.5)[0]
    rule = fake.fail("ListObjectsV2", "SlowDown", probability=0.5)
    with fake.fail("*", "AccessDenied", nth={1, 2, 3, 4}):
        pass  # removed: it must not change the next rule's numbers
    for number in range(1, 41):
        ask(fake, "HEAD", "/bucket/k")  # does not match
        assert (ask(fake, "GET", "/bucket", "list-type=2") == 503) is (number in expected)
    assert rule.hits == len(expected)


def test_clear_restarts_the_random_generators(fake: FakeS3) -> None:
    rule = fake.fail("*", "SlowDown", probability=0.5)
    first = hits(fake, 40)
    fake.faults.clear()
    again = fake.fail("*", "SlowDown", probability=0.5)
    assert hits(fake, 40) == first
    assert again.id > rule.id


def test_the_first_rule_that_fires_decides(fake: FakeS3) -> None:
    first = fake.fail("*", "SlowDown", times=1)
    second = fake.fail("ListObjectsV2", "InternalError", nth={1, 2})
    statuses = [ask(fake, "GET", "/bucket", "list-type=2") for _ in range(3)]
    assert statuses == [503, 500, 200]
    assert [(rule.hits, rule.calls) for rule in (first, second)] == [(1, 3), (1, 3)]  # each counts all calls


def test_delays_add_up(fake: FakeS3) -> None:
    fake.clock.freeze()
    before = fake.clock.now()
    fake.fail("*", faults.Latency(1))
    fake.fail("*", "SlowDown", times=1)
    fake.fail("*", faults.Latency(2))
    assert hits(fake, 1) == [1]
    assert (fake.clock.now() - before).total_seconds() == 3


def test_a_rule_counts_calls_of_many_threads(fake: FakeS3) -> None:
    rule = fake.fail("*", "SlowDown", times=50)
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(len(hits(fake, 20)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(results), rule.hits, rule.calls) == (50, 50, 160)


def test_removing(fake: FakeS3) -> None:
    rule = fake.fail("*", "SlowDown")
    other = fake.fail("*", "AccessDenied")
    assert list(fake.faults) == [rule, other]
    assert (fake.faults[0], fake.faults[1:], len(fake.faults)) == (rule, (other,), 2)
    rule.remove()
    rule.remove()
    assert list(fake.faults) == [other]
    assert ask(fake, "GET", "/") == 403
    fake.faults.clear()
    assert (list(fake.faults), fake.faults.active) == ([], False)
    assert ask(fake, "GET", "/") == 200


def test_a_block_that_raises_removes_its_rule(fake: FakeS3) -> None:
    def block() -> None:
        with fake.fail("*", "SlowDown") as rule:
            assert list(fake.faults) == [rule]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()
    assert list(fake.faults) == []


def test_reset_removes_rules(fake: FakeS3) -> None:
    fake.fail("*", "SlowDown")
    fake.reset()
    assert ask(fake, "PUT", "/bucket") == 200


CODES = "Use one of fakes3part.errors.ERRORS, or pass status= too"
WITH_BODY = "it applies to operations whose response has a body"
WITH_XML = "it applies to operations whose response is an XML document"


def test_requests_without_an_operation_are_not_counted(fake: FakeS3) -> None:
    rule = fake.fail("*", "SlowDown")
    assert ask(fake, "PATCH", "/bucket/k") == 405
    assert rule.calls == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("PutObjekt", "SlowDown"), "S3 has no operation 'PutObjekt'; did you mean 'PutObject' or 'PutObjectAcl' or "),
        (("Frobnicate*", "SlowDown"), "S3 has no operation 'Frobnicate*'"),
        (([], "SlowDown"), "no operation is named: pass a name, a pattern or several of them"),
        ((["PutObject", "get_object"], "SlowDown"), "S3 has no operation 'get_object'"),
        (
            ("PutObject", "SlowdDown"),
            "S3 has no error 'SlowdDown'; did you mean 'SlowDown'? Use one of fakes3part.errors.ERRORS, or pass status= too",
        ),
        (("PutObject", "xyz"), "S3 has no error 'xyz'. Use one of fakes3part.errors.ERRORS, or pass status= too"),
        (
            ("PutObject", faults.Truncate()),
            "truncate does not apply to PutObject: it applies to operations whose response has a body",
        ),
        (("HeadObject", faults.Corrupt()), "corrupt does not apply to HeadObject"),
        ((["HeadObject", "PutObject"], faults.Corrupt()), "corrupt does not apply to HeadObject, PutObject"),
        (
            ("GetObject", faults.Malformed()),
            "malformed does not apply to GetObject: it applies to operations whose response is an XML document",
        ),
        (("GetBucketPolicy", faults.Malformed()), "malformed does not apply to GetBucketPolicy"),
        (("PutObject", faults.ErrorIn200()), "error_in_200 does not apply to PutObject"),
    ],
)
def test_rules_that_are_not_allowed(fake: FakeS3, arguments: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is compared below
        fake.fail(*arguments)
    assert str(caught.value).startswith(text)
    assert len(fake.faults) == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"times": 0}, "times= is at least 1, not 0"),
        ({"nth": 0}, "nth= is a number or several, counted from 1, not 0"),
        ({"nth": []}, r"nth= is a number or several, counted from 1, not \[\]"),
        ({"part_number": [1, -1]}, r"part_number= is a number or several, counted from 1, not \[1, -1\]"),
        ({"probability": 1.5}, "probability= is between 0 and 1, not 1.5"),
        ({"probability": -0.1}, "probability= is between 0 and 1, not -0.1"),
    ],
)
def test_frequencies_that_are_not_allowed(fake: FakeS3, arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        fake.fail("*", "SlowDown", **arguments)
    assert len(fake.faults) == 0


def test_an_effect_of_another_type(fake: FakeS3) -> None:
    with pytest.raises(TypeError, match=r"an effect is one of fakes3part\.faults or the code of an error, not 503"):
        fake.fail("*", 503)  # type: ignore[arg-type]


def test_misspelled_options(fake: FakeS3) -> None:
    with pytest.raises(TypeError, match=r"^unexpected keyword argument 'bukcet'; did you mean 'bucket'\?$"):
        fake.fail("*", "SlowDown", bukcet="b")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^unexpected keyword argument 'nth'; there are: bucket, key, part_number, when$"):
        fake.pause_before("*", nth=2)  # type: ignore[call-arg]
    assert (len(fake.faults), fake.faults.pauses) == (0, ())


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: faults.Error("NoSuchCode"), "S3 has no error 'NoSuchCode'"),
        (lambda: faults.Error("SlowDown", status=200), "status= is the HTTP status of an error, 300 to 599, not 200"),
        (lambda: faults.ErrorIn200("NoSuchCode"), "S3 has no error 'NoSuchCode'"),
        (lambda: faults.ErrorIn200(whitespace=-1), "whitespace= is at least 0, not -1"),
        (lambda: faults.Truncate(after=-1), "after= is at least 0, not -1"),
        (lambda: faults.Truncate(1, 0.5), "after= and fraction= exclude each other"),
        (lambda: faults.Truncate(fraction=2), "fraction= is a part of the body, 0 to 1, not 2"),
        (lambda: faults.Corrupt(count=0), "count= is at least 1, not 0"),
        (lambda: faults.Reset("later"), "'before', 'during' or 'after', not 'later'"),
        (lambda: faults.Stall(-1), "after= is at least 0, not -1"),
        (lambda: faults.Latency(-1), "a time or"),
        (lambda: faults.Latency((2, 1)), "a time or"),
        (lambda: faults.Latency((1, 2, 3)), "a time or"),  # type: ignore[arg-type]
        (lambda: faults.Bandwidth(0), "bytes_per_second= is more than 0, not 0"),
    ],
)
def test_effects_that_are_not_allowed(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        make()


def test_a_wildcard_means_the_operations_that_the_effect_applies_to(fake: FakeS3) -> None:
    rule = fake.fail("*", faults.ErrorIn200())
    assert rule.matcher.operations == {"CompleteMultipartUpload", "CopyObject", "UploadPartCopy"}
    assert "PutObject" not in fake.fail("*", faults.Truncate()).matcher.operations
    assert {"PostObject", "ListParts"} <= fake.fail("*", "SlowDown").matcher.operations


def test_the_repr_of_a_rule(fake: FakeS3) -> None:
    rule = fake.fail(["GetObject", "Head*"], "SlowDown", key="a/*", times=2, when=lambda call: True)
    effect = "Error(code='SlowDown', message=None, status=None, retry_after=None)"
    assert repr(rule) == f"<Rule GetObject | Head*, key='a/*', when=..., {effect}, times=2: 0 hits in 0 calls>"
    assert repr(fake.faults) == f"<Faults [{rule!r}]>"


def test_rules_apply_in_process_and_over_http(transport: Transport) -> None:
    s3 = transport.client()
    rule = transport.fake.fail("PutObject", "SlowDown", key="logs/*", nth=2)
    s3.put_object(Bucket=BUCKET, Key="logs/1", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="other", Body=b"")
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=BUCKET, Key="logs/2", Body=b"")
    assert error_of(caught.value)[1] == "SlowDown"
    s3.put_object(Bucket=BUCKET, Key="logs/2", Body=b"")
    assert (rule.hits, rule.calls) == (1, 3)


def test_the_journal_names_the_fault(transport: Transport) -> None:
    s3 = transport.client()
    transport.fake.fail("PutObject", faults.Latency(1))
    transport.fake.fail("PutObject", "SlowDown", times=1)
    with pytest.raises(ClientError):
        s3.put_object(Bucket=BUCKET, Key="key", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="key", Body=b"")
    s3.head_object(Bucket=BUCKET, Key="key")
    names = [call.fault for call in transport.fake.calls if call.key == "key"]
    assert names == ["latency+error(SlowDown)", "latency", None]
