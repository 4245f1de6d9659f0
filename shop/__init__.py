"""What every part of the shop shares: contracts, chassis and the `shop` command."""
