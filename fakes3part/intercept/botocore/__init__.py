"""Intercept botocore: its HTTP session, credentials, retry pauses, redirect cache and error messages."""
