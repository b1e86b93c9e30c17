"""The operator's console: days to settle and settled, effect and budget, and what the rules hold back."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inclusion import access_scenarios as access
from tanhui.inclusion import numbers, roles
from tanhui.inclusion.acts import budgeting, ruling, settling
from tanhui.inclusion.forms import scenarios as forms
from tanhui.inclusion.models import Scenario, Suspicion
from tanhui.inclusion.pages import scenario_words as words
from tanhui.inclusion.queries import evaluation
from tanhui.inclusion.queries import scenarios as queries
from tanhui.kernel import clock, quantity
from tanhui.kernel.refusal import Refusal
from tanhui.tally import reasons
from tanhui.ui import downloads, refusals

INITIATE = Mandate.Capacity.INITIATE
MOST = 200  # of the queue on one page: the oldest that wait, the newest that were decided
SMALL_G = 10_000_000  # below ten tonnes a sum is told in kilograms
REACH = timedelta(days=29)  # a month, where no span is asked for


@rights.needs(roles.READS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
def console(request):
    """Settlements and the effect of a span; settling a day, setting a month's budget."""
    now = timezone.now()
    today, do = clock.day(now), request.POST.get("do", "")
    settle = forms.Settle(request.POST if do == "settle" else None, initial={"day": today - timedelta(days=1)})
    budget = forms.SetBudget(request.POST if do == "budget" else None, initial={"month": today.replace(day=1)})
    status = 200
    if request.method == "POST":
        status = 422
        form = {"settle": settle, "budget": budget}.get(do)
        if form is not None and form.is_valid():
            try:
                messages.success(request, carry_out(request, do, form.cleaned_data, now))
                return redirect("inclusion:console")
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    span = forms.Span({"since": today - REACH, "until": today} | request.GET.dict())
    since, until = today - REACH, today
    if span.is_valid() and span.cleaned_data["since"] and span.cleaned_data["until"]:
        given = span.cleaned_data["since"], span.cleaned_data["until"]
        if forms.FIRST <= given[0] <= given[1] <= forms.LAST:
            since, until = given
    effect = evaluation.effect(since, until)
    last = evaluation.last_settlements(since, until)
    rows = by_scenario(last)
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        head = ["scenario", "code", "grams", "events", "user_days"]
        return downloads.table(f"effect-{since}-{until}", request.GET["format"], head, [
            [one["name"], one["code"], one["grams"], one["events"], one["people"]] for one in rows
        ])  # fmt: skip
    mine = {one.membership.organisation.role for one in access.held(request.user, at=now)}
    whole = effect["budget_fen"] + effect["earned_fen"]
    return render(request, "inclusion/desk/console.html", {
        "settle": settle, "budget": budget, "effect": effect, "since": since, "until": until, "rows": rows,
        "yuan": yuan(effect["spent_fen"]), "budget_yuan": yuan(whole), "earned_yuan": yuan(effect["earned_fen"]),
        "tonne_yuan": yuan(effect["fen_a_tonne"]) if effect["fen_a_tonne"] is not None else "—",
        "share": effect["spent_fen"] * 100 // whole if whole else None,
        "months": evaluation.months(since, until), "days": last, "open": queries.unsettled()[:14],
        "settlements": [
            (one, words.TONES[one.state], stopped(one), words.became(one.counts)) for one in queries.settlements()[:14]
        ],
        "small": effect["grams"] < SMALL_G, "kg": f"{effect['grams'] // 1000:,}",
        "operates": bool(mine & set(roles.OPERATORS)), "span": span, "waiting": queries.queue().count(),
    }, status=status)  # fmt: skip


def carry_out(request, do, given, now):
    mandate = access.mandate(request.user, roles.OPERATORS, INITIATE, at=now)
    if do == "settle":
        settling.ask(day=given["day"], mandate=mandate, at=now)
        return pgettext("inclusion", "In the queue. The day is settled by the worker.")
    budgeting.set_(month=given["month"], fen=given["amount"], note=given["note"], mandate=mandate, at=now)
    return pgettext("inclusion", "The budget is set.")


