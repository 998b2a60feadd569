"""Doors over HTTP: a WSGI application, a server in a thread, the command line."""
