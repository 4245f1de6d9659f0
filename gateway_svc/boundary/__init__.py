"""HTTP server: requests are read whole, within limits of size and time, before they occupy a worker."""
