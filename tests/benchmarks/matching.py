"""One event of several colleagues before a pool of supporters: how long its decision takes, in how much memory, and how
far behind it would be to ask for one colleague after the other. Each size has a process of its own.

python -m tests.benchmarks.matching COLLEAGUES SUPPORTERS: one size, as one JSON object.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.matching.protocol.domain import PROTOCOL
from services.matching.protocol.search import Desk
from services.matching.protocol.states import Case, Leave, Supporter, Turn
from shared.clock import SimulatedClock
from shared.engine.work import Memory
from shared.engine.world import Key, Missing, Row, World
from shared.hospital import Hospital
from shared.ids import Mint
from shared.messages import Event, intake
from shared.messages.matching import SupporterAsked
from shared.testing import NOW, a_hospital

COLLEAGUES, SUPPORTERS = (5, 40, 200), (100, 400, 1000, 5000)
ROUNDS = 7
#: How many cases a supporter has at most (MATCH-5).
_ROOM = 3
_DEPARTMENTS = [f"d-{n}" for n in range(12)]
#: Where the colleagues of one event work.
_STRUCK = _DEPARTMENTS[:4]
_WEEKS = [
    (),
    tuple((day, "08:00-17:00") for day in ("monday", "tuesday", "wednesday")),
    (("wednesday", "07:00-15:30"),),
]


@dataclass
class Size:
    """What one size cost. ms: the fastest round, since others share the machine; ms_first: with the solver loaded.
    served: for how many colleagues somebody is asked; open_cases: how many cases those have already. greedy: of one
    after the other, on the same pool. scarce: with as many places as there are colleagues.
    """

    colleagues: int
    supporters: int
    ms: float
    ms_first: float
    peak_mb: float
    served: int
    greedy_served: int
    open_cases: int
    greedy_open_cases: int
    scarce_served: int
    scarce_greedy_served: int


async def measure(say: Callable[[str], None]) -> list[Size]:
    found = []
    for colleagues in COLLEAGUES:
        for supporters in SUPPORTERS:
            found.append(await _in_its_own_process(colleagues, supporters))
        say(f"{colleagues} colleagues of one event are matched")
    return found


async def _in_its_own_process(colleagues: int, supporters: int) -> Size:
    command = (sys.executable, "-m", "tests.benchmarks.matching", str(colleagues), str(supporters))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return Size(**json.loads(out))


def one_size(colleagues: int, supporters: int) -> Size:
    chance = random.Random(colleagues * 10_000 + supporters)
    hospital = a_hospital()
    people = {Key("Supporter", hospital.id, one.id): Row({}, one) for one in _pool(chance, hospital, supporters)}
    offer = _event(chance, colleagues, supporters)
    times, asks = [], list[SupporterAsked]()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        memory = _decided(hospital, people, offer)
        times.append((time.perf_counter() - begun) * 1000)
        asks = [one.event.data for one in memory.said if isinstance(one.event.data, SupporterAsked)]
    peak = _peak_mb()
    greedy = list(_one_after_the_other(hospital, people, offer))
    scarce = _scarce(chance, people, colleagues)
    few = [one.event.data for one in _decided(hospital, scarce, offer).said]
    return Size(
        colleagues,
        supporters,
        ms=round(min(times[1:]), 2),
        ms_first=round(times[0], 2),
        peak_mb=peak,
        served=len(asks),
        greedy_served=len(greedy),
        open_cases=sum(ask.open_cases for ask in asks),
        greedy_open_cases=sum(greedy),
        scarce_served=sum(isinstance(one, SupporterAsked) for one in few),
        scarce_greedy_served=len(list(_one_after_the_other(hospital, scarce, offer))),
    )


def _peak_mb() -> float:
    """Of this process alone: what a parent once needed does not count."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return round(int(line.split()[1]) / 1024, 1)


def _scarce(chance: random.Random, people: dict[Key, Row], places: int) -> dict[Key, Row]:
    """The same supporters, of whom most have no room left."""
    full = tuple(f"c-full-{n}" for n in range(_ROOM))
    scarce = dict(people)
    for key in chance.sample(sorted(people), len(people)):
        one = people[key].state
        assert isinstance(one, Supporter)
        free = places and one.standing == "ready" and one.profession == "nurse" and not one.leave
        taken = full[: chance.randrange(_ROOM) if free else _ROOM]
        taken = full[: max(len(taken), _ROOM - places)]
        places -= _ROOM - len(taken)
        scarce[key] = Row({}, one.but(places=taken))
    return scarce


