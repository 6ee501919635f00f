"""A town whose people follow the links in their letters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from services.intake.protocol.states import Link
from shared.messages import Message, matching
from tests.engine.door import Door
from tests.engine.intake_house import ref


@dataclass
class Owners:
    """The services that own what a button does: they note what they are asked, and answer as told."""

    status: int = 200
    body: Any = None
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    async def forward(
        self, method: str, path: str, token: str, body: Any, once: str
    ) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((method, path, body))
        return self.status, {}, json.dumps(self.body).encode()


@dataclass
class Town:
    """A hospital in which Anna (or Bram) has a case, the services around intake, and links."""

    door: Door
    owners: Owners
    case: Link

    @property
    def carla(self) -> str:
        return ref(self.door, "3")

    async def link(self, role: Any, who: str, case: str = "") -> str:
        return f"/l/{await self.door.running.access.make_link('example', role, who, case or self.case.id)}"

    async def supporters_link(self) -> str:
        return await self.link("supporter", self.carla)

    async def colleagues_link(self) -> str:
        return await self.link("colleague", self.case.colleague)

    async def open(self, link: str) -> Any:
        return await self.door.client.get(link)

    async def buttons(self, link: str) -> list[str]:
        return [action.rpartition("/")[2] for action in re.findall(r'action="([^"]+)"', (await self.open(link)).text)]

    async def press(self, link: str, button: str, **form: str) -> Any:
        return await self.door.client.post(f"{link}/{button}", data=form)

    async def hear(self, *facts: Message) -> None:
        await self.door.hear(*facts)

    async def asked(self) -> None:
        until = self.door.clock.now()
        await self.hear(matching.SupporterAsked(case=self.case.id, supporter=self.carla, ask=1, answer_by=until))

    async def matched(self) -> None:
        await self.hear(matching.SupporterMatched(case=self.case.id, supporter=self.carla))
