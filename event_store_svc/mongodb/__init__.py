"""The log in MongoDB: a server of its own or a replica set, by MongoDB's URL."""

from event_store_svc.mongodb.store import MongoStore

__all__ = ["MongoStore"]
