"""A case without a report, from the first word to the erasure: every step by HTTP and at the terminal, with the key of
the person whose step it is, and refused with everybody else's.

The path stands in one table; both doors walk it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.journeys.staff import ANNA, BRAM, CARLA, DAAN, EVA, EVERYBODY, GERDA, IRIS, Person, write_hospital
from tests.journeys.terminal import Terminal
from tests.journeys.town import NOW, Key, Town

PEOPLE: dict[str, tuple[str, Person]] = {
    "coordinator": ("coordinator", EVA),
    "trainer": ("trainer", GERDA),
    "iris": ("staff", IRIS),
    "bram": ("supporter", BRAM),
    "carla": ("supporter", CARLA),
    "daan": ("supporter", DAAN),
    "feed": ("feed", replace(EVA, staff_id="")),
    "ops": ("ops", replace(EVA, staff_id="")),
    "auditor": ("auditor", replace(EVA, staff_id="")),
}


@dataclass(frozen=True)
class Step:
    """What somebody does: as a command and as a request. `also`: who else may. `rule`: what refuses it to `who`.
    `meant_otherwise`: whose same command does something else, such as a coordinator's no in the colleague's name.

    {case}, {anna}, {first} and {second} stand for the case, the colleague's staff number and the two who are asked.
    """

    who: str
    line: str
    path: str
    body: dict[str, Any] | None = None
    also: tuple[str, ...] = ()
    meant_otherwise: tuple[str, ...] = ()
    rule: str = ""
    wait: timedelta = timedelta(0)
    says: str = ""


WEEK = timedelta(days=7)
TALK = {"kind": "conversation", "channel": "in_person", "minutes": 40}
CONVERSATION = Step(
    "{second}", "case conversation {case} --minutes 40", "cases/{case}/conversation", TALK, ("coordinator",)
)

PATH = (
    Step("{first}", "case decline {case}", "cases/{case}/ask/decline", meant_otherwise=("coordinator",)),
    Step("{second}", "case accept {case}", "cases/{case}/ask/accept"),
    CONVERSATION,
    replace(CONVERSATION, wait=WEEK),
    replace(CONVERSATION, wait=WEEK),
    replace(
        CONVERSATION, rule="FOLLOW-1", says="A case has at most 3 conversations; more only through the coordinator."
    ),
    Step("coordinator", "case extend {case}", "cases/{case}/extension"),
    CONVERSATION,
    Step("{second}", "case close {case}", "cases/{case}/close", {"ending": "completed"}, ("coordinator",)),
)
REFUSED_ELSEWHERE = {403, 404}


# -- by HTTP -----------------------------------------------------------------------------------------------------------


@dataclass
class ByHttp:
    """Everybody's keys, and the names by which the steps call things."""

    town: Town
    refs: dict[str, str]
    keys: dict[str, Key] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    async def take(self, step: Step) -> None:
        """Everybody else is refused; the one whose step it is takes it, and is refused only by the rule it names."""
        await self.town.wait(seconds=step.wait.total_seconds())
        who, path = step.who.format(**self.names), step.path.format(**self.names)
        for name, key in self.keys.items():
            if name not in (who, *step.also):
                status = (await self.town.ask("POST", path, key, step.body)).status_code
                assert status in REFUSED_ELSEWHERE, (name, path, status)
        answer = (await self.town.ask("POST", path, self.keys[who], step.body)).json()
        refused = answer["refused"]
        assert (refused["rule"] if refused else "") == step.rule, (path, answer)
        if step.says:
            assert refused["sentence"]["en"] == step.says


