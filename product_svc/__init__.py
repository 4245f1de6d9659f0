"""The catalogue: categories, products and units in stock."""
