"""How fast the shop is, measured against a yardstick in the same run: `make bench`. Not part of what is shipped."""
