"""How texts are compared and sorted, and which characters they may have. The standard library only.

Imports: nothing of ours. Start with `matching.py`, the one rule behind every search and every sorted list.
"""
