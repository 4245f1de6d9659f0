"""docs/order-flow.md says of each reaction which service has it, and where: as the code declares it."""

import inspect
import re
from pathlib import Path

from accounting_svc.service import AccountingService
from customer_svc.service import CustomersService
from order_svc.service import OrdersService
from product_svc.service import ProductsService
from shop.contracts.decisions import REACTS_TO

ROOT = Path(__file__).parents[2]
SERVICES = AccountingService, CustomersService, OrdersService, ProductsService
FILES_TO_THE_INVOICE = [
    "gateway_svc/resources/orders.py",
    "order_svc/placing.py",
    "product_svc/reserving.py",
    "customer_svc/credit.py",
    "order_svc/deciding.py",
    "accounting_svc/invoicing.py",
]


def reactions():
    for service in SERVICES:
        for _, method in inspect.getmembers(service, inspect.isfunction):
            for event in getattr(method, REACTS_TO, ()):
                yield event, service.name, f"{method.__module__.replace('.', '/')}.py:{method.__qualname__}"


def test_the_table_of_reactions_is_that_of_the_code():
    text = (ROOT / "docs/order-flow.md").read_text()

    told = re.findall(r"^\| (\w+) \| (\w+) \| `([^`]+)` \|$", text, re.MULTILINE)

    assert told == sorted(reactions())


def test_an_order_is_six_files_from_http_to_the_invoice():
    text = (ROOT / "docs/order-flow.md").read_text()

    assert re.findall(r"^\d\. `([\w/]+\.py):", text, re.MULTILINE) == FILES_TO_THE_INVOICE


def test_each_step_of_the_saga_is_in_the_file_that_the_table_names():
    table = (ROOT / "order_svc/saga.py").read_text()

    files = set(re.findall(r"`(\w+\.py)`", table))

    assert files == {Path(file).name for file in FILES_TO_THE_INVOICE[1:]} | {"changing.py"}