def _decided(hospital: Hospital, people: dict[Key, Row], offer: intake.SupportOffered) -> Memory:
    """The whole decision, as the engine has it made: what is remembered, what is said, and the states after it."""
    memory = Memory(PROTOCOL, NOW, lambda _: hospital, Mint(SimulatedClock(NOW)))
    memory.free, memory.rows = True, dict(people)
    event = Event("e-1", hospital.id, NOW, offer)
    wanted = memory.footprint([event])
    while True:
        for key in wanted:
            kind = next(kind for kind in PROTOCOL.kinds if kind.__name__ == key.kind)
            memory.rows.setdefault(key, Row({}, kind(hospital=hospital.id, id=key.id), blank=True))
        try:
            memory.decide_all([event], again=False, doomed="", gaps=())
            assert not memory.dead
            return memory
        except Missing as missing:
            wanted = set(missing.keys)
            memory.forget()


def _one_after_the_other(hospital: Hospital, people: dict[Key, Row], offer: intake.SupportOffered) -> Iterator[int]:
    """How many cases each supporter has who is asked when every colleague simply gets the first of her row."""
    states = [row.state for _, row in sorted(people.items())]
    event = Event("e-1", hospital.id, NOW, offer)
    desk = Desk(World(NOW, hospital, lambda kind, id: people[Key(kind.__name__, hospital.id, id)].state, _of(states)))
    for one in offer.colleagues:
        case = PROTOCOL.evolve(Case(hospital=hospital.id, id=one.case), event)
        assert isinstance(case, Case)
        if row := desk.look(case).row:
            desk.give(row[0].who)
            yield row[0].open_cases


def _of(states: list[Any]) -> Callable[[Any], Iterator[Any]]:
    return lambda kind: iter(states)


def _pool(chance: random.Random, hospital: Hospital, size: int) -> Iterator[Supporter]:
    """Supporters as they are: most can be asked, some are full, away, suspended or on call."""
    today = NOW.date()
    for n in range(size):
        away = chance.random() < 0.1
        yield Supporter(
            hospital=hospital.id,
            id=f"s-{n:05}",
            profession="nurse" if chance.random() < 0.8 else "doctor",
            department=chance.choice(_STRUCK if chance.random() < 0.6 else _DEPARTMENTS),
            site=chance.choice("ab"),
            languages=("nl",) if chance.random() < 0.8 else ("nl", "en"),
            listed=True,
            qualified=chance.random() > 0.05,
            suspended=chance.random() < 0.05,
            places=tuple(f"c-{n}-{place}" for place in range(chance.choices((0, 1, 2, 3), (4, 3, 2, 2))[0])),
            matched_on=tuple(
                sorted(today - timedelta(days=chance.randint(1, 200)) for _ in range(chance.randint(0, 4)))
            ),
            idle_since=NOW - timedelta(hours=chance.randint(1, 4000)),
            week=chance.choice(_WEEKS),
            leave=(Leave(today - timedelta(days=3), today + timedelta(days=chance.randint(0, 20))),) if away else (),
            on_call=(Turn(NOW - timedelta(hours=4), NOW + timedelta(hours=8)),) if chance.random() < 0.02 else (),
        )


def _event(chance: random.Random, colleagues: int, supporters: int) -> intake.SupportOffered:
    people = [
        intake.Colleague(
            case=f"c-{n:04}",
            colleague=f"p-{n:04}",
            profession="nurse",
            department=chance.choice(_STRUCK),
            site=chance.choice("ab"),
            languages=("en",) if chance.random() < 0.1 else ("nl",),
            not_by=tuple(f"s-{chance.randrange(supporters):05}" for _ in range(3)),
            line=(f"s-{chance.randrange(supporters):05}",),
        )
        for n in range(colleagues)
    ]
    return intake.SupportOffered(report="r-1", t0=NOW, event_types=("fall",), colleagues=tuple(people))


if __name__ == "__main__":
    print(json.dumps(asdict(one_size(int(sys.argv[1]), int(sys.argv[2])))))
