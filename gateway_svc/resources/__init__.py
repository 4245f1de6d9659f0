"""The routes, one module per resource. The service inherits from their classes."""
