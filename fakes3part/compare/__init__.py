"""Compares the responses of a fake with those of another S3, calls by calls: `pytest --fakes3-compare`, `record`, `replay`."""
