"""Load tests, chaos tests and the benchmark. Not part of the package that users install.

Imports: anything. Start with `load/command.py`, `chaos/command.py` or `bench/__main__.py`.
"""
