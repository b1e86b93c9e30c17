"""The validation of the demonstration: it is there once, however often it is loaded."""

import pytest
from django.utils import timezone

from tanhui.projects.models import Checklist, Finding, Sample
from tanhui.site.demonstration import library, people, projects_cycle, projects_review, story
from tanhui.site.demonstration.stage import found_stage


@pytest.mark.django_db
def test_a_validation_is_under_way_in_the_demonstration(settings, tmp_path):
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    stage = found_stage(timezone.now())
    story.activate_rules(stage)
    people.load(stage)
    library.load(stage)
    projects_cycle.load(stage)
    for _ in range(2):
        projects_review.load(stage)
    assert sorted(Finding.objects.values_list("kind", "state")) == [("CAR", "OPEN"), ("CL", "ANSWERED")]
    one = Sample.objects.get().development
    assert Checklist.objects.filter(development=one).count() == 1
    assert Finding.objects.filter(development=one).count() == 2
