"""The workbench of a validator or verifier: everything about one review on one screen, and nothing to type again."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files import forms as files
from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_review as access
from tanhui.projects import deadlines, reviews
from tanhui.projects.acts import asking, checking, finding, papers, report_signing, reporting, sample
from tanhui.projects.forms import review as forms
from tanhui.projects.models import Finding, Monitoring
from tanhui.projects.pages import review_words as words
from tanhui.projects.queries import measured
from tanhui.projects.queries import review as queries
from tanhui.ui import downloads, refusals

Role = Organisation.Role
SIGNS = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
LOOKS = rights.member("projects.review_read", roles=[Role.VERIFIER, Role.AUTHORITY, Role.REGISTRY, Role.AUDITOR])
WORKS = rights.member("projects.review", roles=[Role.VERIFIER], capacities=SIGNS)
READS = rights.member("projects.findings_read")
ANSWERS = rights.member("projects.findings_answer", capacities=SIGNS)


@rights.needs(rights.member("projects.review_desk", roles=[Role.VERIFIER]))
@require_GET
def desk(request):
    """What the visitor's bodies review, what is due first."""
    rows = [
        (one, reviews.development(one), deadlines.state(one), len(reporting.open_findings(one)))
        for one in queries.at_desk(request.user, at=timezone.now())
    ]
    return render(request, "projects/review/desk.html", {"rows": rows})


@rights.needs(LOOKS, post=WORKS)
@require_http_methods(["GET", "POST"])
def workbench(request, key):
    now = timezone.now()
    found = access.under_review(request.user, key, at=now)
    bench = Bench(request, found, now)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if bench.decide():
                return redirect(f"{request.path}#{bench.part}")
        except Refusal as refusal:
            status = bench.refused(refusal)
            bench.subject = access.under_review(request.user, key, at=now)
    return render(request, "projects/review/workbench.html", bench.laid_out(), status=status)


@rights.needs(LOOKS)
@require_GET
def checklist(request, key):
    """The checklist as a workbook, or to be printed with ``?print=1``."""
    found = access.under_review(request.user, key, at=timezone.now())
    rows = words.checklist(found)
    if request.GET.get("print"):
        return render(request, "projects/review/checklist.html", {"subject": found, "rows": rows})
    head = [
        _("Group"),
        pgettext("projects", "Clause"),
        _("Question"),
        pgettext("projects", "Evidence"),
        pgettext("projects", "Answer"),
        pgettext("projects", "Remarks"),
        _("Answered by"),
    ]
    lines = [
        [one.group, one.clause, str(one), one.proof, said["label"], said["note"], said["by"]] for one, said in rows
    ]
    return downloads.as_xlsx(f"{found.code}-checklist", head, lines)


@rights.needs(rights.PUBLIC)
@require_GET
def sample_paper(request, key, number):
    """The paper of a sample, from which anyone draws it again; public once the review is."""
    found = access.subject(key)
    if not deadlines.state(found).public:
        raise Http404
    return JsonResponse(queries.paper_of(access.sample(found, number)), json_dumps_params={"ensure_ascii": False})


