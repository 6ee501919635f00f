"""What codes of the services mean: in the words that followup has for them, else in those of the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from services.cli.words import Words


def term(words: Words, section: str, code: str) -> str:
    """The words of followup, which tells of every case; a code that it does not know has words here, or none."""
    from services.followup.protocol.timeline import WORDS

    found = WORDS.get(section, {}).get(code)
    return found[words.lang] if found else words.code(section, code)


def reasons(words: Words, codes: Iterable[str]) -> str:
    """Why something waits. Of a notice that failed the reasons begin with which notice it was."""
    return ", ".join(_reason(words, code) for code in codes)


def _reason(words: Words, code: str) -> str:
    return words.code("reason", code) if words.has(f"reason.{code}") else term(words, "template", code)
