"""What a hospital has settled, where it is kept, and the hours in which its clocks run."""

from shared.hospital.folder import HospitalError, Hospitals, load, to_toml, write
from shared.hospital.settings import DOORS, STAFF_ID, Answers, Away, Department, Hospital, QuietHours, tidy

__all__ = [
    "DOORS",
    "STAFF_ID",
    "Answers",
    "Away",
    "Department",
    "Hospital",
    "HospitalError",
    "Hospitals",
    "QuietHours",
    "load",
    "tidy",
    "to_toml",
    "write",
]
