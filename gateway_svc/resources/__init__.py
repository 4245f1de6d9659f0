"""The routes, one module for each kind of thing. The service is made of their classes."""
