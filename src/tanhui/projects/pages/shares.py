"""What everybody may see of shares: sums by project and tier, the rules with their dates, how far the paying is."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.projects import access_shares
from tanhui.projects.models import ShareLine
from tanhui.projects.pages.shares_words import percent, ratio, yuan
from tanhui.projects.queries import shares
from tanhui.ui import downloads


@rights.needs(rights.PUBLIC)
@require_GET
def listing(request):
    """Every project whose proceeds are shared, by county."""
    today = clock.day(timezone.now())
    rows = [summary(one, today) for one in shares.shared_projects()]
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        lines = [
            [row["number"], row["name"], row["county"], row["ratio"], row["count"], row["tonnes"], *row["fen"]]
            for row in rows
        ]
        return downloads.table("sharing-out", request.GET["format"], head(), lines)
    return render(request, "projects/benefit/listing.html", {
        "rows": rows, "counties": by_county(rows), "tiers": ShareLine.Tier.labels,
        "mine": request.user.is_authenticated,
        "sum": yuan(sum(row["total"] for row in rows)), "tonnes": sum(row["tonnes"] for row in rows),
    })  # fmt: skip


def head():
    return [
        _("Project number"), _("Project"), _("County"), _("City : county"), _("Sales"),
        pgettext("projects", "Tonnes"), _("Amount (fen)"),
        *(f"{ShareLine.Tier(tier).label} (fen)" for tier in ShareLine.Tier.values),
    ]  # fmt: skip


def by_county(rows):
    """What each county's projects earned, by who gets it; the most first."""
    found = {}
    for row in rows:
        held = found.setdefault(
            row["county"], {"county": row["county"], "fen": [0] * len(row["fen"]), "tonnes": 0, "projects": 0}
        )
        held["fen"] = [before + more for before, more in zip(held["fen"], row["fen"], strict=True)]
        held["tonnes"] += row["tonnes"]
        held["projects"] += 1
    return [
        held
        | {
            "amount": yuan(held["fen"][0]),
            "tiers": list(zip(ShareLine.Tier.labels, map(yuan, held["fen"][1:]), strict=True)),
        }
        for held in sorted(found.values(), key=lambda one: -one["fen"][0])
    ]


def summary(project, today):
    """One project's sums; households too few to be told apart from their income stand with their villages."""
    sums = shares.sums([project.pk]).get(project.pk, {})
    tiers = shares.tiers([project.pk]).get(project.pk) or dict.fromkeys(ShareLine.Tier.values, 0)
    settled = shares.settled(project)
    rule = shares.rule_on(project, today) or shares.latest(project)
    few = 0 < settled["holders"] < shares.number("sharing_summary_least", today, project.rule_pack)
    shown = dict(tiers)
    if few:
        shown["VILLAGE"], shown["HOUSEHOLD"] = tiers["VILLAGE"] + tiers["HOUSEHOLD"], 0
    return {
        "project": project, "number": project.number, "name": project.name, "rule": rule, "county": str(rule.county),
        "ratio": ratio(rule.terms), "count": sums.get("count", 0), "back": sums.get("back", 0),
        "tonnes": sums.get("tonnes", 0), "total": sums.get("fen", 0), "amount": yuan(sums.get("fen", 0)), "few": few,
        "fen": [sums.get("fen", 0), *shown.values()], "settled": settled,
        "tiers": [
            (ShareLine.Tier(tier).label, yuan(fen), fen)
            for tier, fen in shown.items()
            if not (few and tier == "HOUSEHOLD")
        ],
    }  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def project(request, number):
    """One project: rule versions with their signatures, sales, sums and disputes. No household is named."""
    now = timezone.now()
    found = access_shares.public_project(number)
    versions = [
        {
            "rule": one, "ratio": ratio(one.terms), "county_keeps": percent(one.terms["county_keeps"]),
            "village_keeps": percent(one.terms["village_keeps"]), "consents": one.proposal.consents.all(),
        }
        for one in shares.versions(found)
    ]  # fmt: skip
    sales = [(one, yuan(one.amount_fen)) for one in shares.sales(found)]
    disputes = shares.disputes(sale__project=found)
    return render(request, "projects/benefit/project.html", {
        "row": summary(found, clock.day(now)), "project": found, "versions": versions, "sales": sales,
        "disputes": disputes.count(), "answered": disputes.filter(answer__isnull=False).count(),
        "sides": request.user.is_authenticated and found in shares.at_desk(request.user, at=now),
    })  # fmt: skip
