# Requests over HTTPS like the module `requests`, but verified: the server's certificate and name are checked, answers must be
# complete, and no redirection leaves HTTPS.
#
#   micropython https_requests.py URL [CAFILE]
#
# CAFILE: trust anchors; default: the roots of the firmware (USSL_ROOTS=bundle), or of the host.
#
# OSError: the connection or a certificate failed, or the answer was cut short. ValueError: the answer is not HTTP.

import socket
import sys

import ussl

LINE = 4096  # the longest line of an answer's head, in bytes
LINES = 100


def write_all(stream, data):
    view = memoryview(data)
    while view:  # a write may take only a part
        view = view[stream.write(view):]


def parts(url):
    """(host, port, path)."""
    scheme, _, rest = url.partition("://")
    if scheme != "https" or any(not " " < c < "\x7f" for c in rest):  # a line break would add a line to the request
        raise ValueError("no URL of https: " + url)
    host, _, path = rest.partition("#")[0].partition("/")
    host, _, port = host.partition(":")
    return host, int(port or 443), "/" + path


class Response:
    """`status`, `headers` (names in lower case, values as bytes), and the body, which can be read once: in parts by `readinto()`,
    or as a whole by `content()`. Close it."""

    def __init__(self, stream, method):
        self.stream = stream
        status = self.line().split(None, 2)
        while len(status) > 1 and status[1].startswith(b"1"):  # 100 Continue and the like come in front of the answer
            self.head()
            status = self.line().split(None, 2)
        if len(status) < 2 or not status[0].startswith(b"HTTP/1."):
            raise ValueError("the answer is not HTTP")
        self.status = int(status[1])
        self.headers = self.head()
        # Bytes that the body, or its current chunk, still has. None: unknown, the body ends when the server closes.
        self.left, self.chunks = None, False
        if method == "HEAD" or self.status in (204, 304):
            self.left = 0
        elif self.headers.get("transfer-encoding", b"").lower().endswith(b"chunked"):
            self.chunks = True
            self.next_chunk()
        elif "content-length" in self.headers:
            self.left = self.number(self.headers["content-length"], 10)

    @staticmethod
    def number(text, base):
        value = int(text, base)
        if value < 0:
            raise ValueError("the answer's length is negative")
        return value

    def line(self):
        line = self.stream.readline(LINE)
        if not line.endswith(b"\n"):
            raise ValueError("the answer ends too soon, or has a line that is too long")
        return line.strip()

    def head(self):
        headers = {}
        for _ in range(LINES):
            line = self.line()
            if not line:
                return headers
            name, _, value = line.partition(b":")
            headers[name.decode().lower()] = value.strip()
        raise ValueError("too many headers")

    def next_chunk(self):
        self.left = self.number(self.line().partition(b";")[0], 16)
        if self.left == 0:
            self.chunks = False
            self.head()  # trailers may follow the last chunk

    def readinto(self, buffer):
        """How many bytes were read. 0: the end of the body, and all of it has come."""
        if self.left is not None:
            buffer = memoryview(buffer)[:self.left]
        n = self.stream.readinto(buffer) if buffer else 0
        if self.left is not None:
            if buffer and not n:
                raise OSError("the answer is cut short")
            self.left -= n
            if self.chunks and self.left == 0:
                self.line()  # the end of the chunk
                self.next_chunk()
        return n  # without a length, 0 is the server's close_notify; a cut connection is OSError 1080

    def content(self, limit=None):
        """The whole body. ValueError if it has more than `limit` bytes."""
        body, buffer = bytearray(), memoryview(bytearray(1024))
        while True:
            n = self.readinto(buffer)
            if not n:
                return bytes(body)
            body.extend(buffer[:n])
            if limit is not None and len(body) > limit:
                raise ValueError("more than %d bytes" % limit)

    def close(self):
        self.stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def request(method, url, data=b"", headers={}, context=None, seconds=20):
    """`data`: bytes. `context`: has the trust anchors; default: the roots of the firmware or the host. `seconds`: limit for the
    handshake and, if sockets have settimeout(), for each wait."""
    host, port, path = parts(url)
    if context is None:
        context = ussl.create_default_context()
    context.suppress_ragged_eofs = False  # a cut connection is not an end
    context.handshake_timeout = seconds
    lines = ["%s %s HTTP/1.1" % (method, path), "Host: " + (host if port == 443 else "%s:%d" % (host, port)),
             "Connection: close"]
    lines += ["%s: %s" % header for header in headers.items()]
    if data or method in ("POST", "PUT", "PATCH"):
        lines.append("Content-Length: %d" % len(data))
    stream = socket.socket()
    try:
        if hasattr(stream, "settimeout"):
            stream.settimeout(seconds)
        stream.connect(socket.getaddrinfo(host, port)[0][-1])
        stream = context.wrap_socket(stream, server_hostname=host)
        write_all(stream, "\r\n".join(lines + ["", ""]).encode())
        write_all(stream, data)
        return Response(stream, method)
    except BaseException:  # any reason
        stream.close()
        raise


def get(url, headers={}, context=None, redirections=5, **kwargs):
    """request() that follows redirections. Secrets in `headers` go only to the first host."""
    while True:
        response = request("GET", url, b"", headers, context, **kwargs)
        if response.status not in (301, 302, 303, 307, 308) or "location" not in response.headers:
            return response
        response.close()
        if not redirections:
            raise ValueError("too many redirections")
        redirections -= 1
        host, port, _ = parts(url)
        to = response.headers["location"].decode()
        url = "https://%s:%d%s" % (host, port, to) if to.startswith("/") else to
        if parts(url)[:2] != (host, port):
            headers = {name: value for name, value in headers.items() if name.lower() not in ("authorization", "cookie")}


def post(url, data, headers={}, **kwargs):
    return request("POST", url, data, headers, **kwargs)


if __name__ == "__main__":
    with get(sys.argv[1], context=ussl.create_default_context(*sys.argv[2:3])) as response:
        body = response.content()
    print(response.status, len(body), "bytes")
    print(body[:200])
