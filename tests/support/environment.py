"""Makes the tests independent of the environment variables of their caller."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import time

_PREFIXES = ("AWS_", "BOTO", "FAKES3PART_", "HYPOTHESIS_", "LC_", "MOTO_")
_NAMES = {
    "ALL_PROXY",
    "COLUMNS",
    "CURL_CA_BUNDLE",
    "FORCE_COLOR",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LANGUAGE",
    "LINES",
    "NO_COLOR",
    "NO_PROXY",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONWARNINGS",
    "PY_COLORS",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TZ",
    "XDG_CONFIG_HOME",
}
CLEANED = "TESTS_CLEANED_ENVIRONMENT"
"""Set once the environment is clean. Child processes inherit it, and keep the variables that a test sets for them."""


def clean() -> None:
    """Remove what would change the behaviour of SDKs, of our settings or of output; call before anything reads it.

    The home directory becomes an empty one, the time zone UTC, the locale one that every system has. Bytecode is written, or each
    of the many child processes would compile what it imports (git ignores the caches). Child processes inherit all that.
    """
    if CLEANED in os.environ:
        return
    for name in list(os.environ):
        if name.upper() in _NAMES or name.upper().startswith(_PREFIXES):
            del os.environ[name]
    sys.dont_write_bytecode = False
    os.environ |= {"TZ": "UTC", "LC_ALL": "C.UTF-8", CLEANED: "1"}
    os.environ["HOME"] = os.environ["USERPROFILE"] = _empty_home()
    if hasattr(time, "tzset"):  # (Windows has none)
        time.tzset()


def _empty_home() -> str:
    home = tempfile.mkdtemp(prefix="fakes3part-home-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home
