"""What died is told to its sender, and in whatever order it is sent again, mended and replayed it happens once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

import pytest

from shared.engine.engine import Engine, SetAside
from shared.engine.world import Said, World
from shared.messages import Event, intake, matching, write
from tests.engine import toy
from tests.engine.place import Place, rows, said, statements
from tests.engine.toy import HOSPITAL, MATCHING, NOW, Publisher, Toy, explosion, talk

DEEDS = ("send", "replay", "mend", "break")
REASON = "undecidable_ZeroDivisionError"


@dataclass
class Broken:
    """A service in which a search is decided on only for cases that are whole; each search that happens is said."""

    cases: set[str] = field(default_factory=set)

    def decide(self, world: World, event: Event) -> Iterator[Said]:
        if not isinstance(event.data, matching.SearchAgain):
            yield from toy.decide(world, event)
        elif event.data.case in self.cases:
            raise ZeroDivisionError
        else:
            yield matching.MatchFailed(case=event.data.case, pool=0, removed={})

    async def engine(self, place: Place) -> Engine:
        return await place.engine(
            Toy(replace(MATCHING.protocol, decide=self.decide), MATCHING.metadata, MATCHING.states)
        )


@pytest.fixture
def broken() -> Broken:
    return Broken()


def search(case: str) -> Event:
    return Event(f"search|{case}", HOSPITAL, NOW, matching.SearchAgain(case=case, by_role="coordinator", by="s-1"))


async def happened(engine: Engine) -> list[str]:
    """The cases for which a search happened, once for each time."""
    return sorted(one.split()[1] for one in await said(engine) if one.startswith("match_failed"))


async def test_whoever_asks_hears_that_it_was_set_aside(place: Place, broken: Broken) -> None:
    engine = await broken.engine(place)
    broken.cases.add("c-1")
    for _ in range(2):
        with pytest.raises(SetAside) as caught:
            await engine.ask(search("c-1"))
        assert (caught.value.id, caught.value.reason) == ("search|c-1", REASON)
    assert (await engine.take([search("c-1")])).dead == {"search|c-1": REASON}
    assert (await rows(engine, "received"), await rows(engine, "dead_letter", "id")) == ([], ["search|c-1"])


async def test_what_died_beside_others_is_no_duplicate_and_they_are(place: Place, broken: Broken) -> None:
    engine = await broken.engine(place)
    broken.cases.add("c-1")
    first = await engine.take([search("c-1"), search("c-2")])
    assert (first.fresh, first.dead) == ({"search|c-2"}, {"search|c-1": REASON})
    broken.cases.clear()
    again = await engine.take([search("c-1"), search("c-2")])
    assert (again.fresh, again.duplicates, again.dead) == ({"search|c-1"}, {"search|c-2"}, {})
    assert await rows(engine, "dead_letter") == []


async def test_what_comes_twice_at_once_is_set_aside_once_and_is_not_taken_for_a_duplicate(
    place: Place, broken: Broken
) -> None:
    engine = await broken.engine(place)
    broken.cases.add("c-1")
    outcome = await engine.handle([search("c-1"), search("c-1")])
    assert (outcome.dead, outcome.duplicates) == ({"search|c-1": REASON}, set())
    assert len(await rows(engine, "dead_letter")) == 1


@dataclass
class Life:
    """What should become of one message, one deed after the other."""

    sent: bool = False
    taken: bool = False
    whole: bool = True

    def send(self) -> str:
        """What its sender is told."""
        told = "duplicate" if self.taken else "taken" if self.whole else "dead"
        self.sent, self.taken = True, self.taken or self.whole
        return told

    def replay(self) -> str:
        """Why it stays a dead letter."""
        if self.sent and not self.taken and not self.whole:
            return REASON
        self.taken = self.sent
        return ""


async def test_in_every_order_of_dying_resending_mending_and_replaying_it_happens_once_and_is_never_lost(
    place: Place, broken: Broken
) -> None:
    engine = await broken.engine(place)
    lives = {f"c-{'-'.join(('break', 'send', *deeds))}": Life() for deeds in product(DEEDS, repeat=4)}
    for deeds in zip(*(case.split("-")[1:] for case in lives), strict=True):
        doing = dict(zip(lives, deeds, strict=True))
        broken.cases |= {case for case, deed in doing.items() if deed == "break"}
        broken.cases -= {case for case, deed in doing.items() if deed == "mend"}
        for case, life in lives.items():
            life.whole = case not in broken.cases
        sent = [case for case, deed in doing.items() if deed == "send"]
        outcome = await engine.handle([search(case) for case in sent])
        for case in sent:
            found = {"taken": outcome.fresh, "duplicate": outcome.duplicates, "dead": outcome.dead}
            assert [told for told, ids in found.items() if f"search|{case}" in ids] == [lives[case].send()], case
        for case in (case for case, deed in doing.items() if deed == "replay"):
            assert await engine.replay(f"search|{case}", write(search(case))) == lives[case].replay(), case
    taken = sorted(case for case, life in lives.items() if life.taken)
    dead = sorted(f"search|{case}" for case, life in lives.items() if life.sent and not life.taken)
    assert await happened(engine) == taken
    assert await rows(engine, "received", "key") == sorted(f"search|{case}" for case in taken)
    assert await rows(engine, "dead_letter", "id") == dead


async def test_a_replay_of_what_was_received_meanwhile_is_dropped(place: Place, broken: Broken) -> None:
    engine = await broken.engine(place)
    broken.cases.add("c-1")
    await engine.handle([search("c-1")])
    [kept] = await rows(engine, "dead_letter")
    broken.cases.clear()
    await engine.handle([search("c-1")])
    # As where another replica set it aside at the very moment at which this one received it.
    async with engine.database.begin() as c:
        await engine.store.bury(c, [dict(zip(engine.store.t.dead_letter.c.keys(), kept, strict=True))])
    assert await engine.replay("search|c-1", write(search("c-1"))) == ""
    assert (await happened(engine), await rows(engine, "dead_letter")) == (["c-1"], [])


async def test_a_replay_of_what_was_dropped_meanwhile_changes_nothing(place: Place, broken: Broken) -> None:
    engine = await broken.engine(place)
    assert await engine.replay("search|c-1", write(search("c-1"))) == ""
    assert (await happened(engine), await rows(engine, "received")) == ([], [])


async def test_a_resend_and_two_replays_at_once_make_it_happen_once(place: Place, broken: Broken) -> None:
    one, two = await broken.engine(place), await broken.engine(place)
    cases = [f"c-{n}" for n in range(15)]
    broken.cases.update(cases)
    await one.handle([search(case) for case in cases])
    broken.cases.clear()
    for case in cases:
        id, body = f"search|{case}", write(search(case))
        await asyncio.gather(one.handle([search(case)]), two.replay(id, body), one.replay(id, body))
    assert await happened(one) == sorted(cases)
    assert (await rows(one, "dead_letter"), len(await rows(one, "received"))) == ([], 15)


async def test_two_replicas_that_get_it_at_once_set_it_aside_once_and_take_it_once(
    place: Place, broken: Broken
) -> None:
    one, two = await broken.engine(place), await broken.engine(place)
    broken.cases.add("c-1")
    outcomes = await asyncio.gather(*(engine.handle([search("c-1")]) for engine in (one, two)))
    assert [set(outcome.dead) for outcome in outcomes] == [{"search|c-1"}] * 2
    broken.cases.clear()
    outcomes = await asyncio.gather(*(engine.handle([search("c-1")]) for engine in (one, two)))
    assert sorted(outcome.taken for outcome in outcomes) == [0, 1]
    assert (await happened(one), await rows(one, "dead_letter")) == (["c-1"], [])


async def test_where_nothing_died_no_statement_looks_for_it(place: Place, broken: Broken) -> None:
    engine = await broken.engine(place)
    await engine.handle([search("c-0")])
    with statements(engine) as asked:
        await engine.ask(search("c-1"))
    assert len([one for one in asked if "dead_letter" in one]) == 1
    assert not [one for one in asked if "delete from received" in one or "delete from dead_letter" in one]


async def test_of_what_dies_again_for_another_reason_the_last_one_is_told(engine: Engine, other: Publisher) -> None:
    await engine.set_aside([search("c-1")], "first")
    await engine.set_aside([search("c-1")], "second")
    assert await rows(engine, "dead_letter", "id", "reason") == [("search|c-1", "second")]


async def test_what_waited_behind_a_message_that_is_set_aside_is_told_at_once(engine: Engine, other: Publisher) -> None:
    sent: list[str] = []

    async def publish(parcels: list[object]) -> None:
        sent.extend(str(parcel.event.data.name) for parcel in parcels)  # type: ignore[attr-defined]

    engine.publish, engine.destinations = publish, ("amqp",)  # type: ignore[assignment]
    bad = other(explosion("r-1"))
    await engine.handle([other(intake.SupporterInvolved(report="r-1", cases=("c-1",), supporters=()))])
    await engine.set_aside([bad], "delivery_limit")
    assert sent == ["plan_made"]


async def test_a_set_aside_that_the_database_refuses_harms_no_other(engine: Engine, other: Publisher) -> None:
    await engine.set_aside([other(talk("c-1", 1)), other(talk("c-2", 1), n=2**70)], "delivery_limit")
    assert len(await rows(engine, "dead_letter")) == 2
