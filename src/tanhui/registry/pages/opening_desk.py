"""The desk of those who review applications: what is new, in hand, returned or done; and one to decide on."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.registry import access, openings
from tanhui.registry.acts.opening import content, deciding, drafting, reviewing
from tanhui.registry.forms import opening as forms
from tanhui.registry.models import Application, Paper
from tanhui.registry.pages import opening_words as words
from tanhui.ui.components.lists import Row

REVIEW = rights.member(
    "registry.review_opening",
    roles=[Organisation.Role.EXCHANGE, Organisation.Role.REGISTRY],
    capacities=[Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM],
)
VIEWS = {  # each with what to say when it is empty
    "new": (
        gettext_lazy("New"),
        gettext_lazy("Nothing new"),
        gettext_lazy("Applications nobody has taken in hand appear here."),
    ),
    "mine": (
        gettext_lazy("In my hands"),
        gettext_lazy("Nothing in your hands"),
        gettext_lazy("Take an application from “New”."),
    ),
    "others": (
        gettext_lazy("With colleagues"),
        gettext_lazy("Nothing with colleagues"),
        gettext_lazy("What colleagues have in hand appears here; you may take it over."),
    ),
    "returned": (
        gettext_lazy("Returned"),
        gettext_lazy("Nothing is being corrected"),
        gettext_lazy("Applications sent back wait here; their clock stands still."),
    ),
    "done": (
        gettext_lazy("Done"),
        gettext_lazy("Nothing done yet"),
        gettext_lazy("What was decided or passed on appears here."),
    ),
}
SHOWN = 200


@rights.needs(REVIEW)
@require_GET
def queue(request, view="new"):
    now = timezone.now()
    held = openings.bodies(request.user, at=now)
    if view not in VIEWS or not held:
        raise Http404
    form = forms.Search(request.GET)
    searched = access.searched(form.cleaned_data["q"]) if form.is_valid() else ""
    rows = list(openings.queue(request.user, held, view, at=now, searched=searched)[:SHOWN])
    for one in rows:
        one.due = openings.due(one, today=clock.day(now))
        one.tone = words.TONES[one.state]
        one.class_shown = words.shown("applicant_class", one.draft.get("applicant_class", ""))
    counts = {
        name: openings.queue(request.user, held, name, at=now).count() for name in ("new", "mine", "others", "returned")
    }
    title, nothing, advice = VIEWS[view]
    return render(
        request,
        "registry/opening_queue.html",
        {
            "rows": rows, "view": view, "title": title, "nothing": nothing, "advice": advice, "form": form,
            "tabs": [(name, label, counts.get(name)) for name, (label, _n, _a) in VIEWS.items()],
            "searched": searched, "full": len(rows) == SHOWN,
        },
    )  # fmt: skip


@rights.needs(REVIEW)
@require_http_methods(["GET", "POST"])
def review(request, key):
    """One application: everything said, every paper, what differs from the round before, and the decision."""
    now = timezone.now()
    application = access.reviewed_application(request.user, key, at=now)
    remarkable = [(one, words.label(one)) for one in [*words.FIELDS, *Paper.Kind.values]]
    data = request.POST if request.method == "POST" else None
    form = forms.Review(data, fields=remarkable, initial={"version": application.version, "reference": uuid.uuid4()})
    refusal, status, revealed = None, 200, False
    if data is not None:
        try:
            if form.is_valid() and decide(request, application, form, now):
                return redirect("registry:opening_review", application.pk)
            status = 422
        except Refusal as said:
            refusal, status = said, said.status
            application = access.reviewed_application(request.user, key, at=now)
        if request.POST.get("do") == "reveal" and refusal is None:
            revealed, status = True, 200
    return render(
        request,
        "registry/opening_review.html",
        laid_out(request, application, form, now, revealed=revealed) | {"refusal": refusal},
        status=status,
    )


def decide(request, application, form, now):
    """Carry out what the reviewer chose; ``False`` when it is nothing known. Refuses as the acts do."""
    given, do = form.cleaned_data, request.POST.get("do")
    capacity = {"propose": "INITIATE", "confirm": "CONFIRM", "turn_down": "CONFIRM", "take_back": "INITIATE"}.get(
        do, ""
    )
    common = {
        "application": application,
        "mandate": access.reviewer(request.user, application, capacity, at=now),
        "at": now,
    }
    named = common | {"reference": given["reference"]}
    match do:
        case "take":
            reviewing.take(**named)
        case "reveal":
            reviewing.look(**common)
            return False
        case "pass":
            reviewing.pass_on(**named, checklist=given["checklist"], version=given["version"])
            messages.success(request, _("Passed on to the registry."))
        case "return":
            reviewing.send_back(**named, reason=given["reason"], remarks=form.remarks, version=given["version"])
            messages.success(request, _("Returned. The clock stands still until the applicant submits it again."))
        case "reject":
            reviewing.reject(**named, reason=given["reason"], version=given["version"])
            messages.success(request, _("Turned down."))
        case "propose":
            deciding.propose(**named, checklist=given["checklist"], version=given["version"])
            messages.success(request, _("Signed. A colleague must sign too; then the account opens."))
        case "confirm":
            decision = deciding.confirm(**common)
            messages.success(request, _("Account %(account)s is open.") % decision.result)
        case "turn_down":
            deciding.turn_down(**common, reason=given["reason"])
            messages.success(request, _("Not signed. The application is back in review."))
        case "take_back":
            deciding.take_back(**common)
            messages.success(request, _("Taken back."))
        case _:
            return False
    return True


def laid_out(request, application, form, now, *, revealed):
    """What the page shows of an application."""
    rounds, taken = openings.rounds(application), openings.steps(application)
    last = rounds[-1]
    changed, changed_papers = set(), set()
    if len(rounds) > 1:
        changed = {one.field for one in openings.differences(rounds[-2], last)}
        changed_papers = openings.paper_differences(rounds[-2], last)
    earlier = openings.standing_remarks(application)
    remarks = earlier.remarks if earlier else {}
    asked = openings.proposed(application, at=now)
    held = openings.bodies(request.user, at=now)
    turn = openings.came_to(held).filter(openings.turn(held), pk=application.pk).exists()
    mine = application.reviewer_id == request.user.pk
    asks = {one: form[f"remark-{one}"] for one in [*words.FIELDS, *Paper.Kind.values]}
    ticked = set(form["checklist"].value() or [])
    answers = words.sections(drafting.filled_in(last), remarks=remarks, changed=changed, revealed=revealed)
    return {
        "application": application, "tone": words.TONES[application.state],
        "due": openings.due(application, today=clock.day(now)), "line": words.life_line(application, taken),
        "sections": [(title, [(one, asks.get(one.field)) for one in lines]) for _part, title, lines in answers],
        "papers": [
            (kind, label, file, kind in changed_papers, asks[kind], kind in ticked, remarks.get(kind, ""))
            for kind, label, file, _changed in words.files(application, last.papers)
        ],
        "seats": openings.seats(application), "steps": words.history(taken),
        "rounds": rounds, "last": last, "earlier": earlier, "earlier_round": last.number - 1,
        "form": form, "revealed": revealed, "known": openings.known(application), "asked": asked,
        "turned_down": None if asked else openings.turned_down(application),
        "turn": turn, "mine": mine, "deciding": turn and mine and asked is None,
        "final": application.state == Application.State.REG_FINAL,
        "may_confirm": asked is not None and asked.initiator_id != request.user.pk,
        "proposed_by_me": asked is not None and asked.initiator_id == request.user.pk,
        "involved": access.involved(request.user, application),
    }  # fmt: skip


@rights.needs(REVIEW)
@require_GET
def compare(request, key, earlier, later):
    """Two rounds of one application side by side; secrets masked, but what changed is marked."""
    application = access.reviewed_application(request.user, key, at=timezone.now())
    by_number = {one.number: one for one in openings.rounds(application)}
    if earlier not in by_number or later not in by_number:
        raise Http404
    one, other = by_number[earlier], by_number[later]
    before, after = drafting.filled_in(one), drafting.filled_in(other)
    differing = {each.field for each in openings.differences(one, other)}
    rows = []
    for fields in content.FIELDS.values():
        for field in fields:
            shown = words.shown(field, before.get(field, "")), words.shown(field, after.get(field, ""))
            if field in differing and shown[0] == shown[1]:
                shown = shown[0], _("%(value)s (another number)") % {"value": shown[1]}
            rows.append(Row(words.label(field), *shown))
    papers = [{each["kind"]: each for each in part.papers} for part in (one, other)]
    for kind in Paper.Kind.values:
        rows.append(Row(words.label(kind), *(paper_line(part.get(kind)) for part in papers)))
    return render(
        request,
        "registry/opening_compare.html",
        {"application": application, "rows": rows, "one": one, "other": other, "numbers": sorted(by_number)},
    )


def paper_line(paper):
    if paper is None:
        return ""
    until = _("long-term") if paper["endless"] else paper["valid_until"] or ""
    return " · ".join(part for part in (paper["name"], until, paper["sha256"][:12]) if part)
