"""The roof: the `shop` command, which starts, supervises and looks into a shop. The only code that knows all services.

Imports: anything but `tools`. Start with `commands.py`; `run.py` is the shop in one process, `up.py` one of many.
"""
