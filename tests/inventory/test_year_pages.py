"""The desk of accounting years: who sees what, what their forms do, and what programs are answered."""

import datetime as dt

import pytest
from django.utils import timezone
from tests import world
from tests.inventory import accounting

from tanhui.identity.models import Instruction
from tanhui.inventory import queries
from tanhui.inventory.acts import registering
from tanhui.inventory.models import AccountingYear, Dataset, Intake
from tanhui.notices import waiting


@pytest.fixture
def case(case):
    case.at = timezone.now() - dt.timedelta(minutes=5)  # mandates and proposals stand when the pages are asked
    return case


@pytest.fixture
def signed_in(client):
    def as_whom(mandate):
        world.sign_in(client, mandate.membership.person)
        return client

    return as_whom


def post(client, case, do, **values):
    case.fresh()
    return client.post(
        f"/desk/stock-sinks/{case.year.code}",
        {"do": do, "revision": case.year.revision, "reference": f"p-{next(accounting.NUMBERS)}"} | values,
    )


class TestTheDesk:
    def test_shows_a_stranger_nothing(self, case, client, signed_in):
        case.open()
        for path in ("", "/new", "/data", f"/{case.year.code}", f"/{case.year.code}/progress"):
            assert client.get(f"/desk/stock-sinks{path}").status_code == 302
        for other in (world.party("AUTH"), world.party("VVB"), world.party("NATR")):
            page = signed_in(other.initiator).get(f"/desk/stock-sinks/{case.year.code}")
            assert page.status_code == 404

    def test_answers_nonsense_with_not_found(self, case, signed_in):
        for code in ("330699-2024-1x", "x", "330699-99999", "330699-2024-0", "330699-20%00"):
            assert signed_in(case.technician).get(f"/desk/stock-sinks/{code}").status_code == 404

    def test_is_empty_at_first_and_leads_on(self, case, signed_in):
        page = signed_in(case.technician).get("/desk/stock-sinks").content.decode()
        assert "还没有核算年度" in page
        assert "/desk/stock-sinks/new" in page

    def test_lets_a_colleague_without_the_capacity_look_and_not_act(self, case, signed_in):
        case.open()
        looks = world.mandate(world.person(), case.authority.organisation, "VIEW")
        client = signed_in(looks)
        assert client.get(f"/desk/stock-sinks/{case.year.code}").status_code == 200
        assert post(client, case, "collect").status_code == 403


