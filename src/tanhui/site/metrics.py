"""``/metrics`` for Prometheus: what requests cost and which rules said no, over all web processes, and what waits.

Counters live in files that every web process writes (``PROMETHEUS_MULTIPROC_DIR``, set by the supervisor); what waits
is asked of the database when somebody looks. Nothing here names a person, an organisation or an address.
"""

import ipaddress
import os
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from tanhui.identity import rights
from tanhui.journal import jobs
from tanhui.journal import queries as journal
from tanhui.notices import queries as notices

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

requests = Counter("tanhui_requests", "Requests answered.", ["route", "method", "status"])
latency = Histogram("tanhui_request_seconds", "How long answering took.", ["route"], buckets=SECONDS)
refusals = Counter("tanhui_refusals", "Requests that met a rule that says no, by its code.", ["code"])


class Waiting(Collector):
    """What waits, asked of the database."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        number = GaugeMetricFamily("tanhui_jobs", "Jobs by state: todo, doing, failed.", labels=["state"])
        found = jobs.counts()
        for state in (jobs.WAITING, jobs.RUNNING, jobs.FAILED):
            number.add_metric([state], found.get(state, 0))
        yield number
        seen = jobs.heartbeat()
        age = (now - seen).total_seconds() if seen else float("inf")
        yield GaugeMetricFamily("tanhui_worker_silent_seconds", "Since a worker last said it lives.", value=age)
        head = journal.head()
        yield GaugeMetricFamily(
            "tanhui_log_size", "Leaves under the newest checkpoint.", value=head.size if head else 0
        )
        yield GaugeMetricFamily("tanhui_log_waiting", "Facts not in the log yet.", value=journal.waiting())
        queues = notices.queues()
        waiting = GaugeMetricFamily("tanhui_notices_waiting", "What notices have yet to do.", labels=["queue"])
        for name in ("facts", "set_aside", "letters", "letters_failed", "deliveries", "deliveries_failed"):
            waiting.add_metric([name], getattr(queues, name))
        yield waiting
        late = (now - queues.oldest_due_at).total_seconds() if queues.oldest_due_at else 0.0
        yield GaugeMetricFamily("tanhui_notices_late_seconds", "How long the oldest is overdue.", value=max(0.0, late))


def observe(*, route: str, method: str, status: int, seconds: float, refused: set[str]) -> None:
    """Count one answered request."""
    requests.labels(route, method if method in METHODS else "other", status).inc()
    latency.labels(route).observe(seconds)
    for code in refused:
        refusals.labels(code).inc()


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


@rights.needs(rights.PUBLIC)
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever holds ``TANHUI_METRICS_TOKEN``, and for this machine itself; for anybody else it is not there."""
    if not may_look(request):
        raise Http404
    registry = CollectorRegistry()
    if os.environ.get(FOLDER):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        said = generate_latest(registry)
    else:
        said = generate_latest(REGISTRY)
    waiting = CollectorRegistry()
    try:
        waiting.register(Waiting())
        said += generate_latest(waiting)
    except DatabaseError:
        said += b"# the database does not answer\n"
    return HttpResponse(said, content_type=CONTENT_TYPE_LATEST)


def may_look(request: HttpRequest) -> bool:
    """Whoever sends the token; without one set, this machine itself when no proxy speaks for others."""
    token = settings.TANHUI_METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), token.encode())
    if settings.SECURE_PROXY_SSL_HEADER or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
