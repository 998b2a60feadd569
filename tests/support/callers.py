"""Account ids of callers."""

OWNER = "123456789012"
"""The default account of a fake; every unknown access key is its root user."""

STRANGER = "111122223333"
"""Another account: an access key of twelve digits is the root of that account."""
