"""Ports for the servers of tests."""

import random
import socket

given: set[int] = set()


def free_port() -> int:
    """A free port, whose successor is free, too, outside of the range that systems give to connections: otherwise other programs
    could take it before the server does. No port is returned twice: the server may start later."""
    while True:
        port = random.randrange(20000, 32000)
        both = {port, port + 1}
        if both & given:
            continue
        try:
            for one in both:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(type=kind) as probe:
                        probe.bind(("127.0.0.1", one))
        except OSError:
            continue
        given.update(both)
        return port
