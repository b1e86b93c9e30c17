"""What people hold, what merchants gave and are owed, what waits for a second signature at the desk."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from tanhui.identity.models import Decision, Instruction
from tanhui.inclusion.models import Account, Bill, Budget, Merchant, Offer, Pool, Proceeds, Voucher
from tanhui.kernel import canonical, clock

DAY = timedelta(days=1)


def held(account: Account) -> QuerySet[Voucher]:
    """A person's vouchers, the usable first."""
    return Voucher.objects.filter(account=account).select_related("merchant").order_by("state", "last_day", "-at")


def offered(merchant: Merchant) -> QuerySet[Offer]:
    return Offer.objects.filter(merchant=merchant).order_by("state", "-at")


def used_lately(merchant: Merchant, most: int = 20) -> QuerySet[Voucher]:
    found = Voucher.objects.filter(merchant=merchant, state=Voucher.State.USED).select_related("used_by")
    return found.order_by("-used_at")[:most]


def waiting_offers(merchants: QuerySet[Merchant]) -> QuerySet[Offer]:
    """Offers that merchants asked for, the oldest first."""
    found = Offer.objects.filter(state=Offer.State.ASKED, merchant__in=merchants).select_related("merchant", "asked_by")
    return found.order_by("at")


def used(merchant: Merchant, month: date) -> Any:
    """The vouchers used at a merchant in a month, in the order of their use."""
    begin, end = (clock.midnight_after(day - DAY) for day in (month, next_month(month)))
    return Voucher.objects.filter(merchant=merchant, used_at__gte=begin, used_at__lt=end).order_by("used_at", "code")


def sums(merchant: Merchant, month: date) -> dict[str, Any]:
    """What a month comes to: how many vouchers, their points, what is owed in fen, and the hash over them all."""
    found = used(merchant, month)
    said = found.aggregate(vouchers=Count("pk"), points=Sum("points"), fen=Sum("worth_fen"))
    lines = [[code, clock.for_machines(at), fen] for code, at, fen in found.values_list("code", "used_at", "worth_fen")]
    return {
        "vouchers": said["vouchers"], "points": said["points"] or 0, "fen": said["fen"] or 0,
        "sha256": canonical.sha256(lines),
    }  # fmt: skip


def months(merchant: Merchant, today: date) -> list[dict[str, Any]]:
    """The months in which vouchers were used: what they come to, and the bill if there is one."""
    bills = {one.month: one for one in Bill.objects.filter(merchant=merchant)}
    found = Voucher.objects.filter(merchant=merchant, state=Voucher.State.USED)
    grouped = found.annotate(month=TruncMonth("used_at", tzinfo=clock.SHANGHAI)).values("month")
    sums = grouped.annotate(vouchers=Count("pk"), points=Sum("points"), fen=Sum("worth_fen")).order_by("-month")
    found_months: list[dict[str, Any]] = []
    for one in sums:
        month = one["month"].date()
        found_months.append(dict(one) | {"month": month, "bill": bills.get(month), "over": next_month(month) <= today})
    return found_months


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def open_instructions(acts: Sequence[str], organisations: list[int], at: datetime) -> list[Instruction]:
    """What one person asked for and another must sign."""
    found = Instruction.objects.filter(act__in=acts, organisation__in=organisations, expires_at__gt=at)
    decided = Decision.objects.filter(instruction__in=found).values("instruction_id")
    return list(found.exclude(pk__in=decided).select_related("initiator").order_by("at"))


def fund(month: date) -> dict[str, int]:
    """The budget of a month, what pools earned and what merchants are owed in all (fen), and the tonnes pooled."""
    budget = Budget.objects.filter(month=month).order_by("-at").first()
    return {
        "budget": budget.fen if budget else 0,
        "earned": Proceeds.objects.aggregate(all=Sum("fen"))["all"] or 0,
        "owed": Bill.objects.aggregate(all=Sum("fen"))["all"] or 0,
        "tonnes": Pool.objects.filter(state=Pool.State.VERIFIED).aggregate(all=Sum("tonnes"))["all"] or 0,
    }


def month_of(text: str) -> date:
    """The first day of a month written ``2026-05``; of this century's first where it is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return date(2000, 1, 1)
