"""Any sequence of commands, and any delivery that a service can meet: many of them."""

import pytest

from tests.simulation.support.histories import HISTORIES, require_any_history

EXAMPLES = 500


@pytest.mark.parametrize("name", HISTORIES)
def test_no_history_breaks_a_rule_of_the_audit(name: str) -> None:
    require_any_history(name, EXAMPLES)
