"""HTTP, for every program that speaks it: addresses to listen on, accepting connections, trusted proxies, a client.

Imports: nothing of ours. Start with `client.py`, by which the websites call the gateway.
"""
