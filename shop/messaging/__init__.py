"""Calls and events over AMQP: RPC, consumers, publishers, and the two transports, RabbitMQ and embedded.

Imports: `shop.service` and the rooms below it. Start with `rpc.py`; `embedded/` is the broker of a shop in one process.
"""
