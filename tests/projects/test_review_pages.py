"""The workbench and the pages of the experts: who sees what, and work done through the forms."""

import datetime as dt
import io
import json
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook
from tests import world
from tests.projects import reviewing
from tests.projects.reviewing import DAY, KILOGRAMS, NOON, TRACE

from tanhui.journal import sequencer
from tanhui.kernel.period import Period
from tanhui.projects import sampling
from tanhui.projects.acts import correcting, devices
from tanhui.projects.models import Facility, Finding, Monitoring, Panel, Sample, Seat, Series, VerificationReport
from tanhui.projects.queries import measured


@pytest.fixture
def case(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    made = reviewing.Case()
    for number in range(1, 13):
        Facility.objects.create(development=made.live, kind="METER", key=f"表-{number:02d}")
    return made


@pytest.fixture
def bench(case):
    return reverse("projects:workbench", args=[case.monitoring.pk])


def body_of(case, client):
    world.sign_in(client, case.verifier.initiator.membership.person)


def text(answer):
    return answer.content.decode()


class TestDaysWithoutACertificate:
    @pytest.mark.parametrize(
        ("certificates", "days"),
        [([], 10), ([(1, 10)], 0), ([(-90, 4)], 6), ([(3, 4)], 8), ([(-9, -1)], 10), ([(20, 30)], 10),
         ([(-9, 3), (2, 5), (8, 99)], 2), ([(1, 9), (2, 3)], 1)],
    )  # fmt: skip
    def test_are_counted_once_each(self, certificates, days):
        zero = dt.date(2025, 12, 31)
        given = [(zero + since * DAY, zero + until * DAY) for since, until in certificates]
        assert measured.uncovered(given, Period(dt.date(2026, 1, 1), dt.date(2026, 1, 11))) == days


class TestTheWorkbench:
    def test_shows_all_of_a_review_on_one_screen(self, case, client, bench):
        body_of(case, client)
        case.comment(case.monitoring)
        case.find(case.monitoring)
        page = text(client.get(bench))
        for part in ("run", "changes", "data", "places", "sample", "findings", "checklist", "comments", "report"):
            assert f'id="{part}"' in page
        assert f'value="{KILOGRAMS}"' in page  # nothing to type again
        assert "CAR-01" in page
        assert "退耕还林" in page

    def test_shows_corrections_and_devices_behind_the_quantity(self, case, client, bench):
        period, owner = case.monitoring, case.owner.initiator
        first, last = period.span.lower, period.span.upper - DAY
        correcting.correct(
            monitoring=period,
            what="水位 06-05",
            before="12.5",
            after="2.5",
            unit="cm",
            reason="误读",
            mandate=owner,
            at=NOON,
        )
        asked_for = []
        for number in range(3):
            made, _token = devices.register(
                about=devices.About(
                    code=f"WL-{number}", name="水位计", kind="WATER_LEVEL", unit="cm", interval_s=86_400,
                    low=Decimal(0), high=Decimal(9),
                ), development=case.live, mandate=owner, at=NOON,
            )  # fmt: skip
            for day in (first - DAY, first, last, last + DAY):
                Series.objects.create(device=made, day=day, rows=1, refused=2, sha256=TRACE, changed_at=NOON)
            devices.certify(
                device=made, number=f"检-{number}", laboratory="计量所", mandate=owner, since=first,
                until=last - 9 * DAY, permissible=Decimal(1), at=NOON,
            )  # fmt: skip
            with CaptureQueriesContext(connection) as asked:
                found = measured.behind(Monitoring.objects.select_related("development").get(pk=period.pk))
            asked_for.append(len(asked))
        assert len(set(asked_for)) == 1  # however many devices there are
        days = (period.span.upper - first).days
        assert [(one.rows, one.refused, one.expected, one.uncovered) for one in found.devices] == [(2, 4, days, 9)] * 3
        assert [one.after for one in found.corrections] == ["2.5"]
        body_of(case, client)
        page = text(client.get(bench))
        assert "12.5 cm" in page
        assert "WL-2" in page
        assert client.get(reverse("projects:device", args=["WL-2"])).status_code == 200

    def test_is_nothing_to_another_body_or_a_stranger(self, case, client, bench):
        assert client.get(bench).status_code == 302
        for who in (case.validator, case.owner):
            world.sign_in(client, who.initiator.membership.person)
            assert client.get(bench).status_code == 404

    def test_takes_a_review_from_sample_to_signed_report(self, case, client, bench):
        body_of(case, client)
        client.post(bench, {"do": "declare", "of": "METERS", "size": 3, "commitment": ""})
        declared = Sample.objects.get()
        sequencer.sequence(at=declared.at)
        client.post(bench, {"do": "draw", "words": ""})
        for unit in declared.draw.chosen:
            assert client.post(bench, {"do": "see", "unit": unit, "verdict": "AGREES"}).status_code == 302
        answers = dict.fromkeys(re.findall(r'name="(v-[^"]+)"', text(client.get(bench))), "YES")
        assert client.post(bench, {"do": "check"} | answers).status_code == 302
        page = text(client.get(bench))
        fields = dict.fromkeys(re.findall(r'name="(text-[^"]+)"', page), "已核实。")
        fields |= dict.fromkeys(re.findall(r'name="(met-[^"]+)"', page), "on")
        sent = fields | {
            "do": "report", "reference": "r-1", "dated": re.search(r'name="dated"[^>]*value="([^"]+)"', page)[1],
            "verified_kg": KILOGRAMS, "commits": "on",
        }  # fmt: skip
        refused = client.post(bench, sent)
        assert refused.status_code == 422
        assert not VerificationReport.objects.exists()
        paper = SimpleUploadedFile("核查报告.pdf", reviewing.pdf(), content_type="application/pdf")
        answer = client.post(bench, sent | {"paper_file": paper})
        assert answer.status_code == 302, re.findall(r'class="[^"]*errors?[^"]*".*', text(answer))[:4]
        assert VerificationReport.objects.get().verified_kg == KILOGRAMS
        case.monitoring.refresh_from_db()
        assert (case.monitoring.state, case.monitoring.instruction.body["act"]) == ("VERIFICATION", "verify")

    def test_refuses_at_the_form_and_keeps_nothing(self, case, client, bench):
        body_of(case, client)
        answer = client.post(bench, {"do": "declare", "of": "METERS", "size": 1})
        assert answer.status_code == 422
        assert "至少应抽取 3 个" in text(answer) or "At least 3 of 12" in text(answer)
        assert not Sample.objects.exists()

    def test_hands_the_checklist_out_as_a_workbook_and_to_print(self, case, client):
        body_of(case, client)
        case.check(case.monitoring, at=case.monitoring.stage_since + 3 * DAY)
        there = reverse("projects:review_checklist", args=[case.monitoring.pk])
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(client.get(there))))
        printed = re.findall('<th scope="row">', text(client.get(there, {"print": 1})))
        assert len(book.get_sheet_by_index(0).to_python()) == 1 + len(printed)

    def test_gives_everybody_the_paper_of_the_sample(self, case, client):
        declared = case.declare()
        sequencer.sequence(at=declared.at)
        drawn = case.draw(declared)
        paper = client.get(reverse("projects:sample_paper", args=[case.monitoring.pk, 1]))
        assert sampling.again(json.loads(paper.content)) == drawn.chosen


