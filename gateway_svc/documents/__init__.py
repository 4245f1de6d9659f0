"""Printable documents, made from the services' answers."""
