"""naast itself under load: `naast run <service>` four times, reports over the bus, answers over HTTP."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import aio_pika
import asyncpg
from aio_pika.abc import AbstractIncomingMessage

from services.intake.doors.feeds.report import Report, report_key
from shared.bus.topology import EVENTS, REPORTS
from shared.clock import WallClock
from shared.db import Database
from shared.http.access import EVERY_HOSPITAL, Access
from shared.ids import keyed_ref
from shared.messages import SERVICES, heard_by
from shared.messages.intake import SupportOffered
from shared.messages.matching import SupporterAsked, SupporterMatched
from tests.benchmarks import hospitals
from tests.benchmarks.counted import NAME as ROUND_TRIPS
from tests.benchmarks.fleet import Command, Fleet
from tests.benchmarks.system import Ear, Listener, Watch, until_quiet
from tests.benchmarks.wire import Wire
from tests.servers.host import free_ports

#: A naast process, without looking for its script.
NAAST = "from services.cli.main import main; main()"
_METRIC = re.compile(r"^(\w+)(?:{.*})? (\S+)$", re.MULTILINE)
#: What people and feeds of the load listen to.
_HEARD = (SupportOffered, SupporterAsked, SupporterMatched)
_NAMES = {kind.type: kind.name for kind in _HEARD}


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a naast process of the benchmark finds in its environment."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("NAAST_")}
    settings = {"HOSPITALS": folder / "hospitals", "HOME": folder / "home", "LOG_LEVEL": "WARNING"}
    settings |= {"BUDGET": "0", **more}
    return own | {f"NAAST_{name}": str(value) for name, value in settings.items()}


class Product:
    """The four services of naast, with a dozen hospitals whose staff lists are in."""

    name = "naast"

    def __init__(self, amqp_url: str, database_url: str, folder: Path) -> None:
        self._amqp_url, self._database_url, self._folder = amqp_url, database_url, folder
        self._ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        self._keys: dict[str, tuple[str, str]] = {}
        self._hospital_of: dict[str, str] = {}
        self.listeners: list[Listener] = []
        self.fleet = Fleet({name: self._command(name) for name in SERVICES}, folder)

    def _command(self, service: str) -> Command:
        where = ",".join(f"{name}=http://127.0.0.1:{port}" for name, port in self._ports.items())
        settings = {"AMQP_URL": self._amqp_url, "DATABASE_URL": self._database_url, "URL": where}
        settings |= {"SECRET": hospitals.SECRET, "PORT": str(self._ports[service])}
        return Command(
            ("-m", "tests.benchmarks.counted", "run", service),
            environment(self._folder, **settings),
            self._ports[service],
        )

    async def __aenter__(self) -> Self:
        hospitals.write_folders(self._folder / "hospitals")
        self._upgrade()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.fleet)
            self._database = await asyncpg.connect(self._database_url.replace("+asyncpg", ""))
            stack.push_async_callback(self._database.close)
            self._wires = {name: Wire(port) for name, port in self._ports.items()}
            for wire in self._wires.values():
                stack.push_async_callback(wire.close)
            await self._take_in_staff()
            ear = Ear(self._amqp_url, EVENTS.name, tuple(f"{kind.publisher}.{kind.name}" for kind in _HEARD))
            channel = await ear.open(self._hear)
            stack.push_async_callback(ear.close)
            self._reports = await channel.get_exchange(REPORTS)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _upgrade(self) -> None:
        """The tables first, as in any deployment: a service that migrates keeps in memory what it took to do so."""
        settings = environment(self._folder, DATABASE_URL=self._database_url, SECRET=hospitals.SECRET)
        command = [sys.executable, "-c", NAAST, "db", "upgrade"]
        subprocess.run(command, env=settings, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def _take_in_staff(self) -> None:
        access = Access(Database(self._database_url, "access"), WallClock())
        for id in hospitals.IDS:
            key = await access.make_key(id, "coordinator", "s-coordinator")
            answer = await self._wires["intake"].post(
                f"/v1/hospitals/{id}/staff", key, hospitals.staff_list(), "text/csv"
            )
            if errors := json.loads(answer)["errors"]:
                raise RuntimeError(f"the staff list is wrong: {errors[0]}")
            for one in hospitals.everybody():
                if one.supporter:
                    ref = keyed_ref("s", hospitals.SECRET, id, one.number)
                    self._keys[ref] = id, await access.make_key(id, "supporter", ref)
        self._ops = await access.make_key(EVERY_HOSPITAL, "ops")
        await access.database.close()
        await self.quiet()
        ready = await self._database.fetchval("select count(*) from matching.supporter where standing = 'ready'")
        if ready != len(self._keys):
            raise RuntimeError(f"{ready} of {len(self._keys)} supporters are ready")

    # -- doors

    async def report(self, number: int, run: str) -> str:
        hospital, id, event = hospitals.report(number, run)
        message = aio_pika.Message(
            hospitals.as_json(event),
            content_type="application/cloudevents+json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=id,
        )
        await self._reports.publish(message, hospital)
        return keyed_ref("r", hospitals.SECRET, report_key(hospital, Report.model_validate(event["data"])))

    async def accept(self, case: str, supporter: str) -> None:
        hospital, key = self._keys[supporter]
        await self._wires["matching"].post(f"/v1/hospitals/{hospital}/cases/{case}/ask/accept", key)

    # -- what it says and where it stands

    def _hear(self, message: AbstractIncomingMessage) -> None:
        found = json.loads(message.body)
        for event in found if isinstance(found, list) else [found]:
            if event["type"] in _NAMES:
                for listener in self.listeners:
                    listener(_NAMES[event["type"]], event["data"])

    async def counted(self) -> tuple[dict[str, float], dict[str, float]]:
        taken, trips = dict[str, float](), dict[str, float]()
        for name, wire in self._wires.items():
            found = _METRIC.findall((await wire.get("/metrics", self._ops)).decode())
            taken[name] = sum(float(value) for metric, value in found if metric == "naast_messages_consumed_total")
            trips[name] = sum(float(value) for metric, value in found if metric == f"{ROUND_TRIPS}_total")
        return taken, trips

    async def running(self) -> int:
        query = "select count(*) from followup.\"case\" where status = 'matched'"
        return int(await self._database.fetchval(query))

    async def quiet(self) -> None:
        await until_quiet(self._busy)

    async def _busy(self) -> bool:
        """Whether a notice has not left, or a fact has not been heard by everybody who hears its publisher."""
        for name in SERVICES:
            waiting = f"select count(*) from {name}.pending where destination <> '{name}' or due_at <= now()"
            if await self._database.fetchval(waiting):
                return True
            for hearer in SERVICES:
                said = f"select count(*) from {name}.journal where type = any($1)"
                heard = f"select coalesce(sum(sequence), 0) from {hearer}.heard where publisher = '{name}'"
                if await self._database.fetchval(heard) != await self._database.fetchval(said, heard_by(hearer)):
                    return True
        return False

    async def watch(self, started: Callable[[str], None]) -> None:
        self._watch = Watch(self._database, 'followup."case"')
        await self._watch.open(started)

    async def unwatch(self) -> None:
        await self._watch.close()
