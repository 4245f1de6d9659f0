"""Orders, and the saga that decides them.

Purpose: takes customers' orders at prices fixed when they are placed, decides each exactly once, and shows how it goes.
Owns: the streams `order-<id>`; a read model of orders with what the other services answered.
Publishes: OrderPlaced, OrderApproved, OrderRejected, OrderCancelled, OrderShipped.
Reacts to: StockReserved, StockRejected, CreditReserved, CreditRejected; and to none of them within the time-out.
Asks: products for names and prices, customers for the delivery address.
"""
