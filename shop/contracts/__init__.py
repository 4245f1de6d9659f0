"""What the services promise each other: events, money, errors, names. Standard library only."""
