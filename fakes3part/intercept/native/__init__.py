"""Refuse requests to AWS of libraries with a network stack or a resolver of their own, or lead them to the active fake."""
