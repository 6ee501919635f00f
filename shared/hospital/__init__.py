"""What a hospital has settled, where it is kept, and the hours in which its clocks run."""

from shared.hospital.country_days import NamedDay
from shared.hospital.folder import (
    HospitalError,
    Hospitals,
    NotInForce,
    is_hospital_id,
    load,
    out_of_force,
    to_toml,
    write,
)
from shared.hospital.hours import MIDNIGHT, Hours, Span, minutes
from shared.hospital.known import Known
from shared.hospital.settings import DAYS, DOORS, STAFF_ID, Answers, Away, Department, Hospital, QuietHours, tidy

__all__ = [
    "DAYS",
    "DOORS",
    "MIDNIGHT",
    "STAFF_ID",
    "Answers",
    "Away",
    "Department",
    "Hospital",
    "HospitalError",
    "Hospitals",
    "Hours",
    "Known",
    "NamedDay",
    "NotInForce",
    "QuietHours",
    "Span",
    "is_hospital_id",
    "load",
    "minutes",
    "out_of_force",
    "tidy",
    "to_toml",
    "write",
]
