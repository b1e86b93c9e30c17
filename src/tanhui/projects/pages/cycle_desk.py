"""The desk of projects: what waits for one, every development one has a part in, and its deadlines."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files import forms as files
from tanhui.identity import powers, rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_cycle, deadlines, evidence, machine, numbers, sheets, sides
from tanhui.projects.acts import asking, commenting, drafting, papers, stamping, steps, writing
from tanhui.projects.models import Development
from tanhui.projects.pages import cycle_forms as forms
from tanhui.projects.pages import cycle_words as words
from tanhui.projects.pages import uniqueness_parts
from tanhui.projects.queries import cycle

LOOKS = rights.member("projects.look")
WORKS = rights.member("projects.work", capacities=(Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM))
OPENS = rights.member("projects.open", capacities=(Mandate.Capacity.INITIATE,))
NOT_OWNERS = {"AUTH", "AUTHL", "REG", "EXC", "VVB", "COURT", "AUD", "EXP"}


@rights.needs(LOOKS)
@require_GET
def desk(request):
    """What waits for the visitor first, then everything they have a part in."""
    now = timezone.now()
    turns = [(words.row(one, now=now), what) for one, what in cycle.my_turn(powers.of(request.user, at=now))]
    waiting = {row.subject.pk for row, _what in turns}
    rest = [one for one in cycle.seen_by(request.user, at=now).order_by("-changed_at")[:200] if one.pk not in waiting]
    opens = any(
        one.capacity == "INITIATE" and one.membership.organisation.role not in NOT_OWNERS
        for one in cycle.mandates(request.user, at=now)
    )
    return render(
        request, "projects/cycle/desk.html",
        {"turns": turns, "rows": [words.row(one, now=now) for one in rest], "opens": opens},
    )  # fmt: skip


@rights.needs(LOOKS)
@require_GET
def due(request):
    """The deadlines of everything the visitor has a part in, and months of evidence that are due or overdue."""
    now = timezone.now()
    today, found = clock.day(now), cycle.due(request.user, at=now)
    mine = cycle.organisations(request.user, at=now)
    months = [
        (held, month, deadlines.until(month.due, today=today))
        for held in cycle.rows().filter(owner__in=mine, registered__isnull=False)
        for month in evidence.under_way(held, today=today)
        if month.stamp is None
    ]
    return render(
        request, "projects/cycle/due.html",
        {
            "rows": [(one, words.page(one.subject), words.title(one.subject), words.tone(one.state)) for one in found],
            "months": months, "provisional": any(not one.left.announced for one in found),
        },
    )  # fmt: skip


@rights.needs(OPENS)
@require_http_methods(["GET", "POST"])
def new(request):
    """Open a development."""
    now, status = timezone.now(), 200
    held = [
        one for one in cycle.mandates(request.user, at=now)
        if one.capacity == "INITIATE" and one.membership.organisation.role not in NOT_OWNERS
    ]  # fmt: skip
    form = forms.Opening(request.POST or None, mandates=held)
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = dict(form.cleaned_data)
            body = given.pop("organisation")
            try:
                mandate = access_cycle.mandate(
                    request.user, access_cycle.body(body, tuple(Organisation.Role.values)), "INITIATE", at=now
                )
                made = drafting.open_development(**given, mandate=mandate, at=now)
                return redirect("projects:draft", made.code, sheets.SHEETS[0].code)
            except Refusal as refusal:
                status = forms.show(form, refusal)
    return render(request, "projects/cycle/new.html", {"form": form, "held": held}, status=status)


@rights.needs(LOOKS, post=WORKS)
@require_http_methods(["GET", "POST"])
def development(request, number):
    """A development at the desk: where it stands, what is next and for whom, papers, comments, periods, evidence."""
    one = access_cycle.development(request.user, number, at=timezone.now())
    return Case(request, one).answered()


class Case:
    """A case at the desk with its forms: one of them is sent, and carried out."""

    template = "projects/cycle/case.html"

    def __init__(self, request, subject):
        self.request, self.subject, self.now = request, subject, timezone.now()
        self.held, self.do, self.refusal, self.status = (
            numbers.development_of(subject),
            request.POST.get("do", ""),
            None,
            200,
        )

    def answered(self):
        if self.request.method == "POST":
            try:
                messages.success(self.request, self.carried_out())
                return redirect(words.page(self.subject))
            except Refusal as refusal:
                self.refusal, self.status = refusal, refusal.status
                self.subject = access_cycle.again(self.subject)
        return render(self.request, self.template, self.laid_out(), status=self.status)

    def carried_out(self):
        given, person = self.request.POST, self.request.user
        match self.do:
            case "step":
                return self.step(given.get("act", "")[:24])
            case "confirm":
                asked = self.asked()
                mandate = access_cycle.mandate(person, asked.organisation, "CONFIRM", at=self.now)
                asking.confirm(subject=self.subject, mandate=mandate, at=self.now)
                return _("Confirmed. The step is taken.")
            case "drop":
                asked = self.asked()
                mandate = access_cycle.any_mandate(person, asked.organisation, at=self.now)
                asking.drop(subject=self.subject, mandate=mandate, reason=self.text("reason"), at=self.now)
                return _("It is not carried out; the case stands where it stood.")
            case "paper":
                return self.paper(given.get("kind", "")[:16])
            case "write":
                writing.write(
                    subject=self.subject, kind=given.get("kind", "")[:16], at=self.now,
                    mandate=access_cycle.any_mandate(person, self.held.owner, at=self.now),
                )  # fmt: skip
                return _("Written from the data and kept.")
            case "answer":
                comment = access_cycle.comment(self.subject, number(given.get("comment", "")))
                commenting.answer(
                    comment=comment, text=self.text("text"), adopted=given.get("adopted") == "yes", at=self.now,
                    mandate=access_cycle.any_mandate(person, self.held.owner, at=self.now),
                )  # fmt: skip
                return _("Answered; everybody reads it.")
            case "stamp":
                return self.stamp()
        return self.more()

    def more(self):
        raise steps.moved_on(self.subject)

    def asked(self):
        found = cycle.waiting(self.subject, at=self.now)
        if found is None:
            raise asking.NothingAsked
        return found

    def step(self, act):
        row = steps.looked_up(self.subject, act)
        choice = next(
            (one for one in cycle.choices(self.subject, self.request.user, at=self.now) if one.row.act == act), None
        )
        if choice is None:
            raise steps.moved_on(self.subject)
        said = steps.Said(self.text("reason"), self.details(act))
        common = {
            "subject": self.subject, "act": act, "mandate": choice.mandate, "at": self.now, "said": said,
            "reference": self.request.POST.get("reference", "")[:64],
            "revision": number(self.request.POST.get("revision")),
        }  # fmt: skip
        if row.two:
            asking.ask(**common)
            return _("Asked for. A colleague with the confirming mandate must confirm it.")
        steps.step(**common)
        return _("Done.")

    def details(self, act):
        """What a step states besides its reason."""
        return {}

    def paper(self, kind):
        known = papers.known(self.subject, kind)
        upload = files.upload(self.request, "paper", kind=papers.KIND, at=self.now, label=str(known.label))
        mandate = access_cycle.side_mandate(self.subject, known.side, self.request.user, at=self.now)
        if mandate is None:
            raise papers.PaperNotYours(
                paper=str(known.label), needed=str(machine.side(known.side)), organisation=self.request.user.name
            )
        papers.hand_in(subject=self.subject, kind=kind, upload=upload, mandate=mandate, at=self.now)
        return _("Handed in.")

    def stamp(self):
        found = forms.month(self.request.POST.get("month", ""))
        file = self.request.FILES.get("data")
        if found is None or file is None:
            raise stamping.EvidenceUnreadable
        stamping.stamp(
            development=self.held, month=found, sha256=stamping.of_chunks(file.chunks()), name=file.name,
            size_bytes=file.size, at=self.now,
            mandate=access_cycle.owner_mandate(self.request.user, self.held, "INITIATE", at=self.now),
        )  # fmt: skip
        return _("Stamped. The hash is in the log; the data stay with you.")

    def text(self, name):
        return self.request.POST.get(name, "").replace("\x00", "")

    def laid_out(self):
        subject, person, now = self.subject, self.request.user, self.now
        held, state, today = self.held, deadlines.state(subject), clock.day(now)
        asked = cycle.waiting(subject, at=now)
        mine = {one.membership.organisation_id for one in cycle.mandates(person, at=now)}
        owns = held.owner_id in mine
        choices = [] if asked else cycle.choices(subject, person, at=now)
        return {
            "subject": subject, "development": held, "is_project": isinstance(subject, Development), "state": state,
            "tone": words.tone(state), "title": words.title(subject), "line": words.line(subject),
            "left": deadlines.left(subject, today=today), "refusal": self.refusal, "owns": owns, "do": self.do,
            "met": uniqueness_parts.drawn(self.refusal, subject, at=now),
            "profile": machine.profile(held.profile), "reference": uuid.uuid4().hex,
            "choices": [(one, self.hindrances(one)) for one in choices],
            "asked": asked, "asked_row": self.row_of(asked), "asked_by_me": asked and asked.initiator_id == person.pk,
            "may_confirm": asked and asked.initiator_id != person.pk and any(
                one.capacity == "CONFIRM" and one.membership.organisation_id == asked.organisation_id
                for one in cycle.mandates(person, at=now)
            ),
            "turn": [machine.side(side) for side in sorted(cycle.turn(subject))],
            "papers": words.files(subject, private=True), "wanted": self.wanted(mine),
            "comments": cycle.comments(subject), "stations": list(reversed(cycle.lifeline(subject))),
            "returned": sides.steps_of(subject).filter(act__in=["return", "send_back"]).order_by("-number").first()
            if state.stops or state.code == "DRAFT" else None,
            "editable": owns and subject.state in drafting.EDITABLE, "is_public": self.is_public(),
            "public_url": words.public_page(subject), "area": cycle.area_m2(held),
            **self.beside(today),
        }  # fmt: skip

    def beside(self, today):
        """What a development shows besides: its periods and its months of evidence."""
        held = self.held
        rows = cycle.periods().filter(development=held).order_by("number")
        months = reversed(evidence.under_way(held, today=today))
        return {
            "periods": [words.row(one, now=self.now) for one in rows],
            "months": [(month, deadlines.until(month.due, today=today)) for month in months],
            "open_points": sheets.open_points(held) if self.subject.state in drafting.EDITABLE else [],
        }  # fmt: skip

    def is_public(self):
        return cycle.disclosed().filter(pk=self.held.pk).exists()

    def row_of(self, asked):
        return (
            deadlines.of(self.subject).row(asked.body["act"], self.subject.state, self.subject.stage) if asked else None
        )

    def hindrances(self, choice):
        """The papers that are still missing for a step."""
        return steps.papers_missing(self.subject, choice.row)

    def wanted(self, mine):
        """The kinds of paper the visitor's side hands in here, generated ones first."""
        stage = {kind for row in deadlines.of(self.subject).table for kind in row.papers}
        here = {"PLAN", "DATA", "CALIBRATION"} if not isinstance(self.subject, Development) else {
            "RIGHTS", "AGREEMENT", "DESIGN_ANNEX", "COUNTY", "CITY"
        }  # fmt: skip
        kinds = machine.profile(self.held.profile).papers.values()
        bodies = [one.membership.organisation for one in cycle.mandates(self.request.user, at=self.now)]
        state = deadlines.state(self.subject)
        if state.last:
            return []
        return [
            kind for kind in kinds
            if (kind.code in stage or kind.code in here)
            and any(sides.is_side(self.subject, kind.side, body) for body in bodies)
        ]  # fmt: skip


def number(said):
    """A whole number from a form; one that is none matches nothing."""
    return int(said) if said and said.isdecimal() and len(said) < 16 else 0
