"""A resident's own pages: how much, which days, why, which scenarios count, the year, the others."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.inclusion import access_account, badges, consent_texts, holders, numbers, regions
from tanhui.inclusion.acts import answering, consents, ruling
from tanhui.inclusion.forms import carbon as forms
from tanhui.inclusion.models import Account, Consent, Scenario
from tanhui.inclusion.queries import carbon as queries
from tanhui.inclusion.queries.reported import reported
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

HOW_MANY_MONTHS = 12
LATELY = timedelta(days=14)  # an answer stands on the first page


def with_account(view):
    """Whoever has no account, or none that is ready, is shown how to open one."""

    @rights.needs(rights.PERSON)
    def found(request, *args, **kwargs):
        account = holders.account_of(request.user)
        if account is None or account.state == Account.State.CONSENTED:
            return redirect("inclusion:carbon_open")
        return view(request, account, *args, **kwargs)

    return found


@with_account
@require_GET
def home(request, account):
    now = timezone.now()
    today = clock.day(now)
    first = today.replace(day=1)
    sums = queries.sums(account.pk)
    purse = queries.purse(account.pk, today)
    known = queries.names()
    notice = numbers.whole("points_expiry_notice", today)
    soon = [one for one in purse if (one[0] - today).days <= notice]
    return render(
        request,
        "inclusion/carbon/home.html",
        {
            "account": account, "sums": sums, "kilograms": sums.grams / 1_000, "today": today,
            "level": queries.level(sums.grams, today), "points": sum(points for _day, points in purse), "soon": soon,
            "this_month": sums.months.get(first, 0),
            "recent": [(one, known[one.scenario_id]) for one in queries.recent(account.pk)],
            "switched": len([one for one in queries.switched(account.pk).values() if "GENERAL" in one]),
            "waiting": [one for one in queries.waiting(account.pk) if one.state == "WAITING"],
            "answered": queries.answered(account.pk, now - LATELY)[:3],
            "badges": badges.earned(sums, known), "streak": queries.streak(account.pk, today),
        },
    )  # fmt: skip


@with_account
@require_GET
def month(request, account, year, number):
    """A calendar: each day leads to why it has its grams."""
    today = clock.day(timezone.now())
    if not (1 <= number <= 12 and 2000 <= year <= today.year + 1):
        raise Http404
    first = date(year, number, 1)
    weeks, grams = queries.month(account.pk, first)
    return render(
        request,
        "inclusion/carbon/month.html",
        {
            "weeks": weeks, "grams": grams, "first": first, "today": today, "account": account,
            "before": date.fromordinal(first.toordinal() - 1).replace(day=1), "after": queries.after(first),
            "later": queries.after(first) <= today,
        },
    )  # fmt: skip


@with_account
@require_http_methods(["GET", "POST"])
def day(request, account, on):
    """Why 80 g? Each scenario of the day with all that made its figure; and a word against it."""
    try:
        chosen = date.fromisoformat(on)
    except ValueError:
        raise Http404 from None
    now, status = timezone.now(), 200
    appeals = request.method == "POST" and request.POST.get("do") == "appeal"
    form = (forms.Appeal if appeals else forms.Said)(request.POST or None)
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid() and appeals:
                one = access_account.suspicion(account, form.cleaned_data["key"])
                ruling.appeal(suspicion=one, said=form.cleaned_data["said"], by=None, at=now)
                messages.success(request, _("Handed in. Somebody else decides; you find the answer on this page."))
                return redirect("inclusion:carbon_day", chosen.isoformat())
            if form.is_valid():
                answering.object_to(
                    account=account, scenario=access_account.scenario(form.cleaned_data["scenario"]), day=chosen,
                    said=form.cleaned_data["said"], at=now,
                )  # fmt: skip
                messages.success(request, _("Sent. You find the answer on this page."))
                return redirect("inclusion:carbon_day", chosen.isoformat())
        except Refusal as refusal:
            status = refusals.show(form, refusal)
    rows = queries.explained(account.pk, chosen)
    days = numbers.whole("inclusion_appeal_within", clock.day(now))
    held = [(one, appeal_until(one, days, now)) for one in queries.held(account.pk, chosen)]
    return render(
        request,
        "inclusion/carbon/day.html",
        {
            "day": chosen, "rows": rows, "held": held, "form": form, "account": account,
            "reported": reported(account.pk, chosen),
            "grams": sum(one.day.grams for one in rows), "kept": numbers.whole("raw_tracks_kept", clock.day(now)),
        },
        status=status,
    )  # fmt: skip


def appeal_until(held, days, now):
    """The last day to appeal against what was decided, or none where there is nothing to appeal against any more."""
    if len(held.rulings) != 1 or held.rulings[0].outcome != "REFUSED" or held.suspicion.appealed_at:
        return None
    since = held.rulings[0].at
    return None if ruling.late(since, days, now) else ruling.deadline(since, days).day


@with_account
@require_http_methods(["GET", "POST"])
def switches(request, account):
    """A switch for each scenario, with the text it stands for; where a track is needed, a second one."""
    refusal, status = None, 200
    if request.method == "POST":
        kind, turn, version = (request.POST.get(name, "")[:12] for name in ("kind", "turn", "text_version"))
        if kind not in ("GENERAL", "TRACK") or turn not in ("on", "off"):
            raise Http404
        scenario = access_account.scenario(request.POST.get("scenario", "")[:40])
        try:
            consents.turn(
                account=account, scenario=scenario, kind=Consent.Kind(kind), on=turn == "on", text_version=version,
                at=timezone.now(),
            )  # fmt: skip
            said = _("“%(name)s” counts from now on.") if turn == "on" else _("“%(name)s” does not count any more.")
            if kind == "TRACK":
                said = _("Kept: your word on where you were, for “%(name)s”.")
            messages.success(request, said % {"name": scenario.name})
            return redirect(f"{reverse('inclusion:carbon_switches')}#{scenario.code}")
        except Refusal as found:
            refusal, status = found, found.status
    on, marks = queries.switched(account.pk), queries.marks(account.pk)
    rows = Scenario.objects.filter(state__in=["OPERATING", "SUSPENDED"]).prefetch_related("providers")
    return render(
        request,
        "inclusion/carbon/switches.html",
        {
            "rows": [
                (one, on.get(one.pk, set()), [
                    (provider, marks[provider.pk]) for provider in one.providers.all() if provider.pk in marks
                ])
                for one in rows.order_by("ease", "code")
            ],
            "refusal": refusal,
            "version": consent_texts.CURRENT, "account": account, "today": clock.day(timezone.now()),
            "texts": [texts("GENERAL"), texts("TRACK")],
        },
        status=status,
    )  # fmt: skip


def texts(kind):
    language = get_language() or "en"
    text = consent_texts.text(kind)
    return {"title": text.title(language), "lines": text.lines(language), "version": text.version}


@with_account
@require_GET
def year(request, account, number):
    """A year looked back upon: its months, scenarios, badges."""
    today = clock.day(timezone.now())
    if not 2000 <= number <= today.year:
        raise Http404
    since, until = date(number, 1, 1), date(number + 1, 1, 1)
    sums, known = queries.sums(account.pk, since, until), queries.names()
    months = [(date(number, one, 1), sums.months.get(date(number, one, 1), 0)) for one in range(1, 13)]
    best = max(months, key=lambda one: one[1])
    first = queries.first_day(account.pk)
    return render(
        request,
        "inclusion/carbon/year.html",
        {
            "number": number, "sums": sums, "kilograms": sums.grams / 1_000, "months": months,
            "best": best if best[1] else None, "badges": badges.earned(sums, known), "today": today,
            "scenarios": [(known[key], grams, days) for key, (grams, days) in sums.scenarios.items()],
            "before": number - 1 if first and first.year < number else None,
            "after": number + 1 if number < today.year else None,
            "trees": sums.grams / 1_000 / badges.TREE_KG,
        },
    )  # fmt: skip


@with_account
@require_GET
def ranking(request, account):
    """Those who wished to be ranked, this month: of one's district, or teams."""
    now = timezone.now()
    first = clock.day(now).replace(day=1)
    teams = request.GET.get("of") == "teams"
    rows = queries.ranking(account, first, teams=teams, most=numbers.whole("ranking_rows", first))
    return render(
        request,
        "inclusion/carbon/ranking.html",
        {"rows": rows, "teams": teams, "account": account, "month": first, "region": regions.name(account.region)},
    )


@rights.needs(rights.PUBLIC)
@require_GET
def statistics(request):
    """What everybody together did, in figures of ten people at least."""
    today: date = clock.day(timezone.now())
    least = numbers.whole("public_statistics_k", today)
    since = date.fromordinal(today.replace(day=1).toordinal() - 31 * (HOW_MANY_MONTHS - 1)).replace(day=1)
    return render(
        request,
        "inclusion/carbon/statistics.html",
        {"least": least} | queries.statistics(least, since, today.replace(day=1)),
    )
