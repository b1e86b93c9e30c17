"""The pool of its keeper, ranked; one candidate with its score term by term; and what banks and investors may see."""

import uuid
from decimal import Decimal

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.library import queries as library
from tanhui.projects import access_pool, divisions, potential
from tanhui.projects.acts import pool as acts
from tanhui.projects.forms import pool as typed_in
from tanhui.projects.models import Parcel
from tanhui.projects.queries import pool, shares
from tanhui.rulepacks import queries as rules
from tanhui.ui import downloads, refusals

HALF = 50  # the mark of what an assessment says nothing about
INITIATE = Mandate.Capacity.INITIATE
READS = rights.member("projects.pool", roles=[*pool.KEEPERS, *pool.LOOKERS])
KEEPS = rights.member("projects.pool_keep", roles=pool.KEEPERS, capacities=[INITIATE])
TONES = {"POOLED": "quiet", "PILOT": "good", "DEVELOPING": "final", "DROPPED": "stop"}
LABELS = {
    "site": gettext_lazy("Ground"), "value": gettext_lazy("Expected value"),
    "ease": gettext_lazy("Ease of development"),
    "air": gettext_lazy("Less air pollution"), "resources": gettext_lazy("Saving of resources"),
    "circular": gettext_lazy("Circular economy"), "ecology": gettext_lazy("Ecology"),
    "revitalisation": gettext_lazy("Bonus: rural revitalisation"),
}  # fmt: skip


def points(hundredths):
    return "—" if hundredths is None else f"{hundredths / 100:.2f}"


def described(one):
    return {
        "one": one, "score": points(one.score), "tone": TONES[one.state], "ha": f"{one.area_m2 / 10_000:,.1f}",
        "mu": f"{one.area_m2 * 15 / 10_000:,.0f}",
    }  # fmt: skip


@rights.needs(READS)
@require_GET
def listing(request):
    """The visitor's own pool, the best first; for banks and investors what owners have opened to them."""
    now = timezone.now()
    keeps = bool(pool.organisations(request.user, pool.KEEPERS, at=now))
    found = pool.kept_by(request.user, at=now) if keeps else pool.library(request.user, at=now)
    rows = [described(one) for one in found]
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        return downloads.table("pool", request.GET["format"], head(), [line(row) for row in rows])
    return render(request, "projects/pool/listing.html", {
        "rows": rows, "keeps": keeps, "tonnes": sum(row["one"].annual_t for row in rows),
        "pilots": sum(row["one"].state == "PILOT" for row in rows), "enters": access_pool.keeps(request.user, at=now),
    })  # fmt: skip


def head():
    return [
        _("Number"), _("Name"), pgettext("projects", "Kind"), pgettext("projects", "Place"), _("Area (m²)"),
        _("Tonnes expected a year"), _("Score"),
        _("State"), _("With a state forest farm"), _("Reason"),
    ]  # fmt: skip


def line(row):
    one = row["one"]
    return [
        one.code, one.name, one.get_kind_display(), one.place, one.area_m2, one.annual_t, row["score"],
        one.get_state_display(), _("yes") if one.state_farm else _("no"), one.reason,
    ]  # fmt: skip


@rights.needs(KEEPS)
@require_http_methods(["GET", "POST"])
def new(request):
    """Put a candidate into the pool, by hand or with land, yield and marks from the potential of a survey."""
    now = timezone.now()
    mandate = access_pool.keeper(request.user, INITIATE, at=now)
    land = access_pool.prospect(request.user, request.GET, at=now)
    form = typed_in.Entry(request.POST or None, initial={"reference": uuid.uuid4()} | (begun(land) if land else {}))
    if land:
        del form.fields["parcels"]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = acts.enter(
                    values=form.values(), parcels=land_of(request, form, land, now), mandate=mandate,
                    reference=form.cleaned_data["reference"], at=now,
                )  # fmt: skip
                messages.success(request, _("Put into the pool. Score it next."))
                return redirect("projects:candidate", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal, {
                    "projects.parcel_unknown": "parcels", "projects.parcels_too_many": "parcels"
                })  # fmt: skip
    return render(request, "projects/pool/new.html", {"form": form} | (from_land(land) if land else {}), status=status)


