"""A shop with a fault in its own code, as a release may have one: `python -m tests.system.support.faulty_shop run …`.

It cannot reserve the credit for one order, whose id is in the environment as FAULTY_ORDER.
"""

import eventlet

eventlet.monkey_patch()

import os
from functools import wraps

from customer_svc.credit import CreditReservations
from shop_cli.main import main

reserve_credit = CreditReservations.reserve_credit


@wraps(reserve_credit)
def fail_for_one(self, placed, context):
    if str(placed.order_id) == os.environ["FAULTY_ORDER"]:
        raise ZeroDivisionError("this order is one too many")
    return reserve_credit(self, placed, context)


CreditReservations.reserve_credit = fail_for_one
main()
