"""What a hospital has settled, where it is kept, and the hours in which its clocks run."""

from shared.hospital.folder import HospitalError, Hospitals, load, to_toml, write
from shared.hospital.hours import MIDNIGHT, Hours, Span, minutes
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
    "QuietHours",
    "Span",
    "load",
    "minutes",
    "tidy",
    "to_toml",
    "write",
]
