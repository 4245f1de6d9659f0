"""The log in MongoDB: a single server or a replica set, by MongoDB's URL."""

from event_store_svc.mongodb.store import MongoStore

__all__ = ["MongoStore"]
