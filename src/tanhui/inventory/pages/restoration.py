"""Restoration works for everybody, with what the figures say of their sink; and entering and assessing them."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, doors, roles, stock
from tanhui.inventory.acts import restoration as acts
from tanhui.inventory.models import AccountingYear, Figure, Restoration
from tanhui.inventory.pages import atlas, wording
from tanhui.inventory.townsheet import hectares, square_metres
from tanhui.journal import queries as journal
from tanhui.kernel import quantity
from tanhui.kernel.refusal import Refusal
from tanhui.ui import downloads, refusals

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
TONES = {"more": "good", "less": "stop", "unclear": "quiet"}


class Filter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of works"), required=False,
        choices=[("", gettext_lazy("Any")), *Restoration.Kind.choices],
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.fields["q"].widget.input_type = "search"


class Enter(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the works"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of works"), choices=Restoration.Kind.choices)
    place = forms.CharField(label=gettext_lazy("Location of the works"), max_length=120)
    where = forms.ChoiceField(
        label=gettext_lazy("Zone of the accounts"),
        help_text=gettext_lazy("The zone whose figures tell what the sink there was, before and after."),
    )  # fmt: skip
    town_code = forms.CharField(
        label=gettext_lazy("Code of the town (optional)"), max_length=60, required=False,
        help_text=gettext_lazy("Whose compensation counts the size of these works."),
    )  # fmt: skip
    area = forms.CharField(label=gettext_lazy("Size (ha)"), max_length=20)
    cost = forms.CharField(label=gettext_lazy("Cost (yuan)"), max_length=20)
    began_on = forms.DateField(label=gettext_lazy("Begun on"), widget=DAY)
    ended_on = forms.DateField(label=gettext_lazy("Finished on (optional)"), widget=DAY, required=False)
    basis = forms.CharField(label=gettext_lazy("Approved by (document)"), max_length=200)

    def __init__(self, *args, zones, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["where"].choices = [("", gettext_lazy("Please choose")), *zones]

    def clean_area(self):
        return self.read("area", lambda text: square_metres(text, 1))

    def clean_cost(self):
        return self.read("cost", quantity.fen_from_yuan)

    def read(self, name, reader):
        try:
            return reader(self.cleaned_data[name])
        except Refusal as refusal:
            refusals.show(self, refusal, {refusal.code: name})
            return None


class Years(forms.Form):
    before = forms.TypedChoiceField(label=gettext_lazy("Year before the works"), coerce=int)
    after = forms.TypedChoiceField(label=gettext_lazy("Year after the works"), coerce=int)

    def __init__(self, *args, years, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("before", "after"):
            self.fields[name].choices = [(one, one) for one in years]


@rights.needs(rights.PUBLIC)
@require_GET
def listing(request):
    """All works, with the newest finding about each."""
    form = Filter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = [
        one for one in stock.works()
        if (not asked.get("kind") or one.kind == asked["kind"])
        and (not asked.get("q") or asked["q"].strip().lower() in f"{one.name} {one.place}".lower())
    ]  # fmt: skip
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        return downloads.table("restoration", request.GET["format"], head(), [line(one) for one in rows])
    shown = [(one, latest(one), hectares(one.area_m2), wording.yuan(one.cost_fen)) for one in rows]
    now = timezone.now()
    may = bool(doors.authorities(request.user, at=now)) if request.user.is_authenticated else False
    context = {"rows": shown, "form": form, "may": may, "any": bool(rows) or Restoration.objects.exists()}
    return render(request, "inventory/restoration_list.html", context)


def latest(one):
    found = list(one.assessments.all())
    return (found[0], TONES[found[0].verdict]) if found else None


def head():
    return [
        _("Name of the works"), _("Kind of works"), _("Location of the works"), _("Size (ha)"), _("Cost (yuan)"),
        _("Begun on"), _("Finished on"), _("Before the works"), _("After the works"), _("Change (kg CO₂ a year)"),
        _("90 % interval"), _("Finding"),
    ]  # fmt: skip


def line(one):
    found = latest(one)
    said = [""] * 5
    if found:
        newest = found[0]
        between = f"{newest.lower_kg} … {newest.upper_kg}"
        said = [newest.before.year, newest.after.year, newest.change_kg, between, newest.get_verdict_display()]
    return [
        one.name, one.get_kind_display(), one.place, hectares(one.area_m2), quantity.yuan_from_fen(one.cost_fen),
        one.began_on, one.ended_on or "", *said,
    ]  # fmt: skip


@rights.needs(rights.PUBLIC, post=roles.PREPARES)
@require_http_methods(["GET", "POST"])
def works(request, key):
    """One project with every comparison made of it; an authority makes another here."""
    now = timezone.now()
    one = doors.works(key)
    years = years_of(one)
    may = one.organisation_id in (doors.authorities(request.user, at=now) if request.user.is_authenticated else [])
    form = Years(request.POST or None, years=years, initial={"after": years[0]} if years else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                held, mandate = doors.own_works(request.user, key, at=now)
                acts.assess(works=held, mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, _("Compared. The finding is in the log."))
                return redirect("inventory:works", one.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    found = one.assessments.select_related("before", "after", "by").order_by("-at")
    return render(request, "inventory/restoration.html", {
        "one": one, "area": hectares(one.area_m2), "cost": wording.yuan(one.cost_fen), "may": may, "form": form,
        "years": years, "leaf": journal.place(one.entry), "level": atlas.level(one.level),
        "found": [(each, TONES[each.verdict]) for each in found],
    }, status=status)  # fmt: skip


def figures(organisation):
    return Figure.objects.filter(
        computation__publication__accounting_year__state__in=AccountingYear.IN_FORCE,
        computation__publication__accounting_year__organisation=organisation, type="all",
    ).exclude(zone=stock.OUTSIDE)  # fmt: skip


def years_of(one):
    """The years in which the place has a figure, newest first."""
    rows = figures(one.organisation_id).filter(level=one.level, zone=one.zone)
    return sorted(set(rows.values_list("year", flat=True)), reverse=True)


@rights.needs(roles.PREPARES)
@require_http_methods(["GET", "POST"])
def enter(request):
    """Enter restoration works."""
    now = timezone.now()
    mandate = access.authority(request.user, Mandate.Capacity.INITIATE, at=now)
    body = mandate.membership.organisation
    rows = figures(body.pk).order_by("level", "zone").values_list("level", "zone", "zone_name").distinct()
    zones = [(f"{level}/{zone}", f"{name} ({atlas.level(level)})") for level, zone, name in rows]
    form = Enter(request.POST or None, zones=zones)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = dict(form.cleaned_data)
            level, _slash, zone = given.pop("where").partition("/")
            try:
                made = acts.enter(
                    **given_as(given),
                    level=level,
                    zone=zone,
                    division_code=stock.division(body),
                    mandate=mandate,
                    at=now,
                )
                messages.success(request, _("Entered."))
                return redirect("inventory:works", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal, {"inventory.works_entered_already": "name"})
    return render(request, "inventory/restoration_enter.html", {"form": form, "zones": zones}, status=status)


def given_as(given):
    return {
        ("area_m2" if name == "area" else "cost_fen" if name == "cost" else name): one for name, one in given.items()
    }
