"""What ops and coordinators can see, as Prometheus metrics. Labels are bounded: service, hospital, type, publisher,
rule, state, reason, profession, work, table.

Nothing is counted per person, department or case. Whatever somebody says, and what is about a case or a person, counts
under one label: a counter that goes up by one must not tell that somebody pressed a button, nor which.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from shared.messages import CATALOGUE, SERVICES, Command

# When each series began doubles what is scraped, and nobody reads it.
disable_created_metrics()  # type: ignore[no-untyped-call]

#: What stands for whatever no contract names: else whoever writes a message could make labels, and write in the log.
UNKNOWN = "unknown"
#: What is shown for a type that is about somebody.
ABOUT_SOMEBODY = "about_somebody"
_AGES = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def shown_as(type: str) -> str:
    """The label of a type of message."""
    kind = CATALOGUE.get(type)
    if kind is None:
        return UNKNOWN
    about = {one for place in kind.refs if place.path == (kind.about,) for one in place.kinds}
    tells = issubclass(kind, Command) or about & {"case", "staff", "colleague"}
    return ABOUT_SOMEBODY if tells else type


class Metrics:
    """The metrics of one process; several services of an embedded house share them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        kind, service = ("service", "type"), ("service",)
        r = self.registry
        self._consumed = Counter("naast_messages_consumed", "Messages taken by a service.", kind, registry=r)
        self._published = Counter(
            "naast_messages_published", "Events handed to the bus and confirmed.", service, registry=r
        )
        self._duplicates = Counter("naast_messages_duplicate", "Messages that had been heard before.", kind, registry=r)
        self._parked = Counter("naast_messages_parked", "Messages that came before an earlier one.", kind, registry=r)
        self._dead = Counter(
            "naast_messages_dead_lettered", "Messages set aside.", ("service", "type", "reason"), registry=r
        )
        self._gaps = Counter(
            "naast_gaps_passed", "Gaps in a sequence that were passed.", ("service", "publisher"), registry=r
        )
        self._again = Counter(
            "naast_messages_said_again",
            "Facts said again to a service that had not heard them.",
            ("service", "to"),
            registry=r,
        )
        self._ahead = Counter(
            "naast_subjects_ahead",
            "Subjects of which a service had heard more than their publisher knows: it came back from a backup.",
            ("service", "publisher"),
            registry=r,
        )
        self._age = Histogram("naast_message_age_seconds", "From said to taken.", service, buckets=_AGES, registry=r)
        self._batch = Histogram(
            "naast_batch_size_messages", "Messages per transaction.", service, buckets=_SIZES, registry=r
        )
        self._commit = Histogram("naast_commit_seconds", "One transaction of the engine.", service, registry=r)
        self._lag = Gauge(
            "naast_timer_lag_seconds", "How late the oldest timer of the last round fired.", service, registry=r
        )
        self._beat = Gauge(
            "naast_net_last_run_timestamp_seconds",
            "When timers, letters or what was left unpublished were last looked at.",
            ("service", "work"),
            registry=r,
        )
        self._refused = Counter(
            "naast_refusals", "Commands that a rule refused.", ("service", "hospital", "rule"), registry=r
        )
        self._loop = Counter(
            "naast_loop_errors", "Errors that nobody foresaw, in work that went on.", ("service", "work"), registry=r
        )
        self.distrust = Gauge(
            "naast_trust_problems",
            "1: facts can be forged by whoever reaches the broker; mail waits for a server that encrypts.",
            ("service", "what"),
            registry=r,
        )
        self._waits = Counter(
            "naast_waits",
            "Attempts that the surroundings stood in the way of, which are made again.",
            ("service", "reason"),
            registry=r,
        )
        self._failures = Counter(
            "naast_authentication_failures",
            "Requests without a good key, where one is needed: with none, or with one that is not known.",
            ("key",),
            registry=r,
        )
        self._over = Counter(
            "naast_requests_over_budget",
            "Requests that were refused because they were too many, by the role of the key.",
            ("role",),
            registry=r,
        )
        self._jump = Gauge(
            "naast_clock_jump_seconds",
            "By how much the clock jumped, while timers and letters wait because of it; else 0.",
            service,
            registry=r,
        )
        self._swept = Counter(
            "naast_rows_swept", "Rows that went because their time was over.", ("service", "table"), registry=r
        )
        self._notices = Counter("naast_notices", "Notices by outcome.", ("hospital", "outcome"), registry=r)
        self._reports = Counter("naast_reports", "Reports by outcome.", ("hospital", "outcome"), registry=r)
        self.settings_problems = Gauge(
            "naast_settings_problems", "Mistakes in a hospital's settings.", ("hospital",), registry=r
        )
        self.dead_ends = Gauge(
            "naast_dead_ends_messages",
            "What came to an end and waits for a person: set aside, unreadable, refused, or delivered too often.",
            ("service", "where"),
            registry=r,
        )
        self.pending_age = Gauge(
            "naast_pending_oldest_seconds", "How late the oldest due row is, wherever it goes.", service, registry=r
        )
        self.cases = Gauge("naast_cases", "Cases by state.", ("hospital", "state"), registry=r)
        self.oldest = Gauge(
            "naast_case_oldest_seconds",
            "Age of the oldest case without ask, answer or first contact.",
            ("hospital", "without"),
            registry=r,
        )
        self.supporters = Gauge("naast_supporters", "Supporters by standing.", ("hospital", "state"), registry=r)

        self.spread = Gauge(
            "naast_matching_spread_cases",
            "Most minus fewest cases of a supporter lately, where enough of a profession can be asked.",
            ("hospital", "profession"),
            registry=r,
        )

    def consumed(self, service: str, messages: Iterable[tuple[str, float | None]]) -> None:
        """Messages taken in one transaction: the type of each, and its age in seconds, if it has one."""
        age, counts = self._age.labels(service), dict[str, int]()
        for type, seconds in messages:
            if seconds is not None:
                age.observe(max(seconds, 0.0))
            shown = shown_as(type)
            counts[shown] = counts.get(shown, 0) + 1
        for type, count in counts.items():
            self._consumed.labels(service, type).inc(count)

    def published(self, service: str, count: int) -> None:
        self._published.labels(service).inc(count)

    def duplicate(self, service: str, type: str) -> None:
        self._duplicates.labels(service, shown_as(type)).inc()

    def parked(self, service: str, type: str) -> None:
        self._parked.labels(service, shown_as(type)).inc()

    def dead_letter(self, service: str, type: str, reason: str) -> None:
        self._dead.labels(service, shown_as(type), reason).inc()

    def gap_passed(self, service: str, publisher: str) -> None:
        self._gaps.labels(service, known_publisher(publisher)).inc()

    def said_again(self, service: str, to: str, count: int) -> None:
        self._again.labels(service, to).inc(count)

    def ahead(self, service: str, publisher: str, subjects: int) -> None:
        self._ahead.labels(service, publisher).inc(subjects)

    def timer_lag(self, service: str, seconds: float) -> None:
        self._lag.labels(service).set(max(seconds, 0.0))

    def clock_jumped(self, service: str, seconds: float) -> None:
        self._jump.labels(service).set(seconds)

    def swept(self, service: str, table: str, rows: int) -> None:
        self._swept.labels(service, table).inc(rows)

    def net_ran(self, service: str, work: str) -> None:
        self._beat.labels(service, work).set_to_current_time()

    def refused(self, service: str, hospital: str, rule: str) -> None:
        self._refused.labels(service, hospital, rule).inc()

    def loop_error(self, service: str, work: str) -> None:
        self._loop.labels(service, work).inc()

    def not_trusted(self, service: str, what: str, is_so: bool) -> None:
        self.distrust.labels(service, what).set(int(is_so))

    def waited(self, service: str, reason: str) -> None:
        self._waits.labels(service, reason).inc()

    def authentication_failed(self, key: str) -> None:
        self._failures.labels(key).inc()

    def over_budget(self, role: str) -> None:
        self._over.labels(role).inc()

    def notice(self, hospital: str, outcome: str) -> None:
        self._notices.labels(hospital, outcome).inc()

    def report(self, hospital: str, outcome: str) -> None:
        self._reports.labels(hospital, outcome).inc()

    @contextmanager
    def commit(self, service: str, size: int) -> Iterator[None]:
        """Measures one transaction's work."""
        start = time.perf_counter()
        yield
        self._commit.labels(service).observe(time.perf_counter() - start)
        self._batch.labels(service).observe(size)


def known(type: str) -> str:
    """The type of a message, if a contract names it."""
    return type if type in CATALOGUE else UNKNOWN


def known_publisher(name: str) -> str:
    return name if name in SERVICES else UNKNOWN
