"""What the tests beside this folder stand on: limits, and people who order without end."""
