"""The desk: the accounting years somebody works on, and opening one."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.inventory import queries, roles


@rights.needs(roles.READS)
@require_GET
def years(request):
    now = timezone.now()
    return render(request, "inventory/desk/years.html", {"rows": list(queries.at_desk(request.user, at=now))})
