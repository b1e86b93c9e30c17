"""The papers of an application: handing them in, looking at them, renewing those that run out."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files import access as files
from tanhui.files import serving
from tanhui.files.acts import receiving
from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.registry import access, openings
from tanhui.registry.acts.opening import papers
from tanhui.registry.forms import opening as forms
from tanhui.registry.models import Application, Paper
from tanhui.registry.pages import opening_words as words
from tanhui.ui import refusals

FIELD_OF = {"registry.paper_expired": "valid_until", "registry.paper_without_end": "valid_until"}


def sheets(request, application, now):
    """A form for each kind of paper with what is there, and whether anything given is wrong.

    Each file is taken in by itself, so that one that is refused leaves the others in place.
    """
    present = {one.kind: one for one in application.papers.all()}
    made = [filled(request, application, kind, present.get(kind), now) for kind in Paper.Kind.values]
    kept = {one["kind"]: one for one in words.as_kept(application.papers.all())}
    step = openings.standing_remarks(application) if application.state == Application.State.RETURNED else None
    remarks = step.remarks if step else {}
    rows = [
        (words.label(form.kind), form, words.paper_file(application, kept.get(form.kind)), remarks.get(form.kind, ""))
        for form in made
    ]
    return rows, any(form.errors for form in made)


def filled(request, application, kind, present, now):
    """The form of one kind, and with POST what it gives taken in."""
    initial = {"valid_until": present.valid_until, "endless": present.endless} if present else {}
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.PaperForm(*given, kind=kind, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            take_in(application, present, form, request.user, now)
        except Refusal as refusal:
            refusals.show(form, refusal, FIELD_OF)
    return form


def take_in(application, present, form, person, now):
    """Keep what the visitor gave for one kind of paper, if anything."""
    until, endless = form.cleaned_data.get("valid_until"), form.cleaned_data.get("endless", False)
    common = {
        "application": application, "kind": form.kind, "valid_until": until, "endless": endless, "by": person, "at": now
    }  # fmt: skip
    if file := form.cleaned_data.get("file"):
        upload = receiving.receive(stream=file, name=file.name, person=person, at=now, kind=papers.FORMATS)
        renewing = application.state == Application.State.OPEN
        (papers.renew if renewing else papers.hand_in)(upload=upload, **common)
    elif present and form.has_changed() and application.state != Application.State.OPEN:
        papers.date_paper(**common)


@rights.needs(rights.PERSON)
@require_GET
def paper(request, key, document, number):
    """A paper of an application, to look at; whoever may see the application may see its papers."""
    now = timezone.now()
    access.application(request.user, key, at=now)
    one = files.version(request.user, document, number, at=now)
    return serving.version(request, one, inline=True)


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def renewal(request, key):
    """The papers behind an open account, with those that end; those who sign or manage hand in present ones."""
    now = timezone.now()
    application = access.renewable_application(request.user, key, at=now)
    rows, wrong = sheets(request, application, now)
    if request.method == "POST" and not wrong:
        messages.success(request, _("Kept. The registry sees the new papers."))
        return redirect("registry:opening_papers", application.pk)
    today = clock.day(now)
    ends = {one.kind: one.valid_until for one in application.papers.all()}
    shown = [(*row, words.ending(ends.get(row[1].kind), today)) for row in rows]
    return render(
        request,
        "registry/opening_papers.html",
        {"application": application, "sheets": shown},
        status=422 if wrong else 200,
    )
