"""A request that goes no further than the gate."""

from __future__ import annotations

from fastapi import HTTPException


class Refused(HTTPException):
    """What of its body was not read is not read any more. error: a code. hint: what to do."""

    def __init__(self, status: int, error: str, hint: str) -> None:
        super().__init__(status, {"error": error, "hint": hint}, {"Connection": "close"})
