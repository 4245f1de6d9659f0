"""What the tests of all kinds stand on."""
