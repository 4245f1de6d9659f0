"""Whether the shop has what it begins with, as the gateway finds out from the log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_svc.seed import EMPTY, Beginning, SeedWatch, beginning_of
from shop.contracts.names import FIRST_MANAGER, is_step_of_seed
from shop.event_sourcing.event_store import EventStoreClient
from shop.service.settings import Settings
from shop_cli.demo.steps import demo_steps, manager_step
from shop_cli.first_manager import Login
from shop_cli.seeding import seed
from tests.unit.support.log_in_memory import LogInMemory

ADA = Login("ada", "countess of lovelace")
DEMO = demo_steps(Settings.of({}), str, None)
ONLY_ADA = [manager_step(Settings.of({}), str, ADA)]
READ_MODELS = 4

positions = st.integers(1, 1000)
any_way = st.sampled_from(["demo:category:1", FIRST_MANAGER, "client:anna:register:1", "place:1", None])


class Asked:
    """Answers how the log begins, and counts how often it was asked."""

    def __init__(self, beginning):
        self.beginning = beginning
        self.times = 0

    def __call__(self):
        self.times += 1
        return self.beginning


def judged(beginning, *, awaited=True, head=1000, shown=(1000,) * READ_MODELS):
    return SeedWatch(awaited=awaited).is_complete(head, shown, lambda: beginning)


def test_the_seed_ends_with_the_first_manager_and_is_known_by_its_command_ids():
    for steps in (DEMO, ONLY_ADA):
        assert steps[-1].command_id == FIRST_MANAGER
        assert all(is_step_of_seed(step.command_id) for step in steps)


@pytest.mark.parametrize("command_id", ["client:anna:register:demo:1", "place:seed:1", "demo", "seeds:1"])
def test_no_other_commit_is_taken_for_a_step_of_the_seed(command_id):
    assert not is_step_of_seed(command_id)


@pytest.mark.parametrize(
    ("beginning", "awaited", "complete"),
    [
        (Beginning(manager=70, first=None), True, True),
        (Beginning(manager=None, first="client:anna:register:1"), True, True),
        (Beginning(manager=None, first="demo:category:1"), True, False),
        (Beginning(manager=None, first="demo:category:1"), False, False),
        (EMPTY, True, False),
        (EMPTY, False, True),
    ],
    ids=["seeded", "used otherwise", "cut short", "cut short, not awaited", "empty", "empty, not awaited"],
)
def test_the_log_says_whether_the_shop_has_what_it_begins_with(beginning, awaited, complete):
    head = 0 if beginning == EMPTY else 1000

    assert judged(beginning, awaited=awaited, head=head) is complete


@given(manager=positions, shown=st.lists(positions, min_size=READ_MODELS, max_size=READ_MODELS))
def test_all_read_models_have_to_show_the_first_manager(manager, shown):
    assert judged(Beginning(manager=manager, first=None), shown=shown) is (min(shown) >= manager)


@given(awaited=st.booleans(), first=any_way, manager=st.none() | positions)
def test_without_a_seed_that_is_under_way_the_shop_is_not_waited_for(awaited, first, manager):
    begun = Beginning(manager=manager, first=first)

    complete = judged(begun, awaited=awaited, head=1000 if first or manager else 0)

    under_way = first is not None and is_step_of_seed(first)
    assert complete is (manager is not None or not (under_way or (first is None and awaited)))


def test_while_the_event_store_does_not_answer_nothing_is_known():
    asked = Asked(None)

    assert SeedWatch(awaited=True).is_complete(None, [1] * READ_MODELS, asked) is None
    assert asked.times == 0
    assert judged(None) is None


@given(
    awaited=st.booleans(),
    later=st.lists(st.tuples(st.none() | positions, st.lists(st.none() | positions, min_size=1)), max_size=5),
)
def test_once_complete_it_stays_so_and_nobody_is_asked_again(awaited, later):
    watch, asked = SeedWatch(awaited=awaited), Asked(Beginning(manager=70, first=None))
    assert watch.is_complete(70, [70] * READ_MODELS, asked)

    asked.beginning = None

    assert all(watch.is_complete(head, shown, asked) for head, shown in later)
    assert asked.times == 1


def test_as_long_as_it_is_not_complete_it_is_asked_for_again():
    watch, asked = SeedWatch(awaited=True), Asked(Beginning(manager=70, first=None))

    assert not watch.is_complete(70, [70, 70, 70, 69], asked)
    assert watch.is_complete(70, [70, 70, 70, None], asked)  # the service that is away is told apart
    assert watch.is_complete(70, [70] * READ_MODELS, asked)
    assert asked.times == 3


def test_an_empty_log_that_is_filled_later_is_not_ready_meanwhile():
    watch = SeedWatch(awaited=False)

    assert watch.is_complete(0, [0] * READ_MODELS, Asked(None))
    assert not watch.is_complete(1, [1] * READ_MODELS, lambda: Beginning(manager=None, first="demo:category:1"))


@pytest.mark.parametrize("steps", [DEMO, ONLY_ADA], ids=["demo", "manager"])
def test_it_is_complete_with_the_last_commit_of_a_seed_and_not_before(steps):
    log = LogInMemory()
    seed(EventStoreClient(log), steps)
    commits = log.commits
    found = []

    for kept in range(len(commits) + 1):
        log.commits = commits[:kept]
        found.append(beginning_of(log).seeded_at(awaited=True))

    assert found == [None] * len(commits) + [len(commits)]
