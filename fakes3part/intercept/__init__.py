"""Interception in this process: a fake handles the requests of client libraries, and those to the real AWS are refused."""
