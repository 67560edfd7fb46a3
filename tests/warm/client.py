"""Has the server make a process of what this one has, and ends as that does; imports only what Python has anyway."""

import _socket  # to import `socket` takes longer than all else
import os
import sys

server = _socket.socket(_socket.AF_UNIX)
server.connect(sys.argv[1])
told = ascii((sys.argv[2:], os.getcwd(), os.umask(0), dict(os.environ))).encode()  # noqa: PTH109 - pathlib is slow to import
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
server.sendmsg([len(told).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
server.sendall(told)
for number in range(3):
    os.close(number)  # the other end is to see when the new process lets go of its own
code = int(server.recv(100))
if code < 0:
    os.kill(os.getpid(), -code)
os._exit(code)
