"""Chance that can be had again: everything random in a test comes from the suite's seed."""

import os
import random

SEED = "TESTS_SEED"
"""The environment variable with the seed, which a failure names."""


def chance(name: str) -> random.Random:
    """A source of random numbers of its own for whoever has this name."""
    return random.Random(f"{os.environ.get(SEED, '1')} {name}")
