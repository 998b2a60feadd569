"""Authentication (who sent a request) and authorization (whether it is allowed)."""
