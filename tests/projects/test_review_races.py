"""Two verifiers hand in at once, three draw at once, five conclude at once: one of each stands."""

import pytest
from tests import world
from tests.projects import reviewing
from tests.projects.reviewing import KILOGRAMS, NOON
from tests.projects.test_sharing_races import at_once

from tanhui.journal import sequencer
from tanhui.projects.acts import panel, report_signing
from tanhui.projects.models import Draw, Minutes, Paper, Seat, VerificationReport


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_three_drawings_two_reports_and_two_conclusions_leave_one_of_each(self, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path
        case = reviewing.Case()
        case.check(case.monitoring)
        declared = case.declare()
        sequencer.sequence(at=NOON)
        assert at_once([lambda: case.draw(declared)] * 3) == ["done"] * 3
        drawn = Draw.objects.get()
        for unit in drawn.chosen:
            case.see(declared, unit)

        colleague = world.mandate(world.person(), case.verifier.organisation, "INITIATE")

        def handing_in(mandate, number):
            upload = reviewing.uploaded(mandate.membership.person, width=300 + number)
            opinion = case.opinion(case.monitoring)
            return lambda: report_signing.verify(
                monitoring=case.monitoring, opinion=opinion, verified_kg=KILOGRAMS, upload=upload, mandate=mandate,
                reference=f"r-{number}", at=NOON,
            )  # fmt: skip

        jobs = [handing_in(mandate, number) for number, mandate in enumerate((case.verifier.initiator, colleague))]
        assert at_once(jobs) == ["AskedAlready", "done"]
        assert VerificationReport.objects.count() == 1
        assert Paper.objects.filter(kind="VERIFICATION").count() == 1

        made = case.convene(case.developed("EXPERT_REVIEW", profile="local"))
        for seat in Seat.objects.filter(panel=made).select_related("expert__person"):
            panel.declare(seat=seat, conflict=False, statement="", by=seat.expert.person, at=NOON)
            panel.vote(seat=seat, choice="APPROVE", reason="同意。", by=seat.expert.person, at=NOON)

        def concluding():
            panel.conclude(
                panel=made, text="一致同意。", held_on=NOON.date(), mandate=case.authority.initiator, at=NOON
            )

        assert at_once([concluding, concluding]) == ["PanelClosed", "done"]
        assert Minutes.objects.count() == 1
