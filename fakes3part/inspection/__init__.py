"""A read-only, typed view of what a fake holds."""
