"""How a command ends before its work is done: a sentence, what to do next, and an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.cli.words import Words

REFUSED, WRONG, AWAY, SET_ASIDE = 1, 2, 3, 4
#: The error of an answer that says that nothing came of what was sent.
NOT_RECORDED = "not_recorded"


class Stop(Exception):
    """The command ends here. `says`: a sentence; `do`: what to do next; `code`: the exit code; `document`: as JSON."""

    def __init__(self, says: str, do: str = "", code: int = REFUSED, document: Any = None) -> None:
        super().__init__(says)
        self.document = document
        self.says = says
        self.do = do
        self.code = code


class Refusal(Stop):
    """A rule says no. `document` is the whole answer."""

    def __init__(self, document: dict[str, Any], lang: str) -> None:
        refused = document["refused"]
        super().__init__(f"{refused['sentence'][lang]} ({refused['rule']})", document=document)


class NotRecorded(Stop):
    """Nothing came of it, although nothing was wrong with it. `document` is the whole answer."""

    def __init__(self, document: dict[str, Any], words: Words) -> None:
        says = words("talk.not_recorded", reason=document.get("reason", ""))
        super().__init__(says, words("talk.not_recorded_do", id=document.get("id", "")), SET_ASIDE, document)
