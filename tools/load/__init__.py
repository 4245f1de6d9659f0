"""`shop load`: an open-loop load generator with dozens of customers. It uses the HTTP API only."""
