"""Every message that concerns a case is told as a plain sentence, in both languages."""

from __future__ import annotations

from string import Formatter
from typing import Any, get_args

import pytest

from services.followup.protocol.case import (
    CLOCK_TASKS,
    DANGER,
    DEBRIEF,
    EXTENSION,
    FIND_SUPPORTER,
    HELP,
    LARGE_EVENT,
    NOT_REACHED,
    NOTICE_FAILED,
    WITHDRAWN,
)
from services.followup.protocol.timeline import SENTENCES, WORDS, Line, tell, told
from shared.messages import CATALOGUE, Fact, Message, followup, intake, matching
from shared.testing import NOW, a_hospital
from tests.decisions.timeline_words import ANNA, ASK, CASE, DUE, OFFER, OTHER, TALK, TASK, WITHDRAWAL, heard

NOTICE: dict[str, Any] = {"regarding": CASE, "to": "supporter", "template": "ask"}

REFUSAL: dict[str, Any] = {"regarding": CASE, "command": "close_case", "rule": "FOLLOW-11"}

NOT_ALLOWED = ("Niet toegestaan door regel FOLLOW-11: close case.", "Not allowed by rule FOLLOW-11: close case.")

ON_THE_LIST = (
    "Op de lijst van de coördinator, te doen voor 2026-03-11 14:00: een supporter vinden.",
    "On the list of the coordinator, due by 2026-03-11 14:00: find a supporter.",
)

