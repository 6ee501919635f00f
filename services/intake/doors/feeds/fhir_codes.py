"""What the codes of FHIR R4 mean in a report. A code that is not here means nothing, never a guess."""

from services.intake.doors.feeds.report import EVENT_TYPES

KIND_OF = {"actual": "actual", "potential": "near_miss"}

#: From harmless to worst. A bare "serious" is read as severe: the side on which people get help.
HARMS = ("unknown", "low", "moderate", "severe", "death")
HARM_OF = {
    "mild": "low",
    "moderate": "moderate",
    "SeriousResultsInHospitalization": "moderate",
    "SeriousRequiresPreventImpairment": "moderate",
    "severe": "severe",
    "Serious": "severe",
    "SeriousIsLifeThreatening": "severe",
    "SeriousResultsInDisability": "severe",
    "SeriousIsBirthDefect": "severe",
    "fatal": "death",
    "SeriousResultsInDeath": "death",
}

EVENT_TYPE_SYSTEM = "urn:naast:event-type"
CATEGORY_SYSTEM = "http://terminology.hl7.org/CodeSystem/adverse-event-category"
_MEDICATION = (
    "product-use-error wrong-dose incorrect-prescribing-information wrong-technique wrong-route-of-administration "
    "wrong-rate wrong-duration wrong-time expired-drug medication-mishap"
)
_EQUIPMENT = "product-problem product-quality medical-device-use-error problem-different-manufacturer"
EVENT_OF = (
    {(EVENT_TYPE_SYSTEM, code): code for code in EVENT_TYPES}
    | {(CATEGORY_SYSTEM, code): "medication" for code in _MEDICATION.split()}
    | {(CATEGORY_SYSTEM, code): "equipment" for code in _EQUIPMENT.split()}
)

STATUS_OF = {"entered-in-error": "withdrawn"}
