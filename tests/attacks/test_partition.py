"""The network between the services and their servers is cut, and nobody is told: nothing is lost, nothing is doubled,
and each service says of itself that it cannot work.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from tests.attacks.cut import Cable, cable
from tests.attacks.surroundings import GRAVES, until_all_say, waiting
from tests.effort import effort
from tests.live.counted import Deployment, deployed
from tests.servers import PostgreSQL, RabbitMQ

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Seconds for which it is cut after each service has noticed. The broker gives a connection up in about twenty.
CUT = effort(5, 60)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cut_off(
    rabbit_server: RabbitMQ, postgres_server: PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Cable, Deployment]]:
    amqp, database = rabbit_server.fresh(), postgres_server.fresh()
    broker, store = (urlsplit(url).netloc.rpartition("@")[2] for url in (amqp, database))
    ports = [int(address.rpartition(":")[2]) for address in (broker, store)]
    async with cable(*ports) as way:
        by = {"AMQP_URL": amqp.replace(broker, way.address(ports[0]))}
        by |= {"DATABASE_URL": database.replace(store, way.address(ports[1]))}
        async with deployed(tmp_path_factory.mktemp("cut"), amqp, database, **by) as deployment:
            yield way, deployment


async def test_a_network_that_is_cut_costs_nothing_and_is_told(cut_off: tuple[Cable, Deployment]) -> None:
    way, deployment = cut_off
    async with way.cut():
        fed = asyncio.create_task(deployment.feed(5))
        await until_all_say(deployment, "database", "no_answer", "connection")
        await asyncio.sleep(CUT)
        assert not fed.done()
    await fed
    await deployment.replicas.ready()
    assert await deployment.differences() == {}
    assert await waiting(deployment, *GRAVES) == dict.fromkeys(GRAVES, 0)
