"""The desk of city and county: rolls, rules with their preview, sales, lists for the bank, disputes."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import deciding, fresh, rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_shares, rollsheet
from tanhui.projects.acts import roll as rolls
from tanhui.projects.acts import sale as sales
from tanhui.projects.acts import shares_second, split
from tanhui.projects.forms import shares as typed_in
from tanhui.projects.models import Holder, ShareLine, SplitProposal
from tanhui.projects.pages import shares_words
from tanhui.projects.pages.shares_words import percent, ratio, yuan
from tanhui.projects.queries import shares
from tanhui.ui import downloads, refusals

INITIATE, CONFIRM = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM
SIDES = rights.member("projects.shares", roles=shares.COUNTIES)
ASKS = rights.member("projects.shares_ask", roles=shares.COUNTIES, capacities=[INITIATE])
SIGNS = rights.member("projects.shares_sign", roles=shares.COUNTIES, capacities=[INITIATE, CONFIRM])
SHOWN = 300


def begun():
    return {"reference": uuid.uuid4()}


@rights.needs(SIDES)
@require_GET
def desk(request):
    """The visitor's projects with their rules, and what waits for a signature."""
    now = timezone.now()
    today = clock.day(now)
    rows = []
    for one in shares.at_desk(request.user, at=now):
        rule = shares.rule_on(one, today)
        rows.append({
            "project": one, "rule": rule, "ratio": ratio(rule.terms) if rule else "",
            "sums": shares.sums([one.pk]).get(one.pk), "open": shares.proposals(one).filter(state="OPEN").count(),
            "disputes": shares.disputes(sale__project=one, answer__isnull=True).count(),
        })  # fmt: skip
    waiting = [(one, shares_words.title(one)) for one in shares.asked(request.user, at=now)]
    return render(request, "projects/benefit/desk.html", {"rows": rows, "waiting": waiting})


@rights.needs(SIDES)
@require_GET
def project(request, number):
    """One project for its two sides."""
    now = timezone.now()
    found = access_shares.desk_project(request.user, number, at=now)
    city, county = access_shares.sides(request.user, found, at=now)
    rule = shares.rule_on(found, clock.day(now))
    mine = [one for one in (city and found.owner_id, county) if one]
    return render(request, "projects/benefit/project_desk.html", {
        "asks": any(access_shares.people.holds(request.user, one, INITIATE, at=now) for one in mine),
        "project": found, "rule": rule, "ratio": ratio(rule.terms) if rule else "", "city": city, "county": county,
        "rolls": [(one, rollsheet.mu(one.weight)) for one in shares.rolls(found)],
        "proposals": [(one, ratio(one.terms)) for one in shares.proposals(found)[:20]],
        "sales": [(one, yuan(one.amount_fen)) for one in shares.sales(found)[:50]],
        "public": found in shares.shared_projects(),
    })  # fmt: skip


@rights.needs(ASKS)
@require_http_methods(["GET", "POST"])
def roll(request, number):
    """Enter a roll: pasted, checked line by line, shown with its faults, kept when there are none."""
    now = timezone.now()
    found = access_shares.desk_project(request.user, number, at=now)
    form = typed_in.Roll(request.POST or None, initial=begun())
    faults, status = [], 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            rows, faults = rollsheet.read(form.cleaned_data["table"])
            if not faults:
                try:
                    mandate = access_shares.side(request.user, found, INITIATE, at=now)
                    made = rolls.enter(
                        project=found, source=form.cleaned_data["source"], rows=rows, mandate=mandate,
                        reference=form.cleaned_data["reference"], at=now,
                    )  # fmt: skip
                    said = _("Kept as roll %(number)s with %(count)s holders. It counts once a rule names it.")
                    messages.success(request, said % {"number": made.number, "count": made.holders_count})
                    return redirect("projects:shares_project_desk", found.number)
                except Refusal as refusal:
                    status = refusals.show(form, refusal)
    context = {"form": form, "project": found, "faults": faults[:SHOWN], "more": len(faults) > SHOWN}
    return render(request, "projects/benefit/roll.html", context, status=status)


@rights.needs(rights.PERSON)
@require_GET
def roll_template(request):
    head, rows = rollsheet.template()
    return downloads.as_xlsx("roll", head, rows)


