"""The operator's desk of providers: agreements, secrets, from trial to live, quality and reconciliation."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inclusion import access_scenarios as access
from tanhui.inclusion import citydata, roles
from tanhui.inclusion.acts import providers as acts
from tanhui.inclusion.forms import scenarios as forms
from tanhui.inclusion.pages import scenario_words as words
from tanhui.inclusion.queries import quality, reconciling
from tanhui.inclusion.queries import scenarios as queries
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import downloads, refusals

INITIATE = Mandate.Capacity.INITIATE


@rights.needs(roles.READS)
@require_GET
def listing(request):
    """Every provider with its state, scenarios and the quality of what it handed in this month."""
    now = timezone.now()
    rows = list(queries.providers())
    scores = quality.scores(rows, clock.day(now).replace(day=1), clock.day(now))
    return render(request, "inclusion/desk/providers.html", {
        "rows": [(one, words.TONES[one.state], scores[one.pk]) for one in rows],
        "least": quality.least(clock.day(now)),
    })  # fmt: skip


@rights.needs(roles.OPERATES)
@require_http_methods(["GET", "POST"])
def enter(request):
    """Enter a provider under its agreement."""
    now = timezone.now()
    form = forms.Enter(
        request.POST or None, organisations=queries.candidates(), scenarios=queries.shown(),
        initial={"since": clock.day(now)},
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = dict(form.cleaned_data)
            try:
                made = acts.enter(
                    organisation=given.pop("organisation"), scenarios_=list(given.pop("scenarios")), at=now,
                    terms=acts.Terms(**given), mandate=access.mandate(request.user, roles.OPERATORS, INITIATE, at=now),
                )  # fmt: skip
                messages.success(request, pgettext("inclusion", "Entered. It can try out its interface now."))
                return redirect("inclusion:desk_provider", made.code)
            except Refusal as refusal:
                status = refusals.show(form, refusal, {acts.ProviderTaken.code: "code"})
    return render(request, "inclusion/desk/enter.html", {"form": form}, status=status)


@rights.needs(roles.READS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
def provider(request, code):
    """One provider: agreement, secrets, data batches, quality, and what can be done."""
    now = timezone.now()
    one = access.desk_provider(request.user, code, at=now)
    return shown(request, one, now, desk=True)


@rights.needs(roles.PROVIDES)
@require_GET
def mine(request):
    """The providers of the person's organisations."""
    now = timezone.now()
    rows = list(access.own_providers(request.user, at=now))
    scores = quality.scores(rows, clock.day(now).replace(day=1), clock.day(now))
    return render(request, "inclusion/provider/mine.html", {
        "rows": [(one, words.TONES[one.state], scores[one.pk]) for one in rows],
    })  # fmt: skip


@rights.needs(roles.PROVIDES, post=roles.HANDS_IN)
@require_http_methods(["GET", "POST"])
def own(request, code):
    """A provider's own page: its secret, handing in a file, its batches and what waits."""
    now = timezone.now()
    return shown(request, access.own_provider(request.user, code, at=now), now, desk=False)


def shown(request, one, now, *, desk):
    forms_ = {
        "issue": forms.Issue(request.POST if request.POST.get("do") == "issue" else None),
        "turn": forms.Turn(request.POST if request.POST.get("do") == "turn" else None),
        "file": forms.HandIn(*((request.POST, request.FILES) if request.POST.get("do") == "file" else ())),
    }
    status, refusal, token = 200, None, ""
    if request.method == "POST":
        status = 422
        try:
            done, token = carry_out(request, one, forms_, now, desk=desk)
            if done and not token:
                return redirect(*done)
            status = 200 if done else 422
        except Refusal as found:
            status, refusal = found.status, found
            one.refresh_from_db()
    today = clock.day(now)
    since, until = reconciling.span(request.GET.get("period", ""), today)
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        head, rows = reconciling.table(one, since, until)
        return downloads.table(f"{one.code}-{since}-{until}", request.GET["format"], head, rows)
    score = quality.scores([one], today.replace(day=1), today)[one.pk]
    return render(request, "inclusion/provider/provider.html", {
        "provider": one, "tone": words.TONES[one.state], "desk": desk, "forms": forms_, "refusal": refusal,
        "token": token, "credentials": one.credentials.filter(ended_at__isnull=True).order_by("-at"),
        "scenarios": one.scenarios.order_by("code"), "batches": queries.batches(one)[:20],
        "sums": reconciling.sums(one, since, until), "since": since, "until": until,
        "report": reconciling.days(one, since, until)[-31:],
        "period": request.GET.get("period", "month"), "score": score, "least": quality.least(today),
        "suspicions": one.suspicions.select_related("scenario").order_by("-at")[:20], "tones": words.TONES,
        "turns": turns(one) if desk else [],
    }, status=status)  # fmt: skip


def turns(one):
    """What the operator can make of a provider from here: state, label, whether a reason is asked."""
    live = pgettext("inclusion", "Let go live") if one.state == "SANDBOX" else pgettext("inclusion", "Let go on")
    found = {
        "SANDBOX": [("LIVE", live, False), ("ENDED", pgettext("inclusion", "End the agreement"), True)],
        "LIVE": [
            ("SUSPENDED", pgettext("inclusion", "Suspend"), True),
            ("ENDED", pgettext("inclusion", "End the agreement"), True),
        ],
        "SUSPENDED": [("LIVE", live, False), ("ENDED", pgettext("inclusion", "End the agreement"), True)],
    }  # fmt: skip
    return found.get(one.state, [])


def carry_out(request, one, forms_, now, *, desk):
    """Do what was chosen: where to go next, and a secret to show once. ``(None, "")`` when nothing known was asked."""
    do, body = request.POST.get("do", ""), one.operator if desk else one.organisation
    if do == "issue" and forms_["issue"].is_valid():
        mandate = access.of_body(request.user, body, INITIATE, at=now)
        token = acts.issue(provider=one, mandate=mandate, at=now, **forms_["issue"].cleaned_data)[1]
        return ("shown",), token
    if do == "revoke" and request.POST.get("key", "").isascii() and request.POST.get("key", "").isdigit():
        mandate = access.of_body(request.user, body, INITIATE, at=now)
        found = access.credential(one, int(request.POST["key"][:15]))
        acts.revoke(credential=found, mandate=mandate, at=now)
        messages.success(request, pgettext("inclusion", "The secret is good no longer."))
    elif do == "turn" and desk and forms_["turn"].is_valid():
        mandate = access.of_body(request.user, body, INITIATE, at=now)
        acts.turn(provider=one, mandate=mandate, at=now, **forms_["turn"].cleaned_data)
        messages.success(request, pgettext("inclusion", "Kept."))
    elif do == "file" and not desk and forms_["file"].is_valid():
        from tanhui.inclusion.acts import batches

        access.of_body(request.user, body, INITIATE, at=now)
        file = forms_["file"].cleaned_data["file"]
        raw = file.read(batches.MOST_BYTES + 1)
        made = batches.take(
            provider=one, way="FILE", reference=batches.of_file(raw), body=citydata.of_file(file.name, raw), at=now
        )  # fmt: skip
        return ("inclusion:batch", made.pk), ""
    else:
        return None, ""
    return ("inclusion:desk_provider" if desk else "inclusion:provider", one.code), ""
