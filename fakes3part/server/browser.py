"""Opens a web browser beside this process."""

from __future__ import annotations

import webbrowser
from pathlib import PurePath
from threading import Thread

_IN_TERMINAL = frozenset({"elinks", "links", "lynx", "w3m", "www-browser"})
"""Browsers that would take the terminal, in which a debugger may wait."""


def open_page(url: str) -> bool:
    """Open a page in a browser with a window of its own, without waiting for it; return whether there is such a browser."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if PurePath(getattr(browser, "name", "")).name in _IN_TERMINAL:
        return False
    # In a thread: the module waits until a browser that it does not know ends.
    Thread(target=_open, args=(browser, url), name="fakes3part browser", daemon=True).start()
    return True


def _open(browser: webbrowser.BaseBrowser, url: str) -> None:
    try:
        browser.open(url)
    except (webbrowser.Error, OSError):
        return  # the URL was printed
