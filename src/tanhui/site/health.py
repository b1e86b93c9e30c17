"""``/healthz``: this process answers. ``/readyz``: it could serve people now, and if not, why."""

from datetime import timedelta

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tanhui.identity import rights
from tanhui.journal import jobs
from tanhui.journal import queries as journal
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.rulepacks import calendar
from tanhui.site import startup
from tanhui.site.startup import ENGLISH

SILENT = timedelta(seconds=60)  # since a worker last said that it lives
BEHIND = timedelta(seconds=60)  # that a fact waits for its place in the log


class CalendarUnknown(Refusal):
    code = "site.calendar_unknown"
    sentence = gettext_noop(
        "The working days of %(year)s are not known, so every deadline is provisional. Update chinesecalendar, or load "
        "the State Council's holiday notice."
    )
    clause = "《全国年节及纪念日放假办法》"
    status = 503


class WorkerSilent(Refusal):
    code = "site.worker_silent"
    sentence = gettext_noop(
        "No worker has said for %(seconds)s s that it lives: facts wait for the log, and nothing is mailed. Start one "
        "with `tanhui work`, or look into its log."
    )
    clause = "ARCHITECTURE.md §7"
    status = 503


class LogBehind(Refusal):
    code = "site.log_behind"
    sentence = gettext_noop(
        "%(facts)s facts wait for their place in the log, the oldest for %(seconds)s s. Look into the worker's log."
    )
    clause = "ARCHITECTURE.md §7"
    status = 503


@rights.needs(rights.PUBLIC)
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@rights.needs(rights.PUBLIC)
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 and ``{"ready": true}``, or 503 with the code and sentence of everything that stands in the way.

    ``warnings`` say what is wrong and yet no reason to send people away: they would not be served better elsewhere.
    """
    faults = startup.faults()
    said = {"ready": not faults, "faults": told(faults), "warnings": told([] if faults else warnings())}
    return JsonResponse(said, status=503 if faults else 200)


def told(found: list[Refusal]) -> list[dict[str, str]]:
    return [{"code": one.code, "sentence": one.say(ENGLISH)} for one in found]


def warnings() -> list[Refusal]:
    """What an operator should look into."""
    now = timezone.now()
    found: list[Refusal] = []
    year = clock.day(now).year
    if year not in calendar.announced().years:
        found.append(CalendarUnknown(year=year))
    try:
        seen = jobs.heartbeat()
        oldest = journal.oldest_waiting()
        if seen is None or now - seen > SILENT:
            found.append(WorkerSilent(seconds="–" if seen is None else round((now - seen).total_seconds())))
        if oldest is not None and now - oldest > BEHIND:
            found.append(LogBehind(facts=journal.waiting(), seconds=round((now - oldest).total_seconds())))
    except DatabaseError as fault:
        found.append(startup.DatabaseUnreachable(reason=str(fault).strip().splitlines()[0]))
    return found
