"""Kinds of arguments that several tools take."""

import argparse


def names(allowed):
    """For argparse: a list of names with commas between them."""
    def split(text):
        chosen = text.split(",")
        for name in chosen:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"{name}: one of {', '.join(allowed)}")
        return chosen
    return split
