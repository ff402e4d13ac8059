# Blocking sockets, and a server in another process.
from support import *

in_background("echo_server.py", 7)
context = client_context()

raw = connect_patiently()
s = context.wrap_socket(raw, server_hostname="localhost")
assert s.cipher() is not None and s.fileno() == raw.fileno()
for line in (b"hello\n", b"x" * 50000 + b"\n"):
    assert s.write(line) == len(line)
    assert s.readline() == line
assert s.write(b"abcdef\n") == 7 and s.read(3) == b"abc" and s.read(4) == b"def\n"
# 100 KB in one write, while nobody reads yet: the server echoes lines of 1000 bytes.
block = (b"y" * 999 + b"\n") * 100
assert s.write(block) == len(block)
assert s.read(len(block)) == block
s.write(b"close\n")
assert s.read() == b""
s.close()
raises(OSError, raw.write, b"x")  # closed with it

# read() up to the end.
s = context.wrap_socket(connect_patiently(), server_hostname="localhost")
s.write(b"one\ntwo\nclose\n")
assert s.read() == b"one\ntwo\n"
s.close()

# Cut: the data before it are there, and the socket knows.
s = context.wrap_socket(connect_patiently(), server_hostname="localhost")
s.write(b"one\ncut\n")
assert s.read() == b"one\n" and s.read() == b"" and s.truncated
s.close()
s = context.wrap_socket(connect_patiently(), server_hostname="localhost", suppress_ragged_eofs=False)
s.write(b"one\ncut\n")
assert s.readline() == b"one\n"
e = raises_code(TRUNCATED, s.readline)
assert e.args[1] == "connection was cut (no close_notify)", e.args
raises_code(TRUNCATED, s.read, 1)
s.close()

# Without the handshake at first.
s = context.wrap_socket(connect_patiently(), server_hostname="localhost", do_handshake=False)
assert s.cipher() is None
s.write(b"late\n")
assert s.cipher() is not None and s.readline() == b"late\n"
s.close()

s = context.wrap_socket(connect_patiently(), server_hostname="localhost", do_handshake_on_connect=False)
assert s.cipher() is None
s.write(b"late\n")
assert s.readline() == b"late\n"
s.close()

# After a failed handshake the socket belongs to the script, and still works.
raw = connect_patiently()
raises_code(1045, context.wrap_socket, raw, server_hostname="elsewhere.example")
raw.setblocking(True)
raw.close()
