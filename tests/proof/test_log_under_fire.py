"""A log whose writers are killed, many times."""

import pytest

from tests.contract.support.log_databases import MAKERS
from tests.contract.support.log_under_fire import assert_killed_writers_leave_no_gap_and_lose_nothing_that_was_answered


@pytest.mark.parametrize("maker", MAKERS)
def test_many_killed_writers_leave_no_gap_and_lose_nothing_that_was_answered(request, maker, tmp_path):
    assert_killed_writers_leave_no_gap_and_lose_nothing_that_was_answered(maker(request), tmp_path, kills=40)
