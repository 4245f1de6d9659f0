"""Read models in Redis, or in a server that speaks its protocol, such as Valkey."""

from shop.chassis.redis.model import RedisReadModel
from shop.chassis.redis.rows import Rows

__all__ = ["RedisReadModel", "Rows"]
