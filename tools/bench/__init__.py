"""The benchmark, relative to a yardstick measured in the same run: `make bench`. Not part of the shipped package."""
