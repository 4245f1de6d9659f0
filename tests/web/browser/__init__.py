"""The actions of people on the websites, in Chromium, on a running shop.

These tests run in a process of their own, started by `tests/web/test_in_browser.py`: Playwright and eventlet's patches
do not go together.
"""
