"""One accounting year: its stations, what is next, data, run, figures, checks, verification, papers, and its course."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, checks, forms, queries, roles
from tanhui.inventory.acts import archiving, cataloguing, computing, opening, publishing, verifying
from tanhui.inventory.models import AccountingYear, Computation
from tanhui.inventory.pages import atlas, comparing, words
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

State = AccountingYear.State
WORKS = rights.member("inventory.work", roles=[*roles.AUTHORITIES, *roles.VERIFIERS], capacities=roles.SIGNING)


@rights.needs(roles.READS, post=WORKS)
@require_http_methods(["GET", "POST"])
def year(request, code):
    now = timezone.now()
    one = access.desk_year(request.user, code, at=now)
    desk = Desk(request, one, now)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if desk.decide():
                return redirect("inventory:year", one.code)
        except Refusal as refusal:
            status = desk.refused(refusal)
            desk.one = access.desk_year(request.user, code, at=now)
    return render(request, "inventory/desk/year.html", desk.laid_out(), status=status)


@rights.needs(roles.READS)
@require_GET
def progress(request, code):
    """How far the run is: a part of the page, asked for again every few seconds while something is under way."""
    one = access.desk_year(request.user, code, at=timezone.now())
    row = queries.latest(one)
    if row is None:
        raise Http404
    answer = render(request, "inventory/desk/progress.html", run(one, row))
    if not under_way(row):
        answer["HX-Refresh"] = "true"  # the page has more to say now
    return answer


@rights.needs(roles.READS)
@require_GET
def bundle(request, code):
    """The bundle by which the totals are recomputed with the package of the shelf."""
    one = access.desk_year(request.user, code, at=timezone.now())
    row = queries.finished(one)
    if row is None or not row.bundle:
        raise Http404
    answer = HttpResponse(bytes(row.bundle), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{one.code}-bundle.json"'
    return answer


def under_way(row):
    return row.state in Computation.OPEN or bool(row.stage)


def run(one, row):
    """A computation and how far it is."""
    done = row.tiles.count() if row.tiles_total else 0
    return {
        "year": one, "run": row, "tone": words.RUN_TONES[row.state], "tiles_done": done, "working": under_way(row),
        "stage": words.STAGES.get(row.stage, ""),
        "poll": reverse("inventory:progress", args=[one.code]) if under_way(row) else "",
        "stopped": row.stop["said"].get(get_language() or "en", row.stop["said"]["en"]) if row.stop else "",
    }  # fmt: skip


class Desk:
    """The forms of the page, of which one was sent, and what they carry out."""

    SENT = {
        "use": {"use"}, "method": {"method"}, "appoint": {"appoint"}, "compare": {"compare"}, "sign": {"sign"},
        "draft": {"draft"}, "publish": {"publish"}, "reason": {"reopen", "turn_down"},
        "act": {"collect", "compute", "resume", "confirm", "take_back", "archive", "leave_out"},
    }  # fmt: skip

    def __init__(self, request, one, now):
        self.request, self.one, self.now = request, one, now
        self.do, self.refusal = request.POST.get("do", ""), None
        mine = {row.membership.organisation_id for row in access.authorities(request.user, at=now)}
        self.handles = one.organisation_id in mine
        bodies = {row.membership.organisation_id for row in access.verifiers(request.user, at=now)}
        self.verifies = one.verifier_id in bodies
        fresh = {"revision": one.revision, "reference": uuid.uuid4()}
        data = {name: request.POST if self.do in which else None for name, which in self.SENT.items()}
        self.forms = {
            "use": forms.UseData(data["use"], datasets=self.datasets()),
            "method": forms.Method(data["method"], initial=one.method),
            "appoint": forms.Appoint(
                data["appoint"], initial={"verifier": one.verifier_id},
                bodies=queries.verifying_bodies(),
            ),
            "compare": forms.Compare(data["compare"]),
            "sign": forms.Sign(data["sign"], initial=fresh),
            "draft": forms.Draft(data["draft"], initial=fresh),
            "publish": forms.Publish(data["publish"], initial=fresh | {"licence": publishing.LICENCE}),
            "reason": forms.Reason(data["reason"], initial=fresh),
            "act": forms.Act(data["act"], initial=fresh),
        }  # fmt: skip
        self.sent = next((self.forms[name] for name, which in self.SENT.items() if self.do in which), None)

    def datasets(self):
        return self.one.organisation.datasets.order_by("kind", "-at") if self.handles else []

    def decide(self):
        """Carry out what was chosen; ``False`` when the form is not filled in or it is nothing known."""
        if self.sent is None or not self.sent.is_valid():
            return False
        said = self.by_verifier() if self.do in {"compare", "sign"} else self.by_authority()
        messages.success(self.request, said)
        return True

    def by_verifier(self):
        given = self.sent.cleaned_data
        common = {
            "year": self.one,
            "mandate": access.verifier(self.request.user, self.one, at=self.now),
            "at": self.now,
        }
        if self.do == "compare":
            verifying.compare(
                **common, kind=given["kind"], verdict=given["verdict"], result=self.sent.result, note=given["note"],
                upload=comparing.table(self.request, self.now),
            )  # fmt: skip
            return _("Kept.")
        verifying.sign(**common, **given)
        return _("Signed. The authority is told.")

    def by_authority(self):
        given = self.sent.cleaned_data
        capacity = Mandate.Capacity.CONFIRM if self.do in {"confirm", "turn_down"} else Mandate.Capacity.INITIATE
        mandate = access.handler(self.request.user, self.one, capacity, at=self.now)
        common = {"year": self.one, "mandate": mandate, "at": self.now}
        match self.do:
            case "use":
                found = access.dataset(self.request.user, given["dataset"], at=self.now)
                layer = comparing.layer_of(found, given["level"], given["survey"])
                cataloguing.use(
                    **common, dataset=found, layer=layer, options=self.sent.options, of_year=given["of_year"]
                )
                return _("It is used.")
            case "leave_out":
                of = self.request.POST.get("of_year", "")
                of_year = int(of) if of.isascii() and of.isdigit() and len(of) < 5 else None
                cataloguing.leave_out(**common, layer=self.request.POST.get("layer", "")[:40], of_year=of_year)
                return _("It is used no more.")
            case "method":
                opening.choose(**common, method=self.sent.method, revision=self.one.revision)
                return _("Chosen.")
            case "appoint":
                opening.appoint(**common, verifier=access.verifying_body(given["verifier"]))
                return _("Named. They are told once there is something to verify.")
            case "collect":
                computing.collect(**common, **given)
                return _("The data is together.")
            case "compute":
                computing.ask(**common, reference=given["reference"])
                return _("In the queue. You may leave this page; you are told when it is finished.")
            case "resume":
                computing.resume(computation=queries.latest(self.one), mandate=mandate, at=self.now)
                return _("It goes on where it stopped.")
            case "reopen":
                computing.reopen(**common, **given)
                return _("Back to the data.")
            case "draft":
                archiving.ask_draft(**common, revision=given["revision"], map_approval=given["map_approval"])
                return _("The papers are being written.")
            case "archive":
                archiving.ask_archive(**common, revision=given["revision"])
                return _("Everything is being put on file.")
            case "publish":
                publishing.propose(**common, **given)
                return _("Signed. A colleague must sign too; then it is published.")
            case "confirm":
                publishing.confirm(**common)
                return _("Signed. The year is published.")
        outcome = "WITHDRAWN" if self.do == "take_back" else "REJECTED"
        publishing.drop(**common, outcome=outcome, reason=given.get("reason", ""))
        return _("Taken back.") if self.do == "take_back" else _("Not signed.")

    def refused(self, refusal):
        """The refusal at its form where it has a field of its own, or above the page."""
        if self.sent is not None and self.do in {"use", "method", "compare", "sign", "appoint"}:
            return refusals.show(self.sent, refusal)
        self.refusal = refusal
        return refusal.status

    def laid_out(self):
        one, person = self.one, self.request.user
        taken, row = queries.steps(one), queries.latest(one)
        done = queries.finished(one)
        own = queries.figures(done, year=one.year) if done else []
        found = checks.of(one)
        asked = publishing.waiting(one, at=self.now)
        word = getattr(done, "verification", None) if done else None
        papers, kept = words.filed(queries.items(one, everything=True))
        return {
            "year": one, "tone": words.TONES[one.state], "line": words.life_line(one, taken),
            "next": words.next_step(one), "refusal": self.refusal, "forms": self.forms, "do": self.do,
            "handles": self.handles, "verifies": self.verifies, "lacking": checks.lacking(one),
            "uses": queries.uses(one), "method": comparing.method(one), "density": words.per_area(one),
            "computations": one.computations.count(),
            "progress": run(one, row) if row else None, "done": done,
            "types": words.table(f for f in own if f.level == "area"),
            "zones": [
                (atlas.level(row["figure"].level), row)
                for row in words.table(f for f in own if f.level != "area" and f.type == "all" and f.zone)
            ],
            "checks_open": words.checked(checks.open_ones(found)), "open_checks": len(checks.open_ones(found)),
            "checks_passed": words.checked(c for c in found if c.state == checks.PASS),
            "comparisons": list(done.cross_checks.select_related("by", "organisation").order_by("at")) if done else [],
            "publication": queries.publication(one), "word": word,
            "computed_comparisons": comparing.of(one, done) if done else [],
            "measured": comparing.measured(done) if done else [],
            "papers": papers, "kept": kept,
            "asked": asked, "asked_by_me": asked is not None and asked.initiator_id == person.pk,
            "steps": [(step, words.ACTS[step.act]) for step in reversed(taken)],
            "editions": queries.editions(one), "at_work": one.state in AccountingYear.AT_WORK,
            "kind": archiving.SUBJECT,
        }  # fmt: skip
