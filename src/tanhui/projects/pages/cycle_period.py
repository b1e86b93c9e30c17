"""A monitoring period at the desk: plan, run, verifier, application, and the steps of its procedure."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Organisation
from tanhui.kernel.period import DAY
from tanhui.kernel.period import Period as Days
from tanhui.kernel.refusal import Refusal
from tanhui.methods.engine import tables
from tanhui.projects import access_cycle, evidence, runs, sheets
from tanhui.projects.acts import clawing, correcting, monitoring
from tanhui.projects.pages import cycle_forms as forms
from tanhui.projects.pages import cycle_words as words
from tanhui.projects.pages.cycle_desk import LOOKS, WORKS, Case, number
from tanhui.projects.pages.cycle_draft import DRAFTS

LARGEST = 50 * 1024 * 1024


@rights.needs(LOOKS, post=WORKS)
@require_http_methods(["GET", "POST"])
def period(request, number):
    """One monitoring period."""
    one = access_cycle.period(request.user, number, at=timezone.now())
    return PeriodCase(request, one).answered()


@rights.needs(DRAFTS)
@require_http_methods(["GET", "POST"])
def new(request, number):
    """Open a monitoring period of a registered development."""
    now = timezone.now()
    one = access_cycle.own_development(request.user, number, at=now)
    refusal, status = None, 200
    first, last = forms.day(request.POST.get("first", "")), forms.day(request.POST.get("last", ""))
    if request.method == "POST":
        try:
            if first is None or last is None or last < first:
                raise monitoring.SpanUnusable
            made = monitoring.open_period(
                development=one, span=Days.inclusive(first, last), at=now,
                mandate=access_cycle.owner_mandate(request.user, one, "INITIATE", at=now),
            )  # fmt: skip
            return redirect(words.page(made))
        except Refusal as said:
            refusal, status = said, said.status
    start = monitoring.first_possible(one)
    return render(
        request, "projects/cycle/new_period.html",
        {"development": one, "refusal": refusal, "first": first or start, "last": last}, status=status,
    )  # fmt: skip


class PeriodCase(Case):
    template = "projects/cycle/period.html"

    def more(self):
        given, person = self.request.POST, self.request.user
        common = {
            "monitoring": self.subject, "at": self.now,
            "mandate": access_cycle.owner_mandate(person, self.held, "INITIATE", at=self.now),
        }  # fmt: skip
        match self.do:
            case "plan":
                parts = {name: self.text(name) for name in monitoring.PLAN}
                monitoring.plan(**common, parts=parts, revision=number(given.get("revision")))
                return _("Kept.")
            case "verifier":
                body = access_cycle.body(given.get("verifier", ""), (Organisation.Role.VERIFIER.value,))
                monitoring.name_verifier(**common, verifier=body)
                return _("Named. It is published together with the report.")
            case "bundle":
                monitoring.hand_in_run(**common, bundle=self.content("bundle"))
                return _("Computed again with the same result, and taken over.")
            case "compute":
                inputs = {
                    table_name(file.name): tables.parse(file.read(), file=file.name)
                    for file in self.request.FILES.getlist("tables")
                }
                monitoring.compute(**common, project=monitoring.sheet(self.content("project")), inputs=inputs)
                return _("Computed.")
            case "correct":
                said = {name: self.text(name) for name in correcting.LONGEST}
                correcting.correct(**common, **said)
                return _("The correction is kept. Compute the quantity again.")
            case "quantity":
                monitoring.apply_for(**common, quantity_t=number(given.get("quantity")))
                return _("Kept.")
        return super().more()

    def details(self, act):
        if act != clawing.ORDER:
            return {}
        return {"quantity_t": number(self.request.POST.get("quantity_t")), "deadline": self.text("deadline")[:10]}

    def content(self, name):
        file = self.request.FILES.get(name)
        if file is None or file.size > LARGEST:
            raise monitoring.FileUnusable
        return file.read()

    def beside(self, today):
        one, held = self.subject, self.held
        months = evidence.months(held, one.span.lower, one.span.upper)
        stamped = sum(month.stamp is not None for month in months)
        return {
            "span": (one.span.lower, one.span.upper - DAY),
            "plan": [(name, sheets.FIELDS[name].label, one.plan.get(name, "")) for name in monitoring.PLAN],
            "verifiers": Organisation.objects.filter(role="VVB").exclude(pk=held.validator_id).order_by("name"),
            "months_stamped": stamped, "months_all": len(months),
            "run_editable": one.state in monitoring.RUNNABLE, "plan_editable": one.state in monitoring.EDITABLE,
            "quantity_editable": one.state in {"VERIFIED", "RETURNED"}, "tonnes": (one.verified_kg or 0) // 1000,
            "run_tonnes": (one.quantity_kg or 0) // 1000, "clawback": words.clawback(one, today=today),
            "tomorrow": today + DAY, "corrections": one.corrections.select_related("by").order_by("number"),
            "correctable": one.state in correcting.WHERE, "outdated": runs.outdated(one),
        }  # fmt: skip

    def is_public(self):
        from tanhui.projects.queries import cycle

        return cycle.disclosed_periods().filter(pk=self.subject.pk).exists()


def table_name(name):
    """The table a file is: its name without folder and suffix."""
    return name.rpartition("/")[2].rpartition(".")[0] or name