async def test_by_http_every_step_is_its_owners_and_nobody_elses(town: Town) -> None:
    refs = await town.move_in()
    path = ByHttp(town, refs)
    for name, (role, person) in PEOPLE.items():
        path.keys[name] = await town.key(role, refs.get(person.staff_id, ""))  # type: ignore[arg-type]
    opening = {"door": "colleague", "staff_id": ANNA.staff_id}
    for name in ("trainer", "feed", "ops", "auditor"):
        refused = await town.ask("POST", "referrals", path.keys[name], opening)
        assert refused.status_code == 403, name
    opened = await town.ask("POST", "referrals", path.keys["iris"], opening)
    assert opened.status_code == 200, opened.text
    [ask] = (await town.get("asks", path.keys["coordinator"]))["asks"]
    path.names = {"case": ask["case"], "first": _name_of(refs, ask["supporter"])}
    path.names["second"] = next(name for name in ("bram", "carla") if name != path.names["first"])

    for step in PATH:
        await path.take(step)
        if step.path.endswith("accept"):
            cards = {
                name: (await town.ask("POST", f"cases/{ask['case']}/card", key)).status_code
                for name, key in path.keys.items()
            }
            assert {name for name, status in cards.items() if status == 200} == {path.names["second"]}

    assert (await town.get(f"cases/{ask['case']}", path.keys["coordinator"]))["state"] == "closed"
    whose = f"names?refs={ask['case']}", path.keys["coordinator"]
    card = "POST", f"cases/{ask['case']}/card", path.keys[path.names["second"]]
    assert (await town.get(*whose))["names"] == {ask["case"]: ANNA.name}
    assert (await town.ask(*card)).status_code == 403
    await town.wait(days=31)
    assert (await town.get(*whose))["names"] == {}
    assert (await town.ask(*card)).status_code == 404


def _name_of(refs: dict[str, str], ref: str) -> str:
    return next(name for name, (_, person) in PEOPLE.items() if refs.get(person.staff_id) == ref)


# -- at the terminal ---------------------------------------------------------------------------------------------------


@dataclass
class AtTheTerminal:
    terminal: Terminal
    keys: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    now: datetime = NOW

    def wait(self, time: timedelta) -> None:
        """Moves the clock of the house; the next command finds everything due done."""
        self.now += time
        (self.terminal.home / "clock").write_text(self.now.isoformat())

    def take(self, step: Step) -> None:
        self.wait(step.wait)
        who, line = step.who.format(**self.names), step.line.format(**self.names)
        for name, key in self.keys.items():
            if name not in (who, *step.also, *step.meant_otherwise):
                answer = self.terminal(f"{line} --key {key} --lang en")
                assert answer.code == 1, (name, line, answer)
        answer = self.terminal(f"{line} --key {self.keys[who]} --lang en")
        if step.rule:
            assert (answer.code, answer.talk.splitlines()[-1]) == (1, f"naast: {step.says} ({step.rule})")
        else:
            assert answer.code == 0, (line, answer)


@pytest.fixture
def house(terminal: Terminal) -> AtTheTerminal:
    write_hospital(terminal.hospitals, "example", EVERYBODY)
    path = AtTheTerminal(terminal)
    terminal.home.mkdir(parents=True, exist_ok=True)
    path.wait(timedelta(0))
    terminal.ok(f"keys create --role coordinator --person {EVA.staff_id} --keep")
    terminal.ok(f"hospital import-staff {terminal.hospitals / 'example' / 'staff.csv'}")
    for name, (role, person) in PEOPLE.items():
        of = f"--person {person.staff_id}" if person.staff_id else ""
        path.keys[name] = terminal.json(f"keys create --role {role} {of}")["key"]
    return path


def test_at_the_terminal_every_step_is_its_owners_and_nobody_elses(house: AtTheTerminal) -> None:
    terminal = house.terminal
    opening = f"case open {ANNA.staff_id} --door colleague"
    for name in ("trainer", "feed", "ops", "auditor"):
        assert terminal(f"{opening} --key {house.keys[name]}").code == 1, name
    terminal.ok(f"{opening} --key {house.keys['iris']}")
    [ask] = terminal.json("asks")["asks"]
    shown = terminal.ok("asks").out
    first = next(name for name in ("bram", "carla") if PEOPLE[name][1].name in shown)
    second = next(name for name in ("bram", "carla") if name != first)
    house.names = {"case": ask["case"], "first": first, "second": second}

    for step in PATH:
        house.take(step)
        if step.line.startswith("case accept"):
            card = terminal.json(f"case card {ask['case']} --key {house.keys[second]}")["card"]
            assert (card["name"], card["phone"]) == (ANNA.name, ANNA.phone)
            for name, key in house.keys.items():
                if name != second:
                    assert terminal(f"case card {ask['case']} --key {key}").code == 1, name

    shown = terminal.ok(f"case show {ask['case']} --lang en").out
    assert ANNA.name in shown
    assert "The case was closed: the support is completed." in shown
    assert [one["case"] for one in terminal.json("cases")["cases"]] == [ask["case"]]
    house.wait(timedelta(days=31))
    terminal.ok("tasks")
    after = terminal(f"case show {ask['case']} --lang en")
    assert ask["case"] in after.out + after.talk
    assert ANNA.name not in after.out + after.talk
    assert terminal.json("cases")["cases"] == []
