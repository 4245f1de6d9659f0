"""The catalogue: categories, products and units in stock.

Owns the streams `category-<id>`, `product-<id>` and `stock-<order id>`. Publishes, through the log: CategoryAdded,
CategoryRenamed, CategoryRemoved, ProductListed, ProductDelisted, ProductAdded, ProductChanged, PriceChanged,
StockAdjusted, ProductWithdrawn, UnitsReserved, UnitsReleased, StockReserved, StockRejected, StockReleased. Reacts to
OrderPlaced (reserves the units of all lines, or rejects), OrderRejected and OrderCancelled (releases them).
"""
