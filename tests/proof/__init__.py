"""Tests that need the wall clock or an hour: `make proof`. Its limits are scaled by how fast the machine is."""
