"""Any sequence of commands, and any delivery that a service can meet: a few of them. `tests/proof` tries more."""

from tests.simulation.support.histories import CustomerHistory, LogHistory, OrderHistory, ProductHistory, examples


class TestCustomers(CustomerHistory.TestCase):
    settings = examples(20)


class TestProducts(ProductHistory.TestCase):
    settings = examples(20)


class TestOrders(OrderHistory.TestCase):
    settings = examples(20)


class TestLog(LogHistory.TestCase):
    settings = examples(20)
