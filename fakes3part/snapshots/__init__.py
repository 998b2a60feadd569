"""Snapshots of the state of a fake, and archives of them in files."""
