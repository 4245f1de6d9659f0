"""How often Python looks for objects that refer to each other in circles."""

import gc

OBJECTS_BETWEEN_COLLECTIONS = 20_000
"""New ones, less those that are gone. Python's own 700 are the messages of a few orders, all of which go by themselves:
a seventh of the processor time went into looking for circles among them."""

COLLECTIONS_OF_THE_YOUNGER = 20, 50
"""Before what has survived one collection, and what has survived two, is looked at again."""


def collect_rarely() -> None:
    """For the whole process."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *COLLECTIONS_OF_THE_YOUNGER)
