"""A process with six idle containers, which prints how much of a processor's time they use, in percent."""

import eventlet

eventlet.monkey_patch()

import time

from tests.component.embedded.support.services import Shopper, fresh_uri, running
from tests.proof.support.limits import let_pass
from tests.support.stopwatch import Stopwatch

SECONDS = 3.0
SECONDS_TO_COME_TO_REST = 0.3


def main() -> None:
    services = [type(f"Shopper{number}", (Shopper,), {"name": f"shopper{number}"}) for number in range(6)]
    with running(fresh_uri(), *services):
        let_pass(SECONDS_TO_COME_TO_REST)
        before, watch = time.process_time(), Stopwatch()
        let_pass(SECONDS)
        print(100 * (time.process_time() - before) / watch.seconds)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