class TestTheOwner:
    def test_answers_a_finding_on_the_page_of_findings(self, case, client):
        one = case.find(case.monitoring)
        there = reverse("projects:findings", args=[case.live.pk])
        world.sign_in(client, case.owner.initiator.membership.person)
        assert "CAR-01" in text(client.get(there))
        assert client.post(there, {"finding": one.pk, "text": "已更正。"}).status_code == 302
        assert Finding.objects.get().state == "ANSWERED"

    def test_of_another_project_sees_nothing(self, case, client):
        other = world.party("OWN")
        world.sign_in(client, other.initiator.membership.person)
        assert client.get(reverse("projects:findings", args=[case.live.pk])).status_code == 404


class TestThePagesOfExperts:
    def test_convene_declare_vote_conclude_and_publish(self, case, client):
        matter = case.developed("EXPERT_REVIEW", profile="local")
        people = [case.expert() for _ in range(5)]
        world.sign_in(client, case.authority.initiator.membership.person)
        assert matter.name in text(client.get(reverse("projects:panels_desk")))
        there = reverse("projects:panel_convene", args=[matter.pk])
        client.post(there, {"experts": [one.pk for one in people]})
        made = Panel.objects.get()
        for seat in Seat.objects.filter(panel=made):
            world.sign_in(client, seat.expert.person)
            mine = reverse("projects:panel_seat", args=[seat.pk])
            assert client.post(mine, {"do": "declare", "conflict": "no"}).status_code == 302
            assert client.post(mine, {"do": "vote", "choice": "APPROVE", "reason": "同意。"}).status_code == 302
        public = reverse("projects:panel_minutes", args=[made.pk])
        assert client.get(public).status_code == 404
        world.sign_in(client, case.authority.initiator.membership.person)
        page = reverse("projects:panel", args=[made.pk])
        day = re.search(r'name="held_on"[^>]*value="([^"]+)"', text(client.get(page)))[1]
        assert client.post(page, {"held_on": day, "text": "一致同意。"}).status_code == 302
        client.logout()
        assert "一致同意" in text(client.get(public))
        assert client.get(reverse("projects:panel_minutes_pdf", args=[made.pk])).content.startswith(b"%PDF")
        assert people[0].name in text(client.get(reverse("projects:experts")))

    def test_are_nothing_to_others(self, case, client):
        matter = case.developed("EXPERT_REVIEW", profile="local")
        made = case.convene(matter)
        seat = Seat.objects.filter(panel=made).first()
        world.sign_in(client, case.owner.initiator.membership.person)
        for name, key in (("panel_convene", matter.pk), ("panel", made.pk), ("panel_seat", seat.pk)):
            assert client.get(reverse(f"projects:{name}", args=[key])).status_code == 404
