"""Read models in CouchDB, over its HTTP API."""

from shop.chassis.couchdb.documents import Documents
from shop.chassis.couchdb.model import CouchReadModel

__all__ = ["CouchReadModel", "Documents"]