@rights.needs(ASKS)
@require_http_methods(["GET", "POST"])
def rule(request, number):
    """Propose a rule: see first what the last sales would have paid, then sign for one's own side."""
    now = timezone.now()
    today = clock.day(now)
    found = access_shares.desk_project(request.user, number, at=now)
    form = typed_in.Rule(request.POST or None, initial=first(found, today), **choices(request, found, now))
    shown, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = form.cleaned_data
                picked = access_shares.roll(found, given["roll"])
                county = access_shares.county(given["county"])
                what = {"county": county, "terms": form.terms(), "roll": picked, "pack": given["pack"]}
                if request.POST.get("do") == "propose":
                    made = split.propose(
                        project=found, effective_from=given["effective_from"], basis=given["basis"],
                        mandate=access_shares.side(request.user, found, INITIATE, at=now),
                        reference=given["reference"], at=now, **what,
                    )  # fmt: skip
                    messages.success(request, _("Proposed and signed. A colleague signs next, then the other side."))
                    return redirect("projects:share_proposal", made.pk)
                shown, status = tried(found, what, given, now), 200
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    context = {"form": form, "project": found, "shown": shown}
    return render(request, "projects/benefit/rule.html", context, status=status)


def tried(found, what, given, now):
    """What a proposal would show, without making it. Refuses as ``split.propose`` does."""
    day, basis = given["effective_from"], given["basis"]
    split.check(found, what["county"], what["terms"], what["roll"], day, basis, what["pack"], now)
    return preview_rows(split.preview(found, what["terms"], what["roll"], what["pack"], now))


def first(found, today):
    """What the form starts from: the rule in force, else the rule pack's shares."""
    initial = begun() | {"effective_from": today, "pack": found.rule_pack}
    held = shares.latest(found)
    if held is not None:
        terms = held.terms
        return initial | {
            "city_part": terms["city"], "county_part": terms["county"], "county_keeps": terms["county_keeps"] / 100,
            "village_keeps": terms["village_keeps"] / 100, "roll": held.roll_id or "", "county": held.county_id,
        }  # fmt: skip
    packs = shares.packs_with_shares(today)
    if not packs:
        return initial
    pack = next((one for one in packs if one.id != shares.DEFAULTS), packs[0])
    keys = {"city_part": "city_share", "county_part": "county_share"}
    keys |= {"county_keeps": "sharing_county_keeps", "village_keeps": "sharing_village_keeps"}
    return initial | {"pack": pack.id} | {name: number_of(key, today, pack.id) for name, key in keys.items()}


def number_of(key, today, pack):
    try:
        return shares.number(key, today, pack)
    except Refusal:  # no defaults in force: the people fill it in
        return None


def choices(request, found, now):
    _city, county = access_shares.sides(request.user, found, at=now)
    known = shares.county_of(found) or county
    rows = Organisation.objects.filter(role__in=shares.COUNTIES).exclude(pk=found.owner_id).order_by("name")
    if known is not None:
        rows = rows.filter(pk=known)
    return {
        "counties": [(one.pk, one.name) for one in rows],
        "packs": [(one.id, f"{one.subject} {one.version}") for one in shares.packs_with_shares(clock.day(now))],
        "rolls": [
            (str(one.pk), _("Roll %(number)s: %(source)s") % {"number": one.number, "source": one.source})
            for one in shares.rolls(found)
        ],
    }  # fmt: skip


def preview_rows(told):
    """A preview as tables: of every sale what each tier was paid and would be paid."""
    tiers = ShareLine.Tier.choices
    sales = [
        {
            "contract": one["contract"], "sold_on": one["sold_on"], "amount": yuan(one["amount_fen"]),
            "tiers": [
                (label, yuan(one["paid"][tier]), yuan(one["would"][tier]), one["would"][tier] - one["paid"][tier])
                for tier, label in tiers
            ],
        }
        for one in told["sales"]
    ]  # fmt: skip
    example = told.get("example")
    found = told["households"]
    return {
        "sales": sales, "households": found, "most": yuan(found["most_fen"]), "least": yuan(found["least_fen"]),
        "example": example and {
            "amount": yuan(example["amount_fen"]),
            "tiers": [(label, yuan(example["would"][tier])) for tier, label in tiers],
        },
    }  # fmt: skip


