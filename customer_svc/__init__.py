"""Customers, their credentials, sessions and credit.

Owns the streams `customer-<username>` and `credential-<username>`, and the sessions, which are not in the log.
Publishes, through the log: CustomerRegistered, ProfileChanged, RoleGranted, RoleRevoked, CreditAdjusted,
CreditReserved, CreditRejected, CreditReleased, PasswordSet. Reacts to OrderPlaced (reserves or rejects credit),
OrderRejected and OrderCancelled (releases it).
"""
