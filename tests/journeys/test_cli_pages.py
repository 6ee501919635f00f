"""The terminal reads a long list to its end, or says that there is more."""

from __future__ import annotations

import httpx2 as httpx

from services.cli.client import Client
from tests.journeys.listening import Services
from tests.journeys.terminal import Terminal

MANY = 2300


async def test_a_list_of_several_pages_is_read_whole() -> None:
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        limit, offset = int(asked[-1]["limit"]), int(asked[-1].get("offset", 0))
        more = {"next": offset + limit, "total": MANY} if offset + limit < MANY else {}
        lines = list(range(MANY))[offset : offset + limit]
        return httpx.Response(200, json={"staff": lines, "settings": "wrong"} | more)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        found = await Client("key", http, "http://services").whole("staff", "staff")
    assert found == {"staff": list(range(MANY)), "settings": "wrong"}
    assert [one.get("offset") for one in asked] == [None, "1000", "2000"]


def test_it_says_that_a_list_goes_on(terminal: Terminal, services: Services) -> None:
    services.answers["cases"] = {"cases": [], "next": 5}
    assert "--limit" in terminal.ok("cases --limit 5 --lang nl").talk
    services.answers["cases"] = {"cases": []}
    assert "--limit" not in terminal.ok("cases --limit 5 --lang nl").talk
