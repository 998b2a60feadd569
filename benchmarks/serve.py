"""One server in a process of its own: ``python -m benchmarks.serve SYSTEM`` prints its URL, and ends with its stdin."""

from __future__ import annotations

import json
import logging
import sys


def ours() -> str:
    from fakes3part import Server

    return Server().start().url


def moto() -> str:
    # (needs moto's extra "server")
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request would be counted to its disadvantage
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


if __name__ == "__main__":
    print(json.dumps({"ours": ours, "moto": moto}[sys.argv[1]]()), flush=True)
    sys.stdin.read()
