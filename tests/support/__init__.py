"""Support for the tests of all kinds."""