TELLINGS: list[tuple[Message, str, str]] = [
    (
        OFFER,
        "Er is steun aangeboden: op eigen verzoek.",
        "Support was offered: by the colleague's own request.",
    ),
    (
        WITHDRAWAL,
        "Het aanbod is ingetrokken: de melding is gewijzigd.",
        "The offer was withdrawn: the report was amended.",
    ),
    (
        intake.NoticeSent(**NOTICE),
        "Bericht aan de supporter: de vraag om te steunen (verstuurd).",
        "Notice to the supporter: the ask to support (sent).",
    ),
    (
        intake.NoticeFailed(**NOTICE, reason="no_address"),
        "Een bericht aan de supporter kon niet worden verstuurd: de vraag om te steunen; reden: no address.",
        "A notice to the supporter could not be sent: the ask to support; reason: no address.",
    ),
    (intake.TaskRaised(**TASK, due_at=DUE), *ON_THE_LIST),
    (intake.TaskDone(**TASK), "Van de lijst: een supporter vinden.", "Off the list: find a supporter."),
    *[(kind(**REFUSAL), *NOT_ALLOWED) for kind in (intake.Refused, matching.Refused, followup.Refused)],
    (
        matching.SupporterAsked(**ASK, answer_by=DUE, open_cases=1, eligible=4, removed={"MATCH-2": 3, "MATCH-1": 12}),
        "Verzoek 2 is gedaan (op volgorde); antwoord voor 2026-03-11 14:00. Open casussen van wie is gevraagd: 1."
        " Wie mochten: 4. Wie niet mochten, per regel: MATCH-1 12, MATCH-2 3.",
        "Ask 2 went out (in turn); an answer by 2026-03-11 14:00. Open cases of whoever is asked: 1."
        " Eligible: 4. Not eligible, by rule: MATCH-1 12, MATCH-2 3.",
    ),
    (matching.AskAccepted(**ASK), "Verzoek 2 is aangenomen.", "Ask 2 was accepted."),
    (matching.AskDeclined(**ASK), "Verzoek 2 is afgeslagen.", "Ask 2 was declined."),
    (matching.AskExpired(**ASK), "Verzoek 2 is verlopen.", "Ask 2 expired."),
    (matching.AskWithdrawn(**ASK), "Verzoek 2 is ingetrokken.", "Ask 2 was withdrawn."),
    (
        matching.PlanMade(report="r-1", cases=(CASE, OTHER), departments=3, asked=6, left=1),
        "Er is een plan voor een grote gebeurtenis. Afdelingen: 3; verzoeken: 6; casussen zonder iemand: 1.",
        "There is a plan for a large event. Departments: 3; asks: 6; cases with nobody: 1.",
    ),
    (
        matching.PreferencesChosen(case=CASE, unit="own"),
        "De collega heeft voorkeuren voor een supporter opgegeven.",
        "The colleague gave preferences for a supporter.",
    ),
    (
        intake.EventReassessed(report="r-1", event_types=("fall",), calamity="yes", harm="death", cases=(CASE,)),
        "De melding is aangevuld: hoe ernstig de gebeurtenis was, is opnieuw vastgesteld.",
        "The report was amended: how grave the event was has been settled anew.",
    ),
    (
        intake.SupporterInvolved(report="r-1", cases=(CASE,), supporters=(ANNA,)),
        "Wie bij de gebeurtenis zelf betrokken bleek, steunt hier niet.",
        "Whoever turned out to be involved in the event gives no support here.",
    ),
    (
        matching.SupporterMatched(case=CASE, supporter=ANNA),
        "Supporter s-anna steunt deze collega.",
        "Supporter s-anna supports this colleague.",
    ),
    (
        matching.MatchFailed(case=CASE, pool=0, removed={}),
        "Er is niemand te vragen. Supporters in dit ziekenhuis: 0. Wie niet mochten, per regel: -.",
        "There is nobody to ask. Supporters in this hospital: 0. Not eligible, by rule: -.",
    ),
    (followup.SupportDeclined(case=CASE), "De steun is afgeslagen.", "The support was declined."),
    (
        followup.SupportPaused(case=CASE),
        "De steun is gepauzeerd; de klokken staan stil.",
        "The support was paused; the clocks stand still.",
    ),
    (
        followup.SupportResumed(case=CASE),
        "De steun gaat verder; de klokken beginnen opnieuw.",
        "The support goes on; the clocks start anew.",
    ),
    (
        followup.ContactAttempted(case=CASE, channel="phone", attempt=2),
        "De collega is niet bereikt per telefoon (poging 2).",
        "The colleague was not reached by phone (attempt 2).",
    ),
    (
        followup.FirstContactMade(case=CASE, channel="message"),
        "Het eerste contact is gelegd met een bericht.",
        "The first contact was made by message.",
    ),
    (
        followup.ClockMissed(case=CASE, clock="closing", rule="FOLLOW-6", due_at=DUE, owner="supporter"),
        "Niet op tijd: de casus sluiten; dat moest voor 2026-03-11 14:00 (regel FOLLOW-6). Nu aan zet: de supporter.",
        "Not in time: closing the case; this was due by 2026-03-11 14:00 (rule FOLLOW-6)."
        " Now it is up to the supporter.",
    ),
    (
        followup.ConversationHeld(**TALK, kind="conversation", counts=True),
        "Gesprek 1 in een ontmoeting, 40 minuten; telt als gesprek.",
        "Conversation 1 in person, 40 minutes; counts as a conversation.",
    ),
    (
        followup.ConversationNotAllowed(case=CASE, rule="FOLLOW-1", held=3, limit=3),
        "Nog een gesprek mag niet (regel FOLLOW-1): 3 gehouden, hoogstens 3.",
        "One more conversation is not allowed (rule FOLLOW-1): 3 held, 3 at most.",
    ),
    (
        followup.ExtensionGranted(case=CASE, conversations_allowed=4),
        "De coördinator heeft de steun verlengd tot 4 gesprekken.",
        "The coordinator extended the support to 4 conversations.",
    ),
    (
        followup.HelpRequested(case=CASE, by_role="colleague"),
        "Er is om meer hulp gevraagd, door de collega.",
        "More help was asked for, by the colleague.",
    ),
    (
        followup.ReplacementNeeded(case=CASE, supporter=ANNA),
        "Er wordt een andere supporter gezocht.",
        "Another supporter is looked for.",
    ),
    (
        followup.HandedOver(case=CASE, to="psychologist", by_role="coordinator"),
        "De steun gaat over naar een psycholoog.",
        "The support goes over to a psychologist.",
    ),
    (
        followup.DangerReported(case=CASE, by_role="supporter"),
        "Er is gevaar gemeld, door de supporter; een tweede persoon beslist.",
        "Danger was reported, by the supporter; a second person decides.",
    ),
    (
        followup.DangerConfirmed(case=CASE),
        "Een tweede persoon heeft het gevaar bevestigd.",
        "A second person confirmed the danger.",
    ),
    (
        followup.DebriefRequested(case=CASE),
        "Er is een nabespreking voor de supporter gevraagd.",
        "A debrief for the supporter was asked for.",
    ),
    (followup.MoreAsked(case=CASE), "Er is om nog een gesprek gevraagd.", "One more conversation was asked for."),
    (
        followup.CheckInsAgreed(case=CASE, later=True, milestones=False),
        "Berichten later: ja; als de gebeurtenis terugkomt: nee.",
        "Messages later: yes; when the event comes back: no.",
    ),
    (
        followup.MilestoneReached(case=CASE, milestone="report"),
        "De gebeurtenis kwam terug: een rapport.",
        "The event came back: a report.",
    ),
    (
        followup.CheckInDue(case=CASE, moment="check_in_first"),
        "Later bericht aan de collega: de eerste keer.",
        "Later message to the colleague: the first time.",
    ),
    (
        followup.CaseClosed(case=CASE, ending="completed", supporter=ANNA),
        "De casus is gesloten: de steun is afgerond.",
        "The case was closed: the support is completed.",
    ),
    (
        followup.CaseErased(case=CASE),
        "Wie bij deze casus hoorde, is gewist.",
        "Who belonged to this case was erased.",
    ),
    (
        followup.EvaluationDue(case=CASE),
        "Het is tijd om de steun te evalueren.",
        "It is time to evaluate the support.",
    ),
    (followup.TaskRaised(**TASK, due_at=DUE), *ON_THE_LIST),
    (
        followup.TaskFinished(**TASK),
        "Van de lijst, met de hand: een supporter vinden.",
        "Off the list, by hand: find a supporter.",
    ),
]


