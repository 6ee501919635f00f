"""Routes at which FastAPI looks when somebody first comes by: it takes a millisecond for each, and there are a hundred
of which a command at the terminal uses two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import compile_path, get_name

from shared.http.terms import must_say


class LateRoute(APIRoute):
    """Knows at once what it needs to be found, and who may use it; everything else when it is first asked for."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **described: Any) -> None:
        must_say(path, endpoint)
        self.path, self.endpoint = path, endpoint
        self.name = described.get("name") or get_name(endpoint)
        self.methods = {method.upper() for method in described.get("methods") or ["GET"]}
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self._described = described

    def __getattr__(self, name: str) -> Any:
        described = self.__dict__.pop("_described", None)
        if described is None:
            raise AttributeError(name)
        super().__init__(self.path, self.endpoint, **described)
        return getattr(self, name)
