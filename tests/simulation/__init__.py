"""A whole shop in one greenlet loop of our own: the real rules, saga and runners on a simulated log, bus and clock.

One random seed decides everything that happens, so a seed that fails does so again. `python -m tests.simulation --help`
"""
