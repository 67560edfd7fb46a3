"""Imports what every run of the command imports, and forks for each client: see `serving`."""

from __future__ import annotations

import ast
import gc
import os
import pkgutil
import runpy
import select
import socket
import sys
from contextlib import suppress
from importlib import import_module

import lrn_cli


def listen(place: str) -> socket.socket:
    """Return in a new process for each client, with its connection; end with the process that has started this one."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(place)
    listening.listen(64)
    print("ready", flush=True)
    while sys.stdin not in select.select([sys.stdin, listening], [], [])[0]:
        client = listening.accept()[0]
        if os.fork() == 0:
            listening.close()
            return client
        client.close()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    os._exit(0)


def import_all() -> None:
    """Import all of `lrn_cli`, and by that what it depends on."""
    for module in pkgutil.walk_packages(lrn_cli.__path__, "lrn_cli."):
        if not module.name.endswith((".__main__", ".build", "_native")):
            import_module(module.name)


def become(client: socket.socket) -> None:
    """Return in a process that is what the client is; one stays behind to tell the client how that has ended."""
    length, streams, *_ = socket.recv_fds(client, 8, 3)
    told = client.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL).decode()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if run := os.fork():
        for number in range(3):
            os.close(number)
        client.sendall(str(os.waitstatus_to_exitcode(os.waitpid(run, 0)[1])).encode())
        os._exit(0)
    client.close()
    sys.argv[1:], folder, mask, environment = ast.literal_eval(told)
    os.chdir(folder)
    os.umask(mask)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = folder  # as `python -m` has it
    sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())  # type: ignore[union-attr]


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command has it: threads would be lost in a fork

    import_all()
    gc.freeze()  # what the collector marked would have to be copied by each process
    sys.path.insert(0, "")
    become(listen(sys.argv[1]))
    runpy.run_module("lrn_cli", run_name="__main__", alter_sys=True)
