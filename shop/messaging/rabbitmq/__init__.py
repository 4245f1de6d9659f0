"""kombu's transport for RabbitMQ with buffers: many greenlets on one connection."""
