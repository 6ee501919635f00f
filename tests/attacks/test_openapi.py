"""Whatever the document of the interface lets one ask, or does not: no answer says that the mistake is ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2 as httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core import NotSet
from schemathesis.core.result import Ok

from shared.http.access import EVERY_HOSPITAL
from shared.messages import Role
from tests.effort import effort
from tests.journeys.test_two_hospitals import move_in
from tests.journeys.town import Town

#: Of each operation, each way and each caller.
EXAMPLES = effort(3, long=300)
TRIED = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
#: Between them they may do everything.
CALLERS: tuple[Role, ...] = ("coordinator", "supporter", "colleague", "ops")


async def test_no_request_is_answered_with_a_mistake_of_ours(town: Town) -> None:
    side = await move_in(town, "example")
    keys = [*(side.keys[role] for role in CALLERS), await town.key("ops", hospital=EVERY_HOSPITAL)]
    seen: Counter[int] = Counter()
    for operation in _operations(town):
        for case in _cases(operation, side.ids):
            for key in keys:
                try:
                    answer = await _sent(town, case, key)
                except (httpx.InvalidURL, UnicodeError):
                    continue  # no client can send it
                seen[answer.status_code] += 1
                assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        await town.settle()
    print(f"{sum(seen.values())} requests: {dict(sorted(seen.items()))}")
    assert {200, 404, 422} <= set(seen)


def _operations(town: Town) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(town.house.app.openapi())
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def _cases(operation: Any, ids: dict[str, str]) -> list[Case[Any]]:
    """As the document says, about what there is; and against what it says, about anything."""
    there = {one.name: ids[one.name] for one in operation.path_parameters if one.name in ids}
    found: list[Case[Any]] = []
    for mode, about in ((GenerationMode.POSITIVE, there or None), (GenerationMode.NEGATIVE, None)):

        @TRIED
        @given(operation.as_strategy(generation_mode=mode, path_parameters=about))
        def keep(case: Case[Any]) -> None:
            found.append(case)

        with suppress(Unsatisfiable):  # where nothing is given nothing can be against what it says
            keep()
    return found


async def _sent(town: Town, case: Case[Any], key: dict[str, str]) -> httpx.Response:
    headers = {**key, "Content-Type": case.media_type or "application/json"}
    body = None if isinstance(case.body, NotSet) else case.body
    given: dict[str, Any] = {"content": body} if isinstance(body, bytes | str) else {"json": body}
    return await town.house.client.request(
        case.method, case.formatted_path, params=case.query or None, headers=headers, **given
    )
