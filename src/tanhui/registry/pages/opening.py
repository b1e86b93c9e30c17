"""Applying for an account: start, follow, withdraw, agree to sign."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.registry import access, opening_rules, openings
from tanhui.registry.acts.opening import content, drafting, seats
from tanhui.registry.models import Application, Paper
from tanhui.registry.pages import opening_words as words


@rights.needs(rights.PERSON)
@require_GET
def mine(request):
    """The visitor's applications; and, where there is none, what it takes."""
    now = timezone.now()
    rows = list(openings.of_person(request.user))
    for one in rows:
        one.due = openings.due(one, today=clock.day(now))
        one.tone = words.TONES[one.state]
    return render(
        request,
        "registry/openings.html",
        {"rows": rows, "papers": Paper.Kind.choices, "limits": opening_rules.limits(clock.day(now))},
    )


@rights.needs(rights.PERSON)
@require_POST
def start(request):
    made = drafting.start(by=request.user, at=timezone.now())
    return redirect("registry:opening_edit", made.pk, "subject")


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def opening(request, key):
    """Where an application stands: who has it, how long it may take, what was said, and what can be done now."""
    now = timezone.now()
    application = access.application(request.user, key, at=now)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            act_on(request, application, now)
            return redirect("registry:opening", application.pk)
        except Refusal as said:
            refusal, status = said, said.status
            application = access.application(request.user, key, at=now)
    return show(request, application, now, refusal=refusal, status=status)


def act_on(request, application, now):
    """Withdraw, agree to a seat, decline it, or make an invitation to one."""
    match request.POST.get("do"):
        case "withdraw":
            drafting.withdraw(
                application=application, reason=request.POST.get("reason", "").replace("\x00", ""),
                reference=f"withdraw-{application.pk}", by=request.user, at=now,
            )  # fmt: skip
            messages.success(request, _("Withdrawn."))
        case "accept":
            seats.accept(seat=access.seat_of(application, request.POST.get("capacity", "")), by=request.user, at=now)
            messages.success(request, _("You have agreed to sign for the organisation."))
        case "decline":
            seats.decline(seat=access.seat_of(application, request.POST.get("capacity", "")), by=request.user, at=now)
            messages.success(request, _("Declined. The applicant will name somebody else."))
        case "invite":
            seat = access.seat_of(application, request.POST.get("capacity", ""))
            code = seats.invite(seat=seat, by=request.user, at=now)
            link = request.build_absolute_uri(reverse("registry:opening_seat", args=[code]))
            request.session["invitation"] = {"seat": seat.pk, "link": link}


def show(request, application, now, *, refusal=None, status=200):
    taken = openings.steps(application)
    last = openings.rounds(application)[-1:]
    step = openings.standing_remarks(application) if application.state == Application.State.RETURNED else None
    own = application.applicant_id == request.user.pk
    invitation = request.session.pop("invitation", None) if own else None
    return render(
        request,
        "registry/opening.html",
        {
            "application": application, "own": own, "refusal": refusal, "tone": words.TONES[application.state],
            "due": openings.due(application, today=clock.day(now)),
            "limits": application.limits,
            "line": words.life_line(application, taken) if taken else [],
            "steps": words.history(taken),
            "returned": step,
            "to_correct": [
                (words.label(field), text, words.part_of(field))
                for field, text in words.ordered(step.remarks if step else {})
            ],
            "seats": openings.seats(application), "invitation": invitation,
            "sections": words.sections(drafting.filled_in(last[0])) if last else [],
            "papers": words.files(application, last[0].papers) if last else [],
            "withdrawable": own and application.state in ("DRAFT", *openings.LIVE),
            "editable": own and application.state in drafting.EDITABLE,
        },
        status=status,
    )  # fmt: skip


@rights.needs(rights.PERSON)
@require_GET
def print_out(request, key):
    """The application as a form to print, sign and seal."""
    now = timezone.now()
    application = access.application(request.user, key, at=now)
    last = openings.rounds(application)[-1:]
    editing = application.applicant_id == request.user.pk and application.state in drafting.EDITABLE
    said = drafting.filled_in(application if editing or not last else last[0])
    kept = words.as_kept(application.papers.all()) if editing or not last else last[0].papers
    return render(
        request,
        "registry/opening_print.html",
        {
            "application": application, "sections": words.sections(said), "papers": words.files(application, kept),
            "undertaking": [_(one) for one in content.UNDERTAKING],
            "round": last[0] if last and not editing else None,
            "undertaking_version": said.get("undertaking") or content.UNDERTAKING_VERSION, "now": now,
        },
    )  # fmt: skip


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def seat(request, code):
    """What an invitation leads to: who asks one to sign, for whom, and the answer."""
    now = timezone.now()
    found = access.invited(code)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "decline":
                seats.decline(seat=found, by=request.user, at=now)
                messages.success(request, _("Declined. The applicant will name somebody else."))
                return redirect("registry:openings")
            seats.accept(seat=found, by=request.user, at=now)
            messages.success(request, _("You have agreed to sign for the organisation."))
            return redirect("registry:opening", found.application_id)
        except Refusal as said:
            refusal, status = said, said.status
    return render(
        request,
        "registry/opening_seat.html",
        {"seat": found, "application": found.application, "refusal": refusal},
        status=status,
    )
