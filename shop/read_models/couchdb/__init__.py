"""Read models in CouchDB, over its HTTP API."""

from shop.read_models.couchdb.documents import Documents
from shop.read_models.couchdb.model import CouchReadModel

__all__ = ["CouchReadModel", "Documents"]
