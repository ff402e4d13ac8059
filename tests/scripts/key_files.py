# A private key that is read from a file leaves nothing on the interpreter's heap: neither its text nor decoded bytes, in outgrown
# buffers, or after an allocation that fails.
from support import *

try:
    import faults
except ImportError:
    skip("an interpreter without faults (tools/build-micropython --faults)")


def sample(name):
    """16 bytes in the middle of a file, inverted, so that they are not on the heap themselves."""
    with open(certs + name, "rb") as f:
        f.seek(f.seek(0, 2) // 2)
        part = bytearray(16)
        assert f.readinto(part) == 16
    for i in range(16):
        part[i] ^= 255
    return part


def found():
    gc.collect()
    return sum(map(faults.search, samples))


def load(name, extension):
    context = ussl.SSLContext()
    if extension == "both":
        context.load_cert_chain("both.pem")
    else:
        context.load_cert_chain(certs + name + ".crt.pem", certs + name + extension)
    return context


# Holes, so that growing buffers must move.
pieces = [bytearray(200) for _ in range(2000)]
for i in range(0, 2000, 2):
    pieces[i] = None
gc.collect()

for name in ("p256", "rsa"):
    # In a text of its own, in DER, and beside the certificate.
    assert os.system("cat '%s.crt.pem' '%s.key.pem' > both.pem" % (certs + name, certs + name)) == 0
    for extension in (".key.pem", ".key.der", "both"):
        samples = [sample(name + (".key.pem" if extension == "both" else extension)), sample(name + ".key.der")]
        assert found() == 0
        context = load(name, extension)
        # The key itself, to show that the search finds it.
        assert faults.search(samples[1]) >= 1
        assert extension == ".key.der" or faults.search(samples[0]) == 0
        context = None
        assert found() == 0, (name, extension)
        for for_good in (False, True):
            n = 1
            while True:
                faults.fail(n, for_good)
                try:
                    load(name, extension)
                except MemoryError:
                    pass
                finally:
                    reached = faults.stop() >= n
                assert found() == 0, (name, extension, n, for_good)
                if not reached:
                    break
                n += 1
            assert n > 5, n
        if extension == "both":
            continue
        # Only a part of the key is read.
        assert os.system("head -c -40 '%s' > cut" % (certs + name + extension)) == 0
        raises(OSError, ussl.SSLContext().load_cert_chain, certs + name + ".crt.pem", "cut")
        assert found() == 0, (name, extension)
