"""Proves that compose.yaml runs, on a machine that can pull no images: `make compose-test`."""
