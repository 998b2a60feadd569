"""The control API under ``/_fakes3part/``: what `FakeS3` does for tests in Python, as JSON over HTTP."""
