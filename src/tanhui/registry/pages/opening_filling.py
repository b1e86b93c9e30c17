"""Filling in an application for an account page by page, checking it, handing it in."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.registry import access, opening_rules, openings
from tanhui.registry.acts.opening import content, drafting, steps
from tanhui.registry.forms import opening as forms
from tanhui.registry.models import Application
from tanhui.registry.pages import opening_papers
from tanhui.registry.pages import opening_words as words
from tanhui.ui import refusals
from tanhui.ui.components.lists import Row
from tanhui.ui.components.work import Stage

PARTS = list(words.PARTS)
CHECK = "check"


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def edit(request, key, part):
    """One page of the application. What is filled in is kept even where it is wrong, and what is wrong is said."""
    now = timezone.now()
    application = access.own_application(request.user, key)
    if part not in PARTS or application.state not in drafting.EDITABLE:
        return redirect("registry:opening", application.pk)
    if part == "papers":
        return papers_step(request, application, now)
    form = made(part, application, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                application = drafting.keep(
                    application=application, values=answers(part, form), version=form.cleaned_data["version"],
                    by=request.user, at=now,
                )  # fmt: skip
            except steps.ChangedSince as refusal:
                return collided(request, application, part, form, refusal)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
            else:
                wrong = said_beside(form, part, application, now)
                if not wrong:
                    return onward(request, application, part)
                form.data = form.data.copy()
                form.data["version"] = application.version
    elif any(drafting.filled_in(application).get(one) for one in content.FIELDS[part]):
        said_beside(form, part, application, now)
    return page(request, application, part, now, status, form=form)


def papers_step(request, application, now):
    sheets, wrong = opening_papers.sheets(request, application, now)
    application = access.own_application(request.user, application.pk)
    if request.method == "POST" and not wrong:
        return onward(request, application, "papers")
    return page(request, application, "papers", now, 422 if wrong else 200, sheets=sheets)


def made(part, application, data=None):
    """The form of a page, with what was filled in before."""
    said = drafting.filled_in(application)
    initial = said | {"version": application.version, "accepted": bool(said.get("undertaking"))}
    extra = {"exchanges": drafting.exchanges().items()} if part == "subject" else {}
    if part == "subject" and len(drafting.exchanges()) == 1:
        initial.setdefault("exchange", next(iter(drafting.exchanges())))
    return words.PARTS[part][1](data, initial=initial, **extra)


def answers(part, form):
    if part == "undertaking":
        return {"undertaking": content.UNDERTAKING_VERSION if form.cleaned_data["accepted"] else ""}
    return form.answers


def said_beside(form, part, application, now):
    """Put what is wrong on this page beside its fields; what is only missing waits until the end."""
    form.is_valid()
    said = drafting.filled_in(application)
    wrong = [
        one
        for one in drafting.faults(application, at=now)
        if words.part_of(one.field) == part and said.get(one.field) and not isinstance(one.refusal, content.Missing)
    ]
    for one in wrong:
        if form.is_bound and one.field in form.fields:
            form.add_error(one.field, refusals.say(one.refusal))
    form.found = {one.field: refusals.say(one.refusal) for one in wrong}
    return wrong


def onward(request, application, part):
    """Where the pressed button leads: the next page, or the list."""
    if request.POST.get("then") == "leave":
        messages.success(request, _("Saved. Come back whenever you like; nothing is lost."))
        return redirect("registry:opening", application.pk)
    place = PARTS.index(part) + 1
    if place < len(PARTS):
        return redirect("registry:opening_edit", application.pk, PARTS[place])
    return redirect("registry:opening_check", application.pk)


def page(request, application, part, now, status=200, **context):
    step = openings.standing_remarks(application) if application.state == Application.State.RETURNED else None
    fields = content.FIELDS[part] + (["exchange"] if part == "subject" else [])
    form = context.get("form")
    remarks = step.remarks if step else {}
    context |= {
        "application": application,
        "part": part,
        "title": words.PARTS[part][0],
        "stages": stages(application, part, now),
        "returned": step,
        "remarks": remarks,
        "beside": [
            (form[name], remarks.get(name, ""), getattr(form, "found", {}).get(name, ""))
            for name in form.fields
            if name != "version"
        ]
        if form
        else [],
        "on_this_page": {words.label(one): text for one, text in remarks.items() if one in fields},
        "undertaking": [_(one) for one in content.UNDERTAKING],
        "undertaking_version": content.UNDERTAKING_VERSION,
    }
    return render(request, "registry/opening_edit.html", context, status=status)


def stages(application, now_at, at):
    """The wizard's pages: done, under way, wrong, or still to do."""
    faults = drafting.faults(application, at=at)
    said = drafting.filled_in(application)
    found = []
    for part, (title, _form) in words.PARTS.items():
        here = [one for one in faults if words.part_of(one.field) == part]
        touched = any(said.get(one) for one in content.FIELDS[part]) or (
            part == "papers" and application.papers.exists()
        )
        state = "now" if part == now_at else "done" if not here else "wrong" if touched else "todo"
        found.append(Stage(str(title), state, reverse("registry:opening_edit", args=[application.pk, part])))
    check = "now" if now_at == CHECK else "todo"
    return [*found, Stage(_("Check and submit"), check, reverse("registry:opening_check", args=[application.pk]))]


