"""HTTP for clients and servers: addresses to listen on, accepting connections, trusted proxies, a client.

Imports: nothing of ours. Start with `client.py`, the websites' client of the gateway.
"""
