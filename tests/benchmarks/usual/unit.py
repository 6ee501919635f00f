"""One message, one session, one transaction; what is said is published after the commit."""

import asyncio
from collections.abc import Iterable

from faststream.rabbit import RabbitBroker, RabbitExchange
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.benchmarks.usual.messages import Said, routing_key
from tests.benchmarks.usual.tables import Inbox, Outbox

_SWEEP_SECONDS = 0.25


class Unit:
    """The database and the broker of one service, and how a message is handled with them."""

    def __init__(self, database_url: str, schema: str, broker: RabbitBroker, exchange: RabbitExchange) -> None:
        settings = {"server_settings": {"search_path": schema}}
        self.engine = create_async_engine(database_url, pool_size=8, max_overflow=4, connect_args=settings)
        self._broker, self._exchange = broker, exchange
        self._published: list[str] = []

    def session(self) -> AsyncSession:
        return AsyncSession(self.engine, expire_on_commit=False)

    async def first_time(self, session: AsyncSession, message_id: str) -> bool:
        """Notes that a message is handled in this session; False when it was handled before."""
        session.add(Inbox(id=message_id))
        try:
            await session.flush()
        except IntegrityError:
            await session.rollback()
            return False
        return True

    async def commit(self, session: AsyncSession, *said: Said) -> None:
        """Commits the state and what is said, then publishes that."""
        rows = [Outbox(id=one.id, routing_key=routing_key(type(one)), body=one.model_dump_json()) for one in said]
        session.add_all(rows)
        await session.commit()
        await self._publish(said)

    async def _publish(self, said: Iterable[Said]) -> None:
        for one in said:
            key = routing_key(type(one))
            await self._broker.publish(one, exchange=self._exchange, routing_key=key, persist=True, message_id=one.id)
            self._published.append(one.id)

    async def sweep(self) -> None:
        """Takes away outbox rows that went out, now and then; works until it is cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            gone, self._published = self._published, []
            if gone:
                async with self.session() as session:
                    await session.exec(delete(Outbox).where(Outbox.id.in_(gone)))  # type: ignore[attr-defined]
                    await session.commit()
