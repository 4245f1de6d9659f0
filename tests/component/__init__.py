"""One service, with its own database and bus, in this process."""
