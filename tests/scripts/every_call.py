# Each single call that a connection makes of its stream raises once: the same exception surfaces, and the connection goes on
# without losing a byte, as the stream does. And each fails permanently: then it closes, once, and nothing hangs.
from support import *


class Own(Exception):
    pass


class Faulty(Pipe):
    calls = 0
    at = 0
    for_good = False
    what = None
    raised = 0

    def fault(self):
        self.calls += 1
        if self.calls == self.at or (self.for_good and self.calls > self.at > 0):
            self.raised += 1
            raise self.what

    def readinto(self, buf):
        self.fault()
        return super().readinto(buf)

    def write(self, buf):
        self.fault()
        return super().write(buf)


question, answer = b"what?", b"forty-two"


def converse(role, at, what, for_good):
    """(whether the call was reached, the exceptions that surfaced)"""
    c, s, a, b = wrap_both(client, server, kind=Faulty)
    faulty = (a, b)[role]
    faulty.at, faulty.what, faulty.for_good = at, what, for_good
    surfaced = []
    got = [b"", b""]
    sent = [0, 0]
    todo = (question, answer)
    whole = False
    for _ in range(60):
        for i, end in enumerate((c, s)):
            try:
                if sent[i] < len(todo[i]) and end.cipher() is not None:
                    # What is written has been taken by the time that the stream is asked to send it.
                    rest = todo[i][sent[i]:]
                    sent[i] = len(todo[i])
                    n = end.write(rest)
                    assert n == len(rest), n
                # One byte at a time: bytes that read(n) has gathered when the stream raises are lost, as with any stream.
                part = end.read(1)
                if isinstance(part, bytes):
                    got[i] += part
            except BaseException as e:
                # A failure that is remembered is reported again by its number.
                assert e is what or (for_good and surfaced and e.args == what.args), (e, what)
                surfaced.append(e)
                if for_good:
                    break
        whole = got[0] == answer and got[1] == question
        if whole or (for_good and surfaced):
            break
    assert whole or for_good, (role, at, len(got[0]), len(got[1]))
    for end, stream in ((c, a), (s, b)):
        try:
            end.close()
        except BaseException as e:
            assert e is what, (e, what)
        end.close()
        assert stream.closed == 1
    if not for_good:
        assert len(surfaced) <= 1
    return faulty.raised > 0


server, client = server_context(), client_context()
total = 0
for role in (0, 1):
    for for_good in (False, True):
        # A stream that fails with an error is not asked again; 110 is a time limit of its own.
        for what in (Own("mine"), OSError(104 if for_good else 110), KeyboardInterrupt()):
            at = 1
            while converse(role, at, what, for_good):
                at += 1
                assert at < 500
            assert at > 4, at
            total += at
            gc.collect()
assert total > 60, total
