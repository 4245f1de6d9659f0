"""The demo shop: a catalogue, and accounts to try it with."""
