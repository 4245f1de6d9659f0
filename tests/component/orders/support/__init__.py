"""What the tests beside this folder stand on: builders, fakes, worlds, people who use a shop."""