@rights.needs(LOOKS)
@require_GET
def bundle(request, key):
    """The run bundle the quantity is recomputed from."""
    found = access.under_review(request.user, key, at=timezone.now())
    raw = queries.bundle_of(found)
    if not raw:
        raise Http404
    answer = HttpResponse(raw, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{found.code}-bundle.json"'
    return answer


@rights.needs(READS, post=ANSWERS)
@require_http_methods(["GET", "POST"])
def findings(request, key):
    """All findings about a project, and the owner's answers to them."""
    now = timezone.now()
    one = access.about(request.user, key, at=now)
    form, status = forms.Reply(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                asked = access.finding(request.user, form.cleaned_data["finding"], at=now)
                finding.answer(
                    finding=asked, text=form.cleaned_data["text"], mandate=access.owner(request.user, asked, at=now),
                    upload=files.upload(request, "paper", kind="any", at=now, required=False), at=now,
                )  # fmt: skip
                messages.success(request, _("Answered. The body is told."))
                return redirect(request.path)
        except Refusal as refusal:
            status = refusals.show(form, refusal)
    owns = one.owner_id in access.organisations(request.user, at=now)
    rows = [(row, words.TONES[row.state]) for row in queries.of_development(one)]
    return render(
        request, "projects/review/findings.html",
        {"development": one, "rows": rows, "form": form, "owns": owns}, status=status,
    )  # fmt: skip


class Bench:
    """The forms of the workbench, of which one was sent, and what they carry out."""

    PARTS = {
        "raise": "findings", "close": "findings", "send_back": "findings", "declare": "sample", "draw": "sample",
        "see": "sample", "check": "checklist", "report": "report", "confirm": "report", "drop": "report",
    }  # fmt: skip

    def __init__(self, request, subject, now):
        self.request, self.subject, self.now = request, subject, now
        self.do, self.refusal = request.POST.get("do", ""), None
        self.part = self.PARTS.get(self.do, "")
        self.of_period = isinstance(subject, Monitoring)
        body = reviews.body(subject)
        self.works = body is not None and body.pk in access.organisations(request.user, at=now)
        self.populations = queries.populations(subject)
        self.samples = queries.samples(subject)
        self.latest = self.samples[0] if self.samples else None
        observations = finding.observations(subject) if self.of_period else []
        fresh = {"reference": uuid.uuid4()}
        self.forms = {
            "raise": forms.Raise(self.sent("raise"), observations=observations, initial=fresh),
            "reply": forms.Reply(self.sent("close", "send_back")),
            "declare": forms.Declare(
                self.sent("declare"), populations=self.populations, again=bool(self.samples),
                initial={"size": self.least()},
            ),
            "draw": forms.Draw(self.sent("draw")),
            "see": forms.See(
                self.sent("see"), units=words.units(self.latest)[1],
                population=self.latest.population if self.latest else (),
            ),
            "report": forms.Report(
                self.sent("report"), points=words.points(subject), comments=queries.comments(subject),
                of_period=self.of_period, initial=fresh | self.prefilled(),
            ),
        }  # fmt: skip

    def sent(self, *names):
        return self.request.POST if self.do in names else None

    def least(self):
        count = max((len(units) for units in self.populations.values()), default=0)
        try:
            return sample.smallest(self.subject, count)["value"] if count else None
        except Refusal:
            return None

    def prefilled(self):
        """Nothing to type again: the quantity from the run, the points from the checklist, today's date."""
        kept = checking.begun(self.subject)
        answers = kept.answers if kept else {}
        found = {"dated": clock.day(self.now)}
        if self.of_period:
            found["verified_kg"] = self.subject.quantity_kg
        for code in words.points(self.subject):
            said = answers.get(f"law.{code}", {})
            found[f"text-{code}"] = said.get("note", "")
            found[f"met-{code}"] = said.get("verdict", "YES") != "NO"
        return found

    def decide(self):
        """Carry out what was chosen; ``False`` when the form is not filled in or it is nothing known."""
        chosen = {"close": "reply", "send_back": "reply"}.get(self.do, self.do)
        form = self.forms.get(chosen)
        if self.do not in self.PARTS or (form is not None and not form.is_valid()):
            return False
        given = form.cleaned_data if form is not None else {}
        messages.success(self.request, getattr(self, f"do_{self.do}")(given))
        return True

    @property
    def mandate(self):
        return access.reviewer(self.request.user, self.subject, at=self.now)

    def signs(self, capacity):
        """The visitor's mandate of one capacity at the body, where they hold several."""
        body = reviews.body(self.subject)
        rows = access.mandates(self.request.user, Role.VERIFIER, at=self.now)
        return rows.filter(membership__organisation=body, capacity=capacity).first() or self.mandate

    def do_raise(self, given):
        said = finding.Raised(
            given["kind"], given["topic"], given["text"], given["requirement"], given["unit"], given["effect_kg"]
        )
        key = given.get("carried")
        made = finding.raise_(
            subject=self.subject, said=said, mandate=self.mandate, reference=given["reference"], at=self.now,
            carried=access.finding(self.request.user, key, at=self.now) if key else None,
        )  # fmt: skip
        return _("%(code)s is raised. The owner is told.") % {"code": made.code}

    def do_close(self, given):
        one = access.finding(self.request.user, given["finding"], at=self.now)
        finding.close(finding=one, text=given["text"], mandate=self.mandate, at=self.now)
        return _("%(code)s is closed.") % {"code": one.code}

    def do_send_back(self, given):
        one = access.finding(self.request.user, given["finding"], at=self.now)
        finding.send_back(finding=one, text=given["text"], mandate=self.mandate, at=self.now)
        return _("%(code)s is back with the owner.") % {"code": one.code}

    def do_declare(self, given):
        sample.declare(
            subject=self.subject, units=self.populations[given["of"]], size=given["size"], mandate=self.mandate,
            commitment=given["commitment"].strip(), reason=given.get("reason", ""), at=self.now,
        )  # fmt: skip
        return _("Declared. It can be drawn once the log has signed what covers it, in a few seconds.")

    def do_draw(self, given):
        if not self.samples:
            raise Http404
        sample.draw(sample=self.samples[0], words=given["words"], mandate=self.mandate, at=self.now)
        return _("Drawn.")

    def do_see(self, given):
        if not self.samples:
            raise Http404
        sample.see(sample=self.samples[0], mandate=self.mandate, at=self.now, **given)
        return _("Kept.")

    def do_check(self, given):
        answers = forms.Check(self.request.POST).answers
        checking.answer(subject=self.subject, answers=answers, mandate=self.mandate, at=self.now)
        return _("Kept.")

    def do_report(self, given):
        form = self.forms["report"]
        common = {
            "opinion": form.opinion, "mandate": self.signs(Mandate.Capacity.INITIATE), "reference": given["reference"],
            "upload": files.upload(self.request, "paper", kind=papers.KIND, at=self.now, label=_("Signed report")),
            "at": self.now,
        }  # fmt: skip
        if self.of_period:
            report_signing.verify(monitoring=self.subject, verified_kg=given["verified_kg"], **common)
        else:
            report_signing.validate(development=self.subject, conclusion=given["conclusion"], **common)
        return _("Handed in and signed. A colleague must sign too; then it counts and is public.")

    def do_confirm(self, given):
        asking.confirm(subject=self.subject, mandate=self.signs(Mandate.Capacity.CONFIRM), at=self.now)
        return _("Signed. The report counts and is public.")

    def do_drop(self, given):
        reason = self.request.POST.get("reason", "")[:200]
        asking.drop(subject=self.subject, mandate=self.mandate, reason=reason, at=self.now)
        return _("Not signed.")

    def refused(self, refusal):
        """The refusal at its form, or above the page."""
        form = self.forms.get(self.do)
        if form is not None and form.is_bound:
            return refusals.show(form, refusal)
        self.refusal = refusal
        return refusal.status

    def laid_out(self):
        one, code = self.subject, get_language() or "en"
        before = queries.previous(one) if self.of_period else None
        latest = self.latest
        tones, units = words.units(latest)
        open_ = one.state == reviews.state_of_review(reviews.machine_of(one))
        rows = [(row, words.TONES[row.state]) for row in queries.findings(one)]
        kept = checking.begun(one)
        return {
            "subject": one, "development": reviews.development(one), "state": deadlines.state(one),
            "of_period": self.of_period, "body": reviews.body(one), "works": self.works and open_, "open": open_,
            "run": words.chain(queries.run(one, code)), "before": before,
            "changes": queries.changes(queries.bundle_of(one), queries.bundle_of(before), code) if before else [],
            "behind": measured.behind(one) if self.of_period else None,
            "places": queries.places(one, tones), "populations": self.populations, "least": self.least(),
            "samples": self.samples, "sample": latest, "draw": getattr(latest, "draw", None), "units": units,
            "seen": sum(said is not None for _key, said in units), "verdicts": forms.VERDICTS,
            "sightings": forms.Sighting.Verdict.choices,
            "findings": rows, "open_findings": len(reporting.open_findings(one)),
            "checklist": words.checklist(one), "left": len(checking.left(one)), "kept": kept,
            "comments": queries.comments(one), "forms": self.forms, "do": self.do, "refusal": self.refusal,
            "report": reporting.newest(one), "asked": asking.waiting(one, at=self.now), "kind": papers.KIND,
            "asked_by_me": one.instruction is not None and one.instruction.initiator_id == self.request.user.pk,
            "state_of_finding": Finding.State,
        }  # fmt: skip
