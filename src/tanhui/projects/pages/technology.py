"""The list of low-carbon farming techniques, guides and training material: for everybody, and at the desk."""

import re
import uuid

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files.acts import filing, receiving
from tanhui.identity import rights
from tanhui.identity.models import Decision, Mandate
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_technology as access
from tanhui.projects.acts import technology as acts
from tanhui.projects.models import Technology, TechnologyEdition
from tanhui.projects.queries import technology as queries
from tanhui.ui import refusals

GRADES = [("", gettext_lazy("No effect is named")), *TechnologyEdition.Grade.choices]
TONES = {"A": "good", "P": "good", "B": "quiet", "C": "wait", "D": "wait"}


class Filter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    crop = forms.ChoiceField(label=gettext_lazy("Crop"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("Region"), required=False)

    def __init__(self, *args, crops, regions, **kwargs):
        super().__init__(*args, **kwargs)
        every = ("", gettext_lazy("All"))
        self.fields["kind"].choices = [every, *Technology.Kind.choices]
        self.fields["crop"].choices = [every, *((one, one) for one in crops)]
        self.fields["region"].choices = [every, *((one, one) for one in regions)]


class Words(forms.CharField):
    """A list of words, typed with commas or 、 between them."""

    def clean(self, value):
        said = re.split(r"[,，、;；\n]+", super().clean(value))
        return tuple(dict.fromkeys(one.strip()[:40] for one in said if one.strip()))[:30]


class Proposing(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Technology.Kind.choices)
    code = forms.CharField(
        label=gettext_lazy("Short name in the address"), max_length=60,
        help_text=gettext_lazy("Small letters, digits and dashes, e.g. rice-awd; it never changes."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    practice = forms.CharField(
        label=gettext_lazy("What is done"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    text = forms.CharField(
        label=gettext_lazy("More: steps, conditions, limits"), max_length=20_000, required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )  # fmt: skip
    crops = Words(label=gettext_lazy("Crops"), required=False, help_text=gettext_lazy("With commas between them."))
    regions = Words(label=gettext_lazy("Regions"), required=False, help_text=gettext_lazy("With commas between them."))
    effect = forms.CharField(
        label=gettext_lazy("Effect"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    source = forms.CharField(label=gettext_lazy("Source of the effect"), max_length=300, required=False)
    grade = forms.ChoiceField(label=gettext_lazy("Evidence grade"), choices=GRADES, required=False)
    methodologies = Words(
        label=gettext_lazy("Methodologies"), required=False, help_text=gettext_lazy("Codes, e.g. CMS-017-V01.")
    )
    developments = forms.MultipleChoiceField(
        label=gettext_lazy("Projects that use this technique"), required=False, widget=forms.CheckboxSelectMultiple
    )
    file = forms.FileField(
        label=gettext_lazy("File (PDF, DOCX, XLSX or picture)"), required=False,
        help_text=gettext_lazy("At most 50 MB. Files of the edition before stay with it."),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Why a new edition"), max_length=300, required=False,
        help_text=gettext_lazy("Needed where the entry is published already."),
    )  # fmt: skip

    def __init__(self, *args, developments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["developments"].choices = [(str(one.pk), str(one)) for one in developments]


@rights.needs(rights.PUBLIC)
@require_GET
def technologies(request):
    """The published list, filtered and searched."""
    crops, regions = queries.words()
    form = Filter(request.GET or None, crops=crops, regions=regions)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = queries.published(
        kind=said.get("kind", ""), words=said.get("q", ""), crop=said.get("crop", ""), region=said.get("region", "")
    )
    shown = [(one, TONES.get(one.current.grade, "quiet")) for one in rows]
    return render(request, "projects/technology/list.html", {"form": form, "rows": shown, "now": timezone.localtime()})


@rights.needs(rights.PUBLIC)
@require_GET
def in_print(request):
    """The whole list on one page, as it is printed and handed out."""
    rows = [(one, TONES.get(one.current.grade, "quiet")) for one in queries.published()]
    return render(request, "projects/technology/print.html", {"rows": rows, "now": timezone.localtime()})


@rights.needs(rights.PUBLIC)
@require_GET
def technology(request, code):
    """One entry with its editions."""
    one = access.entry(code)
    return render(
        request, "projects/technology/entry.html",
        {
            "one": one, "edition": one.current, "tone": TONES.get(one.current.grade, "quiet"),
            "editions": one.editions.select_related("initiator", "confirmer").order_by("-number"),
            "developments": one.current.developments.order_by("number"),
        },
    )  # fmt: skip


@rights.needs(access.READS)
@require_GET
def desk(request):
    """What one's body has published, and what waits for its second signature."""
    now = timezone.now()
    own = access.bodies(request.user, at=now)
    waiting = [(one, acts.Content.of(one.body)) for one in queries.waiting(own, now)]
    return render(request, "projects/technology/desk.html", {"waiting": waiting, "rows": queries.of_organisations(own)})


@rights.needs(access.PROPOSES)
@require_http_methods(["GET", "POST"])
def propose(request):
    """Propose an entry, or with ``?of=`` a new edition or the withdrawal of one."""
    now = timezone.now()
    mandate = access.proposer(request.user, at=now)
    known = access.own_entry(mandate, request.GET["of"]) if request.GET.get("of") else None
    form = Proposing(
        request.POST or None, request.FILES or None, developments=queries.linkable(), initial=initial(known)
    )
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            said = dict(form.cleaned_data)
            reference, file = said.pop("reference"), said.pop("file")
            said["developments"] = tuple(said["developments"])
            documents = tuple(known.current.documents) if known else ()
            withdraws = request.POST.get("act") == "withdraw"
            try:
                content = acts.Content(**said, documents=documents, withdraws=withdraws)
                acts.check(content, mandate)
                if file is not None and not withdraws:
                    kept = paper(file, content, request.user, now)
                    content = acts.Content(**said, documents=(*documents, kept))
                acts.propose(content=content, mandate=mandate, reference=reference, at=now)
                messages.success(request, _("Proposed. A colleague must sign too; then it is published."))
                return redirect("projects:technology_desk")
            except Refusal as refusal:
                status = refusals.show(
                    form, refusal, {acts.EditionUnexplained.code: "reason", acts.TechnologyOfOthers.code: "code"}
                )
    return render(request, "projects/technology/propose.html", {"form": form, "known": known}, status=status)


def initial(known):
    """What the form begins with: the edition that stands, or nothing."""
    start = {"reference": uuid.uuid4()}
    if known is None:
        return start
    now = known.current
    plain = {name: getattr(now, name) for name in ("name", "practice", "text", "effect", "source", "grade")}
    lists = {name: "、".join(getattr(now, name)) for name in ("crops", "regions", "methodologies")}
    linked = [str(one) for one in now.developments.values_list("pk", flat=True)]
    return start | plain | lists | {"code": known.code, "kind": known.kind, "developments": linked}


def paper(file, content, person, now):
    """Put a file of the entry on file; what the edition says of it."""
    upload = receiving.receive(stream=file, name=file.name or "file", person=person, at=now, kind=acts.SUBJECT)
    document = filing.file(
        subject=f"{acts.SUBJECT}:{content.code}", kind=acts.SUBJECT, title=upload.name[:200], upload=upload, by=person,
        at=now,
    )  # fmt: skip
    return {"document": str(document.pk), "version": 1, "name": upload.name, "sha256": upload.sha256}


@rights.needs(access.READS, post=access.PUBLISHES)
@require_http_methods(["GET", "POST"])
def sign(request, key):
    """A proposal as it would be published, and the second signature."""
    now = timezone.now()
    asked = access.asked(request.user, key, at=now)
    content, refused, status = acts.Content.of(asked.body), None, 200
    if request.method == "POST":
        act = request.POST.get("act")
        capacity = Mandate.Capacity.INITIATE if act == "take_back" else Mandate.Capacity.CONFIRM
        try:
            mandate = access.signatory(request.user, asked.organisation_id, capacity, at=now)
            if act == "confirm":
                acts.confirm(asked=asked, mandate=mandate, at=now)
                messages.success(request, _("Published."))
                return redirect("projects:technology", content.code)
            outcome = Decision.Outcome.WITHDRAWN if act == "take_back" else Decision.Outcome.REJECTED
            acts.drop(asked=asked, outcome=outcome, mandate=mandate, reason=request.POST.get("reason", ""), at=now)
            messages.success(request, _("It is not published."))
            return redirect("projects:technology_desk")
        except Refusal as refusal:
            refused, status = refusal, refusal.status
    return render(
        request, "projects/technology/sign.html",
        {
            "asked": asked, "edition": content, "refused": refused, "mine": asked.initiator_id == request.user.pk,
            "decided": hasattr(asked, "decision"), "tone": TONES.get(content.grade, "quiet"),
            "kind": dict(Technology.Kind.choices)[content.kind],
            "grade": dict(TechnologyEdition.Grade.choices).get(content.grade, ""),
        },
        status=status,
    )  # fmt: skip
