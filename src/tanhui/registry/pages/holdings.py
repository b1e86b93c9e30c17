from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tanhui.identity.models import Mandate
from tanhui.registry import forms
from tanhui.registry.pages import reading


@login_required
@require_GET
def mine(request):
    """The account of the visitor's organisation; a page that says what to do when there is none."""
    first = next(iter(reading.accounts(request.user, at=timezone.now())), None)
    if first is None:
        return render(request, "registry/no_account.html")
    return redirect("registry:holdings", first.code)


@login_required
@require_GET
def holdings(request, code):
    now = timezone.now()
    account = reading.account(request.user, code, at=now)
    rows = reading.stock(account)
    day = timezone.localdate()
    return render(request, "registry/holdings.html", {
        "account": account,
        "rows": rows,
        "totals": {
            name: sum(getattr(row, name) for row in rows) for name in ("quantity", "available", "reserved", "locked")
        },
        "others": reading.accounts(request.user, at=now).exclude(pk=account.pk),
        "may_initiate": reading.holds(request.user, account.organisation, Mandate.Capacity.INITIATE, at=now),
        "statement_form": forms.Span(initial={"since": day.replace(day=1), "until": day}),
    })
