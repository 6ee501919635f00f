"""A page as its reader meets it, without any script: its title, its text and its forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form: where it posts to, its fields with the values that they offer, and which of them must be filled in."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.action.rpartition("/")[2]

    def filled(self, values: dict[str, str]) -> dict[str, str]:
        """What a browser would send; fails on a value that the form does not offer, and on one that it misses."""
        for name, value in values.items():
            assert name in self.fields, f"the form has no {name}"
            assert not self.fields[name] or value in self.fields[name], f"the form does not offer {value}"
        assert self.required <= values.keys(), f"the form wants {self.required}"
        chosen = {name: offered[0] for name, offered in self.fields.items() if offered and name not in self.required}
        return chosen | values


class Page(HTMLParser):
    """Reads a page. `tags` are all its tags, `links` everything that it refers to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.forms: dict[str, Form] = {}
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self._form = Form("", "")
        self._select = ""
        #: Each piece of text between two tags.
        self.words: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def heading(self) -> str:
        return self.html.partition("<h1>")[2].partition("</h1>")[0]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= given.keys()
        self.links += [given[name] for name in ("href", "src") if name in given]
        if tag == "form":
            self._form = Form(given["action"], given["method"])
            self.forms[self._form.name] = self._form
        elif tag == "select":
            self._select = given["name"]
            self._form.fields[self._select] = []
        elif tag == "option":
            self._form.fields[self._select].append(given["value"])
        elif tag == "input":
            self._input(given)

    def _input(self, given: dict[str, str]) -> None:
        offered = self._form.fields.setdefault(given["name"], [])
        if given["type"] in ("radio", "hidden"):
            offered.append(given["value"])
        if "required" in given:
            self._form.required.add(given["name"])
