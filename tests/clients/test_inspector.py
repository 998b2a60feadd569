"""The inspector in a headless Chromium, by Playwright. Skipped without the package playwright, or Debian's package chromium."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest

from fakes3part import FakeS3, Server, faults

playwright: Any = pytest.importorskip(
    "playwright.sync_api", reason="the package playwright is not installed", exc_type=ImportError
)
expect = playwright.expect
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (Debian's package chromium)")

MIB = 1024 * 1024
MARKUP = '<img src=x onerror="window.pwned=1">"><script>window.pwned=1</script>\u202e&lt;'
"""A key, which must stay text wherever it is shown."""
SHOWN = MARKUP.replace("\u202e", "\\u202e")
VIEWS = ["", "calls", "events", "access", "faults", "clock", "snapshots", "notifications", "settings"]

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]
        browser = driver.chromium.launch(executable_path=BROWSER, args=options)
        yield browser
        browser.close()


@pytest.fixture
def fake() -> FakeS3:
    return FakeS3(seed=7)


@pytest.fixture
def server(fake: FakeS3) -> Iterator[Server]:
    with Server(fake) as server:
        yield server


@pytest.fixture
def s3(fake: FakeS3) -> Iterator[Any]:
    with closing(fake.client()) as client:
        client.create_bucket(Bucket="bucket")
        yield client


@pytest.fixture
def open_page(chromium: Any, server: Server) -> Iterator[Open]:
    """A function that opens a view in a new tab; at the end, no tab may have shown an error or run a script of its data."""
    contexts, problems = [], []

    def open_page(view: str = "", *, of: Server = server, wait: bool = True, **options: Any) -> Any:
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: message.type == "error" and problems.append(message.text))
        page.on("request", lambda request: request.url.startswith(of.url) or problems.append(f"request to {request.url}"))
        show(page, view, of, wait=wait)
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            assert page.evaluate("window.pwned") is None
            assert page.locator("main img, main script, main iframe").count() == 0
        context.close()
    assert [
        problem for problem in problems if not re.search("status of 4|ERR_CONNECTION", problem)
    ] == []  # (shown on the page; some servers end before their tabs)


def show(page: Any, view: str, server: Server, *, wait: bool = True) -> None:
    """Go to a view, and wait until it is there."""
    page.goto("about:blank")
    page.goto(f"{server.url}/#/{view}")
    if wait:
        expect(page.locator("main h1")).not_to_have_text("fakes3part")


def upload(s3: Any, sizes: list[tuple[int, int]], key: str = "film") -> str:
    upload_id: str = s3.create_multipart_upload(Bucket="bucket", Key=key)["UploadId"]
    for number, size in sizes:
        s3.upload_part(Bucket="bucket", Key=key, UploadId=upload_id, PartNumber=number, Body=b"x" * size)
    return upload_id


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_an_empty_fake(open_page: Open, server: Server) -> None:
    page = open_page()
    expect(page.locator("main")).to_contain_text("There is no bucket yet")
    expect(page.locator("main pre")).to_have_text(f"aws --endpoint-url {server.url} s3 mb s3://bucket")
    for view, text in {
        "calls": "No request has been made yet",
        "faults": "No fault is injected",
        "snapshots": "There is no snapshot with a name",
        "notifications": "No event notification has been sent",
    }.items():
        show(page, view, server)
        expect(page.locator("main")).to_contain_text(text)


def test_from_the_buckets_to_a_version(open_page: Open, s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="bucket", Key="a/1", Body=b"first", Metadata={"colour": "red"}, ContentType="text/css")
    s3.put_object(Bucket="bucket", Key="a/1", Body=b"second")
    s3.put_object(Bucket="bucket", Key="b", Body=b"")
    page = open_page()
    page.get_by_role("link", name="bucket", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bucket bucket")
    page.get_by_label("Keys that begin with").fill("a/")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    page.get_by_role("link", name="a/1").click()
    expect(page.locator("#content")).to_have_text("second")
    page.locator("main tbody a").nth(1).click()
    expect(page.locator("#content")).to_have_text("first")
    expect(page.locator("main dl")).to_contain_text("colour: red")
    expect(page.locator("main dl")).to_contain_text("text/css")
    page.go_back()
    expect(page.locator("#content")).to_have_text("second")


def test_configuration(open_page: Open, s3: Any) -> None:
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps(POLICY))
    page = open_page("buckets/bucket/configuration")
    expect(page.locator("main dl")).to_contain_text('"Sid": "Read"')


def test_an_upload_as_a_picture(open_page: Open, s3: Any) -> None:
    upload_id = upload(s3, [(1, 6 * MIB), (2, 6 * MIB), (3, 5), (6, 6 * MIB), (2, 12 * MIB)])
    page = open_page(f"buckets/bucket/upload?id={quote(upload_id)}")
    picture = page.get_by_role("img")
    expect(picture).to_have_attribute("aria-label", "4 parts of 25,165,829 bytes (24 MiB), 1 gap between their numbers")
    kinds = picture.locator("span").evaluate_all(
        "pieces => pieces.map((piece) => [piece.className, piece.title, piece.offsetWidth])"
    )
    assert [piece[:2] for piece in kinds] == [
        ["", "part 1: 6 MiB"],
        ["again", "part 2: 12 MiB"],
        ["small", "part 3: 5 B"],
        ["gap", "no parts 4 to 5"],
        ["", "part 6: 6 MiB"],
    ]
    assert kinds[1][2] == pytest.approx(2 * kinds[0][2], rel=0.05)
    expect(page.locator("main .box")).to_contain_text(
        "EntityTooSmall: Your proposed upload is smaller than the minimum allowed size"
    )
    expect(page.locator("#gaps")).to_contain_text("No part has the number 4 to 5")
    expect(page.locator("#again")).to_contain_text("Overwritten: part 2.")


def test_who_may_do_what(open_page: Open, fake: FakeS3, s3: Any) -> None:
    fake.add_account("111122223333")
    fake.seed({"bucket": {"k": b"1"}})
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps(POLICY))
    page = open_page("buckets/bucket/access?key=k")
    row = page.locator("main tbody tr", has_text="111122223333")
    expect(row.locator("td")).to_have_text(["allowed", "denied", "denied", "denied", "denied"])
    row.locator("td a").first.click()
    expect(page.locator("#decision")).to_contain_text("Allowed")
    expect(page.locator("#decision pre")).to_contain_text('"Sid": "Read"')
    page.get_by_label("Caller").select_option("anonymous")
    page.get_by_label("Operation or action").fill("DeleteObject")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#decision")).to_contain_text("Denied: no bucket policy and no ACL allows it to everybody")
    page.get_by_label("Operation or action").fill("Nothing")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#decision")).to_contain_text("'Nothing' is neither an operation such as GetObject")


POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::bucket/*",
        }
    ],
}


# --- the journal -----------------------------------------------------------------------------------------------------


def test_calls_appear_as_they_are_made(open_page: Open, s3: Any) -> None:
    page = open_page("calls")
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(1)
    s3.put_object(Bucket="bucket", Key="k", Body=b"123")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("PutObject")
    expect(rows.first).to_contain_text("bucket/k")
    expect(page.get_by_role("status").first).to_have_text("1 new call")
    page.get_by_role("button", name="Live").click()
    expect(page.get_by_role("button", name="Live")).to_have_attribute("aria-pressed", "false")
    s3.put_object(Bucket="bucket", Key="later", Body=b"")
    page.wait_for_timeout(1000)
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Live").click()
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Clear the journal").click()
    expect(rows).to_have_count(0)
    s3.put_object(Bucket="bucket", Key="new", Body=b"")
    expect(rows).to_have_count(1)


def test_other_pages_follow_too(open_page: Open, s3: Any) -> None:
    page = open_page("buckets/bucket")
    expect(page.locator("main")).to_contain_text("The bucket is empty.")
    s3.put_object(Bucket="bucket", Key="k", Body=b"123")
    expect(page.get_by_role("link", name="k", exact=True)).to_be_visible()
    page.get_by_role("link", name="k", exact=True).focus()
    s3.put_object(Bucket="bucket", Key="l", Body=b"123")
    expect(page.get_by_role("link", name="l", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="k", exact=True)).to_be_focused()
    page.get_by_label("Keys that begin with").fill("typing")
    s3.put_object(Bucket="bucket", Key="m", Body=b"123")
    page.wait_for_timeout(1000)
    expect(page.get_by_label("Keys that begin with")).to_have_value("typing")


def test_one_call_in_full(open_page: Open, fake: FakeS3, s3: Any) -> None:
    fake.seed({"bucket": {"report": b"1"}})
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="bucket", Key="reports")
    page = open_page("calls?operation=Get*&status=404")
    expect(page.locator("main tbody tr")).to_have_count(1)
    page.locator("main tbody a").click()
    main = page.locator("main")
    expect(main).to_contain_text("404 NoSuchKey: The specified key does not exist.")
    expect(main).to_contain_text("did you mean")
    expect(main).to_contain_text("Signature=***")
    expect(main).to_contain_text('"Key": "reports"')


# --- what is changed -------------------------------------------------------------------------------------------------


def test_faults(open_page: Open, fake: FakeS3, s3: Any) -> None:
    page = open_page("faults")
    form = page.get_by_role("form", name="Add a rule")
    form.get_by_label("Operation").fill("PutObject")
    form.get_by_label("Effect").select_option("latency")
    form.get_by_label("Seconds").fill("0.5")
    form.get_by_label("Key").fill("a*")
    form.get_by_label("At most so many times").fill("2")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    (rule,) = fake.faults
    assert (rule.effect, rule.times, rule.matcher.key) == (faults.Latency(0.5), 2, "a*")
    form.get_by_label("Operation").fill("Nothing")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing")
    page.get_by_role("button", name="Remove rule").click()
    expect(page.locator("main")).to_contain_text("No fault is injected.")
    assert list(fake.faults) == []


def test_every_effect_can_be_added(open_page: Open, fake: FakeS3) -> None:
    page = open_page("faults")
    form = page.get_by_role("form", name="Add a rule")
    names = form.get_by_label("Effect").locator("option").all_text_contents()
    assert set(names) == {effect.name for effect in faults.Effect.__subclasses__() if effect.__module__.startswith("fakes3part.")}
    for number, name in enumerate(names, 1):
        form.get_by_label("Operation").fill("notification" if name in ("duplicate", "reorder") else "*")
        form.get_by_label("Effect").select_option(name)
        for label in ("Seconds", "Bytes per second"):
            if form.get_by_label(label, exact=True).count():
                form.get_by_label(label, exact=True).fill("1")
        page.get_by_role("button", name="Add the rule").click()
        expect(page.locator("main tbody tr")).to_have_count(number)
    assert [rule.effect.name for rule in fake.faults] == names


def test_pauses(open_page: Open, fake: FakeS3, s3: Any) -> None:
    page = open_page("faults")
    form = page.get_by_role("form", name="Add a pause")
    form.get_by_label("Hold calls").select_option("before")
    form.get_by_label("Operation").fill("PutObject")
    form.get_by_label("Bucket").fill("bucket")
    form.get_by_label("Go on after").fill("30")
    form.get_by_role("button", name="Add the pause").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    (pause,) = fake.faults.pauses
    assert (pause.to_json()["when"], pause.timeout) == ("before", 30)
    put = threading.Thread(target=s3.put_object, kwargs={"Bucket": "bucket", "Key": "held", "Body": b"1"})
    put.start()
    expect(page.locator("main tbody tr")).to_contain_text("held")
    assert list(fake.buckets["bucket"].objects) == []
    page.get_by_role("button", name="Release pause").click()
    expect(page.locator("main")).to_contain_text("No call is held.")
    put.join(10)
    assert (list(fake.buckets["bucket"].objects), list(fake.faults.pauses)) == (["held"], [])


def test_the_clock(open_page: Open, fake: FakeS3) -> None:
    page = open_page("clock")
    page.get_by_role("button", name="Freeze now").click()
    expect(page.locator("#announcer")).to_have_text("The clock is frozen")
    expect(page.locator("main dl")).to_contain_text("It is frozen.")
    before = fake.clock.now()
    page.get_by_label("Advance by").fill("31")
    page.get_by_role("button", name="Advance").click()
    expect(page.locator("#announcer")).to_have_text("The clock is advanced by 31 days")
    assert (fake.clock.now() - before).days == 31
    page.get_by_label("Move to (ISO 8601)").fill("2030-01-01T00:00:00Z")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("main dl")).to_contain_text("2030-01-01 00:00:00")
    page.get_by_role("button", name="Reset the clock").click()
    expect(page.locator("main dl")).to_contain_text("2026-01-01 00:00:00")  # where a fake with a seed begins


def test_snapshots_and_their_differences(open_page: Open, fake: FakeS3, s3: Any) -> None:
    page = open_page("snapshots")
    page.get_by_label("Name").fill("before")
    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    page.get_by_role("link", name="Compare with the present state").click()
    differences = page.locator("main table").nth(1).locator("tbody tr")
    expect(differences).to_have_count(1)
    expect(differences).to_contain_text("added")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Restore before").click()
    expect(page.locator("main")).to_contain_text("They are equal.")
    assert "k" not in fake.buckets["bucket"].objects
    page.get_by_role("button", name="Remove before").click()
    expect(page.locator("main")).to_contain_text("There is no snapshot with a name.")
    assert fake.snapshots == {}


def test_reset(open_page: Open, fake: FakeS3, s3: Any) -> None:
    page = open_page("settings")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Reset the fake").click()
    assert list(fake.buckets) == ["bucket"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Reset the fake").click()
    expect(page.locator("main")).to_contain_text("There is no bucket yet")
    assert list(fake.buckets) == []


def test_notifications(open_page: Open, s3: Any) -> None:
    entry = {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:queue", "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration={"QueueConfigurations": [entry]})
    s3.put_object(Bucket="bucket", Key=MARKUP, Body=b"1")
    page = open_page("notifications")
    first = page.locator("main tbody tr").first
    expect(first).to_contain_text("s3:ObjectCreated:Put")
    expect(first).to_contain_text(SHOWN)
    first.get_by_text("Show").click()
    expect(first.locator("pre")).to_contain_text("Records")


def test_events(open_page: Open, fake: FakeS3, s3: Any) -> None:
    page = open_page("events")
    expect(page.locator("main")).to_contain_text("Nothing has happened to an object yet.")
    s3.put_object(Bucket="bucket", Key=MARKUP, Body=b"1")
    s3.delete_object(Bucket="bucket", Key=MARKUP)
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("ObjectRemoved:Delete")
    expect(rows.last).to_contain_text(SHOWN)
    page.get_by_label("Type").fill("s3:ObjectCreated:*")
    page.get_by_role("button", name="Filter").click()
    expect(rows).to_have_count(1)
    rows.first.get_by_text("Show", exact=True).click()
    expect(rows.first.locator("pre")).to_contain_text('"eventName": "ObjectCreated:Put"')
    page.get_by_label("Type").fill("s3:Nothing")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("main")).to_contain_text("s3:Nothing")
    page.get_by_role("link", name="All events").click()
    page.get_by_role("button", name="Clear the events").click()
    expect(page.locator("main")).to_contain_text("Nothing has happened to an object yet.")
    assert fake.events.filter() == []


def test_the_token_is_asked_for(open_page: Open) -> None:
    with Server(FakeS3(control_token="secret")) as server:
        server.fake.seed({"bucket": {}})
        page = open_page(of=server, wait=False)
        page.locator("#token-value").fill("wrong")
        page.get_by_role("button", name="Open").click()
        page.locator("#token-value").fill("secret")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("link", name="bucket", exact=True)).to_be_visible()
        assert "secret" not in page.content()


# --- hostile data ----------------------------------------------------------------------------------------------------


def test_markup_is_data(open_page: Open, fake: FakeS3, server: Server, s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key=MARKUP, Body=SHOWN.encode(), ContentType="text/html", Metadata={"a": "<b>"})
    fake.snapshot(MARKUP)
    fake.fail("GetObject", faults.Error("SlowDown", MARKUP), key=MARKUP)
    upload_id = upload(s3, [(1, 1)], MARKUP)
    with pytest.raises(Exception, match="onerror"):
        s3.get_object(Bucket="bucket", Key=MARKUP)
    page = open_page()
    key = quote(MARKUP)
    number = fake.calls.total
    for view in (
        "buckets/bucket",
        f"buckets/bucket?prefix={key}",
        f"buckets/bucket/object?key={key}",
        f"buckets/bucket/upload?id={quote(upload_id)}",
        "buckets/bucket/uploads",
        f"buckets/bucket/access?key={key}",
        "calls",
        f"calls/{number}",
        f"access?what=GetObject&bucket=bucket&key={key}",
        "faults",
        "snapshots",
        f"snapshots?from={key}",
    ):
        show(page, view, server)
        text = page.locator("main").inner_text() + "".join(field.input_value() for field in page.locator("main input").all())
        assert "onerror" in text, view
    show(page, f"buckets/bucket/object?key={key}", server)
    expect(page.locator("#content")).to_have_text(SHOWN)
    expect(page.get_by_role("heading", level=1)).to_contain_text(SHOWN)


@pytest.mark.parametrize("key", ["a/../k", "..k", "a//b", "a?b#c", "%2F", " k ", "\n", "é", "a&b=c+d"])
def test_odd_keys_can_be_opened(open_page: Open, fake: FakeS3, key: str) -> None:
    fake.seed({"bucket": {key: f"content of {key!r}".encode()}})
    page = open_page("buckets/bucket")
    page.locator("main tbody a").click()
    expect(page.locator("#content")).to_have_text(f"content of {key!r}")


def test_an_address_that_leads_nowhere(open_page: Open, server: Server) -> None:
    page = open_page("nothing")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
    for view in ("buckets/none", "calls/9", "buckets/%"):
        show(page, view, server)
        expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


# --- large states ----------------------------------------------------------------------------------------------------


def test_a_large_state_comes_in_pages(open_page: Open) -> None:
    fake = FakeS3(min_part_size=1, journal_size=10_000)
    fake.seed({"bucket": dict.fromkeys((f"{number:06}" for number in range(100_000)), b"")})
    with closing(fake.client()) as s3:
        upload_id = upload(s3, [(number, 1) for number in range(1, 10_001)])
    with Server(fake) as server:
        page = open_page("buckets/bucket", of=server)
        expect(page.locator("main tbody tr")).to_have_count(100)
        expect(page.locator("main caption")).to_contain_text("the bucket has 100,000 objects")
        page.get_by_role("link", name="Next page").click()
        expect(page.get_by_role("link", name="000100")).to_be_visible()
        show(page, "calls", server)
        expect(page.locator("main tbody tr")).to_have_count(100)
        page.get_by_role("link", name="Older calls").click()
        expect(page.locator("main tbody tr").first).to_contain_text("#9901")
        show(page, f"buckets/bucket/upload?id={quote(upload_id)}", server)
        expect(page.locator("main tbody tr")).to_have_count(100)
        assert 100 <= page.locator(".picture span").count() <= 200
        expect(page.locator("main .box")).to_contain_text("One object of 10,000 bytes")


# --- for everybody ---------------------------------------------------------------------------------------------------


def filled(fake: FakeS3, s3: Any) -> list[str]:
    """Fill a fake, and return all views of it."""
    fake.seed({"bucket": {"a/very/long/key/" + "without-a-break" * 20: b"1", "k": bytes(range(256))}})
    upload_id = upload(s3, [(1, 6 * MIB), (3, 1)])
    fake.fail("GetObject", "SlowDown", times=1)
    fake.snapshot("before")
    s3.delete_object(Bucket="bucket", Key="k")
    below = ["", "/uploads", "/configuration", "/access", f"/upload?id={quote(upload_id)}", "/object?key=a/very/long/key/"]
    buckets = [f"buckets/bucket{path}" for path in below]
    buckets[-1] += "without-a-break" * 20
    return [*VIEWS, *buckets, "calls/2", "snapshots?from=before", "access?what=GetObject&bucket=bucket&key=k"]


def test_every_view_is_labelled(open_page: Open, fake: FakeS3, server: Server, s3: Any) -> None:
    views = filled(fake, s3)
    page = open_page()
    for landmark in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    expect(page.get_by_role("navigation", name="Inspector")).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == "en"
    titles = set()
    for view in views:
        show(page, view, server)
        expect(page.locator("h1")).to_have_count(1)
        titles.add(page.title())
        assert page.locator("#menu [aria-current]").count() == 1
        unlabelled = page.evaluate(UNLABELLED)
        assert unlabelled == [], view
        assert (
            page.evaluate(
                "[...document.querySelectorAll('[id]')].map((each) => each.id).filter((id, at, all) => all.indexOf(id) !== at)"
            )
            == []
        )
    assert len(titles) >= len(views) - 2


UNLABELLED = """() => [
  ...[...document.querySelectorAll("main input, main select")].filter((field) => !field.labels.length),
  ...[...document.querySelectorAll("button, a")].filter((each) => !(each.ariaLabel || each.textContent.trim())),
  ...[...document.querySelectorAll("table")].filter((each) => !each.caption),
  ...[...document.querySelectorAll("th")].filter((each) => !each.scope || !each.textContent.trim()),
  ...[...document.querySelectorAll("[role=region], nav")].filter((each) => !each.ariaLabel),
].map((each) => each.outerHTML)"""


def test_by_keyboard(open_page: Open, s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "bucket":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bucket bucket")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_are_readable(open_page: Open, fake: FakeS3, server: Server, s3: Any, scheme: str) -> None:
    views = filled(fake, s3)
    page = open_page(color_scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background))) > 382) == (scheme == "light")
    for view in views:
        show(page, view, server)
        poor = [entry for entry in page.evaluate(CONTRASTS) if entry[0] < 4.5]
        assert poor == [], view


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([red, green, blue]) => {
    const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [red, green, blue].map((value) => linear(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (!text || !element.checkVisibility() || ["OPTION", "SCRIPT"].includes(element.tagName)) continue;
    const backs = [];
    for (let each = element; each; each = each.parentElement) backs.unshift(getComputedStyle(each).backgroundColor);
    const [back, front] = [light(rgb(backs)), light(rgb([...backs, getComputedStyle(element).color]))];
    found.push([(Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05), text.slice(0, 40)]);
  }
  return found;
}"""


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_no_view_is_wider_than_the_window(open_page: Open, fake: FakeS3, server: Server, s3: Any, width: int) -> None:
    views = filled(fake, s3)
    page = open_page(viewport={"width": width, "height": 800})
    for view in views:
        show(page, view, server)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
