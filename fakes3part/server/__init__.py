"""A fake over HTTP: a WSGI application, and a server in a thread."""
