"""Where HTTP comes in: requests are read whole, within limits of size and time, before a worker is taken for them."""
