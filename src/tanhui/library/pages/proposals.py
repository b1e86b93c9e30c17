"""Proposing a methodology: start, fill in, hand in papers, check, submit, follow, withdraw."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.files import forms as files
from tanhui.files.models import Upload
from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.library import access, forms, proposals, queries, rules
from tanhui.library.acts import content, drafting
from tanhui.library.models import Paper, Proposal
from tanhui.library.pages import proposals_words as words
from tanhui.ui import refusals
from tanhui.ui.components.work import Stage

PARTS = list(words.PARTS)
FROM = ("authority", "organisation")  # fields that name an organisation by its code


@rights.needs(rights.PERSON)
@require_GET
def mine(request):
    """The visitor's proposals, and what it takes to make one."""
    now = timezone.now()
    rows = list(proposals.of_person(request.user))
    for one in rows:
        one.due, one.tone = proposals.due(one, today=clock.day(now)), words.TONES[one.state]
    limits = rules.limits("LOCAL", clock.day(now))
    return render(
        request, "library/proposals/mine.html",
        {"rows": rows, "limits": limits, "papers": Paper.Kind.choices, "points": rules.POINTS.values()},
    )  # fmt: skip


@rights.needs(rights.PERSON)
@require_POST
def start(request):
    wanted = request.POST.get("revises", "")
    revises = access.revisable(wanted).full_code if wanted else ""
    made = drafting.start(by=request.user, at=timezone.now(), revises=revises)
    return redirect("library:edit", made.pk, "about")


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def proposal(request, key):
    """Where a proposal stands: who has it, how long it may take, what was said, and what can be done now."""
    now = timezone.now()
    one = access.own_proposal(request.user, key)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            drafting.withdraw(
                proposal=one, reason=request.POST.get("reason", "").replace("\x00", ""), reference=f"withdraw-{one.pk}",
                by=request.user, at=now,
            )  # fmt: skip
            messages.success(request, _("Withdrawn."))
            return redirect("library:proposal", one.pk)
        except Refusal as said:
            refusal, status = said, said.status
    taken, rounds = proposals.steps(one), proposals.rounds(one)
    returned = next((step for step in reversed(taken) if step.act == "return"), None)
    remarks = returned.remarks if returned and one.state == Proposal.State.RETURNED else {}
    return render(
        request, "library/proposals/proposal.html",
        {
            "proposal": one, "tone": words.TONES[one.state], "refusal": refusal, "limits": one.limits,
            "due": proposals.due(one, today=clock.day(now)), "line": words.life_line(one, taken) if taken else [],
            "steps": words.history(taken), "returned": returned if one.state == Proposal.State.RETURNED else None,
            "to_correct": [
                (words.label(point), remarks[point], words.part_of(point)) for point in rules.POINTS if point in remarks
            ],
            "sections": words.sections(drafting.filled_in(rounds[-1]), one, contact=True) if rounds else [],
            "papers": words.paper_files(rounds[-1].papers if rounds else words.as_kept(one.papers.all())),
            "editable": one.state in drafting.EDITABLE, "comments": proposals.comments(one),
            "withdrawable": one.state in {*drafting.EDITABLE, "SUBMITTED", "FORM_CHECK", "COMMENT", "REVIEW"},
        },
        status=status,
    )  # fmt: skip


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def edit(request, key, part):
    """One page of a proposal. What is filled in is kept even where it is wrong, and what is wrong is said."""
    now = timezone.now()
    one = access.own_proposal(request.user, key)
    if part not in PARTS or one.state not in drafting.EDITABLE:
        return redirect("library:proposal", one.pk)
    if part == "papers":
        return papers(request, one, now)
    form, status = made(part, one, request, now), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                drafting.keep(
                    proposal=one, values=form.answers, revision=form.cleaned_data["revision"], by=request.user, at=now
                )
                return onward(request, one, part)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(
        request, "library/proposals/edit.html",
        common(request, one, part)
        | {"form": form, "fields": [form[name] for name in form.fields if name != "revision"]},
        status=status,
    )  # fmt: skip


def made(part, one, request, now):
    """The form of a page, with what was filled in before."""
    data = request.POST if request.method == "POST" else None
    initial = drafting.filled_in(one) | {"revision": one.revision}
    extra = {}
    if part == "about":
        known = content.authorities()
        if len(known) == 1:
            initial.setdefault("authority", next(iter(known)))
        extra = {
            "authorities": known.items(),
            "organisations": [(own.uscc, own.name) for own in proposals.organisations_of(request.user, at=now)],
            "versions": [(row.full_code, f"{row.full_code} {row.name}") for row in queries.versions()],
        }
    if part == "package":
        extra = {"packages": packages()}
    return words.PARTS[part][1](data, initial=initial, **extra)


