"""What the public may ask of the whole register: figures and lists. Nothing here says who holds a living unit."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from tanhui.ledger.models import Holding
from tanhui.registry import queries as register
from tanhui.registry.acts import lines
from tanhui.registry.models import Batch, Cancellation, Project, Retirement, SubAccount


@dataclass(frozen=True)
class Figures:
    """Whole tonnes over the whole register: ``issued`` = ``held`` + ``buffer`` + ``retired`` + ``cancelled``."""

    projects: int
    issued: int
    held: int
    buffer: int
    retired: int
    cancelled: int

    @property
    def balances(self) -> bool:
        return self.issued == self.held + self.buffer + self.retired + self.cancelled


def figures() -> Figures:
    """Sums over the registry's facts, not a counter kept beside them; ``balances`` compares the two sides."""
    units = Holding.objects.filter(account__sub_account__isnull=False)
    in_buffer = Q(account__sub_account__purpose=SubAccount.Purpose.BUFFER)
    there = units.aggregate(
        held=Coalesce(Sum("quantity", filter=~in_buffer), 0), buffer=Coalesce(Sum("quantity", filter=in_buffer), 0)
    )
    return Figures(
        projects=Project.objects.count(),
        issued=total(Batch.objects.all()),
        retired=total(Retirement.objects.all()),
        cancelled=total(Cancellation.objects.all()),
        held=int(there["held"]),
        buffer=int(there["buffer"]),
    )


def total(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(total=Coalesce(Sum("quantity_t"), 0))["total"])


def projects() -> QuerySet[Project]:
    """Projects with what was issued from them (``issued_t``) and in how many batches (``batch_count``)."""
    return (
        register.projects()
        .annotate(issued_t=Coalesce(Sum("batches__quantity_t"), 0), batch_count=Count("batches"))
        .order_by("number")
    )


def batches() -> QuerySet[Batch]:
    return register.batches()


def printed(batch: Batch) -> str:
    """The batch's whole block as it is printed."""
    return str(lines.printed(batch, register.between(batch.serials)))


def retired_by_purpose() -> list[tuple[str, int, int]]:
    """Purpose, number of retirements, tonnes; the largest first."""
    rows = Retirement.objects.values_list("purpose").annotate(count=Count("pk"), tonnes=Sum("quantity_t"))
    return list(rows.order_by("-tonnes"))


def retired_by_beneficiary(limit: int = 20) -> list[tuple[str, int, int]]:
    """Published name, number of retirements, tonnes; the largest first."""
    rows = Retirement.objects.values_list("beneficiary_name").annotate(count=Count("pk"), tonnes=Sum("quantity_t"))
    return list(rows.order_by("-tonnes", F("beneficiary_name"))[:limit])


def cancellations() -> QuerySet[Cancellation]:
    return Cancellation.objects.all()
