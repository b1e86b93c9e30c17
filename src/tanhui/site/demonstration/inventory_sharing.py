"""Sharing and monitoring of the made-up district: an agreement with a university under which data was handed over, one
that waits for its second signature, and a yearly cycle."""

import io
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from tanhui.files.acts import receiving
from tanhui.files.models import Upload
from tanhui.identity.models import Mandate, Organisation
from tanhui.inventory.acts import monitoring, packing, sharing
from tanhui.inventory.models import Agreement, Cycle, Dataset, Handover, Purpose
from tanhui.kernel import clock
from tanhui.site.demonstration.inventory import AREA, AUTHORITY, DIVISION, HANDLERS
from tanhui.site.demonstration.library import body
from tanhui.site.demonstration.opening import drawn, someone
from tanhui.site.demonstration.stage import Stage, given

DAY = timedelta(days=1)
UNIVERSITY = ("10000035", "演示大学生态研究院", "uni-a", "沈怀瑾")
BUREAU = ("10000042", "演示市应急管理局")


@transaction.atomic
def load(stage: Stage) -> None:
    """Bring agreements and cycle about, by the acts people use, all or none. What is there already stays as it is."""
    weather = Dataset.objects.filter(access="INTERNAL").order_by("title").first()
    if weather is None or Agreement.objects.exists() or Cycle.objects.exists():
        return
    now = timezone.now()
    authority = body(*AUTHORITY, Organisation.Role.NATURAL_RESOURCES, now)
    technician, chief = (
        given(someone(username, name, now), authority, capacity, now - 500 * DAY)
        for username, name, capacity in HANDLERS
    )
    code, name, username, who = UNIVERSITY
    university = body(code, name, Organisation.Role.TECHNICAL, now)
    student = given(someone(username, who, now), university, Mandate.Capacity.VIEW, now - 60 * DAY)
    bureau = body(*BUREAU, Organisation.Role.LOCAL_AUTHORITY, now)

    at = now - 20 * DAY
    terms = sharing.Terms(
        recipient=university.pk, title="气象栅格数据共享协议（存量碳汇模型研究）", purposes=(Purpose.RESEARCH.value,),
        detail="用于本区土壤呼吸模型的本地化率定，成果反馈给主管部门。",
        onward="数据不得转交第三方；论文可发表统计结果，不得发表原始栅格。", since=clock.day(at),
        until=clock.day(at + 364 * DAY), datasets=(str(weather.pk),),
    )  # fmt: skip
    asked = sharing.propose(terms=terms, scan=scan(technician, at), mandate=technician, reference="demo-share-1", at=at)
    sharing.confirm(asked=asked, mandate=chief, at=at + DAY)
    agreed = Agreement.objects.get()
    made = sharing.hand_over(
        agreement=agreed, coverage=agreed.coverage.get().pk, purpose=Purpose.RESEARCH, note="第一批，供模型率定。",
        days=20, mandate=technician, reference="demo-over-1", at=now - 3 * DAY,
    )  # fmt: skip
    packing.carry_out(key=made.pk, at=now - 3 * DAY)
    made = Handover.objects.select_related("package").get(pk=made.pk)
    sharing.fetch(handover=made, by=student.membership.person, at=now - 2 * DAY)

    other = sharing.Terms(
        recipient=bureau.pk, title="森林火险研判数据共享协议", purposes=(Purpose.RISK.value,),
        detail="用于森林火险等级研判。", onward="仅限本单位内部使用。", since=clock.day(now),
        until=clock.day(now + 180 * DAY), datasets=(str(weather.pk),),
    )  # fmt: skip
    sharing.propose(terms=other, scan=scan(technician, now), mandate=technician, reference="demo-share-2", at=now - DAY)
    monitoring.set_cycle(
        division_code=DIVISION, area_name=AREA, months=12, first_due=due(now), mandate=technician, at=now - 30 * DAY,
        reason="每年随自然资源公报发布，供生态补偿与国土空间规划实施评估使用。",
    )  # fmt: skip
    monitoring.remind(at=now)


def due(now: datetime) -> date:
    """In ten weeks: the first reminder is out."""
    return clock.day(now + 70 * DAY)


def scan(technician: Mandate, at: datetime) -> Upload:
    return receiving.receive(
        stream=io.BytesIO(drawn("数据共享协议（演示）", at)), name="数据共享协议.pdf", kind=sharing.SUBJECT, at=at,
        person=technician.membership.person,
    )  # fmt: skip
