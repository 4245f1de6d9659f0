"""The websites: views with a gateway made up for the test, and everything in a real browser on a running shop."""
