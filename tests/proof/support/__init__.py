"""Support for the tests beside this folder: limits, and people who order without end."""
