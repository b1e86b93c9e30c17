"""The calculation of the demonstration project on paper: every equation with its values. The bundle lies beside it."""

from datetime import timedelta

from django.utils import timezone

from tanhui.files.models import Document
from tanhui.library import papers
from tanhui.registry.doors import PROJECT
from tanhui.registry.models import Period, Project
from tanhui.site.demonstration.papers import Desk
from tanhui.site.demonstration.stage import Stage

TITLE = "碳汇量计算说明书（第一监测期）"


def load(stage: Stage) -> None:
    """File, as its owner did, what the verified quantity of the first project was computed from and how."""
    project = Project.objects.order_by("number").first()
    period = Period.objects.filter(project=project, bundle__isnull=False).order_by("span").first()
    if project is None or period is None or period.bundle is None:
        return
    subject = f"{PROJECT}:{project.number:06d}"
    if Document.objects.filter(subject=subject, title=TITLE).exists():
        return
    owner = stage.signatures["owner"].initiator.membership.person
    desk = Desk(owner, subject, timezone.now() - timedelta(minutes=10))
    desk.file(TITLE, "report", "碳汇量计算说明书.pdf", papers.run(bytes(period.bundle)))
