"""Kinds of arguments that several tools take."""

import argparse
from collections.abc import Callable, Sequence


def names(allowed: Sequence[str]) -> Callable[[str], list[str]]:
    """For argparse: a list of names, separated by commas."""
    def split(text: str) -> list[str]:
        chosen = text.split(",")
        for name in chosen:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"{name}: one of {', '.join(allowed)}")
        return chosen
    return split
