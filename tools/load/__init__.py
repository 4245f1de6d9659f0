"""`shop load`: customers by the dozen, at a fixed rate. It knows nothing of the shop but its HTTP API."""