def by_scenario(rows):
    """The effect of each scenario, the largest first, with its name and share."""
    found = evaluation.by_scenario(rows)
    names = dict(Scenario.objects.values_list("code", "name"))
    whole = sum(one["grams"] for one in found.values())
    return sorted(
        (
            {"code": code, "name": names.get(code, code), "kg": said["grams"] // 1000,
             "share": said["grams"] * 100 // whole if whole else 0, **said}
            for code, said in found.items()
        ),
        key=lambda one: -one["grams"],
    )  # fmt: skip


def yuan(fen):
    return quantity.yuan_from_fen(fen)


def stopped(one):
    return one.stop["said"].get(get_language() or "zh-hans", one.stop["said"]["en"]) if one.stop else ""


@rights.needs(roles.READS)
@require_safe
def suspicions(request):
    """What waits for a decision, appeals among them; or what was decided."""
    state = request.GET.get("state", "")
    chosen = state if state in Suspicion.State.values and state != "WAITING" else ""
    rows = queries.queue(chosen)[:MOST]
    return render(request, "inclusion/desk/suspicions.html", {
        "rows": [(one, words.TONES[one.state], said(one)) for one in rows], "chosen": chosen,
        "waiting": queries.queue().count(),
    })  # fmt: skip


def said(one):
    return reasons.say(one.rule, one.facts, get_language() or "zh-hans")


@rights.needs(rights.member("inclusion.suspicion"))
@require_http_methods(["GET", "POST"])
def suspicion(request, key):
    """One behaviour that is held back: why, what was decided, and deciding or appealing."""
    now = timezone.now()
    one = access.suspicion(request.user, key, at=now)
    do, status = request.POST.get("do", ""), 200
    rule = forms.Rule(request.POST if do == "rule" else None)
    appeal = forms.Appeal(request.POST if do == "appeal" else None)
    if request.method == "POST":
        status = 422
        form = {"rule": rule, "appeal": appeal}.get(do)
        if form is not None and form.is_valid():
            try:
                messages.success(request, judge(request, one, do, form.cleaned_data, now))
                return redirect("inclusion:suspicion", one.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
                one.refresh_from_db()
    mine = {row.membership.organisation_id: row.membership.organisation.role
            for row in access.held(request.user, at=now)}  # fmt: skip
    rulings = list(one.rulings.select_related("by", "organisation").order_by("number"))
    days = number("inclusion_ruling_within", clock.day(now))
    operates = bool(set(mine.values()) & set(roles.OPERATORS))
    return render(request, "inclusion/desk/suspicion.html", {
        "one": one, "tone": words.TONES[one.state], "said": said(one), "rulings": rulings, "rule": rule,
        "span": [datetime.fromisoformat(one.facts[name]) for name in ("began_at", "ended_at")] if one.facts else [],
        "appeal": appeal, "desk": bool(set(mine.values()) & {*roles.OPERATORS, *roles.ASSESSORS, *roles.AUTHORITIES}),
        "objections": queries.objections(one) if operates else [], "operates": operates,
        "decides": operates
        and (not rulings or (len(rulings) == 1 and one.appealed_at is not None)),
        "appeals": one.provider.organisation_id in mine and len(rulings) == 1 and rulings[0].outcome == "REFUSED"
        and one.appealed_at is None,
        "due": ruling.deadline(one.appealed_at or one.at, days).day if days else None,
    }, status=status)  # fmt: skip


def judge(request, one, do, given, now):
    if do == "appeal":
        access.of_body(request.user, one.provider.organisation, INITIATE, at=now)
        ruling.appeal(suspicion=one, said=given["said"], by=request.user.pk, at=now)
        return pgettext("inclusion", "Handed in. Somebody else decides it.")
    held = [row for row in access.held(request.user, at=now) if row.membership.organisation.role in roles.OPERATORS]
    signing = [row for row in held if row.capacity in roles.SIGNING]
    mandate = signing[0] if signing else access.mandate(request.user, roles.OPERATORS, INITIATE, at=now)
    ruling.decide(suspicion=one, outcome=given["outcome"], reason=given["reason"], mandate=mandate, at=now)
    return pgettext("inclusion", "Decided. The day is settled anew for this person by its next run.")


def number(key, on):
    try:
        return numbers.whole(key, on)
    except Refusal:
        return 0