@rights.needs(SIDES, post=SIGNS)
@require_http_methods(["GET", "POST"])
def proposal(request, key):
    """A proposal with its preview: each side signs twice, or one drops it."""
    now = timezone.now()
    one = access_shares.proposal(request.user, key, at=now)
    fresh.resume(request)
    form = typed_in.Reason(request.POST if request.POST.get("do") == "drop" else None)
    refusal, status = None, 200
    mine = [key for key in (one.city_id, one.county_id) if key in shares.organisations(request.user, at=now)]
    if request.method == "POST":
        if elsewhere := fresh.required(request, now):
            return elsewhere
        try:
            if answer(request, one, form, mine[0], now):
                return redirect("projects:share_proposal", one.pk)
            status = 422
        except Refusal as said:
            refusal, status = said, said.status
            one = access_shares.proposal(request.user, key, at=now)
    waiting = split.waiting(one, now) if one.state == SplitProposal.State.OPEN else []
    agreed = {each.organisation_id for each in one.consents.all()}
    asked_by = {each.organisation_id for each in waiting}
    return render(request, "projects/benefit/proposal.html", {
        "one": one, "ratio": ratio(one.terms), "county_keeps": percent(one.terms["county_keeps"]),
        "village_keeps": percent(one.terms["village_keeps"]), "shown": preview_rows(one.preview), "waiting": waiting,
        "consents": one.consents.select_related("organisation", "initiator", "confirmer"), "refusal": refusal,
        "form": form, "open": one.state == SplitProposal.State.OPEN,
        "may_sign": [key for key in mine if key not in agreed | asked_by], "mine": mine,
        "rule": getattr(one, "rule", None),
    }, status=status)  # fmt: skip


def answer(request, one, form, organisation, now):
    """Carry out what the visitor decided; ``False`` when the form needs more."""
    match request.POST.get("do"):
        case "sign":
            mandate = access_shares.of(request.user, organisation, INITIATE, at=now)
            split.sign(proposal=one, mandate=mandate, reference=f"split-{one.pk.hex}-{organisation}", at=now)
            messages.success(request, _("Signed first. A colleague signs next."))
        case "drop":
            if not form.is_valid():
                return False
            mandate = access_shares.signatory(request.user, organisation, at=now)
            split.drop(proposal=one, mandate=mandate, at=now, **form.cleaned_data)
            messages.success(request, _("Dropped. The rule in force stays as it is."))
        case _other:
            return False
    return True


@rights.needs(ASKS)
@require_http_methods(["GET", "POST"])
def sale_new(request, number):
    """Enter a sale: the first of two signatures."""
    now = timezone.now()
    found = access_shares.desk_project(request.user, number, at=now)
    mandate = access_shares.of(request.user, found.owner_id, INITIATE, at=now)
    fresh.resume(request)
    form = typed_in.Sale(request.POST or None, initial=begun() | {"sold_on": clock.day(now)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if elsewhere := fresh.required(request, now):
                return elsewhere
            try:
                given = dict(form.cleaned_data)
                moved = access_shares.transfer(found, given.pop("transfer"))
                made = sales.enter(
                    project=found, amount_fen=given.pop("amount"), transfer=moved, mandate=mandate, at=now, **given
                )
                messages.success(request, pgettext("projects", "Asked for. A colleague must confirm it."))
                return redirect("projects:shares_asked", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "projects/benefit/sale_new.html", {"form": form, "project": found}, status=status)


@rights.needs(ASKS)
@require_http_methods(["GET", "POST"])
def account(request, key):
    """Another bank account for a holder: the first of two signatures."""
    now = timezone.now()
    one: Holder = access_shares.holder(request.user, key, at=now)
    fresh.resume(request)
    form = typed_in.Account(request.POST or None, initial=begun())
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if elsewhere := fresh.required(request, now):
                return elsewhere
            try:
                mandate = access_shares.of(request.user, one.roll.county_id, INITIATE, at=now)
                made = rolls.change_account(holder=one, mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, pgettext("projects", "Asked for. A colleague must confirm it."))
                return redirect("projects:shares_asked", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "projects/benefit/account.html", {"form": form, "one": one}, status=status)


@rights.needs(SIDES, post=SIGNS)
@require_http_methods(["GET", "POST"])
def asked(request, key):
    """Something that waits for its second signature: look, then confirm, turn down or take back."""
    now = timezone.now()

    def shown(one, decision):
        facts, more = shares_words.facts(one)
        return {
            "title": shares_words.title(one), "facts": facts, "url": more, "leads": shares_words.leads(decision),
            "up": _("Sharing of proceeds: desk"), "up_url": reverse("projects:shares_desk"),
        }  # fmt: skip

    return deciding.page(
        request, lambda: access_shares.asked(request.user, key, at=now), shares_second, "projects/benefit/asked.html",
        shown, at=now,
    )  # fmt: skip
