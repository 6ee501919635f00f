"""Notices are neutral, in the reader's language, with a link and nothing that tells what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateNotFound

from shared.messages import Role

LANGUAGES = ("nl", "en")


@cache
def _mails() -> Environment:
    loader = PackageLoader("services.intake.doors.mail", "templates")
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)


def render(template: str, to: Role, language: str, link: str, times: int = 1) -> tuple[str, str]:
    """Subject and body of a notice: the first line and the rest of its text for this reader. times: for how many it
    stands.
    """
    for name in _names(template, to, language):
        try:
            text = _mails().get_template(name).render(link=link, times=times)
        except TemplateNotFound:
            continue
        subject, _, body = text.partition("\n")
        return subject, body.lstrip("\n")
    raise LookupError("there is no text for this reader")


def _names(template: str, to: Role, language: str) -> Iterator[str]:
    """From the text for this very notice to that for anything that this reader should look at."""
    yield f"{to}/{template}.{language}.txt"
    yield f"{to}/any.{language}.txt"
    yield f"coordinator/any.{language}.txt"
