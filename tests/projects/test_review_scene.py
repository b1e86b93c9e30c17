"""What the demonstration shows of validation, of the field and of sanctions: it is there once, however often loaded."""

import pytest
from django.utils import timezone

from tanhui.projects.models import Checklist, Correction, Device, Evidence, Finding, Monitoring, Sample, Series
from tanhui.projects.queries import clawbacks
from tanhui.projects.queries import field as known
from tanhui.site.demonstration import (
    library,
    people,
    projects_cycle,
    projects_field,
    projects_review,
    projects_sanction,
    story,
)
from tanhui.site.demonstration.stage import found_stage


@pytest.mark.django_db
def test_a_validation_a_season_and_a_clawback_are_under_way_in_the_demonstration(settings, tmp_path, client):
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    stage = found_stage(timezone.now())
    story.activate_rules(stage)
    people.load(stage)
    library.load(stage)
    projects_cycle.load(stage)
    for _ in range(2):
        projects_review.load(stage)
        projects_field.load(stage)
        projects_sanction.load(stage)
    assert sorted(Finding.objects.values_list("kind", "state")) == [("CAR", "OPEN"), ("CL", "ANSWERED")]
    one = Sample.objects.get(monitoring__isnull=True).development
    assert Checklist.objects.filter(development=one).count() == 1
    assert Finding.objects.filter(development=one).count() == 2
    # the devices: everything they sent was taken before its month was stamped
    assert Device.objects.count() == 4
    refused = {code for reasons in Series.objects.values_list("reasons", flat=True) for code in reasons}
    assert refused == {"projects.reading_row_without_time"}  # of the sheet of late readings
    season = Correction.objects.get().monitoring
    month = Evidence.objects.filter(development=season.development).latest("pk").month
    assert next(one for one in known.months(season.development) if one.first == month).stamp is not None
    # units ordered back, of an owner who does nothing else
    clawed = Monitoring.objects.get(state="UNDER_CLAWBACK")
    assert clawed.development.owner_id != season.development.owner_id
    assert clawbacks.of(clawed).quantity_t == clawed.period.tonnes
    # and of which a part was sold before: the public reads on the project's page how that was shared out
    (sold,) = clawed.development.registered.sales.all()
    assert sold.quantity_t == sold.transfer.quantity_t == clawed.period.tonnes // 10
    shown = client.get(f"/developments/{clawed.development.code}", headers={"accept-language": "zh-CN"})
    assert f"{sold.amount_fen // 100:,}.{sold.amount_fen % 100:02d}" in shown.content.decode()
