"""Simulated people. They know nothing but what the letters in their mailbox and the pages behind the links tell them.

Each keeps a diary of what she was told and did; the outside count of the demo reads the diaries. How people behave is
an assumption: one ask in seven is declined, one in ten is let go, one call in five finds nobody and one colleague in
fifty is never reached, one in ten wants no support, and a few want it later, or from somebody else.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.demo.agenda import Agenda

#: (method, path, form) -> (status, page)
Browse = Callable[[str, str, dict[str, str]], Awaitable[tuple[int, str]]]

_FORM = re.compile(r'action="([^"]+)"')
_PHONE = re.compile(r'href="tel:([^"]+)"')
#: Simulated people sleep at night (hours of the simulated clock).
_MORNING, _EVENING = 7, 21
#: Pages with such a status say that nothing was recorded.
_FAILED = 500
#: How many talks a case takes: one, two, three, and now and then one more than the programme allows.
_TALKS = {1: 45, 2: 33, 3: 17, 4: 5}


@dataclass(frozen=True)
class Entry:
    """One line of a diary: when, what, and the link that it was about."""

    at: datetime
    what: str
    about: str = ""


@dataclass
class Town:
    """What simulated people share: the time, their agenda, chance, and a browser."""

    now: Callable[[], datetime]
    agenda: Agenda
    chance: random.Random
    browse: Browse

    def later(self, hours: float, spread: float, deed: Callable[[], Awaitable[None]]) -> None:
        """Plans a deed after about so many hours; what would fall into the night is done the next morning."""
        at = self.now() + timedelta(hours=hours + self.chance.random() * spread)
        if not _MORNING <= at.hour < _EVENING:
            day = at + timedelta(days=at.hour >= _EVENING)
            at = day.replace(hour=_MORNING, minute=self.chance.randrange(60))
        self.agenda.plan(at, deed)


@dataclass
class Person:
    """Somebody with a mailbox: a colleague, a supporter, or both."""

    mail: str
    town: Town
    diary: list[Entry] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    _attempts: dict[str, int] = field(default_factory=dict)
    _away: set[str] = field(default_factory=set)

    def note(self, what: str, about: str = "") -> None:
        self.diary.append(Entry(self.town.now(), what, about))

    def count(self, what: str) -> int:
        return sum(1 for entry in self.diary if entry.what == what)

    async def receive(self, letter: Any) -> None:
        """A letter came; it is read some time later, or never."""
        self.letters.append(letter.id)
        self.note("letter", letter.link)
        path = letter.link.partition("://")[2].partition("/")[2]
        if path:
            self.town.later(0.2, 3.0, lambda: self._open("/" + path))

    async def _open(self, path: str) -> None:
        """Opens the link, and does one of the things that the page offers."""
        status, page = await self.town.browse("GET", path, {})
        offers = {action.rpartition("/")[2]: action for action in _FORM.findall(page)}
        if status != 200:
            self.note("closed_door", path)
        elif "accept" in offers:
            await self._answer_the_ask(offers)
        elif "contact" in offers:
            await self._call(path, offers, page)
        elif "conversation" in offers:
            await self._talk(offers)
        elif "pause" in offers or "decline" in offers:
            await self._think_it_over(offers)

    async def _answer_the_ask(self, offers: dict[str, str]) -> None:
        mood = self.town.chance.random()
        if mood < 0.10:
            self.note("let_it_go", offers["accept"])
        elif mood < 0.24:
            await self._do("decline", offers)
        else:
            await self._do("accept", offers)

    async def _call(self, path: str, offers: dict[str, str], page: str) -> None:
        """The first call; nobody answers one time in five, and a supporter tries at most four times, in two ways."""
        if not _PHONE.search(page):
            self.note("no_number", path)
        chance = self.town.chance
        if "hand-back" in offers and path not in self._attempts and chance.random() < 0.02:
            await self._do("hand-back", offers)
            return
        tries = self._attempts[path] = self._attempts.get(path, 0) + 1
        if tries == 1 and chance.random() < 0.03:
            self._away.add(path)
        if path in self._away or chance.random() < 0.2:
            how = "message" if tries % 2 == 0 else "phone"
            await self._do("contact", offers, {"reached": "no", "channel": how}, as_="attempt")
            if tries < 4:
                self.town.later(16, 30, lambda: self._open(path))
            elif "close" in offers:
                await self._do("close", offers, {"ending": "not_reached"}, as_="not_reached")
            return
        if await self._do("contact", offers, {"reached": "yes", "channel": "phone"}):
            talks = self.town.chance.choices(list(_TALKS), list(_TALKS.values()))[0]
            self._plan_talks(path, talks)

    def _plan_talks(self, path: str, talks: int) -> None:
        """The page with its buttons stays open on the phone; only at the end it is looked at anew."""
        offers = {"conversation": f"{path}/conversation", "help": f"{path}/help"}
        for n in range(talks):
            self.town.later(4 + 24 * 12 * n, 24, lambda: self._talk(offers))
        if self.town.chance.random() < 0.93:  # the others forget, and are reminded
            self.town.later(4 + 24 * 12 * talks, 24, lambda: self._finish(path))

    async def _talk(self, offers: dict[str, str]) -> None:
        minutes = str(self.town.chance.randrange(15, 50))
        form = {"kind": "conversation", "channel": "in_person", "minutes": minutes}
        if await self._do("conversation", offers, form) or offers["conversation"] in self._away:
            return
        # Whoever may not talk again asks for help, and tries once more when the coordinator may have extended.
        self._away.add(offers["conversation"])
        await self._do("help", offers)
        self.town.later(96, 24, lambda: self._talk(offers))

    async def _finish(self, path: str) -> None:
        status, page = await self.town.browse("GET", path, {})
        offers = {action.rpartition("/")[2]: action for action in _FORM.findall(page)}
        if status == 200 and "close" in offers:
            await self._do("close", offers, {"ending": "completed"})

    async def _think_it_over(self, offers: dict[str, str]) -> None:
        """A colleague who reads who will call: most let it come, some want no support, a few want it later."""
        mood = self.town.chance.random()
        if mood < 0.01 and "stop" in offers:
            await self._do("stop", offers, {"sure": "yes"})
        elif mood < 0.08 and "decline" in offers:
            await self._do("decline", offers, as_="want_none")
        elif 0.12 <= mood < 0.14 and "another" in offers:
            await self._do("another", offers)
        elif 0.14 <= mood < 0.18 and "check-ins" in offers:
            await self._do("check-ins", offers, {"later": "yes", "milestones": "no"})
        elif mood < 0.12 and "pause" in offers and await self._do("pause", offers):
            resume = offers["pause"].rpartition("/")[0]
            self.town.later(72, 48, lambda: self._come_back(resume))

    async def _come_back(self, path: str) -> None:
        status, page = await self.town.browse("GET", path, {})
        offers = {action.rpartition("/")[2]: action for action in _FORM.findall(page)}
        if status == 200 and "resume" in offers:
            await self._do("resume", offers)

    async def _do(self, what: str, offers: dict[str, str], form: dict[str, str] | None = None, as_: str = "") -> bool:
        """Presses a button; whether it was done goes into the diary."""
        status, _ = await self.town.browse("POST", offers[what], form or {})
        done = status < 400
        self.note((as_ or what) if done else "not_recorded" if status >= _FAILED else f"refused_{what}", offers[what])
        return done
