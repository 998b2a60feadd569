"""``serve --strict-kms``: the fake gets the flag, which wins over the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes3part.cli.main import _parser
from fakes3part.cli.serve import make_fake


@pytest.mark.parametrize(("arguments", "strict"), [([], False), (["--strict-kms"], True)])
@pytest.mark.parametrize("written", [None, False, True])
def test_strict_kms(tmp_path: Path, arguments: list[str], strict: bool, written: bool | None) -> None:
    if written is not None:
        path = tmp_path / "s3.toml"
        path.write_text(f"strict_kms = {str(written).lower()}\n")
        arguments = [*arguments, "--config", str(path)]
    fake = make_fake(_parser().parse_args(["serve", *arguments]))
    assert fake.settings.strict_kms is fake.kms.strict is (strict or bool(written))
