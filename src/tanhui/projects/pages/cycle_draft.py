"""The drafting wizard: a step a page, saved whether complete or not; land and meters; the page to read first."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files import forms as files
from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_cycle, machine, outlines, sheets
from tanhui.projects.acts import drafting
from tanhui.projects.models import Facility, ParcelVersion
from tanhui.projects.pages import cycle_forms as forms
from tanhui.projects.pages import cycle_words as words
from tanhui.projects.pages import uniqueness_parts
from tanhui.projects.pages.cycle_desk import LOOKS
from tanhui.projects.pages.cycle_desk import number as whole
from tanhui.projects.queries import cycle
from tanhui.ui.components.work import Stage

DRAFTS = rights.member("projects.draft", capacities=(Mandate.Capacity.INITIATE,))
LAND = "land"
MOST = 300  # parcels the page lists


@rights.needs(LOOKS, post=DRAFTS)
@require_http_methods(["GET", "POST"])
def draft(request, number, part):
    """One step of the wizard. What is filled in is kept even where it is incomplete, and what is open is said."""
    now = timezone.now()
    one = access_cycle.own_development(request.user, number, at=now)
    if one.state not in drafting.EDITABLE:
        return redirect(words.page(one))
    if part == LAND:
        return land(request, one, now)
    sheet = sheets.BY_CODE.get(part)
    if sheet is None:
        return redirect("projects:draft", one.code, sheets.SHEETS[0].code)
    kind, before = forms.of_sheet(sheet, one)
    form, status = kind(request.POST or None, initial=before), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                drafting.keep(
                    development=one, answers=form.cleaned_data, revision=whole(request.POST.get("revision")), at=now,
                    mandate=access_cycle.owner_mandate(request.user, one, "INITIATE", at=now),
                )  # fmt: skip
                return onward(request, one, part)
            except Refusal as refusal:
                status = forms.show(form, refusal)
    return render(
        request, "projects/cycle/draft.html",
        {
            "development": one, "form": form, "sheet": sheet, "stages": stages(one, part),
            "fields": [form[name] for name in sheet.fields],
            "open": sheets.open_points(one, sheet) if one.draft else [],
        },
        status=status,
    )  # fmt: skip


def land(request, one, now):
    """Land and meters: parcels taken over, outlines handed in, numbers listed."""
    refusal, status = None, 200
    form = forms.Outlines(request.POST or None)
    if request.method == "POST":
        try:
            mandate = access_cycle.owner_mandate(request.user, one, "INITIATE", at=now)
            match request.POST.get("do", ""):
                case "parcels":
                    chosen = ParcelVersion.objects.filter(
                        pk__in=[whole(key) for key in request.POST.getlist("parcel")]
                    ).select_related("parcel")
                    drafting.take_parcels(development=one, parcels=chosen, mandate=mandate, at=now)
                case "outlines":
                    upload = files.upload(request, "outlines", kind=outlines.KIND, at=now, label=_("Outlines"))
                    crs = form.cleaned_data["crs"] if form.is_valid() else ""
                    found = outlines.read(upload, crs, most=drafting.MOST)
                    drafting.draw(development=one, outlines=found, mandate=mandate, at=now)
                case "leave_out":
                    keys = [whole(key) for key in request.POST.getlist("boundary")]
                    drafting.leave_out(development=one, boundaries=keys, mandate=mandate, at=now)
                case "facilities":
                    for kind in Facility.Kind.values:
                        keys = request.POST.get(kind, "").replace("\x00", "").splitlines()
                        drafting.list_facilities(development=one, kind=kind, keys=keys, mandate=mandate, at=now)
                case _:
                    return onward(request, one, LAND)
            messages.success(request, _("Kept."))
            return redirect("projects:draft", one.code, LAND)
        except Refusal as said:
            refusal, status = said, said.status
    taken = one.boundaries.exclude(parcel_version=None).values("parcel_version")
    parcels = (
        ParcelVersion.objects.filter(
            parcel__organisation=one.owner_id, parcel__division_code__startswith=one.division_code[:4]
        )
        .exclude(pk__in=taken).select_related("parcel").order_by("parcel__code", "-year").distinct("parcel__code")
    )  # fmt: skip
    return render(
        request, "projects/cycle/land.html",
        {
            "development": one, "stages": stages(one, LAND), "boundaries": one.boundaries.order_by("name"),
            "area": cycle.area_m2(one), "parcels": parcels[:MOST], "refusal": refusal, "form": form,
            "kind": outlines.KIND, "free": uniqueness_parts.free(one, at=now),
            "facilities": {
                kind: "\n".join(one.facilities.filter(kind=kind).order_by("key").values_list("key", flat=True))
                for kind in Facility.Kind.values
            },
            "locked": one.state not in drafting.LAND_EDITABLE,
        },
        status=status,
    )  # fmt: skip


@rights.needs(LOOKS)
@require_GET
def check(request, number):
    """The whole draft as it would be handed in, and everything that is open; also for printing."""
    now = timezone.now()
    one = access_cycle.development(request.user, number, at=now)
    return render(
        request, "projects/cycle/check.html",
        {
            "development": one, "stages": stages(one, "check") if one.state in drafting.EDITABLE else [],
            "sections": [
                (sheet, [(field.label, said(one, name, field)) for name, field in sheet.fields.items()])
                for sheet in sheets.SHEETS
            ],
            "open": [
                (point.label, reverse("projects:draft", args=[one.code, point.sheet]))
                for point in sheets.open_points(one)
            ],
            "boundaries": one.boundaries.order_by("name"), "area": cycle.area_m2(one),
            "facilities": one.facilities.order_by("kind", "key"), "papers": words.files(one, private=True),
            "profile": machine.profile(one.profile),
        },
    )  # fmt: skip


def said(one, name, field):
    """An answer in words."""
    text = sheets.filled(one, name)
    if field.kind == "body":
        return str(getattr(one, name) or "—")
    return {"yes": _("Yes"), "no": _("No")}.get(text, text) or "—"


def parts():
    codes = [sheet.code for sheet in sheets.SHEETS]
    return [*codes[:1], LAND, *codes[1:]]


def stages(one, part):
    """The steps of the wizard with how they stand."""
    open_sheets = {point.sheet for point in sheets.open_points(one)}
    land_open = not one.boundaries.exists() and not one.facilities.exists()
    found = []
    for code in parts():
        label = sheets.BY_CODE[code].label if code != LAND else _("Land and meters")
        open_ = land_open if code == LAND else code in open_sheets
        kind = "now" if code == part else "todo" if open_ else "done"
        found.append(Stage(label, kind, reverse("projects:draft", args=[one.code, code])))
    return [
        *found,
        Stage(
            pgettext("projects", "Check"),
            "now" if part == "check" else "todo",
            reverse("projects:check", args=[one.code]),
        ),
    ]


def onward(request, one, part):
    """Where the pressed button leads."""
    if request.POST.get("then") == "leave":
        messages.success(request, pgettext("projects", "Saved. Come back whenever you like; nothing is lost."))
        return redirect(words.page(one))
    place = parts().index(part) + 1
    if place < len(parts()):
        return redirect("projects:draft", one.code, parts()[place])
    return redirect("projects:check", one.code)
