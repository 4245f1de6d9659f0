"""Any sequence of commands, and any delivery that a service can meet: many of them."""

from tests.simulation.support.histories import CustomerHistory, LogHistory, OrderHistory, ProductHistory, examples


class TestCustomers(CustomerHistory.TestCase):
    settings = examples(500)


class TestProducts(ProductHistory.TestCase):
    settings = examples(500)


class TestOrders(OrderHistory.TestCase):
    settings = examples(500)


class TestLog(LogHistory.TestCase):
    settings = examples(500)
