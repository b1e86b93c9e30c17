"""Readings by month: which files there are of each device, and stamping the month into the log."""

import datetime as dt
import hashlib

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_field, surveys
from tanhui.projects.acts import stamping
from tanhui.projects.queries import field as queries


@rights.needs(access_field.READS, post=access_field.KEEPS)
@require_http_methods(["GET", "POST"])
def months(request, key):
    """The months with readings; the form stamps one by the hash of its manifest."""
    now = timezone.now()
    one = access_field.development(request.user, key, at=now)
    refused, status = None, 200
    if request.method == "POST":
        mandate = access_field.keeper(request.user, one.owner_id, at=now)
        month = surveys.day_of(request.POST.get("month"))
        if month is None or month.day != 1:
            raise Http404
        raw = queries.manifest(one, month)
        try:
            stamping.stamp(
                development=one, month=month, sha256=hashlib.sha256(raw).hexdigest(), size_bytes=len(raw),
                name=f"{one.code}-{month:%Y-%m}.json", mandate=mandate, at=now,
            )  # fmt: skip
            messages.success(request, _("The month is stamped; its readings are closed."))
            return redirect(request.path)
        except Refusal as refusal:
            refused, status = refusal, refusal.status
    return render(
        request, "projects/field/months.html",
        {
            "development": one, "months": queries.months(one), "refused": refused,
            "keeps": access_field.keeps(request.user, one.owner_id, at=now),
        },
        status=status,
    )  # fmt: skip


@rights.needs(access_field.READS)
@require_GET
def manifest(request, key, year, month):
    """What is stamped: device, day, rows and SHA-256 of every file of the month."""
    one = access_field.development(request.user, key, at=timezone.now())
    if not (1 <= month <= 12 and 2000 <= year <= 2199):
        raise Http404
    answer = HttpResponse(queries.manifest(one, dt.date(year, month, 1)), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{one.code}-{year}-{month:02d}.json"'
    return answer
