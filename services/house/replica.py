"""A replica: one service on its own, on RabbitMQ and PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2 as httpx

from services.house import routes
from services.house.erasure import erase_again
from services.house.parts import HouseError, parts, services, start_service
from services.house.ready import keys_of, work_of
from services.house.serving import forwarded, make_app, until_stopped, where
from shared.engine.engine import BUS
from shared.http import access as access_module
from shared.http.readiness import Readiness
from shared.http.server import server_of
from shared.migrate import upgrade
from shared.settings import Settings
from shared.transport import broker_in_the_clear

_ANYBODY = (
    "Whoever reaches the broker may hand in reports for any hospital: the accounts of this deployment are not bound. "
    "Import what naast broker definitions prints; where nobody else reaches the broker, set NAAST_PRIVATE_BROKER=true."
)


async def run_one(name: str, settings: Settings, stop: asyncio.Event) -> None:
    """One replica of one service, on RabbitMQ and PostgreSQL, until `stop`."""
    from shared.bus.accounts import AnybodyMaySpeak
    from shared.bus.rabbit import RabbitBus

    if settings.amqp_url is None or settings.database_url is None:
        raise HouseError(
            "Set NAAST_AMQP_URL and NAAST_DATABASE_URL to run one service, or run all of them embedded: naast run all."
        )
    if clear := broker_in_the_clear(settings):
        raise HouseError(f"{clear.says}. {clear.do}")
    common = parts(settings)
    [service] = services((name,))
    client = httpx.AsyncClient(base_url=routes.address(where(settings), "intake"), timeout=10)

    async def forward(method: str, path: str, token: str, body: Any, once: str) -> tuple[int, dict[str, str], bytes]:
        address = routes.address(where(settings), routes.owner(method, path))
        return await forwarded(client, method, address + path, token, body, once)

    await upgrade(common.access.database, "shared", access_module.metadata)
    running = await start_service(service, common, (BUS,), forward)
    await erase_again(running)
    carrier = service.carrier(running) if service.carrier is not None else None
    door = service.door(running) if service.door is not None else None
    bus = RabbitBus(
        running.engine,
        settings.amqp_url.get_secret_value(),
        common.clock,
        common.metrics,
        carrier,
        door,
        settings.private_broker,
    )

    ready = Readiness({"database": work_of(running), "keys": keys_of(common), "bus": bus.trouble})
    server = server_of(make_app([(service, running)], ready), settings)
    try:
        await bus.start()
        await until_stopped(stop, server, bus.run(stop))
    except AnybodyMaySpeak:
        raise HouseError(_ANYBODY) from None
    finally:
        await bus.stop()
        await client.aclose()
        await running.database.close()
        await common.access.database.close()
