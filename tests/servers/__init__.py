"""Private instances of the servers that tests need: own ports, own data, ended with the tests."""
