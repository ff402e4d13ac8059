# As much of micropython-lib's unittest as MicroPython's TLS tests use: micropython-lib is not in the source archive.
# The summary has the form that MicroPython's run-tests.py reads.

import sys


class TestCase:
    pass


def main():
    import __main__

    ran = errors = 0
    for kind in [getattr(__main__, name) for name in dir(__main__)]:
        if isinstance(kind, type) and kind is not TestCase and issubclass(kind, TestCase):
            for name in dir(kind):
                if name.startswith("test"):
                    ran += 1
                    try:
                        getattr(kind(), name)()
                    except Exception as error:
                        errors += 1
                        sys.print_exception(error)
    print("-" * 70)
    print("Ran %d tests\n" % ran)
    print("FAILED (failures=0, errors=%d)" % errors if errors else "OK")
