"""A made-up list of another mechanism, taken over by two people; one of its projects lies over a claim of ours."""

import io
from collections.abc import Sequence
from datetime import date, timedelta

import shapely
import xlsxwriter
from django.utils import timezone
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from tanhui.files.acts import receiving
from tanhui.identity.models import Instruction
from tanhui.kernel import clock
from tanhui.projects import shapes
from tanhui.projects.acts import foreign
from tanhui.projects.models import Footprint, ForeignList
from tanhui.site.demonstration.stage import Stage

HEADINGS = ("项目编号", "项目名称", "统一社会信用代码", "计入期开始", "计入期结束", "电表号", "行政区划代码", "坐标")
Rows = Sequence[tuple[str, ...]]
NEAR = shapely.box(119.6, 42.5, 119.62, 42.51)  # where nothing is claimed, should there be no claim at all


def load(stage: Stage) -> None:
    """One list that stands, with rows left out and a conflict; one that waits for its second signature."""
    if ForeignList.objects.exists():
        return
    at = timezone.now()
    held = Footprint.objects.filter(kind="LAND", state="LIVE", list=None).order_by("pk").first()
    over = beside(shapes.geometry(held.geometry)) if held is not None and held.geometry is not None else NEAR
    rows = [
        ("演示-VCS-2101", "演示·邻县草原修复（VCS）", "", "2021-01-01", "2040-12-31", "", "150404", over.wkt),
        ("演示-VCS-2102", "演示·邻县造林（VCS）", "", "2019-01-01", "2038-12-31", "", "150404", NEAR.wkt),
        ("演示-VCS-2103", "演示·计入期未填", "", "", "", "", "150404", NEAR.wkt),
        ("演示-VCS-2104", "演示·未附边界", "", "2020-01-01", "2039-12-31", "", "150404", ""),
    ]
    asked = handed_in(stage, "VCS", "演示·Verra 登记簿摘录", rows, "demonstration-vcs")
    foreign.confirm(asked=asked, mandate=stage.signatures["registry"].confirmer, at=at)
    meters = [("演示-GEC-7", "演示·分布式光伏（绿证）", "", "2023-01-01", "2032-12-31", "演示电表0007", "310118", "")]
    handed_in(stage, "GEC", "演示·绿证核发清单", meters, "demonstration-gec")


def handed_in(stage: Stage, mechanism: str, source: str, rows: Rows, reference: str) -> Instruction:
    at = timezone.now()
    mandate = stage.signatures["registry"].initiator
    upload = receiving.receive(
        stream=io.BytesIO(workbook(rows)), name=f"{source.replace('·', '')}.xlsx", person=mandate.membership.person,
        kind=foreign.SUBJECT, at=at,
    )  # fmt: skip
    as_of: date = clock.day(at) - timedelta(days=20)
    return foreign.ask(
        mechanism=mechanism, source=source, as_of=as_of, crs="EPSG:4490", upload=upload, mandate=mandate,
        reference=reference, at=at,
    )  # fmt: skip


def workbook(rows: Rows) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet("清单")
        for place, cells in enumerate((HEADINGS, *rows)):
            page.write_row(place, 0, cells)
    return content.getvalue()


def beside(outline: BaseGeometry) -> BaseGeometry:
    """The box of a claim, moved by two thirds of its width."""
    west, _south, east, _north = outline.bounds
    return translate(shapely.box(*outline.bounds), xoff=(east - west) * 2 / 3)
