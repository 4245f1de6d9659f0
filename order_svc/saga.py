"""The order saga, top to bottom. Pure: this module is its table, each step is a file.

Choreography without an orchestrator: each service reacts to the log. Orders, the process manager, makes the only
decision.

| Step | Service    | File           | On                            | Records (command id)                            |
|------|------------|----------------|-------------------------------|-------------------------------------------------|
| 1    | orders     | `placing.py`   | a customer's request          | OrderPlaced (`place:<id>`)                      |
| 2a   | products   | `reserving.py` | OrderPlaced                   | StockReserved / StockRejected (`stock:<id>`)    |
| 2b   | customers  | `credit.py`    | OrderPlaced                   | CreditReserved / CreditRejected (`credit:<id>`) |
| 3    | orders     | `deciding.py`  | both answers                  | OrderApproved / OrderRejected (`decide:<id>`)   |
|      | orders     | `deciding.py`  | an answer overdue             | OrderRejected (`decide:<id>`)                   |
|      | orders     | `changing.py`  | a request to cancel           | OrderCancelled                                  |
| 4a   | accounting | `invoicing.py` | OrderApproved                 | InvoiceIssued (`invoice:<id>`)                  |
| 4b   | products   | `reserving.py` | OrderRejected, OrderCancelled | StockReleased (`stock-release:<id>`), if held   |
|      | customers  | `credit.py`    | OrderRejected, OrderCancelled | CreditReleased (`credit-release:<id>`), if held |
| 4c   | accounting | `invoicing.py` | OrderCancelled after approval | CreditNoteIssued (`credit-note:<id>`)           |
| 5    | orders     | `changing.py`  | a request to ship             | OrderShipped                                    |
"""
