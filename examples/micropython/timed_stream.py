# A verified TLS connection with a time limit for each call, for mqtt_reconnect.py and websocket_client.py.

import errno
import select
import socket
import time


class TimedStream:
    def __init__(self, context, host, port, name=None, seconds=10, session=None):
        """`context`: has the trust anchors. `name`: the one in the server's certificate, if it is not `host`. `seconds`: limit
        for the handshake, and for each packet once it has begun. `session`: an earlier connection's, to resume."""
        self.milliseconds = int(seconds * 1000)
        context.suppress_ragged_eofs = False  # a cut connection is OSError 1080, not an end
        context.handshake_timeout = seconds
        sock = socket.socket()
        try:
            if hasattr(sock, "settimeout"):
                sock.settimeout(seconds)
            sock.connect(socket.getaddrinfo(host, port)[0][-1])
            self.tls = context.wrap_socket(sock, server_hostname=name or host, session=session)
        except BaseException:
            sock.close()
            raise
        self.tls.setblocking(False)  # now reads and writes return None instead of waiting
        self.poller = select.poll()
        self.poller.register(self.tls, select.POLLIN)

    def wait(self, milliseconds, event=select.POLLIN):
        """Whether there is something to read in that time: bytes, the end, or an error. Poll the TLS connection, as here, not
        its socket: the next bytes may already be in the last record."""
        self.poller.modify(self.tls, event)
        return bool(self.poller.poll(milliseconds))

    def wait_until(self, deadline, event):
        left = time.ticks_diff(deadline, time.ticks_ms())
        if left <= 0 or not self.wait(left, event):
            raise OSError(errno.ETIMEDOUT)

    def exactly(self, size):
        """Reads `size` bytes; fewer are an error."""
        data = bytearray(size)
        view = memoryview(data)
        deadline = time.ticks_add(time.ticks_ms(), self.milliseconds)
        while view:
            n = self.tls.readinto(view)  # may read only a part
            if n is None:
                self.wait_until(deadline, select.POLLIN)
            elif n == 0:
                raise OSError("the peer has closed the connection")
            else:
                view = view[n:]
        return data

    def write(self, data):
        """Writes all of it."""
        view = memoryview(data)
        deadline = time.ticks_add(time.ticks_ms(), self.milliseconds)
        while view:
            n = self.tls.write(view)  # may take only a part
            if n is None:
                self.wait_until(deadline, select.POLLOUT)
            else:
                view = view[n:]

    def close(self):
        self.poller.unregister(self.tls)
        self.tls.close()
