"""A validation under way: two findings, one answered; half a checklist; a sample that waits to be drawn. Invented."""

from datetime import datetime

from django.utils import timezone

from tanhui.identity import roster
from tanhui.identity.models import Mandate
from tanhui.projects import checklists, sampling
from tanhui.projects.acts import checking, finding, sample
from tanhui.projects.models import Development, Finding
from tanhui.projects.queries import review
from tanhui.site.demonstration.stage import Stage

STATE = "VALIDATION"


def load(stage: Stage) -> None:
    """Begin the review of the project that stands at validation; what is there already stays as it is."""
    now = timezone.now()
    one = Development.objects.select_related("validator", "owner").filter(state=STATE).order_by("number").first()
    if one is None:
        raise LookupError("no project of the demonstration stands at validation")
    if Finding.objects.filter(development=one).exists():
        return
    assert one.validator is not None
    body, owner = signing(one.validator_id, now), signing(one.owner_id, now)
    finding.raise_(
        subject=one, mandate=body, reference="demo-finding-1", at=now,
        said=finding.Raised(
            "CAR", "BOUNDARY", "（演示）2 个小班的边界与权属证所附宗地图相差 0.3 公顷，请核对并更正。",
            "方法学适用条件：土地权属清晰", "",
        ),
    )  # fmt: skip
    asked = finding.raise_(
        subject=one, mandate=body, reference="demo-finding-2", at=now,
        said=finding.Raised(
            "CL", "METHOD", "（演示）请说明所选生物量方程对樟子松的适用性。", "方法学 §8：参数选取", "",
        ),
    )  # fmt: skip
    finding.answer(
        finding=asked,
        text="（演示）采用的方程建于同一气候区，样木胸径范围覆盖本项目。",
        upload=None,
        mandate=owner,
        at=now,
    )
    points = checklists.points(one)
    answers = {point.key: checking.Answer("YES") for point in points[: len(points) // 2]}
    checking.answer(subject=one, answers=answers, mandate=body, at=now)
    units = next(iter(review.populations(one).values()), [])
    if units:
        declared(one, units, body, now)


def declared(one: Development, units: list[sampling.Unit], body: Mandate, now: datetime) -> None:
    size = max(sample.smallest(one, len(units))["value"], 1)
    sample.declare(subject=one, units=units, size=size, mandate=body, at=now)


def signing(organisation: int | None, at: datetime) -> Mandate:
    rows = roster.standing(at).filter(membership__organisation=organisation, capacity=Mandate.Capacity.INITIATE)
    found: Mandate = rows.select_related("membership__person", "membership__organisation").order_by("pk")[0]
    return found
