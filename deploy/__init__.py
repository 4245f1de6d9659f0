"""Running the shop in containers."""
