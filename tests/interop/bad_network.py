"""A UDP proxy that loses, duplicates, reorders and cuts some datagrams. A seed makes a run repeatable."""

import random
import select
import socket
import threading
from typing import Any


class BadNetwork:
    """Between one client, which sends to `port`, and the server at `target`. Each fate hits one datagram in ten."""

    def __init__(self, target: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(("127.0.0.1", target))
        self.client: Any = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self) -> "BadNetwork":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()
        self.front.close()
        self.back.close()

    def run(self) -> None:
        late = []  # delayed until the next datagram has passed
        while not self.ended.is_set():
            ready = select.select([self.front, self.back], [], [], 0.05)[0]
            for end in ready:
                try:
                    datagram, sender = end.recvfrom(65536)
                except OSError:
                    continue
                if end is self.front:
                    self.client = sender
                fate = self.chance.randrange(10)
                if fate == 0:
                    continue
                if fate == 1:
                    datagram = datagram[: self.chance.randrange(len(datagram))]
                if fate == 2:
                    late.append((end, datagram))
                    continue
                for _ in range(2 if fate == 3 else 1):
                    self.send(end, datagram)
                for one in late:
                    self.send(*one)
                late.clear()

    def send(self, came_from: socket.socket, datagram: bytes) -> None:
        try:
            if came_from is self.front:
                self.back.send(datagram)
            else:
                self.front.sendto(datagram, self.client)
        except OSError:
            pass
