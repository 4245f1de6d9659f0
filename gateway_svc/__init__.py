"""HTTP in front of the services: the only door for websites and apps."""
