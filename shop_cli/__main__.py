"""`python -m shop_cli` is the `shop` command."""

from shop_cli.main import main

main()
