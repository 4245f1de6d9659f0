"""Support for the tests beside this folder: builders, fakes, worlds, people who use a shop."""
