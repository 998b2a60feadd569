"""Snapshots of a fake's state, and archives of them in files."""
