"""Customers, their credentials, sessions and credit.

Owns the streams `customer-<username>` and `credential-<username>`, and the sessions, which are in no stream.
Publishes, through the log: CustomerRegistered, ProfileChanged, RoleGranted, RoleRevoked, CreditAdjusted,
CreditReserved, CreditRejected, CreditReleased, PasswordSet.
Reacts to OrderPlaced (takes credit, or refuses it), OrderRejected and OrderCancelled (put back what was taken).
"""