def packages():
    """What stands on the shelf, by name; nothing of it is loaded."""
    from tanhui.methods.engine import shelf

    return [(name, name) for name in shelf.names()]


def papers(request, one, now):
    """The papers, each taken by itself: what is wrong with one keeps no other from being handed in."""
    wrong = {}
    if request.method == "POST":
        for kind, title in Paper.Kind.choices:
            try:
                upload = files.upload(request, kind, kind=drafting.SUBJECT, at=now, label=title, required=False)
                if isinstance(upload, Upload):
                    drafting.hand_in(proposal=one, kind=kind, upload=upload, by=request.user, at=now)
            except Refusal as refusal:
                wrong[kind] = refusals.say(refusal)
        if not wrong:
            return onward(request, one, "papers")
    kept = {kind: file for kind, _title, file in words.paper_files(words.as_kept(one.papers.all()))}
    sheets = [
        (kind, title, kept.get(kind), kind in Paper.NEEDED, wrong.get(kind, "")) for kind, title in Paper.Kind.choices
    ]
    return render(
        request, "library/proposals/papers.html", common(request, one, "papers") | {"sheets": sheets},
        status=422 if wrong else 200,
    )  # fmt: skip


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def check(request, key):
    """Read once more what will be handed in, see what is open, and submit."""
    now = timezone.now()
    one = access.own_proposal(request.user, key)
    if one.state not in drafting.EDITABLE:
        return redirect("library:proposal", one.pk)
    form = forms.Act(request.POST or None, initial={"revision": one.revision, "reference": uuid.uuid4()})
    refusal, status = None, 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                drafting.submit(proposal=one, by=request.user, at=now, **form.cleaned_data)
                messages.success(request, _("Submitted. You are told of every step."))
                return redirect("library:proposal", one.pk)
            except Refusal as said:
                refusal, status = said, said.status
    said = drafting.filled_in(one)
    one.authority, one.organisation = (proposals.organisation(said.get(field, "")) for field in FROM)
    faults = [
        (words.label(fault.field), refusals.say(fault.refusal),
         reverse("library:edit", args=[one.pk, words.part_of(fault.field)]))
        for fault in drafting.faults(one)
    ]  # fmt: skip
    return render(
        request, "library/proposals/check.html",
        common(request, one, "check") | {
            "form": form, "faults": faults, "refusal": refusal,
            "sections": words.sections(said, one, contact=True),
            "papers": words.paper_files(words.as_kept(one.papers.all())),
        },
        status=status,
    )  # fmt: skip


def onward(request, one, part):
    """Where the pressed button leads: the next page, or the proposal."""
    if request.POST.get("then") == "leave":
        messages.success(request, _("Saved. Come back whenever you like; nothing is lost."))
        return redirect("library:proposal", one.pk)
    place = PARTS.index(part) + 1
    return redirect("library:edit", one.pk, PARTS[place]) if place < len(PARTS) else redirect("library:check", one.pk)


def common(request, one, part):
    """What every page of the form shows: its stages, and what an earlier check asked to be corrected here."""
    open_parts = {words.part_of(fault.field) for fault in drafting.faults(one)}
    stages = [
        Stage(
            title,
            "now" if name == part else "todo" if name in open_parts else "done",
            reverse("library:edit", args=[one.pk, name]),
        )
        for name, (title, _form) in words.PARTS.items()
    ]
    ready = not open_parts
    stages.append(
        Stage(_("Check and submit"), "now" if part == "check" else "todo", reverse("library:check", args=[one.pk]))
    )
    returned = None
    if one.state == Proposal.State.RETURNED:
        returned = next((step for step in reversed(proposals.steps(one)) if step.act == "return"), None)
    here = {
        words.label(point): returned.remarks[point]
        for point in rules.POINTS
        if returned and point in returned.remarks and (part == "check" or words.part_of(point) == part)
    }
    title = words.PARTS[part][0] if part in words.PARTS else _("Check and submit")
    return {
        "proposal": one, "part": part, "title": title, "stages": stages, "ready": ready, "returned": returned,
        "here": here,
    }  # fmt: skip
