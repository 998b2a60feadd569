"""What the four families of configurations with ids share: put, get, list, delete, pages, ids, order of judgement, wire forms.

Recorded from AWS, September 2026, and LocalStack's snapshots of AWS; the texts of bad ids are the project stackd's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from fakes3part import FakeS3
from fakes3part.state.metrics import MetricsConfiguration
from tests.support.callers import STRANGER
from tests.support.doors import Door, assert_error, refused
from tests.support.errors import ACCESS_DENIED, MALFORMED_XML, METHOD_NOT_ALLOWED, NO_SUCH_BUCKET
from tests.support.families import ANALYTICS, DECLARATION, FAMILIES, INVENTORY, METRICS, NS, TIERING, Family
from tests.support.policies import BUCKET, client_of, put_policy, statement, user
from tests.support.state import unchanged

pytestmark = pytest.mark.usefixtures("bucket")

MISSING = "The specified configuration does not exist."
BAD_TOKEN = "The continuation-token you provided invalid."
EMPTY_ID = "The specified configuration id is invalid."
MISMATCH = "Document ID does not match the specified configuration ID."


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES[request.param]


def fill(door: Door, count: int) -> list[str]:
    """Store metrics configurations without a request for each, and return their ids."""
    ids = [f"id{number:04}" for number in range(count)]
    door.fake.store.buckets["bucket"].set_configuration("metrics", {name: MetricsConfiguration(name) for name in ids})
    return ids


# --- put, get, delete ------------------------------------------------------------------------------------------------


def test_put_get_delete(door: Door, family: Family) -> None:
    s3 = door.client
    for name in ("b", "a"):
        assert family.put(s3, name)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert family.get(s3) == {**family.document, "Id": "a"}
    assert family.call(s3, "List")["IsTruncated"] is False
    assert family.ids(s3) == ["a", "b"]
    assert family.call(s3, "Delete", Id="a")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert family.ids(s3) == ["b"]
    with unchanged(door.fake):
        for verb in ("Get", "Delete"):
            refused(partial(family.call, s3, verb, Id="a"), 404, "NoSuchConfiguration", MISSING)
    family.call(s3, "Delete", Id="b")
    assert family.ids(s3) == []
    assert getattr(door.fake.buckets["bucket"].configuration, family.field) is None


def test_a_put_replaces_the_whole_document(door: Door, family: Family) -> None:
    s3 = door.client
    filtered = {"Filter": {"Prefix": "logs/"}}
    family.put(s3, **filtered)
    assert family.get(s3) == {**family.document, "Id": "a", **filtered}
    family.put(s3)
    assert family.get(s3) == {**family.document, "Id": "a"}
    assert family.ids(s3) == ["a"]


def test_the_families_are_separate(door: Door) -> None:
    for family in FAMILIES.values():
        family.put(door.client, family.query)
    for family in FAMILIES.values():
        assert family.ids(door.client) == [family.query]


def test_it_is_saved_forked_and_shown(door: Door, family: Family, tmp_path: Path) -> None:
    fake, s3 = door.fake, door.client
    changes = {} if family is INVENTORY else {"Filter": {"And": {"Prefix": "p", "Tags": [{"Key": "k", "Value": "v"}]}}}
    expected = {**family.document, "Id": "a", **changes}
    family.put(s3, **changes)
    assert getattr(fake.buckets["bucket"].configuration, family.field)["a"].id == "a"
    snapshot, forked = fake.snapshot(), fake.fork()
    fake.save(tmp_path / "archive")
    family.call(s3, "Delete", Id="a")
    assert family.get(forked.client()) == expected
    fake.restore(snapshot)
    assert family.get(s3) == expected
    loaded = FakeS3()
    loaded.load(tmp_path / "archive")
    assert family.get(loaded.client()) == expected
    fake.reset()
    s3.create_bucket(Bucket="bucket")
    assert family.ids(s3) == []


# --- ids -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "A-b_c.9", "-", "x" * 64])
def test_ids(door: Door, family: Family, name: str) -> None:
    family.put(door.client, name)
    assert family.get(door.client, name)["Id"] == name


PATTERN = r"Config Id does not match the pattern ^[a-zA-Z0-9\\-_.]+$"
SHORT = "Config Id should not be more than 1 char and less than 64 chars in length"
CHARACTER = "Config Id should be more than 1 character and less than 64 characters in length."
BAD_IDS = [
    (ANALYTICS, "x" * 65, "InvalidConfigId", SHORT),
    (ANALYTICS, "a b", "InvalidConfigId", PATTERN),
    (ANALYTICS, "", "InvalidConfigId", "Config Id is null or empty"),
    (TIERING, "x" * 65, "InvalidConfigId", CHARACTER),
    (TIERING, "a/b", "InvalidConfigId", PATTERN),
    (TIERING, "é", "InvalidConfigId", PATTERN),
    (TIERING, "", "InvalidConfigId", "Config Id cannot be null or empty."),
    *[(family, bad, "MalformedXML", MALFORMED_XML) for family in (INVENTORY, METRICS) for bad in ("x" * 65, "a b", "")],
]


@pytest.mark.parametrize(("family", "bad", "code", "message"), BAD_IDS, ids=str)
def test_bad_ids(door: Door, family: Family, bad: str, code: str, message: str) -> None:
    with unchanged(door.fake):
        refused(partial(family.put, door.client, bad or "url", bad), 400, code, message)


def test_another_id_in_the_url(door: Door, family: Family) -> None:
    family.put(door.client)
    text = MISMATCH if family is INVENTORY else MALFORMED_XML
    with unchanged(door.fake):
        refused(partial(family.put, door.client, "a", "b"), 400, family.mismatch, text)


@pytest.mark.parametrize("selector", ["", "&id", "&id="])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("bucket_name", ["bucket", "missing"])
def test_no_id(door: Door, family: Family, method: str, selector: str, bucket_name: str) -> None:
    """It is refused by its query alone. (Of inventory without any ``id`` S3 responds 500, which no test needs.)"""
    family.put(door.client)
    with unchanged(door.fake):
        response = door.raw(method, f"/{bucket_name}?{family.query}{selector}", body=family.body() if method == "PUT" else b"")
        assert_error(response, 400, "InvalidConfigurationId", EMPTY_ID)


def test_at_most_1000(door: Door) -> None:
    s3, ids = door.client, fill(door, 1_000)
    text = "You are attempting to create a new configuration but have already reached the 1,000-configuration limit."
    with unchanged(door.fake):
        refused(partial(METRICS.put, s3, "new"), 400, "TooManyConfigurations", text)
    METRICS.put(s3, ids[0], Filter={"Prefix": "replaced"})
    for family in (ANALYTICS, INVENTORY, TIERING):
        family.put(s3, "new")
    METRICS.call(s3, "Delete", Id=ids[5])
    METRICS.put(s3, "new")
    with unchanged(door.fake):
        refused(partial(METRICS.put, s3, ids[5]), 400, "TooManyConfigurations", text)


# --- lists -----------------------------------------------------------------------------------------------------------


def test_pages(door: Door) -> None:
    s3, ids = door.client, fill(door, 250)
    tokens: list[str] = []
    seen: list[str] = []
    for size in (100, 100, 50):
        params = {"ContinuationToken": tokens[-1]} if tokens else {}
        page = METRICS.call(s3, "List", **params)
        assert page.get("ContinuationToken") == (tokens[-1] if tokens else None)
        assert page["IsTruncated"] is (size == 100)
        assert ("NextContinuationToken" in page) is (size == 100)
        assert len(page["MetricsConfigurationList"]) == size
        seen += [item["Id"] for item in page["MetricsConfigurationList"]]
        tokens.append(page.get("NextContinuationToken", ""))
    assert seen == ids


def test_a_page_of_exactly_100(door: Door) -> None:
    fill(door, 100)
    page = METRICS.call(door.client, "List")
    assert (page["IsTruncated"], len(page["MetricsConfigurationList"])) == (False, 100)
    assert "NextContinuationToken" not in page


def test_ids_are_sorted_by_their_bytes(door: Door, family: Family) -> None:
    for name in ("b", "a.1", "_", "B", "a", "-", "9"):
        family.put(door.client, name)
    assert family.ids(door.client) == ["-", "9", "B", "_", "a", "a.1", "b"]


def test_a_token_means_after_this_id(door: Door) -> None:
    s3, ids = door.client, fill(door, 150)
    token = METRICS.call(s3, "List")["NextContinuationToken"]
    METRICS.call(s3, "Delete", Id=ids[99])
    METRICS.call(s3, "Delete", Id=ids[3])
    METRICS.put(s3, "id0000a")
    METRICS.put(s3, "id0099a")
    assert METRICS.ids(s3, ContinuationToken=token) == ["id0099a", *ids[100:]]


def test_tokens_are_opaque_and_never_the_same(door: Door) -> None:
    fill(door, 101)
    tokens = {METRICS.call(door.client, "List")["NextContinuationToken"] for _ in range(5)}
    assert len(tokens) == 5
    assert not any("id0099" in token for token in tokens)
    assert {tuple(METRICS.ids(door.client, ContinuationToken=token)) for token in tokens} == {("id0100",)}


def test_bad_tokens(door: Door, family: Family) -> None:
    fill(door, 101)
    good = METRICS.call(door.client, "List")["NextContinuationToken"]
    family.put(door.client)
    last = "A" if good[-6] != "A" else "B"
    for token in ("x", "a" * 40, "é", "id0001", good[:-4], good[:-6] + last + good[-5:], f"{good}="):
        refused(partial(family.call, door.client, "List", ContinuationToken=token), 400, "MalformedContinuationToken", BAD_TOKEN)


def test_an_empty_token_is_echoed(door: Door, family: Family) -> None:
    family.put(door.client)
    body = door.raw("GET", f"/bucket?{family.query}&continuation-token=").body.decode()
    assert f"<IsTruncated>false</IsTruncated><ContinuationToken/><{family.name}Configuration>" in body


def test_a_token_beside_an_id_is_not_read(door: Door, family: Family) -> None:
    family.put(door.client)
    assert door.raw("GET", f"/bucket?{family.query}&id=a&continuation-token=x").status == 200
    response = door.raw("GET", f"/bucket?{family.query}&id=&continuation-token=x")
    assert_error(response, 400, "MalformedContinuationToken", BAD_TOKEN)


# --- wire forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("selector", ["", "&id", "&id="])
def test_an_empty_list_on_the_wire(door: Door, family: Family, selector: str) -> None:
    response = door.raw("GET", f"/bucket?{family.query}{selector}")
    root = family.list_root
    expected = f"{family.declaration}<{root} {NS}><IsTruncated>false</IsTruncated></{root}>"
    assert (response.status, response.body.decode()) == (200, expected)
    assert "content-type" not in response.headers


def test_one_configuration_on_the_wire(door: Door, family: Family) -> None:
    assert door.raw("PUT", f"/bucket?{family.query}&id=a", body=family.body()).body == b""
    response = door.raw("GET", f"/bucket?{family.query}&id=a")
    assert "content-type" not in response.headers
    text = response.body.decode()
    root = f"{family.name}Configuration"
    assert text.startswith(f"{family.declaration}<{root} {NS}>")
    assert text.endswith(f"</{root}>")
    assert "<Id>a</Id>" in text
    again = door.raw("PUT", f"/bucket?{family.query}&id=a", body=response.body)
    assert (again.status, again.body) == (204, b"")
    assert door.raw("GET", f"/bucket?{family.query}&id=a").body == response.body


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_errors_on_the_wire(door: Door, family: Family, method: str) -> None:
    response = door.raw(method, f"/bucket?{family.query}&id=none")
    assert_error(response, 404, "NoSuchConfiguration", MISSING)
    assert response.headers["content-type"] == "application/xml"
    assert response.body.startswith(f"{DECLARATION}\n<Error>".encode() if family.error_declaration else b"<Error>")


def test_at_a_key(door: Door) -> None:
    INVENTORY.put(door.client)
    assert door.raw("GET", "/bucket/k?inventory&id=a").body == door.raw("GET", "/bucket?inventory&id=a").body
    assert door.raw("GET", "/bucket/k?inventory").body == door.raw("GET", "/bucket?inventory").body
    response = door.raw("HEAD", "/bucket/k?inventory")
    assert (response.status, response.headers["allow"]) == (405, "GET")


def test_other_methods(door: Door, family: Family) -> None:
    extras = {"Method": "POST", "ResourceType": family.query.upper().replace("-", "_")}
    assert_error(door.raw("POST", f"/bucket?{family.query}&id=a"), 405, "MethodNotAllowed", METHOD_NOT_ALLOWED, extras)


# --- documents -------------------------------------------------------------------------------------------------------


def malformed(family: Family) -> dict[str, bytes]:
    root, content = f"{family.name}Configuration", family.xml
    return {
        "empty": b"",
        "no XML": b"x",
        "root": family.body().replace(root.encode(), b"Wrong"),
        "unknown element": family.body(content=f"{content}<Other/>"),
        "two ids": family.body(content=f"{content}<Id>a</Id>"),
        "two filters": family.body(content=f"{content}<Filter><Prefix>a</Prefix></Filter><Filter><Prefix>a</Prefix></Filter>"),
        "no id": family.body().replace(b"<Id>a</Id>", b""),
        "empty filter": family.body(content=f"{content}<Filter/>"),
        "unknown condition": family.body(content=f"{content}<Filter><Suffix>a</Suffix></Filter>"),
    }


@pytest.mark.parametrize("case", list(malformed(METRICS)))
def test_malformed_documents(door: Door, family: Family, case: str) -> None:
    family.put(door.client)
    with unchanged(door.fake):
        response = door.raw("PUT", f"/bucket?{family.query}&id=a", body=malformed(family)[case])
        assert_error(response, 400, "MalformedXML", MALFORMED_XML)


def test_no_digest_is_needed_but_one_is_judged(door: Door, family: Family) -> None:
    target = f"/bucket?{family.query}&id=a"
    assert door.raw("PUT", target, body=family.body()).status == 204
    with unchanged(door.fake):
        response = door.raw("PUT", target, {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, family.body())
        assert (response.status, response.error["Code"]) == (400, "BadDigest")


# --- order of judgement ----------------------------------------------------------------------------------------------


def test_the_bucket_comes_before_the_document(door: Door, family: Family) -> None:
    with unchanged(door.fake):
        for method, selector in (("PUT", "&id=a"), ("GET", "&id=a"), ("GET", ""), ("DELETE", "&id=a")):
            response = door.raw(method, f"/missing?{family.query}{selector}", body=b"x" if method == "PUT" else b"")
            assert_error(response, 404, "NoSuchBucket", NO_SUCH_BUCKET, {"BucketName": "missing"})


def test_the_owner_comes_before_the_document(door: Door, family: Family) -> None:
    family.put(door.client)
    with unchanged(door.fake):
        for method, selector in (("PUT", "&id=a"), ("GET", "&id=a"), ("GET", ""), ("DELETE", "&id=a")):
            headers = {"x-amz-expected-bucket-owner": STRANGER}
            response = door.raw(method, f"/bucket?{family.query}{selector}", headers, b"x" if method == "PUT" else b"")
            assert_error(response, 403, "AccessDenied", ACCESS_DENIED)


def assert_denied(call: Callable[[], object]) -> None:
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]) == (403, "AccessDenied")


def test_the_document_comes_before_the_permission(door: Door, family: Family) -> None:
    with unchanged(door.fake), client_of(door, user(door)) as s3:
        text = MISMATCH if family is INVENTORY else MALFORMED_XML
        refused(partial(family.put, s3, "b", "a"), 400, family.mismatch, text)
        response = door.raw("PUT", f"/bucket?{family.query}&id=a", body=malformed(family)["empty filter"], sign=False)
        assert_error(response, 400, "MalformedXML", MALFORMED_XML)
        assert_denied(partial(family.put, s3))


def test_the_permission_comes_before_the_state(door: Door) -> None:
    fill(door, 1_000)
    with unchanged(door.fake), client_of(door, user(door)) as s3:
        assert_denied(partial(METRICS.put, s3, "new"))
        assert_denied(partial(METRICS.call, s3, "Delete", Id="new"))


# --- permissions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verb", "action"), [("Put", "Put"), ("Delete", "Put"), ("Get", "Get"), ("List", "Get")])
def test_actions(door: Door, family: Family, verb: str, action: str) -> None:
    """Put covers Delete, and Get covers List."""
    family.put(door.client)
    name = f"s3:{action}{family.name}Configuration"
    others = [f"s3:{other}{family.name}Configuration" for other in ("Put", "Get") if other != action]
    params = {} if verb == "List" else {"Id": "a"}

    def call(s3: object) -> None:
        family.put(s3) if verb == "Put" else family.call(s3, verb, **params)

    for actions, allowed in ((others, False), ([name], True)):
        with client_of(door, user(door, {"Action": actions, "Resource": BUCKET})) as s3:
            if allowed:
                call(s3)
            else:
                with unchanged(door.fake):
                    assert_denied(partial(call, s3))


def test_other_accounts_by_the_bucket_policy(door: Door, family: Family) -> None:
    with unchanged(door.fake), client_of(door, STRANGER) as s3:
        refused(partial(family.put, s3), 403, "AccessDenied", ACCESS_DENIED)
    put_policy(door, statement(Action=f"s3:Put{family.name}Configuration", Resource=BUCKET))
    with client_of(door, STRANGER) as s3:
        family.put(s3)
        refused(partial(family.get, s3), 403, "AccessDenied", ACCESS_DENIED)
    assert family.ids(door.client) == ["a"]


def test_anonymous_callers(door: Door, family: Family) -> None:
    family.put(door.client)
    with unchanged(door.fake):
        for method, selector in (("PUT", "&id=a"), ("GET", "&id=a"), ("GET", ""), ("DELETE", "&id=a")):
            body = family.body() if method == "PUT" else b""
            response = door.raw(method, f"/bucket?{family.query}{selector}", body=body, sign=False)
            assert_error(response, 403, "AccessDenied", ACCESS_DENIED)
