"""An account's lists: what it holds on any day, and what moved. Each keeps its filter in its link, and is a file."""

import datetime as dt

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.registry import access, book, forms, openings, queries
from tanhui.registry.forms import book as filters
from tanhui.registry.pages import wording
from tanhui.ui import downloads, shared

FORMATS = {"csv", "xlsx"}
READ = rights.member("registry.accounts", at_door=True)
FIRST = dt.date(2000, 1, 1)


@rights.needs(READ)
@require_GET
def holdings(request, code):
    now = timezone.now()
    account, others = access.account_and_others(request.user, code, at=now)
    today = timezone.localdate(now)
    form = filters.Holdings(request.GET, vintages=shared.kept(request, lambda: book.vintages(account)), today=today)
    narrowed = form.narrowing()
    as_of = access.span(form.day, form.day)[1] if form.day and form.day < today else None
    if request.GET.get("format") in FORMATS:
        name = f"{account.code}-holdings-{form.day or today}"
        rows = book.every_holding(account, narrowed=narrowed, as_of=as_of)
        return downloads.table(name, request.GET["format"], held_header(), map(held_row, rows))
    page = book.holdings(account, narrowed=narrowed, number=page_number(request), as_of=as_of)
    ending = openings.ending_of(account, today=today)
    may_initiate = access.holds(request.user, account.organisation, Mandate.Capacity.INITIATE, at=now)
    elsewhere = [(one.code, one.organisation.name) for one in others]
    seen = (account.state, account.organisation.name, elsewhere, ending, page, may_initiate, form.vintages, today)
    return render(
        request,
        "registry/holdings.html",
        {
            "account": account,
            "page": page,
            "form": form,
            "narrowed": narrowed != book.Narrowing(),
            "as_of": form.day if as_of else None,
            "others": others,
            "ending": ending,
            "may_initiate": may_initiate,
            "statement_form": lambda: forms.Span(
                initial={"since": today.replace(day=1), "until": today}, auto_id="st_%s"
            ),
            "said": f"{request.get_full_path()} {seen!r}",  # where this is the same, so is the page
        },
    )


def statement_form(today):
    return forms.Span(initial={"since": today.replace(day=1), "until": today}, auto_id="st_%s")


@rights.needs(READ)
@require_GET
def movements(request, code):
    account = access.account(request.user, code, at=timezone.now())
    form = filters.Movements(request.GET)
    narrowed = form.narrowing()
    given = form.cleaned_data
    chosen = {"narrowed": narrowed, "kind": given.get("kind", ""), "span": days(given)}
    if request.GET.get("format") in FORMATS:
        rows = book.every_movement(account, **chosen)
        name = f"{account.code}-movements"
        return downloads.table(name, request.GET["format"], moved_header(), map(moved_row, rows))
    page = book.movements(account, before=request.GET.get("before", ""), **chosen)
    rows = [(one, kind(one), wording.other_end(one.other), abs(one.quantity)) for one in page.rows]
    return render(request, "registry/movements.html", {"account": account, "form": form, "page": page, "rows": rows})


@rights.needs(rights.person("registry.instructions"))
@require_GET
def instructions(request):
    """What waits for its second signature, and what has ended, filtered."""
    now = timezone.now()
    form = filters.Instructions(request.GET)
    form.is_valid()
    given = form.cleaned_data
    page = book.ended(
        request.user, at=now, act=given.get("act", ""), outcome=given.get("outcome", ""), span=days(given),
        number=page_number(request),
    )  # fmt: skip
    asked = queries.instructions(request.user, at=now)
    waiting = list(asked.filter(decision__isnull=True, expires_at__gt=now).order_by("expires_at"))
    for one in [*waiting, *page.rows]:
        one.title = wording.title(one)
    return render(
        request,
        "registry/instructions.html",
        {"open": waiting, "page": page, "form": form, "narrowed": any(given.values())},
    )


def days(given):
    """From the first day to the end of the last, where one of them is given; of days that make no sense nothing."""
    since, until = given.get("since"), given.get("until")
    if not since and not until:
        return None
    try:
        return access.span(since or FIRST, until or max(since, timezone.localdate()))
    except access.DayImpossible:
        return None


def page_number(request):
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 7 and int(given) else 1


def held_header():
    return [
        _("Project number"), _("Project"), _("Vintage"), _("Batch"), _("Where"),
        _("Held (tCO2e)"), _("Available (tCO2e)"), _("Reserved (tCO2e)"), _("Locked (tCO2e)"),
    ]  # fmt: skip


def held_row(one):
    amounts = [one.quantity, one.available, one.reserved, one.locked]
    return [f"{one.number:06d}", one.project, one.vintage, one.batch, one.where, *amounts]


def moved_header():
    return [
        _("Time"), _("Transaction"), _("What happened"), _("Project"), _("Batch"), _("Where"), _("Counterpart"),
        _("Tonnes in (+) or out (−)"), _("Serials"),
    ]  # fmt: skip


def moved_row(one):
    time = timezone.localtime(one.at).isoformat(timespec="seconds")
    numbers = " ".join(wording.printed(one.batch, block) for block in one.serials)
    where = one.sub_account.get_purpose_display()
    facts = [time, str(one.transaction), str(kind(one)), one.batch.project.name, str(one.batch), where]
    return [*facts, wording.other_end(one.other), one.quantity, numbers]


def kind(one):
    return filters.KINDS.get(one.kind, one.kind)
