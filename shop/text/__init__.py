"""Comparing and sorting texts, and the characters allowed in them. The standard library only.

Imports: nothing of ours. Start with `matching.py`, the one rule behind every search and every sorted list.
"""
