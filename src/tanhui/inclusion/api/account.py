"""What an app shows of the account of whoever authorised it, and of nobody else."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from tanhui.identity import rights
from tanhui.inclusion import access_account
from tanhui.inclusion.models import Day
from tanhui.inclusion.queries import carbon
from tanhui.kernel import clock

router = Router(tags=["inclusion"])
READS = rights.person("inclusion.account")
MOST = 400  # days asked for at once: a year and the month it is looked at in


class Ends(Schema):
    on: date = Field(description="The first day on which these points are worth nothing any more")
    points: int


class Switch(Schema):
    scenario: str
    track: bool = Field(description="Whether where the person was may be used, by a consent of its own")


class AccountOut(Schema):
    id: UUID
    state: str
    grams: int = Field(description="Whole grams CO2e in all; never to be mixed with points")
    grams_this_month: int
    points: int = Field(description="Points that can be used today; no money, not transferable")
    ends: list[Ends]
    level: int
    scenarios: list[Switch] = Field(description="What the person switched on")
    mark: str = Field(
        description="What the body whose app this is calls the person when it reports as a provider; empty for others"
    )


class DayOut(Schema):
    day: date
    scenario: str
    methodology: str
    grams: int
    events: int
    evidence_sha256: str


class DaysOut(Schema):
    days: list[DayOut]
    next: date | None = Field(description="Where to go on: give it as `since`; none at the end")


class DaysAsked(Schema):
    since: date
    limit: int = Field(100, ge=1, le=MOST)


@router.get("/inclusion/account", response=AccountOut, operation_id="getCarbonAccount", summary="授权人的碳账户")
@rights.needs(READS)
def account(request: HttpRequest) -> AccountOut:
    one = access_account.mine(access_account.person(request))
    today = clock.day(timezone.now())
    sums, known = carbon.sums(one.pk), carbon.names()
    purse = carbon.purse(one.pk, today)
    return AccountOut(
        id=one.id, state=one.state, grams=sums.grams, grams_this_month=sums.months.get(today.replace(day=1), 0),
        points=sum(points for _on, points in purse), ends=[Ends(on=on, points=points) for on, points in purse],
        level=carbon.level(sums.grams, today).number,
        scenarios=[
            Switch(scenario=known[key].code, track="TRACK" in kinds)
            for key, kinds in sorted(carbon.switched(one.pk).items()) if "GENERAL" in kinds
        ],
        mark=carbon.mark(one.pk, getattr(request, "app_of", "")),
    )  # fmt: skip


@router.get(
    "/inclusion/account/days", response=DaysOut, operation_id="listCarbonDays", summary="授权人自某日起的减排记录"
)
@rights.needs(READS)
def days(request: HttpRequest, span: Query[DaysAsked]) -> DaysOut:
    one = access_account.mine(access_account.person(request))
    known = carbon.names()
    rows = list(
        Day.objects.filter(account=one.pk, day__gte=span.since).order_by("day", "scenario_id")[
            : span.limit + len(known)
        ]
    )
    shown, following = cut(rows, span.limit)
    return DaysOut(
        days=[
            DayOut(
                day=row.day, scenario=known[row.scenario_id].code, methodology=known[row.scenario_id].methodology,
                grams=row.grams, events=row.events, evidence_sha256=bytes(row.evidence_sha256).hex(),
            )
            for row in shown
        ],
        next=following,
    )  # fmt: skip


def cut(rows: list[Day], limit: int) -> tuple[list[Day], date | None]:
    """Whole days, at least one, about ``limit`` rows of them; and the day that follows."""
    if len(rows) <= limit:
        return rows, None
    last = max(rows[limit].day, rows[0].day)
    shown = [row for row in rows if row.day < last] or [row for row in rows if row.day == last]
    rest = [row.day for row in rows if row.day > shown[-1].day]
    return shown, rest[0] if rest else None
