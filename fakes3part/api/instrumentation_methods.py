"""What a test does with a fake that it cannot do with S3: the methods of `FakeS3` for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from ..backend import Backend
from ..events.events import Subscription
from ..events.records import Event
from ..faults.effects import Effect
from ..faults.matching import When
from ..faults.pauses import Pause
from ..faults.rules import Rule

if TYPE_CHECKING:
    from ..journal.leftovers import Leftovers


class InstrumentationMethods(Backend):
    """Methods of `FakeS3` for faults, pauses, events and leftovers."""

    def fail(
        self,
        operation: str | Iterable[str],
        effect: Effect | str,
        *,
        bucket: str | None = None,
        key: str | None = None,
        part_number: int | Collection[int] | None = None,
        nth: int | Collection[int] | None = None,
        times: int | None = None,
        probability: float | None = None,
        when: When | None = None,
    ) -> Rule:
        """Let calls go wrong, until the rule is removed: by ``rule.remove()``, at the end of its ``with`` block, by `reset`.

        Args:
            operation: ``"PutObject"``, several of them, or a pattern: ``"*"``, ``"*Multipart*"``.
            effect: of `fakes3part.faults`, or the code of an error: ``"SlowDown"``.
            bucket: its name, or a pattern as `fnmatch` has them.
            key: likewise. (PostObject has none as long as its form is not read.)
            part_number: one or several.
            nth: to the nth matching call only, or to several, counted from 1.
            times: at most so often.
            probability: 0 to 1; the dice are the fake's ``seed``'s.
            when: asked for every call that matches otherwise: `fakes3part.faults.matching.Asked` -> bool.

        Returns:
            the rule; of several the first that fires decides, while Latency and Bandwidth add to it.

        Raises:
            ValueError: no such operation or code, or nothing that could happen to these operations.
        """
        return self.faults.add(
            operation,
            effect,
            bucket=bucket,
            key=key,
            part_number=part_number,
            nth=nth,
            times=times,
            probability=probability,
            when=when,
        )

    def pause_before(
        self,
        operation: str | Iterable[str],
        *,
        bucket: str | None = None,
        key: str | None = None,
        part_number: int | Collection[int] | None = None,
        when: When | None = None,
        timeout: float = 10,
    ) -> Pause:
        """Let calls wait before anything is done, until ``pause.release()`` or the end of the ``with`` block.

        Args:
            timeout: real seconds after which a call goes on by itself; the block's end then raises TimeoutError.
            others: as `fail` has them.
        """
        where = {"bucket": bucket, "key": key, "part_number": part_number, "when": when}
        return self.faults.pause(operation, after=False, timeout=timeout, **where)

    def pause_after(
        self,
        operation: str | Iterable[str],
        *,
        bucket: str | None = None,
        key: str | None = None,
        part_number: int | Collection[int] | None = None,
        when: When | None = None,
        timeout: float = 10,
    ) -> Pause:
        """Let calls wait when all is done, but their answer not yet sent; else as `pause_before`."""
        where = {"bucket": bucket, "key": key, "part_number": part_number, "when": when}
        return self.faults.pause(operation, after=True, timeout=timeout, **where)

    def on(
        self,
        event: str,
        callback: Callable[[Event], object],
        *,
        bucket: str | None = None,
        prefix: str = "",
        suffix: str = "",
    ) -> Subscription:
        """Call back on each event, with S3's record of it (what a Lambda function finds in ``event["Records"]``).

        It is called when the answer is made, outside of all locks, in the thread of the request. What it raises is logged and
        kept in ``fakes3.events.errors``, and fails the test that uses the fixture ``fakes3``.

        Args:
            event: ``s3:ObjectCreated:Put``, ``s3:ObjectCreated:*`` ...; ``s3:*``: all.
            prefix: of the key, as it is, not URL-encoded; ``suffix`` likewise.

        Returns:
            the subscription, to ``cancel()`` or to use as a context manager.

        Raises:
            ValueError: S3 has no such event.
        """
        return self.events.on(event, callback, bucket=bucket, prefix=prefix, suffix=suffix)

    def leftovers(self) -> Leftovers:
        """Multipart uploads neither completed nor aborted, and bodies of GetObject that nobody read; false if there are none."""
        from ..journal.leftovers import leftovers

        return leftovers(self.store, self.calls)
