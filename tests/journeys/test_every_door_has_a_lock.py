"""Every route of the house needs a key, but for those that are named here."""

from __future__ import annotations

from shared.http.gate import terms_of
from shared.http.terms import SMALL
from tests.journeys.town import Town

OPEN = {"/", "/openapi.json", "/assets/naast.css", "/health/live", "/health/ready"}
BY_LINK = {"/l/{token}", "/l/{token}/{action}"}
LARGE = {"/v1/hospitals/{hospital}/incidents", "/v1/hospitals/{hospital}/staff"}


def paths(town: Town, key: str) -> set[str]:
    return {path for path, _, terms in terms_of(town.house.app) if terms.key == key}


def test_only_these_paths_are_open_or_have_a_link_for_a_key(town: Town) -> None:
    assert (paths(town, ""), paths(town, "path")) == (OPEN, BY_LINK)


def test_only_these_paths_take_much(town: Town) -> None:
    assert {path for path, _, terms in terms_of(town.house.app) if terms.most > SMALL} == LARGE


async def test_without_a_key_every_other_route_says_so_and_with_one_none_does(town: Town) -> None:
    [key] = [await town.house.common.access.make_key("example", "coordinator")]
    closed = [
        (path, method)
        for path, methods, terms in terms_of(town.house.app)
        if terms.key == "header"
        for method in methods
    ]
    assert len(closed) > 80
    for path, method in closed:
        url = path.replace(":path", "").format_map(Anything())
        without = await town.house.client.request(method, url)
        known = await town.house.client.request(method, url, headers={"Authorization": f"Bearer {key}"})
        assert (path, without.status_code) == (path, 401)
        assert (path, known.status_code) != (path, 401)


class Anything(dict[str, str]):
    """The hospital, and something for every other parameter of a path."""

    def __missing__(self, name: str) -> str:
        return "example" if name == "hospital" else "c-7k3m9q2hzd"
