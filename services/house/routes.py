"""Which service owns a path, and where that service answers."""

from __future__ import annotations


def owner(method: str, path: str) -> str:
    """The service that owns a path below /v1/hospitals/{hospital}/, or of /v1/ops/{service}/."""
    parts = path.split("?")[0].split("/")
    if parts[2] == "ops":
        return parts[3]
    rest = parts[4:] or [""]
    if rest[0] in ("asks", "availability", "on-call", "fairness", "plans"):
        return "matching"
    if rest[0] == "cases" and {"ask", "match", "search", "pick", "preferences"} & set(rest[2:]):
        return "matching"
    if rest[0] in ("supporters", "coverage"):
        return "training"
    if rest[0] == "cases" and rest[-1] == "card":
        return "intake"
    return "followup" if rest[0] in ("cases", "tasks", "overview", "statistics") else "intake"


def address(where: str, service: str) -> str:
    """Where a service answers. `where`: one address for all, or a list such as 'intake=http://a,matching=http://b'."""
    if "=" not in where.partition("://")[0]:
        return where.rstrip("/")
    found = dict(pair.strip().split("=", 1) for pair in where.split(","))
    return found[service].rstrip("/")
