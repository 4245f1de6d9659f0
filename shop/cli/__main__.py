"""`python -m shop.cli` is the `shop` command."""

from shop.cli.main import main

main()
