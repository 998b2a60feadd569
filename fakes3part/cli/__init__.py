"""The command line: ``python -m fakes3part serve``, ``demo``, ``operations``."""
