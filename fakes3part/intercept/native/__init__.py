"""Refuse requests to AWS of libraries that have a network stack or a resolver of their own, below Python's sockets."""
