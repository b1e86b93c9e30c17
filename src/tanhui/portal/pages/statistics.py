"""The register at the end of any day, split by scheme, methodology, vintage, province and purpose."""

import datetime as dt

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.journal import queries as journal
from tanhui.portal.pages import registers
from tanhui.portal.queries import statistics as figures
from tanhui.registry.models import Retirement
from tanhui.ui import downloads

MONTHS = 12
TITLES = {
    "scheme": gettext_lazy("By scheme"), "methodology": gettext_lazy("By methodology"),
    "vintage": gettext_lazy("By vintage"), "province": gettext_lazy("By province"),
    "purpose": gettext_lazy("Retired, by purpose"),
}  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def statistics(request):
    now = timezone.now()
    on = asked(request, now)
    found = figures.at_end_of(on)
    place = figures.log_at_end_of(on)
    form = request.GET.get("format")
    if form == "json":
        return JsonResponse(figures.told(on, found, place), json_dumps_params={"ensure_ascii": False})
    if form in {"csv", "xlsx"}:
        return downloads.table(f"statistics-{on}", form, header(), rows(found))
    return render(
        request,
        "portal/statistics.html",
        {
            "on": on, "today": timezone.localdate(now), "found": found, "figures": found.whole, "place": place,
            "tables": tables(found),
            "series": figures.series(on, MONTHS), "check": figures.last_check(), "now": now,
            "head": journal.head(),
        },
    )  # fmt: skip


def tables(found):
    return [
        {
            "title": TITLES[name], "label": registers.LABELS[name], "name": name,
            "rows": [(label(name, one.value), one) for one in values],
        }
        for name, values in found.values.items() if values
    ]  # fmt: skip


def asked(request, now):
    """The day of the address; today for one that is none or has not come."""
    today = timezone.localdate(now)
    try:
        given = parse_date(request.GET.get("on", ""))
    except ValueError:
        given = None
    return min(given, today) if given and given >= dt.date(2000, 1, 1) else today


def label(name, value):
    if name == "province":
        return registers.province(value)
    return dict(Retirement.Purpose.choices).get(value, value) if name == "purpose" else value


def header():
    return [
        _("Split by"), _("Value"), _("Issued (tCO2e)"), _("Held (tCO2e)"), _("Buffer (tCO2e)"), _("Retired (tCO2e)"),
        _("Cancelled (tCO2e)"), _("Turnover (tCO2e)"),
    ]  # fmt: skip


def rows(found):
    yield [_("All"), "", *numbers(found.whole)]
    for name, values in found.values.items():
        for one in values:
            yield [str(TITLES[name]), str(label(name, one.value)), *numbers(one.figures)]


def numbers(one):
    return [getattr(one, name) for name in figures.NAMES]
