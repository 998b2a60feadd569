"""The attributes of a fake that are of no use in a process that has not got its state."""

from __future__ import annotations

STATE_ATTRIBUTES = frozenset(
    {
        *("add_access_point", "add_account", "add_object_lambda", "add_outposts_bucket", "add_role", "add_session", "add_user"),
        *(
            "buckets",
            "calls",
            "delete_metadata_table",
            "deliver_inventory",
            "deliver_to",
            "dump",
            "events",
            "explain",
            "fail",
            "faults",
            "fork",
            "kms",
            "lambdas",
            "last_denial",
            "leftovers",
            "metadata_table",
            "metrics",
            "notifications",
        ),
        *("load", "on", "on_lifecycle", "pause_after", "pause_before", "save", "seed", "seed_directory", "store"),
        *("wait_for_event", "wait_for_notification", "wsgi_app"),
    }
)
"""Attributes of `FakeS3` that show or change its state by other means than requests."""