class TestTheForms:
    def test_open_a_year_and_refuse_a_second_one_beside_the_form(self, case, signed_in):
        client = signed_in(case.technician)
        values = accounting.METHOD | {"area_name": "演示区", "division_code": "330699", "year": 2024}
        assert client.post("/desk/stock-sinks/new", values).status_code == 302
        again = client.post("/desk/stock-sinks/new", values)
        assert again.status_code == 409
        assert "inventory.open_already" in again.content.decode()
        assert AccountingYear.objects.count() == 1
        wrong = client.post("/desk/stock-sinks/new", values | {"year": "二〇二四", "division_code": "33\x00"})
        assert wrong.status_code == 422

    def test_enter_data_on_the_server_and_use_it(self, case, signed_in):
        case.open()
        path = accounting.cataloguing.data_folder() / "npp.tif"
        path.parent.mkdir(parents=True)
        path.write_bytes(case.files[2024]["npp"].read_bytes())
        said = accounting.described()
        values = said.values() | {"path": "npp.tif", "reference": "by-page-1"}
        client = signed_in(case.technician)
        made = client.post("/desk/stock-sinks/data/new", values)
        assert made.status_code == 302
        assert "读取中" in client.get(made["Location"]).content.decode()
        registering.carry_out(key=Intake.objects.get().pk, at=case.at)
        found = Dataset.objects.get()
        assert found.title in client.get(made["Location"]).content.decode()
        assert post(client, case, "use", dataset=str(found.pk)).status_code == 302
        assert queries.uses(case.year)[0].layer == "npp"
        assert post(client, case, "leave_out", layer="npp").status_code == 302
        assert not queries.uses(case.year)
        assert client.post("/desk/stock-sinks/data/new", values | {"path": ""}).status_code == 422

    def test_carry_a_year_to_the_worker_and_show_how_far_it_is(self, case, signed_in):
        case.open()
        for layer in accounting.KINDS:
            case.add(layer)
        client = signed_in(case.technician)
        assert post(client, case, "collect").status_code == 302
        assert post(client, case, "compute").status_code == 302
        page = client.get(f"/desk/stock-sinks/{case.year.code}").content.decode()
        assert f"/desk/stock-sinks/{case.year.code}/progress" in page
        part = client.get(f"/desk/stock-sinks/{case.year.code}/progress")
        assert 'role="status"' in part.content.decode()
        assert "HX-Refresh" not in part
        assert post(client, case, "compute").status_code == 409

    def test_let_the_verifier_compare_and_sign_and_nobody_else(self, case, signed_in):
        case.open()
        case.to("COMPUTED")
        said = {"kind": "FLUX", "verdict": "AGREES", "numbers": "偏差：+3 %\nRMSE: 40", "note": ""}
        assert post(signed_in(case.technician), case, "compare", **said).status_code == 404
        client = signed_in(case.verifier)
        assert post(client, case, "compare", **said).status_code == 302
        row = queries.finished(case.year).cross_checks.get()
        assert row.result == {"偏差": "+3 %", "RMSE": "40"}
        refused = post(client, case, "sign", outcome="CONFIRMED", opinion="可以")
        assert refused.status_code == 422
        assert "inventory.comparisons_missing" in refused.content.decode()
        assert post(client, case, "sign", outcome="REFUTED", opinion="请核对土地覆被").status_code == 302
        assert case.fresh().state == "COLLECTED"

    def test_publish_under_two_signatures(self, case, signed_in):
        case.open()
        case.to("DRAFTED")
        assert post(signed_in(case.chief), case, "publish", licence="CC BY 4.0").status_code == 403
        client = signed_in(case.technician)
        assert post(client, case, "publish", licence="CC BY 4.0").status_code == 302
        assert post(client, case, "confirm").status_code == 403
        assert [task.title for task in waiting.tasks(case.chief.membership.person, at=timezone.now())] == [
            "确认或退回演示区 2024 年的发布"
        ]
        assert post(signed_in(case.chief), case, "confirm").status_code == 302
        assert case.fresh().state == "PUBLISHED"
        assert Instruction.objects.get().decision.outcome == "CONFIRMED"


class TestPrograms:
    def test_are_answered_once_a_year_is_published(self, case, client):
        case.open()
        case.to("DRAFTED")
        code = case.year.code
        assert client.get("/api/v1/stock-sinks").json()["count"] == 0
        assert client.get(f"/api/v1/stock-sinks/{code}").status_code == 404
        assert client.get(f"/api/v1/stock-sinks/{code}/figures").status_code == 404

        case.publish()

        line = client.get("/api/v1/stock-sinks", {"division": "330699"}).json()["items"][0]
        assert (line["code"], line["state"]) == (code, "PUBLISHED")
        whole = client.get(f"/api/v1/stock-sinks/{code}/figures", {"type": "all"}).json()["items"][0]
        assert whole["lower_kg_co2"] < whole["nep_kg_co2"] < whole["upper_kg_co2"]
        assert set(whole["respiration"]) == {"pei", "raich_potter_bond_lamberty"}
        towns = client.get(f"/api/v1/stock-sinks/{code}/figures", {"type": "all", "level": "township"}).json()
        assert sum(one["nep_kg_co2"] for one in towns["items"]) == whole["nep_kg_co2"]
        one = client.get(f"/api/v1/stock-sinks/{code}").json()
        assert {row["state"] for row in one["checks"]} == {"pass"}
        assert {row["category"] for row in one["items"]} == {"REPORT", "BULLETIN", "SPECIAL"}
        for row in one["items"]:
            assert client.get(row["url"].removeprefix("http://testserver")).status_code == 200
