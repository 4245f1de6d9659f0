"""The yardstick's RPC server."""

from nameko.rpc import rpc


class Answering:
    """Replies at once."""

    name = "yardstick_answering"

    @rpc
    def answer(self, number: int) -> dict[str, object]:
        return {"number": number, "text": "as small as it can be"}
