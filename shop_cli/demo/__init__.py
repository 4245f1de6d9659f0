"""The demo shop: a catalogue and some accounts to try things with."""
