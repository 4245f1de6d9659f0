"""How long something takes. To tell it, and for the limits of the proof; no test's outcome may hang on it otherwise."""

import time


class Stopwatch:
    """How many seconds have passed since it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began
