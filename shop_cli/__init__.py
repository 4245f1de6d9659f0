"""The `shop` command: starts, supervises and inspects a shop. The only code that knows all services.

Imports: anything but `tools`. Start with `commands.py`; `run.py` is the shop in one process, `up.py` one of many.
"""
