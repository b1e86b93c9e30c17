"""What the demonstration shows of pool and shares."""

import time

import pytest
from django.utils import timezone

from tanhui.projects.models import Agreement, Candidate, Dispute, Payout, Sale, ShareLine, SplitRule
from tanhui.registry.acts import project
from tanhui.registry.models import Project
from tanhui.site.demonstration import people, projects_pool, projects_sharing, story
from tanhui.site.demonstration.stage import found_stage


@pytest.mark.django_db
def test_the_scenes_of_pool_and_shares_are_quick_and_add_up(settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    now = timezone.now()
    stage = found_stage(now)
    story.activate_rules(stage)
    people.load(stage)
    project.register(
        number=1, name="演示林场固定样地碳汇项目", kind="造林碳汇", owner=stage.bodies["owner"], scheme="DEMO",
        province="15", region="赤峰市（演示）", methodology="AR-CM-001-V01", methodology_version="V01",
        rule_pack="demo-local", crediting=story.CREDITING, validator=stage.bodies["validator"],
        signatures=stage.signatures["registry"], at=now,
    )  # fmt: skip
    began = time.process_time()
    projects_pool.load(stage)
    projects_sharing.load(stage)
    assert time.process_time() - began < 8
    projects_pool.load(stage)
    projects_sharing.load(stage)
    assert Project.objects.get().split_rules.count() == SplitRule.objects.count() == 1
    assert Sale.objects.count() == 4
    for one in Sale.objects.all():
        assert sum(one.lines.values_list("fen", flat=True)) == one.amount_fen
    assert Payout.objects.count() == 4
    assert Dispute.objects.count() == 1
    assert ShareLine.objects.filter(receipt__isnull=False).count() == 31
    assert Candidate.objects.filter(state="PILOT").count() == 2
    assert Agreement.objects.count() == 1
