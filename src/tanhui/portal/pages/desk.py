"""The operator's desk for publications: one writes, another releases."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.files.acts import filing, receiving
from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.kernel.refusal import Refusal
from tanhui.portal import access, forms
from tanhui.portal.acts import publication as acts
from tanhui.portal.models import Withdrawal
from tanhui.portal.pages.publications import attached
from tanhui.portal.queries import publications
from tanhui.ui import refusals

ROLES = list(access.PUBLISHERS)
SEES = rights.member("portal.drafts", roles=ROLES)
WRITES = rights.member("portal.write", roles=ROLES, capacities=[Mandate.Capacity.INITIATE])
RELEASES = rights.member("portal.release", roles=ROLES, capacities=[Mandate.Capacity.CONFIRM])
KIND = "portal.attachment"


@rights.needs(SEES)
@require_GET
def desk(request):
    """What waits to be released, with the day by which it is to be public."""
    now = timezone.now()
    rows = []
    for one in publications.drafts(request.user, at=now):
        due = publications.due(one)
        rows.append({"draft": one, "due": due, "left": publications.days_left(due.day, now)})
    return render(request, "portal/desk.html", {"rows": rows})


@rights.needs(WRITES)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, number=None):
    """A new publication, or the next version of one."""
    now = timezone.now()
    try:
        mandate = access.publisher(request.user, Mandate.Capacity.INITIATE, at=now)
    except Refusal as refusal:
        return refused(request, refusal)
    story = access.story(number) if number else None
    fixed = story.publication.category if story else None
    if request.method == "POST":
        form = forms.DraftForm(request.POST, fixed=fixed)
    else:
        initial = fields(story.newest) | {"category": fixed} if story else {
            "source": mandate.membership.organisation.name, "made_on": timezone.localdate(now),
            "category": request.GET.get("category", ""),
        }  # fmt: skip
        form = forms.DraftForm(initial=initial, fixed=fixed)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                draft = acts.write(
                    words=words(form), mandate=mandate, at=now, category=form.cleaned_data["category"],
                    publication=story.publication if story else None,
                )  # fmt: skip
                return redirect("portal:draft", draft.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "portal/write.html", {"form": form, "story": story}, status=status)


@rights.needs(SEES)
@require_GET
def draft(request, key):
    """A draft as it would be published, with what may be done about it."""
    return page(request, access.draft(request.user, key, at=timezone.now()))


def page(request, one, status=200, **extra):
    now = timezone.now()
    due = publications.due(one)
    context = {
        "draft": one, "due": due, "left": publications.days_left(due.day, now), "own": one.by_id == request.user.pk,
        "body": publications.rendered(one.body), "attachment": forms.Attachment(),
        "files": [attached(file) for file in publications.files(one.publication, one.number)],
    }  # fmt: skip
    return render(request, "portal/draft.html", context | extra, status=status)


@rights.needs(WRITES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, key):
    now = timezone.now()
    one = access.draft(request.user, key, at=now)
    form = forms.DraftForm(
        request.POST or None, initial=fields(one) | {"category": one.publication.category, "revision": one.revision},
        fixed=one.publication.category,
    )  # fmt: skip
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                mandate = access.publisher(request.user, Mandate.Capacity.INITIATE, at=now)
                acts.rewrite(
                    draft=one, words=words(form), revision=form.cleaned_data["revision"] or 0, mandate=mandate, at=now
                )
                return redirect("portal:draft", one.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "portal/write.html", {"form": form, "draft": one}, status=status)


@rights.needs(WRITES)
@require_POST
def attach(request, key):
    """Add a file to what will be published."""
    now = timezone.now()
    one = access.draft(request.user, key, at=now)
    form = forms.Attachment(request.POST, request.FILES)
    status = 422
    if form.is_valid():
        try:
            access.publisher(request.user, Mandate.Capacity.INITIATE, at=now)
            given = form.cleaned_data["file"]
            upload = receiving.receive(stream=given, name=given.name, person=request.user, at=now, kind=KIND)
            filing.file(
                subject=publications.subject(one.publication_id, one.number), kind=KIND,
                title=form.cleaned_data["title"], upload=upload, by=request.user, at=now,
            )  # fmt: skip
            return redirect("portal:draft", one.pk)
        except Refusal as refusal:
            status = refusals.show(form, refusal)
    return page(request, one, status, attachment=form)


@rights.needs(RELEASES)
@require_POST
def release(request, key):
    """Publish it, or withdraw what it proposes to."""
    now = timezone.now()
    one = access.draft(request.user, key, at=now)
    try:
        mandate = access.publisher(request.user, Mandate.Capacity.CONFIRM, at=now)
        made = acts.release(draft=one, revision=revision(request), mandate=mandate, at=now)
    except Refusal as refusal:
        return page(request, one, refusal.status, refusal=refusal)
    messages.success(request, _("It is withdrawn.") if isinstance(made, Withdrawal) else _("It is published."))
    return redirect("portal:publication", made.publication_id)


@rights.needs(WRITES)
@require_POST
def discard(request, key):
    now = timezone.now()
    one = access.draft(request.user, key, at=now)
    try:
        mandate = access.publisher(request.user, Mandate.Capacity.INITIATE, at=now)
        acts.discard(draft=one, revision=revision(request), mandate=mandate, at=now)
    except Refusal as refusal:
        return page(request, one, refusal.status, refusal=refusal)
    messages.success(request, _("The draft is discarded; what was published before stands as it did."))
    return redirect("portal:desk")


@rights.needs(WRITES)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, number):
    """Propose that a publication no longer stands."""
    now = timezone.now()
    story = access.story(number)
    form, status = forms.Reason(request.POST or None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                mandate = access.publisher(request.user, Mandate.Capacity.INITIATE, at=now)
                made = acts.ask_to_withdraw(
                    publication=story.publication, reason=form.cleaned_data["reason"], mandate=mandate, at=now
                )
                return redirect("portal:draft", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "portal/withdraw.html", {"form": form, "story": story}, status=status)


def words(form):
    return acts.Words(**{name: form.cleaned_data[name] for name in acts.FIELDS})


def fields(content):
    return {name: getattr(content, name) for name in acts.FIELDS}


def revision(request):
    given = request.POST.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def refused(request, refusal):
    context = {"refusal": refusal, "sentence": refusals.say(refusal), "back": "/desk/publications"}
    return render(request, "portal/refused.html", context, status=refusal.status)
