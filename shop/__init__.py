"""The common basis: the services' contracts, and the libraries under services and websites.

Each folder is a room. Its docstring gives its content, its allowed imports, and the file to read first. Nothing here
imports a service, a website or the command. From the top down:

    audit | web
    event_sourcing
    messaging | read_models
    database | service
    contracts | http | text
"""
