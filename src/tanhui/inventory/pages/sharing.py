"""Sharing data: the agreements in force for everybody, the authority's desk, and what an organisation was given."""

import uuid

from django import forms
from django.contrib import messages
from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from tanhui.files import forms as files
from tanhui.files import serving
from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, agreements, queries, roles, zipped
from tanhui.inventory.acts import sharing as acts
from tanhui.inventory.models import Purpose
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Terms(forms.Form):
    """What an agreement says."""

    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    recipient = forms.TypedChoiceField(label=gettext_lazy("Agreed with"), coerce=int)
    title = forms.CharField(label=gettext_lazy("Name of the agreement"), max_length=160)
    purposes = forms.MultipleChoiceField(
        label=gettext_lazy("Purposes"), choices=Purpose.choices, widget=forms.CheckboxSelectMultiple
    )
    detail = forms.CharField(
        label=gettext_lazy("Use in detail"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    onward = forms.CharField(
        label=gettext_lazy("Limits on onward use"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Whether results may be published, and that the data itself is not passed on."),
    )  # fmt: skip
    since = forms.DateField(label=gettext_lazy("Term begins"), widget=DAY)
    until = forms.DateField(label=gettext_lazy("Term ends"), widget=DAY)
    covered = forms.MultipleChoiceField(label=gettext_lazy("Data covered"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, recipients, covered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["recipient"].choices = [("", gettext_lazy("Please choose")), *recipients]
        self.fields["covered"].choices = covered

    def terms(self):
        given = dict(self.cleaned_data)
        given.pop("reference")
        covered = given.pop("covered")
        return acts.Terms(
            **(given | {"purposes": tuple(given["purposes"])}),
            datasets=tuple(key[2:] for key in covered if key[0] == "d"),
            items=tuple(int(key[2:]) for key in covered if key[0] == "i"),
        )


class HandOver(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    coverage = forms.TypedChoiceField(label=gettext_lazy("What"), coerce=int)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"))
    days = forms.IntegerField(
        label=gettext_lazy("Can be fetched for (days)"), min_value=1, max_value=acts.LONGEST_DOOR, initial=7
    )
    note = forms.CharField(label=gettext_lazy("Remarks"), max_length=500, required=False)

    def __init__(self, *args, agreement, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["coverage"].choices = [(one.pk, agreements.called(one)) for one in agreement.coverage.all()]
        known = dict(Purpose.choices)
        self.fields["purpose"].choices = [(one, known[one]) for one in agreement.purposes]


class End(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it ends"), max_length=500)


# -- for everybody -----------------------------------------------------------------------------------------------------


@rights.needs(rights.PUBLIC)
@require_GET
def sharing(request):
    """The agreements in force: who shares what with whom, for what, until when."""
    now = timezone.now()
    rows = [described(one) for one in agreements.standing(clock.day(now))]
    return render(request, "inventory/sharing.html", {"rows": rows, "now": now})


def described(one):
    known = dict(Purpose.choices)
    return {
        "one": one, "purposes": [known.get(each, each) for each in one.purposes],
        "covered": [agreements.called(each) for each in one.coverage.all()],
    }  # fmt: skip


# -- the authority's desk ----------------------------------------------------------------------------------------------


@rights.needs(roles.READS)
@require_GET
def desk(request):
    return desk_page(request, timezone.now())


def desk_page(request, now, *, refusal=None, status=200):
    own = queries.organisations(request.user, roles.AUTHORITIES, at=now)
    today = clock.day(now)
    rows = [described(one) | {"state": state(one, today)} for one in agreements.of_authorities(request.user, at=now)]
    waiting = [(one, acts.Terms.read(one.body)) for one in agreements.asked(own, at=now)]
    named = dict(agreements.recipients(0).values_list("pk", "name"))
    context = {
        "rows": rows, "waiting": [(one, terms, named.get(terms.recipient, "")) for one, terms in waiting],
        "decides": bool(own), "refusal": refusal,
    }  # fmt: skip
    return render(request, "inventory/sharing_desk.html", context, status=status)


def state(one, today):
    """How an agreement stands: word and tone."""
    if hasattr(one, "ending"):
        return _("Ended early"), "stop"
    if today > one.until:
        return _("Run out"), "quiet"
    return (_("Stands"), "good") if today >= one.since else (_("Not yet begun"), "wait")


@rights.needs(roles.PREPARES)
@require_http_methods(["GET", "POST"])
def propose(request):
    """Propose an agreement with its signed scan: the first of two signatures."""
    now = timezone.now()
    mandate = access.authority(request.user, Mandate.Capacity.INITIATE, at=now)
    organisation = mandate.membership.organisation_id
    data, items = agreements.shareable(organisation)
    covered = [(f"d:{one.pk}", f"{one.title} ({one.get_kind_display()})") for one in data]
    covered += [(f"i:{one.pk}", f"{one.accounting_year} {one.name}") for one in items]
    form = Terms(
        request.POST or None, covered=covered, recipients=agreements.recipients(organisation).values_list("pk", "name"),
        initial={"reference": uuid.uuid4(), "since": clock.day(now)},
    )  # fmt: skip
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                scan = files.upload(request, "scan", kind=acts.SUBJECT, at=now, label=_("Signed scan"))
                reference = form.cleaned_data["reference"]
                acts.propose(terms=form.terms(), scan=scan, mandate=mandate, reference=reference, at=now)
                messages.success(request, _("Signed. A colleague must sign too; then the agreement stands."))
                return redirect("inventory:sharing_desk")
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(
        request, "inventory/sharing_propose.html", {"form": form, "nothing": not covered, "kind": acts.SUBJECT},
        status=status,
    )  # fmt: skip


@rights.needs(roles.DECIDES)
@require_POST
def sign(request, key):
    """The second signature, or none; or the first taken back."""
    now = timezone.now()
    asked = access.agreement_asked(request.user, key, at=now)
    back = request.POST.get("do") == "take_back"
    capacity = Mandate.Capacity.INITIATE if back else Mandate.Capacity.CONFIRM
    try:
        mandate = access.authority(request.user, capacity, at=now, organisation=asked.organisation_id)
        if request.POST.get("do") == "confirm":
            acts.confirm(asked=asked, mandate=mandate, at=now)
            messages.success(request, _("Signed. The agreement stands."))
        else:
            reason = request.POST.get("reason", "").replace("\x00", "")
            outcome = "WITHDRAWN" if back else "REJECTED"
            acts.drop(asked=asked, outcome=outcome, mandate=mandate, reason=reason, at=now)
            messages.success(request, _("Taken back.") if back else _("Not signed."))
    except Refusal as refusal:
        return desk_page(request, now, refusal=refusal, status=refusal.status)
    return redirect("inventory:sharing_desk")


@rights.needs(roles.READS, post=roles.DECIDES)
@require_http_methods(["GET", "POST"])
def agreement(request, key):
    """One agreement with everything handed over under it; handing over, and ending it."""
    now = timezone.now()
    found = access.own_agreement(request.user, key, at=now)
    ends = request.POST.get("do") == "end"
    given = request.POST or None
    over = HandOver(None if ends else given, agreement=found, initial={"reference": uuid.uuid4()})
    ending = End(given if ends else None)
    form, status = ending if ends else over, 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                mandate = access.signatory(request.user, found.organisation_id, at=now)
                if ends:
                    acts.end(agreement=found, mandate=mandate, at=now, **form.cleaned_data)
                    messages.success(request, _("The agreement has ended. Nothing more can be fetched under it."))
                else:
                    acts.hand_over(agreement=found, mandate=mandate, at=now, **form.cleaned_data)
                    messages.success(request, _("Handed over. The recipient has been told where to fetch it."))
                return redirect("inventory:agreement", found.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    context = described(found) | {
        "state": state(found, clock.day(now)), "handovers": agreements.handovers(found), "now": now, "over": over,
        "ending": ending, "stands": found in agreements.standing(clock.day(now)),
        "scan": access.scan(found),
    }  # fmt: skip
    return render(request, "inventory/sharing_agreement.html", context, status=status)


# -- the recipient -----------------------------------------------------------------------------------------------------


@rights.needs(rights.PERSON)
@require_GET
def received(request):
    """What was handed over to the visitor's organisations, and the agreements it came under."""
    now = timezone.now()
    today, under = clock.day(now), agreements.of_recipients(request.user, at=now)
    rows = [described(one) | {"state": state(one, today)} for one in under]
    given = [(one, acts.folder(one)) for one in agreements.received(request.user, at=now)]
    return render(request, "inventory/sharing_received.html", {"handovers": given, "rows": rows, "now": now})


@rights.needs(rights.PERSON)
@require_safe
def fetch(request, key):
    """The bytes of a hand-over, for the recipient's people, as long as its door is open; each time is noted."""
    now = timezone.now()
    found = access.handover(request.user, key, at=now)
    thing = agreements.covered(found.coverage)
    try:
        if request.method == "GET":
            acts.fetch(handover=found, by=request.user, at=now)
        if thing.document is not None:
            kind = access.media_type(thing)
            return serving.content(request, found.sha256, found.size_bytes, found.name, kind)
        path = acts.packed(found)
    except Refusal as refusal:
        return render(request, "files/refused.html", {"refusal": refusal}, status=refusal.status)
    if path.is_dir():
        answer = StreamingHttpResponse(zipped.stream(path), content_type="application/zip")
        answer["Content-Disposition"] = content_disposition_header(True, f"{found.name}.zip")
        return answer
    kind = "application/octet-stream"
    return FileResponse(path.open("rb"), as_attachment=True, filename=found.name, content_type=kind)
