"""What happens in a hospital is done through the doors of a deployment: feeds send, people answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.live.deployment import Deployment, Keys
from tests.live.history import Sent, Step, Word
from tests.live.hospital import SUPPORTERS, SUSPENDED, TRAINER


@dataclass
class Play:
    """`answers`: how each step was answered, its name, status and body."""

    at: Deployment
    keys: Keys
    answers: list[tuple[str, int, Any]] = field(default_factory=list)

    async def take_over_staff(self, hospitals: Path) -> None:
        rows = (hospitals / self.keys.hospital / "staff.csv").read_bytes()
        path = f"/v1/hospitals/{self.keys.hospital}/staff"
        imported = await self.at.request("POST", path, self.keys.coordinator, rows, "text/csv")
        assert imported.json()["errors"] == []
        await self.at.books.until_quiet()

    async def do(self, step: Step, once: str) -> None:
        """A step, and its answer. `once`: the key under which a word of a person is said once."""
        if isinstance(step, Sent):
            name, response = step.name, await self.send(step)
        else:
            name, response = f"{step.path} {step.report} {step.colleague}", await self.say(step, once)
            assert response.status_code == step.status, (step, response.text)
        self.answers.append((name, response.status_code, response.json()))

    async def send(self, sent: Sent) -> httpx.Response:
        path = f"/v1/hospitals/{self.keys.hospital}/incidents"
        return await self.at.request("POST", path, self.keys.feed, sent.body, sent.content_type)

    async def say(self, word: Word, once: str) -> httpx.Response:
        report, people = await self._report(word.report) if word.report else ("", {})
        case = people.get(word.colleague) or ""
        path = word.path.format(case=case, report=report, suspended=self.keys.ref(SUSPENDED))
        return await self.tell(path, await self._key_of(word, case), word.body, once)

    async def tell(self, path: str, key: str, body: Any = None, once: str = "") -> httpx.Response:
        content = None if body is None else json.dumps(body).encode()
        return await self.at.request("POST", f"/v1/hospitals/{self.keys.hospital}/{path}", key, content, once=once)

    async def get(self, path: str, key: str = "") -> Any:
        """The answer to a question that is answered; the coordinator's, unless somebody else asks."""
        key = key or self.keys.coordinator
        response = await self.at.request("GET", f"/v1/hospitals/{self.keys.hospital}/{path}", key)
        assert response.status_code == 200, response.text
        return response.json()

    async def _report(self, number: str) -> tuple[str, dict[str, str | None]]:
        """The ref of a report, and the case of each member of the staff whom it names."""
        found = (await self.get("reports?limit=1000"))["reports"]
        report = next(one for one in found if (one["system"], one["report_id"]) == ("vim", number))
        return report["report"], {one["staff_id"]: one["case"] for one in report["people"]}

    async def _key_of(self, word: Word, case: str) -> str:
        match word.who:
            case "asked":
                asked = {ask["case"]: ask["supporter"] for ask in (await self.get("asks"))["asks"]}
                assert case in asked, await self.get(f"cases/{case}/match")
                return self._supporter_key(asked[case])
            case "supporter":
                return self._supporter_key((await self.get(f"cases/{case}"))["supporter"])
            case "nobody":
                return self.keys.by_number[SUPPORTERS[-1]]
            case "colleague":
                links = await self.at.books.states("intake", "link", self.keys.hospital)
                access, colleague = self.at.books.access(), links[case]["colleague"]
                return await access.make_key(self.keys.hospital, "colleague", colleague, case)
            case "trainer":
                return self.keys.by_number[TRAINER]
        return self.keys.coordinator

    def _supporter_key(self, ref: str) -> str:
        return self.keys.by_number[self.keys.number(ref)]
