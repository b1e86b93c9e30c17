"""What the public may ask of the whole register: figures and lists. Nothing here says who holds a living unit."""

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce

from tanhui.ledger.models import Holding
from tanhui.portal.models import Beneficiary, Facet
from tanhui.registry import queries as register
from tanhui.registry.acts import lines
from tanhui.registry.models import Batch, Project, Retirement, SubAccount

PERSON = Retirement.Beneficiary.PERSON


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


def registered() -> int:
    """How many projects the catalogue has."""
    return Facet.objects.filter(tag="P:").values_list("count", flat=True).first() or 0


def latest_retirements(many: int) -> list[Retirement]:
    return list(Retirement.objects.order_by("-pk")[:many])


def beneficiaries(name: str = "", most: int = 50) -> list[Beneficiary]:
    """On whose behalf most was retired; organisations and events whose name has these characters."""
    found = Beneficiary.objects.exclude(kind=PERSON)
    if name:
        found = found.filter(name__icontains=name)
    return list(found.order_by("-quantity_t", "name")[:most])


def persons() -> Beneficiary | None:
    """All that was retired on behalf of persons, who are not listed."""
    return Beneficiary.objects.filter(kind=PERSON).first()


def buffered() -> QuerySet[Holding]:
    """What the buffer holds, batch by batch."""
    held = Holding.objects.filter(account__sub_account__purpose=SubAccount.Purpose.BUFFER, quantity__gt=0)
    return held.select_related("asset__batch__project")
