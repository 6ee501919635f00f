"""One service of the comparison: python -m tests.benchmarks.usual SERVICE (USUAL_AMQP, USUAL_DATABASE, USUAL_PORT)."""

import asyncio
import logging
import os
import sys

import uvicorn
from fastapi import FastAPI, HTTPException
from faststream import AckPolicy
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue

from tests.benchmarks.usual.handlers import SERVICES, Handlers, accept
from tests.benchmarks.usual.messages import Reported, routing_key
from tests.benchmarks.usual.unit import Unit

EVENTS = RabbitExchange("usual.events", type=ExchangeType.TOPIC, durable=True)
REPORTS = RabbitExchange("usual.reports", type=ExchangeType.TOPIC, durable=True)
_PREFETCH = 32


async def main(service: str) -> None:
    quiet = logging.getLogger("usual")
    quiet.setLevel(logging.ERROR)
    broker = RabbitBroker(os.environ["USUAL_AMQP"], logger=quiet)
    unit = Unit(os.environ["USUAL_DATABASE"], service, broker, EVENTS)
    _subscribe(broker, service, SERVICES[service](unit))
    await broker.start()
    sweep = asyncio.create_task(unit.sweep())
    config = uvicorn.Config(_app(unit), port=int(os.environ["USUAL_PORT"]), log_level="error", access_log=False)
    await uvicorn.Server(config).serve()
    sweep.cancel()
    await broker.stop()
    await unit.engine.dispose()


def _subscribe(broker: RabbitBroker, service: str, handlers: Handlers) -> None:
    for kind, handler in handlers.items():
        exchange, key = (REPORTS, "#") if kind is Reported else (EVENTS, routing_key(kind))
        name = f"usual.{service}.{kind.__name__}"
        queue = RabbitQueue(name, queue_type=QueueType.QUORUM, durable=True, routing_key=key)
        subscriber = broker.subscriber(
            queue, exchange, channel=Channel(prefetch_count=_PREFETCH), ack_policy=AckPolicy.NACK_ON_ERROR
        )
        subscriber(handler)


def _app(unit: Unit) -> FastAPI:
    app = FastAPI()

    @app.get("/health/ready")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    @app.post("/cases/{case}/accept/{supporter}")
    async def accepted(case: str, supporter: str) -> dict[str, str]:
        if not await accept(unit, case, supporter):
            raise HTTPException(409)
        return {"case": case}

    return app


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
