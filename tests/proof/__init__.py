"""What takes long, or is about how long something takes: kills, outages, overload, and many cases."""