@pytest.mark.parametrize(("message", "nl", "en"), TELLINGS, ids=lambda value: getattr(value, "type", ""))
def test_a_message_is_told_in_both_languages(message: Message, nl: str, en: str) -> None:
    line = told(heard(message))
    at = NOW.astimezone(a_hospital().tz)
    assert tell([line], a_hospital(), "nl") == [Line(at, nl)]
    assert tell([line], a_hospital(), "en") == [Line(at, en)]


def is_told(kind: type[Message]) -> bool:
    """Facts that followup says or hears and that may concern a case; a notice is told when it was sent or failed."""
    reaches = issubclass(kind, Fact) and "followup" in (kind.publisher, *kind.heard_by)
    concerns = kind.about in ("case", "regarding") or "cases" in kind.model_fields
    return reaches and concerns and kind.name != "notice_due"


def test_every_message_that_may_concern_a_case_has_a_sentence() -> None:
    concern = {(kind.publisher, kind.name) for kind in CATALOGUE.values() if is_told(kind)}
    concern.add(("intake", "support_offered"))
    assert set(SENTENCES) == concern
    assert {(message.publisher, message.name) for message, _, _ in TELLINGS} == concern


def test_both_languages_say_the_same_fields_and_only_those_of_the_message() -> None:
    for (publisher, name), sentence in SENTENCES.items():
        kind = CATALOGUE[f"naast.{publisher}.{name}.v1"]
        dutch, english = (
            {field for _, field, _, _ in Formatter().parse(text) if field} for text in (sentence.nl, sentence.en)
        )
        assert dutch == english
        assert dutch <= set(kind.model_fields)


OTHER_TASKS = (FIND_SUPPORTER, LARGE_EVENT, WITHDRAWN, NOT_REACHED, HELP, EXTENSION, DANGER, DEBRIEF, NOTICE_FAILED)

CODES: dict[str, tuple[str, ...]] = {
    "clock": get_args(followup.Clock),
    "channel": get_args(followup.Channel),
    "kind": get_args(followup.Talk),
    "ending": get_args(followup.Ending),
    "door": get_args(intake.SupportOffered.model_fields["door"].annotation),
    "reason": get_args(intake.SupportWithdrawn.model_fields["reason"].annotation),
    "task": (*CLOCK_TASKS, *OTHER_TASKS),
    "ask_kind": get_args(matching.AskKind),
    "professional": get_args(followup.Professional),
    "milestone": get_args(followup.Milestone),
    "moment": get_args(followup.Moment),
    "yes_no": ("true", "false"),
    "counts": ("true", "false"),
}


@pytest.mark.parametrize("field", CODES)
def test_every_code_has_words_in_both_languages(field: str) -> None:
    assert set() < set(CODES[field]) <= set(WORDS[field])
    assert all(set(words) == {"nl", "en"} for words in WORDS[field].values())
