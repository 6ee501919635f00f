"""The same journey by JSON API: each step by the one who may, refused for everybody else, and done once however often
it is sent.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.journeys.staff import ANNA, BRAM, CARLA, DAAN, EVA, GERDA, HUGO
from tests.journeys.town import Key, Town, a_report

Said = list[tuple[str, dict[str, Any]]]


@dataclass
class Journey:
    """One case and everybody's keys. `steps` counts, so that every step has an Idempotency-Key of its own."""

    town: Town
    refs: dict[str, str]
    keys: dict[str, Key] = field(default_factory=dict)
    case: str = ""
    steps: int = 0

    async def step(self, who: str, path: str, body: Any = None, others: tuple[str, ...] = (), status: int = 200) -> Any:
        """Everybody but `who`, and `others` who may as well, is refused; `who` sends it twice and gets one answer."""
        self.steps += 1
        path = path.format(case=self.case)
        refused = {
            name: (await self.town.ask("POST", path, key, body)).status_code
            for name, key in self.keys.items()
            if name not in (who, *others)
        }
        assert set(refused.values()) <= {403, 404}, refused
        first, again = [
            await self.town.ask("POST", path, self.keys[who], body, once=f"step-{self.steps}") for _ in range(2)
        ]
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        overheard = await self.town.ask("POST", path, self.keys["anna"], body, once=f"step-{self.steps}")
        assert overheard.status_code in (403, 404)
        assert first.status_code == status, first.text
        return first.json()

    async def says(self, who: str, path: str, body: Any = None, others: tuple[str, ...] = ()) -> Said:
        """What is said in answer to a step that is allowed."""
        answer = await self.step(who, f"cases/{{case}}/{path}", body, others)
        assert answer["refused"] is None
        return [(one["type"], one["data"]) for one in answer["said"] if one["type"] not in ("notice_due", "refused")]


async def begin(town: Town) -> Journey:
    refs = await town.move_in()
    journey = Journey(town, refs)
    people = {"anna": ANNA, "bram": BRAM, "carla": CARLA, "daan": DAAN}
    journey.keys = {name: await town.key("supporter", refs[one.staff_id]) for name, one in people.items()}
    journey.keys |= {
        "feed": await town.key("feed"),
        "coordinator": await town.key("coordinator", refs[EVA.staff_id]),
        "trainer": await town.key("trainer", refs[GERDA.staff_id]),
        "ops": await town.key("ops"),
        "auditor": await town.key("auditor"),
        "elsewhere": await town.key("coordinator", hospital="elsewhere"),
    }
    return journey


async def test_each_step_of_a_case_is_done_by_the_one_who_may_and_once(town: Town) -> None:
    journey = await begin(town)
    carla, bram = (journey.refs[one.staff_id] for one in (CARLA, BRAM))

    # The system of the hospital reports; what it sends twice is taken once.
    report = a_report(ANNA.staff_id)
    sent = [await town.ask("POST", "incidents", journey.keys["feed"], report) for _ in range(2)]
    assert [(one.status_code, one.json()["taken"], one.json()["duplicates"]) for one in sent] == [
        (202, 1, 0),
        (202, 0, 1),
    ]
    [ask] = (await town.get("asks", journey.keys["carla"]))["asks"]
    journey.case = case = ask["case"]
    assert ask == {
        "case": case,
        "supporter": carla,
        "ask": 1,
        "answer_by": "2026-03-11T13:00:00Z",
        "urgent": True,
    }

    # The first says no and is not told who is asked next; the second says yes.
    assert await journey.says("carla", "ask/decline") == [
        ("ask_declined", {"case": case, "supporter": carla, "ask": 1}),
    ]
    assert (await town.get("asks", journey.keys["carla"]))["asks"] == []
    card = f"cases/{case}/card"
    assert (await town.ask("POST", card, journey.keys["bram"])).status_code == 403
    assert await journey.says("bram", "ask/accept") == [
        ("ask_accepted", {"case": case, "supporter": bram, "ask": 2}),
        ("supporter_matched", {"case": case, "supporter": bram}),
    ]
    opened = {name: (await town.ask("POST", card, key)).status_code for name, key in journey.keys.items()}
    assert {name for name, status in opened.items() if status == 200} == {"bram"}
    assert (await town.ask("POST", card, journey.keys["bram"])).json()["card"] == {
        "name": ANNA.name,
        "function": ANNA.function,
        "phone": ANNA.phone,
        "mail": ANNA.mail,
    }

    # Three conversations; the fourth needs the coordinator.
    also = ("coordinator",)
    assert await journey.says("bram", "contact", {"reached": False, "channel": "phone"}, also) == [
        ("contact_attempted", {"case": case, "channel": "phone", "attempt": 1, "at": None})
    ]
    assert await journey.says("bram", "contact", {"reached": True, "channel": "phone"}, also) == [
        ("first_contact_made", {"case": case, "channel": "phone", "at": None})
    ]
    talk = {"kind": "conversation", "channel": "in_person", "minutes": 40}
    for number in (1, 2, 3):
        await town.wait(days=7)
        held = ("conversation_held", {"case": case, "number": number, "counts": True, "at": None, "people": 0, **talk})
        assert await journey.says("bram", "conversation", talk, also) == [held]
    refused = await journey.step("bram", "cases/{case}/conversation", talk, also, status=409)
    assert refused == {
        "said": [
            {
                "type": "conversation_not_allowed",
                "time": refused["said"][0]["time"],
                "data": {"case": case, "rule": "FOLLOW-1", "held": 3, "limit": 3},
            }
        ],
        "refused": {
            "rule": "FOLLOW-1",
            "command": "record_conversation",
            "sentence": {
                "nl": "Een casus heeft hoogstens 3 gesprekken; meer kan alleen via de coördinator.",
                "en": "A case has at most 3 conversations; more only through the coordinator.",
            },
        },
    }
    assert await journey.says("coordinator", "extension") == [
        ("extension_granted", {"case": case, "conversations_allowed": 4})
    ]
    held = ("conversation_held", {"case": case, "number": 4, "counts": True, "at": None, "people": 0, **talk})
    assert await journey.says("bram", "conversation", talk, also) == [held]
    assert await journey.says("bram", "close", {"ending": "completed"}, also) == [
        ("case_closed", {"case": case, "ending": "completed", "supporter": bram})
    ]

    # What remains.
    assert (await town.ask("POST", card, journey.keys["bram"])).status_code == 403
    shown = await town.get(f"cases/{case}", journey.keys["coordinator"])
    facts = ("state", "supporter", "conversations_held", "conversations_left", "attempts", "extensions", "ending")
    assert {name: shown[name] for name in facts} == {
        "state": "closed",
        "supporter": bram,
        "conversations_held": 4,
        "conversations_left": 0,
        "attempts": 1,
        "extensions": 1,
        "ending": "completed",
    }
    match = await town.get(f"cases/{case}/match", journey.keys["coordinator"])
    assert (match["status"], match["supporter"]) == ("over", None)
    tasks = (await town.get("tasks", journey.keys["coordinator"]))["tasks"]
    assert [(task["regarding"], task["task"]) for task in tasks] == [(journey.refs[HUGO.staff_id], "intervisie")]
