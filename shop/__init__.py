"""The ground floor: what services promise each other, and what services and websites stand on.

Each folder is a room. Its docstring says what is in it, what it may import, and where to start reading. Nothing here
imports a service, a website or the command. From the top down:

    audit | web
    event_sourcing
    messaging | read_models
    database | service
    contracts | http | text
"""
