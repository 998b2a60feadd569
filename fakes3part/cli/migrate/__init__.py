"""``fakes3part migrate``: rewrites test files from moto to fakes3part."""
