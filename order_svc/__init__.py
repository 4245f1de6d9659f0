"""Orders, and the saga that decides them.

Purpose: accepts customers' orders at prices fixed when they are placed, decides each exactly once, and shows their
progress.
Owns: the streams `order-<id>`; a read model of orders with the other services' reservation results.
Publishes: OrderPlaced, OrderApproved, OrderRejected, OrderCancelled, OrderShipped.
Reacts to: StockReserved, StockRejected, CreditReserved, CreditRejected; and to a missing result after the timeout.
Calls: products for names and prices, customers for the delivery address.
"""
