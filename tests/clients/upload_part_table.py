"""The table of every option and output field of ``aws s3api upload-part``, with its status.

One `Row` each, with the tries that prove its status: `test_upload_part_table` runs them all with the real AWS CLI against the
server and, where an option is a request parameter, with boto3 in-process. ``python -m tests.clients.upload_part_table`` prints
the table as Markdown; docs/reference/upload-part.md includes it between ``<!-- upload-part -->`` and ``<!-- /upload-part -->``.
"""

from __future__ import annotations

from tests.clients.upload_part_globals import GLOBALS
from tests.clients.upload_part_options import NEWER, OPTIONS
from tests.clients.upload_part_outputs import BUCKETS, OUTPUTS
from tests.clients.upload_part_rows import Row

TABLES: tuple[tuple[str, tuple[str, str], tuple[Row, ...]], ...] = (
    ("Options of the request", ("Option", "boto3"), OPTIONS),
    ("Newer options", ("Option", "boto3"), NEWER),
    ("Options of the AWS CLI", ("Option", ""), GLOBALS),
    ("Output", ("Field", ""), OUTPUTS),
    ("Kinds of bucket", ("Kind", "as `--bucket`"), BUCKETS),
)
ROWS: tuple[Row, ...] = tuple(row for _, _, rows in TABLES for row in rows)


def markdown() -> str:
    """Return the table as it is in docs/reference/upload-part.md."""
    lines: list[str] = []
    for title, (first, second), rows in TABLES:
        heads = [head for head in (first, second) if head] + ["Status", "Note"]
        lines += [f"**{title}**", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        for row in rows:
            name = row.name if rows is BUCKETS else f"`{row.name}`"
            cells = [name, f"`{row.member}`"] if second else [name]
            lines.append(f"| {' | '.join([*cells, row.status, row.note])} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(), end="")
