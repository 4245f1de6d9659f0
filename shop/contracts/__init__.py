"""What the services promise each other: events, errors and money. Standard library only."""
