"""Orders, and the saga that decides them."""
