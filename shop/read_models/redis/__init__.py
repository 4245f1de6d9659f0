"""Read models in Redis, or in a server with its protocol, such as Valkey."""

from shop.read_models.redis.model import RedisReadModel
from shop.read_models.redis.rows import RedisRows

__all__ = ["RedisReadModel", "RedisRows"]
