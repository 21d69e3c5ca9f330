"""What the server counts: requests, refusals, outcomes, streams; and what it finds in the store when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from server.routes.gauges import Gauges

__all__ = ["Meters"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Meters:
    """The meters of one application, in a registry of their own. `streams` counts the live streams; `store` is what is
    read from the store when somebody asks.
    """

    def __init__(self, streams: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        made: Any = {"registry": self._registry}
        self.requests = Counter("saojie_requests", "Requests", ("route", "method", "status"), **made)
        self.seconds = Histogram("saojie_request_seconds", "Seconds a request", ("route",), buckets=_SECONDS, **made)
        self.refusals = Counter("saojie_refusals", "Refused requests by code", ("code",), **made)
        self.outcomes = Counter("saojie_outcomes", "Outcomes of operations by code", ("code",), **made)
        self.bell_failures = Counter("saojie_bell_failures", "Times that other nodes were not told or heard", **made)
        Gauge("saojie_live_streams", "Open live streams", **made).set_function(streams)
        self._job_done = Gauge(
            "saojie_job_done_timestamp_seconds",
            "When a regular job last ended well, or began to be run",
            ("job",),
            **made,
        )
        self._job_failures = Counter("saojie_job_failures", "Turns of regular jobs that failed", ("job",), **made)
        self.store = Gauges(self._registry)

    def job_begins(self, job: str, now: int) -> None:
        """A regular job is run from server time `now` on."""
        self._job_done.labels(job).set(now / 1000)
        self._job_failures.labels(job)

    def job_ended(self, job: str, now: int, *, is_well: bool) -> None:
        """A turn of a regular job ended at server time `now`."""
        if is_well:
            self._job_done.labels(job).set(now / 1000)
        else:
            self._job_failures.labels(job).inc()

    def written(self) -> bytes:
        """All meters in the text form of Prometheus."""
        return generate_latest(self._registry)