def collided(request, application, part, form, refusal):
    """Two windows changed one page: both versions side by side, and the visitor chooses."""
    application = access.own_application(request.user, application.pk)
    stored, mine = drafting.filled_in(application), answers(part, form)
    rows = [
        Row(words.label(one), words.shown(one, stored.get(one, "")), words.shown(one, value))
        for one, value in mine.items()
    ]
    form.data = form.data.copy()
    form.data["version"] = application.version
    return render(
        request,
        "registry/opening_collision.html",
        {"application": application, "part": part, "rows": rows, "form": form, "refusal": refusal},
        status=refusal.status,
    )


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def check(request, key):
    """Everything at a glance, what is still open with a way there, and the button that hands it in."""
    now = timezone.now()
    application = access.own_application(request.user, key)
    if application.state not in drafting.EDITABLE:
        return redirect("registry:opening", application.pk)
    form = forms.Submit(request.POST or None, initial={"version": application.version, "reference": uuid.uuid4()})
    refusal, status = None, 200
    if request.method == "POST" and form.is_valid():
        try:
            drafting.submit(
                application=application, limits=opening_rules.limits(clock.day(now)),
                version=form.cleaned_data["version"], reference=form.cleaned_data["reference"], by=request.user, at=now,
            )  # fmt: skip
            messages.success(request, _("Submitted. You see here who has it and how long it may take."))
            return redirect("registry:opening", application.pk)
        except Refusal as said:
            refusal, status = said, said.status
            application = access.own_application(request.user, key)
            form = forms.Submit(initial={"version": application.version, "reference": uuid.uuid4()})
    faults = [
        (
            words.label(one.field),
            refusals.say(one.refusal),
            reverse("registry:opening_edit", args=[application.pk, words.part_of(one.field)]),
        )
        for one in drafting.faults(application, at=now)
    ]
    changed = since_last(application)
    return render(
        request,
        "registry/opening_check.html",
        {
            "application": application, "form": form, "refusal": refusal, "faults": faults,
            "sections": words.sections(drafting.filled_in(application), changed=changed),
            "papers": words.files(application, words.as_kept(application.papers.all()), changed=changed),
            "stages": stages(application, CHECK, now),
            "returned": openings.standing_remarks(application) if application.number else None,
        },
        status=status,
    )  # fmt: skip


def since_last(application):
    """The fields and papers that differ from what was handed in last."""
    last = openings.rounds(application)[-1:]
    if not last:
        return set()
    before, now = drafting.filled_in(last[0]), drafting.filled_in(application)
    fields = {one for one in now if now.get(one, "") != before.get(one, "") and one != "undertaking_sha256"}
    old = {one["kind"]: one["sha256"] for one in last[0].papers}
    return fields | {one.kind for one in application.papers.all() if old.get(one.kind) != one.sha256}
