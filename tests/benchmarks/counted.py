"""A naast process whose metrics also tell how often it waited for the database: python -m tests.benchmarks.counted."""

from collections.abc import Awaitable, Callable
from typing import Any

from asyncpg import protocol
from prometheus_client import Counter

from services.cli.main import main
from services.house import parts
from shared.metrics import Metrics

NAME = "bench_round_trips"
#: What the driver sends and waits for; it pipelines nothing.
_WAITS = ("prepare", "query", "bind_execute", "bind_execute_many", "execute", "close_statement")


class Counting(Metrics):
    """The metrics of one process, with its round trips to PostgreSQL."""

    def __init__(self) -> None:
        super().__init__()
        trips = Counter(NAME, "Messages to PostgreSQL that were answered.", registry=self.registry)
        for name in _WAITS:
            setattr(protocol.Protocol, name, _counted(getattr(protocol.Protocol, name), trips))


def _counted(send: Callable[..., Awaitable[Any]], trips: Counter) -> Callable[..., Awaitable[Any]]:
    def counted(self: object, *arguments: Any, **options: Any) -> Awaitable[Any]:
        trips.inc()
        return send(self, *arguments, **options)

    return counted


if __name__ == "__main__":
    parts.Metrics = Counting  # type: ignore[attr-defined]
    main()