def land_of(request, form, land, now):
    if land:
        return Parcel.objects.filter(pk__in=potential.land_of(land))
    return access_pool.parcels(request.user, form.cleaned_data["parcels"], at=now)


def begun(land):
    """What a form begins with: the land and yield of a survey, and marks by the nature of the activity."""
    about, language = land.method.about["pool"], get_language() or "en"
    published = library.of_package(land.method.code)
    code = land.county or min(land.survey.versions.values_list("division_code", flat=True)[:1], default="")[:6]
    place = divisions.name(code) or code
    return {
        "name": f"{divisions.short(code)}{land.method.label(language)}"[:120], "kind": about["kind"],
        "mechanism": about["mechanism"], "methodology": published.full_code if published else "",
        "place": place[:80], "division_code": code, "hectares": Decimal(land.line.possible_m2 // 100) / 100,
        "annual_t": round(land.line.tonnes), "site": HALF, "ease": land.ease, **about["marks"],
    }  # fmt: skip


def from_land(land):
    language = get_language() or "en"
    parcels = land.line.parcels
    return {
        "land": land, "label": land.method.label(language), "parcels": parcels["eligible"] + parcels["conditional"],
        "conditional": parcels["conditional"], "grade": land.method.grade,
    }  # fmt: skip


@rights.needs(READS, post=KEEPS)
@require_http_methods(["GET", "POST"])
def candidate(request, key):
    """One candidate: its score term by term, and what its keeper may do with it."""
    now = timezone.now()
    one, mine = access_pool.candidate(request.user, key, at=now)
    if request.method == "POST" and not mine:
        raise Http404
    do = request.POST.get("do", "")
    offered = access_pool.developments(one) if mine else []
    held = {name: typed_in.Why(request.POST if do == name else None) for name in ("pick", "drop")}
    held["develop"] = typed_in.Become(request.POST if do == "develop" else None, offered=offered)
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if do not in held or held[do].is_valid():
                act(request, one, do, held, now)
                return redirect("projects:candidate", one.pk)
        except Refusal as said:
            refusal, status = said, said.status
    found = list(pool.scores(one))
    packs = shares.packs_with_shares(clock.day(now))
    return render(request, "projects/pool/candidate.html", described(one) | {
        "mine": mine, "scores": [(each, points(each.total)) for each in found], "refusal": refusal, "forms": held,
        "terms": term_by_term(found[0]) if found else [],
        "consents": pool.consents(one) if mine else [], "packs": packs, "offered": bool(offered),
        "land": one.land.select_related("parcel").order_by("parcel__code")[:200], "open": one.state in one.OPEN,
    }, status=status)  # fmt: skip


def term_by_term(score):
    return [(LABELS[one["key"]], one["mark"], one["weight"], points(one["points"])) for one in score.terms]


def act(request, one, do, held, now):
    """Carry out what the keeper decided."""
    _found, mandate = access_pool.own(request.user, one.pk, at=now)
    match do:
        case "score":
            pack = request.POST.get("pack", "")
            rules.pack(pack, clock.day(now))  # a pack that is not in force is refused before anything else
            acts.score(candidate=one, pack=pack, mandate=mandate, at=now)
            messages.success(request, _("Scored. Every term stands below."))
        case "pick":
            acts.pick(candidate=one, mandate=mandate, at=now, **held["pick"].cleaned_data)
            messages.success(request, _("Picked as a pilot."))
        case "drop":
            acts.drop(candidate=one, mandate=mandate, at=now, **held["drop"].cleaned_data)
            messages.success(request, _("Taken out of the pool."))
        case "develop":
            chosen = access_pool.development(one, held["develop"].cleaned_data["development"])
            acts.develop(candidate=one, development=chosen, mandate=mandate, at=now)
            messages.success(request, _("Linked. It goes on as a development."))
        case "open" | "close":
            acts.open_to_banks(candidate=one, given=do == "open", mandate=mandate, at=now)
            messages.success(request, _("Opened.") if do == "open" else _("Closed. Nobody else sees it any more."))
        case _other:
            raise Http404
