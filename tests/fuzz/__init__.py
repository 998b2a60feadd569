"""Random requests to a fake: by the grammar of the four services' models, as forms, and by changing valid requests.

``python -m tests.fuzz 1000000`` (``nox -s fuzz -- 1000000``) runs as many as you like; the suite runs a few (`test_fuzz`).
"""
