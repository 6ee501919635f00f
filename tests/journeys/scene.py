"""A scene: people with their keys and letters, what they do, and what came of it in names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

from services.intake.doors.mail.notices import LANGUAGES, Letter, render
from shared.clock import SimulatedClock
from shared.messages import Role
from tests.journeys.page import Page
from tests.journeys.staff import ANNA, EVA, EVERYBODY, Person, write_hospital
from tests.journeys.town import Key, Town, a_report, open_town

_MAIL = Path(__file__).parents[2] / "services/intake/doors/mail/templates"
_READERS: tuple[Role, ...] = ("colleague", "supporter", "coordinator")


@dataclass
class Scene:
    """`people`: everybody of the staff list. A rule that refuses is what `do` gives; "" when it was done."""

    town: Town
    people: tuple[Person, ...]
    refs: dict[str, str] = field(default_factory=dict)

    # -- who

    def ref(self, person: Person) -> str:
        return self.refs[person.staff_id]

    def named(self, ref: str | None) -> str:
        """The first name of whoever a ref stands for; "" for nobody."""
        return next((one.name.split()[0] for one in self.people if self.refs[one.staff_id] == ref), "")

    async def key(self, role: Role, person: Person | None = None) -> Key:
        return await self.town.key(role, self.ref(person) if person else "")

    # -- what they do

    async def report(self, *who: Person, number: str = "2026-1", **data: Any) -> None:
        report = a_report(*(one.staff_id for one in who), number=number, **data)
        answer = await self.town.ask("POST", "incidents", await self.key("feed"), report)
        assert (answer.status_code, answer.json()["rejected"]) == (202, []), answer.text

    async def do(self, role: Role, person: Person | None, path: str, body: Any = None) -> str:
        """Somebody does something by the API. Gives the rule that refuses it; "unseen" where it is nothing to her."""
        answer = await self.town.ask("POST", path, await self.key(role, person), body)
        if answer.status_code == 404:
            return "unseen"
        assert answer.status_code in (200, 403, 409), (path, answer.status_code, answer.text)
        refused = answer.json().get("refused")
        assert bool(refused) == (answer.status_code != 200), answer.text
        return refused["rule"] if refused else ""

    async def press(self, person: Person, button: str, **values: str) -> Page:
        """Somebody follows the link of her last letter that has this button, and presses it."""
        for letter in reversed(self.town.letters_of(person)):
            page = await self.town.open(letter)
            if button in page.forms:
                return await self.town.press(page, button, **values)
        raise AssertionError(f"no letter of {person.name} leads to {button}")

    async def page(self, person: Person) -> Page:
        """What the link of her last letter shows."""
        return await self.town.open(self.town.letters_of(person)[-1])

    # -- what came of it

    def told(self, person: Person) -> list[str]:
        """Of which kind her letters are, oldest first."""
        return [_kind(letter) for letter in self.town.letters_of(person)]

    def told_at(self, person: Person) -> list[tuple[str, datetime]]:
        return [(_kind(letter), letter.at) for letter in self.town.letters_of(person)]

    def all_told(self, *but: str) -> dict[str, list[str]]:
        """Everybody's letters by first name, without those of these kinds."""
        told = {one.name.split()[0]: [kind for kind in self.told(one) if kind not in but] for one in self.people}
        return {name: kinds for name, kinds in told.items() if kinds}

    async def asked(self) -> list[str]:
        """Who has an open ask."""
        asks = (await self.town.get("asks", await self.key("coordinator", EVA)))["asks"]
        return sorted(self.named(one["supporter"]) for one in asks)

    async def cases(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.town.get("cases", await self.key("coordinator", EVA)))["cases"]
        return found

    async def case(self) -> str:
        """The one case that there is."""
        [one] = await self.cases()
        return str(one["case"])

    async def show(self, case: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.town.get(f"cases/{case}?lang=en", await self.key("coordinator", EVA))
        return found

    async def tasks(self) -> list[str]:
        """What waits for anybody about a case or an event, in the order of the list."""
        tasks = (await self.town.get("tasks", await self.key("coordinator", EVA)))["tasks"]
        return [one["task"] for one in tasks if one["task"] != "intervisie"]

    async def card(self, role: Role, person: Person, case: str) -> str:
        """Whose card somebody reads; "" when it is closed to her."""
        answer = await self.town.ask("POST", f"cases/{case}/card", await self.key(role, person))
        return str(answer.json()["card"]["name"]).split()[0] if answer.status_code == 200 else ""

    async def supported(self, by: Person, colleague: Person = ANNA) -> str:
        """A report about a colleague, and this supporter says yes. Gives the case."""
        await self.report(colleague)
        while (asked := await self.asked()) != [by.name.split()[0]]:
            [name] = asked
            await self.press(next(one for one in self.people if one.name.startswith(f"{name} ")), "decline")
        await self.press(by, "accept")
        return await self.case()


@asynccontextmanager
async def scene(
    folder: Path,
    *,
    staff: Iterable[Person] = EVERYBODY,
    rules: str = "",
    settings: tuple[tuple[str, str], ...] = (),
    at: datetime | None = None,
) -> AsyncIterator[Scene]:
    """A hospital with these people, with its own options of rules and with settings replaced in its text."""
    people = tuple(staff)
    write_hospital(folder / "hospitals", staff=people)
    file = folder / "hospitals" / "example" / "hospital.toml"
    text = file.read_text()
    for old, new in settings:
        assert old in text
        text = text.replace(old, new)
    file.write_text(f"{text}\n[rules]\n{rules}\n")
    async with open_town(folder, SimulatedClock(at) if at else None) as town:
        yield Scene(town, people, await town.move_in())


def _kind(letter: Letter) -> str:
    """Of which kind a letter is, by its text."""
    kinds = {path.stem.partition(".")[0] for path in _MAIL.glob("*/*.txt")} - {"any"}
    for to, kind, lang in product(_READERS, sorted(kinds), LANGUAGES):
        if (_MAIL / to / f"{kind}.{lang}.txt").exists() and render(kind, to, lang, letter.link)[1] == letter.body:
            return kind
    return "any"
