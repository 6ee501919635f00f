"""What one commit says is packed by who hears it, and no hearer gets anything about a subject out of order."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shared.bus.outbox import packed, together
from shared.engine.outcome import Parcel
from shared.messages import Event, Fact, matching, training, write
from shared.testing import NOW

ASKED = matching.AskAccepted(case="c-1", supporter="s-1", ask=1)
MATCHED = matching.SupporterMatched(case="c-1", supporter="s-1")
NOTICE = matching.NoticeDue(regarding="c-1", to="colleague", template="matched")
PAUSED = matching.SupporterPaused(supporter="s-1")
QUALIFIED = training.SupporterQualified(supporter="s-1", on=date(2026, 1, 1))
HEARERS = st.sets(st.sampled_from(("followup", "intake", "matching")))


def parcel(n: int, fact: Fact, hearers: tuple[str, ...] | None = None) -> Parcel:
    nth = dict.fromkeys(fact.heard_by if hearers is None else hearers, n)
    event = Event(f"e-{n}", "example", NOW, fact, n, nth=nth)
    return Parcel((NOW, n, "amqp"), event, write(event))


def test_facts_with_the_same_hearers_travel_in_one_message() -> None:
    facts = [parcel(n, fact) for n, fact in enumerate((ASKED, MATCHED, NOTICE, NOTICE), 1)]
    assert [[one.row[1] for one in group] for group in together(facts)] == [[1, 2], [3, 4]]
    both, notices = packed(facts)
    assert (both.kinds, both.hearers) == (
        ["matching.ask_accepted", "matching.supporter_matched"],
        ["followup", "intake"],
    )
    assert (notices.kinds, notices.hearers) == (["matching.notice_due"], ["intake"])


def test_what_no_service_hears_is_said_to_whoever_listens_from_outside() -> None:
    [alone] = packed([parcel(1, PAUSED)])
    assert (alone.kinds, alone.hearers) == (["matching.supporter_paused"], [])


@given(st.lists(st.tuples(st.sampled_from(("c-1", "c-2")), HEARERS), max_size=12))
def test_nobody_hears_about_a_subject_out_of_order(said: list[tuple[str, set[str]]]) -> None:
    parcels = [
        parcel(n, matching.AskAccepted(case=case, supporter="s-1", ask=1), tuple(hearers))
        for n, (case, hearers) in enumerate(said)
    ]
    groups = together(parcels)
    assert sorted(one.row[1] for group in groups for one in group) == list(range(len(said)))
    for hearer in ("followup", "intake", "matching"):
        for case in ("c-1", "c-2"):
            got = [
                one.row[1] for group in groups for one in group if hearer in one.event.nth and one.event.subject == case
            ]
            assert got == sorted(got)
    assert all(len({frozenset(one.event.nth) for one in group}) == 1 for group in groups)
