"""The property of Object Lock: a protected version keeps its bytes exactly until its retain-until date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fakes3part.api.fakes3 import FakeS3
from fakes3part.message import Request, Response
from tests.support.object_lock import NOW
from tests.support.state import SIGNED

HEADERS = {name.lower(): text for name, text in SIGNED.items()}
BYPASS = {"x-amz-bypass-governance-retention": "true"}
MODES = st.sampled_from(["GOVERNANCE", "COMPLIANCE"])
DAYS = st.integers(-2, 9)
KEYS = st.sampled_from(["a", "b"])
LIFECYCLE = (
    "<LifecycleConfiguration><Rule><ID>all</ID><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>"
    "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>"
)


@dataclass
class Known:
    """What was promised of one version."""

    key: str
    body: bytes
    mode: str | None = None
    until: datetime | None = None
    hold: bool = False
    gone: bool = False

    def retained(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


class Locks(RuleBasedStateMachine):
    """A bucket with Object Lock, all requests that can change it, and a clock that is moved at random."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeS3()
        self.fake.clock.freeze(NOW)
        self.versions: dict[str, Known] = {}
        self.default: tuple[str, int] | None = None
        assert self.ask("PUT", "", {"x-amz-bucket-object-lock-enabled": "true"}).status == 200

    # What there is to do

    @rule(key=KEYS, body=st.binary(max_size=9), mode=st.none() | MODES, days=DAYS, hold=st.sampled_from(["", "ON", "OFF"]))
    def write(self, key: str, body: bytes, mode: str | None, days: int, hold: str) -> None:
        until = self.now + timedelta(days=days)
        headers = {"x-amz-object-lock-legal-hold": hold} if hold else {}
        if mode is not None:
            headers |= {"x-amz-object-lock-mode": mode, "x-amz-object-lock-retain-until-date": until.isoformat()}
        response = self.ask("PUT", f"/{key}", headers, body)
        assert (response.status == 200) is (mode is None or days > 0)
        if response.status == 200:
            known = Known(key, body, mode, until if mode else None, hold == "ON")
            if mode is None and self.default is not None:
                known.mode, known.until = self.default[0], self.now + timedelta(days=self.default[1])
            self.versions[dict(response.headers)["x-amz-version-id"]] = known

    @rule(key=KEYS)
    def hide(self, key: str) -> None:
        assert self.ask("DELETE", f"/{key}").status == 204

    @rule(key=KEYS)
    def copy_over(self, key: str) -> None:
        self.ask("PUT", f"/{key}", {"x-amz-copy-source": "/locked/a", "x-amz-metadata-directive": "REPLACE"})

    @rule(status=st.sampled_from(["Suspended", "Enabled"]))
    def set_versioning(self, status: str) -> None:
        document = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"
        assert self.put("?versioning", document).status == (409 if status == "Suspended" else 200)

    @rule()
    def delete_bucket(self) -> None:
        if self.fake.store.buckets["locked"].objects or self.fake.store.buckets["locked"].versions_by_key:
            assert self.ask("DELETE", "").status == 409

    @rule()
    def let_objects_expire(self) -> None:
        assert self.put("?lifecycle", LIFECYCLE).status == 200

    @rule(default=st.none() | st.tuples(MODES, st.integers(1, 5)))
    def set_default(self, default: tuple[str, int] | None) -> None:
        inside = "" if default is None else f"<Mode>{default[0]}</Mode><Days>{default[1]}</Days>"
        inside = f"<Rule><DefaultRetention>{inside}</DefaultRetention></Rule>" if inside else ""
        document = f"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{inside}</ObjectLockConfiguration>"
        assert self.put("?object-lock", document).status == 200
        self.default = default

    @rule(hours=st.integers(-24, 96))
    def move_the_clock(self, hours: int) -> None:
        self.fake.clock.advance(hours=hours)

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), bypass=st.booleans(), many=st.booleans())
    def delete(self, data: st.DataObject, bypass: bool, many: bool) -> None:
        version_id, known = self.draw(data)
        headers = BYPASS if bypass else {}
        if many:
            one = f"<Object><Key>{known.key}</Key><VersionId>{version_id}</VersionId></Object>"
            response = self.put("?delete", f"<Delete>{one}</Delete>", headers, "POST")
            refused = b"<Code>AccessDenied</Code>" in body_of(response)
        else:
            refused = self.ask("DELETE", f"/{known.key}?versionId={version_id}", headers).status == 403
        protected = known.hold or (known.retained(self.now) and not (bypass and known.mode == "GOVERNANCE"))
        if not known.gone:
            assert refused is protected
            known.gone = not protected

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), mode=st.none() | MODES, days=DAYS, bypass=st.booleans())
    def retain(self, data: st.DataObject, mode: str | None, days: int, bypass: bool) -> None:
        version_id, known = self.draw(data)
        until = None if mode is None else self.now + timedelta(days=days)
        inside = f"<Mode>{mode}</Mode><RetainUntilDate>{until.isoformat()}</RetainUntilDate>" if until else ""
        target = f"/{known.key}?retention&versionId={version_id}"
        response = self.put(target, f"<Retention>{inside}</Retention>", BYPASS if bypass else {})
        if response.status != 200:
            return
        assert not known.gone
        if known.retained(self.now):
            longer = until is not None and known.until is not None and until >= known.until
            assert (longer and mode == known.mode) or (bypass and known.mode == "GOVERNANCE")
        known.mode, known.until = mode, until

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), on=st.booleans())
    def hold(self, data: st.DataObject, on: bool) -> None:
        version_id, known = self.draw(data)
        document = f"<LegalHold><Status>{'ON' if on else 'OFF'}</Status></LegalHold>"
        response = self.put(f"/{known.key}?legal-hold&versionId={version_id}", document)
        if response.status == 200:
            known.hold = on

    # What must hold

    @invariant()
    def what_is_protected_is_there(self) -> None:
        for version_id, known in self.versions.items():
            response = self.ask("GET", f"/{known.key}?versionId={version_id}")
            if not known.gone and (known.hold or known.retained(self.now)):
                assert (response.status, body_of(response)) == (200, known.body)
            else:
                known.gone = response.status == 404  # by lifecycle too, which may take what nothing protects

    # How it is done

    @property
    def now(self) -> datetime:
        return self.fake.clock.now()

    def draw(self, data: st.DataObject) -> tuple[str, Known]:
        version_id = data.draw(st.sampled_from(sorted(self.versions)))
        return version_id, self.versions[version_id]

    def ask(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Response:
        path, _, query = f"/locked{target}".partition("?")
        sent = {**HEADERS, "content-length": str(len(body)), **(headers or {})}
        if method in ("PUT", "POST") and "x-amz-copy-source" not in sent:
            sent["content-md5"] = md5(body)
        return self.fake.handle(Request(method, "s3.amazonaws.com", path, query, sent, body))

    def put(self, target: str, document: str, headers: dict[str, str] | None = None, method: str = "PUT") -> Response:
        return self.ask(method, target, headers, document.encode())


def md5(body: bytes) -> str:
    import base64
    import hashlib

    return base64.b64encode(hashlib.md5(body).digest()).decode()


def body_of(response: Any) -> bytes:
    return b"".join(map(bytes, response.body))


Locks.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestLocks = Locks.TestCase


def test_versions_are_told_apart() -> None:
    """What the machine above relies on: every write has an id of its own."""
    machine = Locks()
    for _ in range(3):
        machine.write("a", b"1", "COMPLIANCE", 5, "")
    assert len(machine.versions) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9._]{32}", version_id) for version_id in machine.versions)
