"""An open house with a hospital in it, and what people can do from outside: send, read letters, press buttons, wait."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2 as httpx
from pydantic import SecretStr
from sqlalchemy import select

from services.house.embedded import House, open_house
from services.intake.doors.mail.notices import Letter, Letterbox
from shared.clock import SimulatedClock
from shared.messages import Role
from shared.settings import Settings
from tests.journeys.page import Page
from tests.journeys.staff import Person

#: A Wednesday morning, 10:00 in Amsterdam, in a working week without holidays.
NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)

Key = dict[str, str]


@dataclass
class Town:
    """`mail` holds every letter that anybody ever got, oldest first, by address. `may_die`: for which reasons messages
    were set aside before, or are on purpose; in the end there may be no others.
    """

    house: House
    clock: SimulatedClock
    box: Letterbox
    mail: dict[str, list[Letter]] = field(default_factory=dict)
    may_die: set[str] = field(default_factory=set)

    # -- time

    async def settle(self) -> None:
        """Everything that is due now happens, and the letters are handed out."""
        await self.house.settle()
        for letter in self.box.take():
            self.mail.setdefault(letter.to, []).append(letter)

    async def wait(self, **time: float) -> None:
        """Time passes, from one due moment to the next."""
        until = self.clock.now() + timedelta(**time)
        while (due := await self.house.bus.next_due()) is not None and due <= until:
            self.clock.move_to(due)
            await self.settle()
        self.clock.move_to(until)
        await self.settle()

    async def died(self) -> set[str]:
        """The reasons for which services have set messages aside."""
        found = set()
        for running in self.house.services.values():
            async with running.database.read() as c:
                found |= set(await c.execute(select(running.engine.store.t.dead_letter.c.reason)))
        return {reason for (reason,) in found}

    # -- keys and requests

    async def key(self, role: Role, person: str = "", case: str = "", hospital: str = "example") -> Key:
        """A key as `naast keys create` makes it; `person` is a ref."""
        token = await self.house.common.access.make_key(hospital, role, person, case)
        return {"Authorization": f"Bearer {token}"}

    async def ask(
        self, method: str, path: str, key: Key, body: Any = None, *, once: str = "", hospital: str = "example"
    ) -> httpx.Response:
        """A request to /v1/hospitals/{hospital}/{path}, and what it sets going. `once`: an Idempotency-Key."""
        headers = key | ({"Idempotency-Key": once} if once else {})
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if body is not None:
            headers |= {"Content-Type": "application/json", **headers}
        response = await self.house.client.request(
            method, f"/v1/hospitals/{hospital}/{path}", content=content, headers=headers
        )
        await self.settle()
        return response

    async def get(self, path: str, key: Key, hospital: str = "example") -> Any:
        """The answer to a question that is answered."""
        response = await self.ask("GET", path, key, hospital=hospital)
        assert response.status_code == 200, response.text
        return response.json()

    async def move_in(self, hospital: str = "example") -> dict[str, str]:
        """Imports the hospital's staff list. Gives the ref of everybody by staff number."""
        key = await self.key("coordinator", hospital=hospital)
        rows = (self.house.common.settings.hospitals / hospital / "staff.csv").read_bytes()
        imported = await self.ask("POST", "staff", key, rows, hospital=hospital)
        assert imported.json()["errors"] == []
        await self.settle()
        return {one["staff_id"]: one["person"] for one in (await self.get("staff", key, hospital))["staff"]}

    async def figures(self) -> str:
        """What a scrape shows."""
        response = await self.house.client.get("/metrics", headers=await self.key("ops", hospital="*"))
        assert response.status_code == 200
        return response.text

    # -- letters and pages

    def letters_of(self, person: Person) -> list[Letter]:
        return self.mail.get(person.mail, [])

    async def open(self, letter: Letter) -> Page:
        """Follows the link of a letter."""
        return await self.browse(letter.link)

    async def browse(self, link: str) -> Page:
        response = await self.house.client.get(urlsplit(link).path)
        return Page(response.text)

    async def press(self, page: Page, button: str, **values: str) -> Page:
        """Fills in the form of a button and sends it, as a browser without scripts does. Gives the next page."""
        form = page.forms[button]
        assert form.method == "post"
        response = await self.house.client.post(
            form.action,
            content=urlencode(form.filled(values)).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        await self.settle()
        if response.status_code != 303:
            return Page(response.text)
        return Page((await self.house.client.get(response.headers["location"])).text)


@asynccontextmanager
async def open_town(
    folder: Path, clock: SimulatedClock | None = None, post: Letterbox | None = None, database_url: str | None = None
) -> AsyncIterator[Town]:
    """A house whose hospitals live in `folder`/hospitals, under a clock that stands still until somebody waits; on
    SQLite, or on the PostgreSQL at `database_url`.
    """
    clock, post = clock or SimulatedClock(NOW), post or Letterbox()
    if database_url is None and not (folder / "home").exists():
        await _furnish(folder / "home")
    settings = Settings(
        home=folder / "home",
        hospitals=folder / "hospitals",
        secret=SecretStr(SECRET),
        database_url=SecretStr(database_url) if database_url else None,
    )
    async with open_house(settings, clock=clock, tools={"post": post}) as house:
        town = Town(house, clock, post)
        town.may_die = await town.died()
        yield town
        assert await town.died() <= town.may_die


#: Under it Carla is asked before Bram.
SECRET = "a secret of the tests, number 220251"
#: The files of a house that was opened once and nothing more, by name.
_NEW: dict[str, bytes] = {}


async def _furnish(home: Path) -> None:
    """Leaves a home as its first opening does: to migrate its databases takes longer than most journeys."""
    if not _NEW:
        with TemporaryDirectory() as folder:
            async with open_house(Settings(home=Path(folder), hospitals=Path(folder), secret=SecretStr(SECRET))):
                pass
            _NEW.update(_contents(Path(folder)))
    _fill(home, _NEW)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.sqlite")}


def _fill(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def key_in(letter: Letter) -> Key:
    """The link of a letter, used as a key."""
    return {"Authorization": f"Bearer {letter.link.rpartition('/')[2]}"}


def a_report(*staff: str, number: str = "2026-1", hospital: str = "example", **data: Any) -> dict[str, Any]:
    """A canonical report of a death an hour ago on the ICU; these staff numbers were involved."""
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "urn:vim",
        "type": "naast.incident.reported.v1",
        "hospitalid": hospital,
        "data": {
            "hospital_id": hospital,
            "source": {"system": "vim", "report_id": number, "revision": "1", "mapping": "vim@1"},
            "occurred_at": {"value": "2026-03-11T07:00:00Z", "precision": "minute"},
            "reported_at": "2026-03-11T08:00:00Z",
            "status": "new",
            "kind": "actual",
            "event_types": ["resuscitation"],
            "harm": "death",
            "calamity": "no",
            "department": "icu",
            "staff": [{"ref": one, "role": "involved"} for one in staff],
            "support_wish": "default",
        }
        | data,
    }
