"""The accounts of those who call, each once."""

OWNER = "123456789012"
"""The account of a fake: every unknown access key is its root."""

STRANGER = "111122223333"
"""Another account: an access key of twelve digits is the root of that account."""
