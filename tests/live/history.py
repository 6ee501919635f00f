"""What happens in the hospital: what its feed sends, good and bad, and what people then say, one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from tests.journeys.incidents import FHIR_R4

LINES = "application/x-ndjson"
Who = Literal["asked", "supporter", "colleague", "coordinator", "trainer", "nobody"]


@dataclass(frozen=True)
class Sent:
    """Something that the feed sends.

    reports: the numbers of the good reports in it. offers: (report, colleague) who has one open offer in the end.
    """

    name: str
    body: bytes
    content_type: str = "application/json"
    reports: tuple[str, ...] = ()
    offers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Word:
    """Something that a person says by the door for people; who that is follows from the case or the role.

    path: may hold {case} and {report}, those of `report` and `colleague`, and {suspended}, a supporter. status: how it
    must be answered.
    """

    who: Who
    path: str
    report: str = ""
    colleague: str = ""
    body: Any = None
    status: int = 200


Step = Sent | Word


class Feed:
    """Makes the reports of one hospital; each has one content, however often it is sent."""

    def __init__(self, hospital: str) -> None:
        self.hospital = hospital
        self.now = datetime.now(UTC)

    def report(self, number: str, *staff: str, offers: tuple[str, ...] | None = None, **data: Any) -> Sent:
        """A calamity of an hour ago; `data` replaces fields of the report. offers: not all of the staff."""
        offered = tuple((number, one) for one in (staff if offers is None else offers))
        return Sent(f"report {number}", self.body(number, *staff, **data), reports=(number,), offers=offered)

    def bad(self, why: str, **data: Any) -> Sent:
        return Sent(why, self.body("bad", "231", **data))

    def body(self, number: str, *staff: str, **data: Any) -> bytes:
        return json.dumps(self.event(number, *staff, **data)).encode()

    def event(
        self, number: str, *staff: str, revision: int = 1, hours: int = 1, type: str = "", **data: Any
    ) -> dict[str, Any]:
        moment = (self.now - timedelta(hours=hours)).isoformat()
        status = data.get("status", "new")
        word = {"new": "reported"}.get(status, status)
        report = {
            "hospital_id": self.hospital,
            "source": {"system": "vim", "report_id": number, "revision": str(revision), "mapping": "vim@1"},
            "occurred_at": {"value": moment, "precision": "minute"},
            "reported_at": moment,
            "status": status,
            "kind": "actual",
            "event_types": ["medication"],
            "harm": "severe",
            "calamity": "yes",
            "department": "icu",
            "staff": [{"ref": one, "role": "involved"} for one in staff],
            "support_wish": "default",
        }
        return {
            "specversion": "1.0",
            "id": f"{number}-{revision}-{status}",
            "source": "urn:example:vim",
            "type": type or f"naast.incident.{word}.v1",
            "hospitalid": self.hospital,
            "data": report | data,
        }


#: Nothing about it gives cause for an offer by itself.
QUIET = {"harm": "none", "calamity": "no"}
#: It gives cause, and the coordinator has some time to stop it.
SERIOUS = {"harm": "severe", "calamity": "no"}


def history(hospital: str) -> list[Step]:
    """Some thirty reports with repeats, amendments, a withdrawal and bad ones, and what people say meanwhile."""
    feed = Feed(hospital)
    return [*_first_days(feed), *_for_the_coordinator(feed), *_bad_ones(feed), *_support(), *_last_days(feed)]


def calamities(hospital: str, run: str = "1") -> list[Sent]:
    """A dozen calamities with two colleagues each. run: what their numbers begin with."""
    feed = Feed(hospital)
    return [feed.report(f"{run}{n:02}", str(211 + 2 * n), str(212 + 2 * n)) for n in range(12)]


def crowd(hospital: str, run: str = "1") -> list[Sent]:
    """What the feed sends in this history, and a dozen calamities more."""
    return [step for step in history(hospital) if isinstance(step, Sent)] + calamities(hospital, run)


#: Offers of which it depends on what comes first whether they are made and, if so, withdrawn or kept.
DEPENDS = {("4", "218"), ("5", "220")}


def _first_days(feed: Feed) -> Iterator[Step]:
    first = feed.report("1", "211", "213")
    yield first
    yield feed.report("2", "212")
    yield first
    yield Word("asked", "cases/{case}/ask/accept", "1", "211")
    yield Word("asked", "cases/{case}/ask/decline", "1", "213")
    yield Word("asked", "cases/{case}/ask/accept", "1", "213")
    yield feed.report("3", "214", "215", "216", harm="death", calamity="no")
    yield Word("nobody", "cases/{case}/ask/accept", "3", "214", status=403)
    yield feed.report("2", "212", "217", revision=2, status="amended")
    yield feed.report("4", "218", offers=())
    yield feed.report("4", "219", revision=2, status="amended")
    yield feed.report("5", "220", offers=())
    yield feed.report("5", "220", revision=2, status="withdrawn", offers=())
    yield feed.report("5", "220", offers=())


def _for_the_coordinator(feed: Feed) -> Iterator[Step]:
    yield feed.report("6", "221", offers=(), **QUIET)
    yield Word("coordinator", "reports/{report}/offer", "6")
    yield feed.report("7", "222", offers=(), **QUIET)
    yield Word("coordinator", "reports/{report}/dismiss", "7")
    yield feed.report("8", anonymous=True)
    yield Word("coordinator", "reports/{report}/involve", "8", body={"staff_ids": ["223"]})
    yield feed.report("9", "999", "224", offers=("224",), harm="death")
    yield Word("coordinator", "reports/{report}/involve", "9", body={"staff_ids": ["225"]})
    yield feed.report("10", "226", department="nowhere")
    yield Word("coordinator", "reports/{report}/department", "10", body={"department": "icu"})
    yield feed.report("11", "227", offers=(), **SERIOUS)
    yield Word("coordinator", "reports/{report}/offer", "11")
    yield feed.report("12", "228", offers=(), **SERIOUS)
    yield feed.report("13", "229", offers=(), support_wish="declined")
    yield feed.report("14", "230", offers=(), hours=30 * 24)
    yield Word("coordinator", "reports/{report}/offer", "14")


def _bad_ones(feed: Feed) -> Iterator[Step]:
    yield Sent("no JSON", b"{not json")
    yield Sent("of another hospital", json.dumps(feed.event("bad") | {"hospitalid": "elsewhere"}).encode())
    yield feed.bad("with a story", narrative="what happened")
    yield feed.bad("with an unknown code", harm="bad luck")
    yield feed.bad("not what its type says", status="amended", type="naast.incident.reported.v1")
    lines = (feed.body("15", "231"), b"{broken", feed.body("16", "232"))
    yield Sent("lines", b"\n".join(lines), LINES, ("15", "16"), (("15", "231"), ("16", "232")))
    yield Sent("FHIR", json.dumps(FHIR_R4).encode(), reports=(FHIR_R4["identifier"]["value"],))


def _support() -> Iterator[Step]:
    yield from _a_whole_case("1", "211")
    yield Word("supporter", "cases/{case}/contact", "1", "213", {"reached": True})
    yield Word("colleague", "cases/{case}/pause", "1", "213")
    yield Word("colleague", "cases/{case}/resume", "1", "213")
    yield Word("colleague", "cases/{case}/decline", "1", "213")
    yield Word("supporter", "cases/{case}/conversation", "1", "213", {"minutes": 30}, status=409)
    # Two of the three doctors say no; the third has been asked already when a new search is wanted.
    yield Word("asked", "cases/{case}/ask/decline", "3", "216")
    yield Word("asked", "cases/{case}/ask/decline", "3", "216")
    yield Word("coordinator", "cases/{case}/search", "3", "216", status=409)
    yield Word("asked", "cases/{case}/ask/accept", "3", "214")
    yield Word("supporter", "cases/{case}/help", "3", "214")
    yield Word("coordinator", "tasks/{case}/help/done", "3", "214")
    yield Word("trainer", "supporters/{suspended}/intervisie", body={"on": datetime.now(UTC).date().isoformat()})


def _a_whole_case(report: str, colleague: str) -> Iterator[Step]:
    def word(path: str, body: Any = None, who: Who = "supporter", status: int = 200) -> Word:
        return Word(who, f"cases/{{case}}/{path}", report, colleague, body, status)

    yield word("contact", {"reached": False})
    yield word("contact", {"reached": True})
    yield word("conversation", {"minutes": 45})
    yield word("conversation", {"minutes": 40})
    yield word("conversation", {"minutes": 10, "kind": "phone_follow_up"})
    yield word("conversation", {"minutes": 35})
    yield word("conversation", {"minutes": 30}, status=409)
    yield word("extension", who="coordinator")
    yield word("conversation", {"minutes": 30})
    yield word("close", {"ending": "completed"})


def _last_days(feed: Feed) -> Iterator[Step]:
    """Places have come free, and a supporter is back from her suspension."""
    yield feed.report("17", "233", "234", "235")
    yield Word("asked", "cases/{case}/ask/accept", "17", "233")
    yield feed.report("17", "233", "234", "235")
    yield feed.report("18", "236", "237", harm="death")
