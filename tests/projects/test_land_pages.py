"""Land on pages: from the file to the parcels, who sees them, and what could become a project."""

import html
import io
import re

import pytest
import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests import world
from tests.projects import surveying
from tests.projects.surveying import squares

from tanhui.projects.acts import land
from tanhui.projects.models import Candidate, Parcel, Survey


@pytest.fixture
def company(db, settings, tmp_path, client):
    settings.TANHUI_VAR = tmp_path
    made = surveying.Company()
    world.sign_in(client, made.person)
    return made


def at(name, *args):
    return reverse(f"projects:{name}", args=args)


def hand_in(client, company, content):
    file = SimpleUploadedFile("小班.zip", content)
    return client.post(at("land_hand_in", company.source.pk), {"file_file": file, "file": ""})


def sheet(answer):
    """The rows of a downloaded workbook."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
    return book.get_sheet_by_index(0).to_python()


class TestAnImport:
    def test_goes_from_the_file_by_encoding_and_preview_to_the_survey(self, company, client):
        asked = hand_in(client, company, surveying.shape(squares(3)))
        assert "/encoding?next=" in asked["Location"]
        page = client.get(asked["Location"])
        assert "油松" in page.content.decode()
        there = client.post(asked["Location"].partition("?")[0], {
            "encoding": "gb18030", "next": at("land_map", company.source.pk, asked["Location"].split("/")[3]),
        })["Location"]  # fmt: skip
        page = client.get(there)
        text = page.content.decode()
        assert page.status_code == 200
        assert "EPSG:4528" in text
        form = page.context["form"]
        assert form["at_species"].initial == "you_shi_sz"
        said = {name: form[name].initial for name in form.fields if form[name].initial not in (None, False)}
        done = client.post(there, said)
        assert done.status_code == 302, done.context["form"].errors
        survey = Survey.objects.get()
        assert client.get(done["Location"]).status_code == 200
        land.carry_out(key=survey.pk, at=surveying.AT, told=lambda: surveying.AT)
        text = client.get(done["Location"]).content.decode()
        assert "12.00" in text  # hectares of three parcels
        assert client.get(at("land_survey_part", survey.pk)).status_code == 200

    def test_of_shifted_coordinates_is_refused_beside_its_field(self, company, client):
        rows = [(surveying.degrees(one), values) for one, values in squares(3)]
        content = surveying.shape(rows, encoding="utf-8", cpg=True, crs="EPSG:4326")
        there = hand_in(client, company, content)["Location"]
        form = client.get(there).context["form"]
        said = {name: form[name].initial for name in form.fields if form[name].initial not in (None, False)}
        answer = client.post(there, said | {"crs": "GCJ02"})
        assert answer.status_code == 422
        assert "GCJ02" in str(answer.context["form"].errors["crs"])
        assert not Survey.objects.exists()

    def test_with_faults_offers_a_sheet_that_says_what_to_do(self, company, client):
        rows = [(one, values | {"cun": "330682101202"}) for one, values in squares(3)]
        survey = company.take(surveying.shape([*rows, *list(squares(5))[3:]]))
        page = client.get(at("land_survey", survey.pk)).content.decode()
        assert "上虞区" in page
        rows = sheet(client.get(at("land_findings", survey.pk)))
        assert len(rows) == 4
        assert (rows[1][0], rows[1][3]) == (1, "错误")
        assert "330604 上虞区" in rows[1][4]
        assert client.post(at("land_take_good", survey.pk)).status_code == 302
        survey.refresh_from_db()
        assert survey.state == "ASKED"


class TestAVisitor:
    @pytest.fixture
    def survey(self, company):
        return company.take(surveying.shape(squares(60)))

    def test_finds_parcels_by_number_holder_and_land(self, survey, company, client):
        address = at("land_parcels", company.source.pk)
        page = client.get(address)
        assert page.context["totals"]["number"] == 60
        assert len(page.context["lines"]) == 50
        assert client.get(address, {"text": "00007"}).context["totals"]["number"] == 1
        assert client.get(address, {"ecosystem": "grass"}).context["totals"]["number"] == 0
        assert client.get(address, {"division": "150404", "untitled": "on"}).context["totals"]["number"] == 0
        older = client.get(address, {"before": page.context["page"].older})
        assert len(older.context["lines"]) == 10
        assert len(sheet(client.get(address, {"format": "xlsx"}))) == 61

    def test_sees_a_parcel_with_its_map_history_and_prospects(self, survey, client):
        page = client.get(at("land_parcel", Parcel.objects.first().pk))
        text = page.content.decode()
        assert page.status_code == 200
        assert "张三" in text
        assert "内蒙古自治区赤峰市松山区" in text
        assert page.context["map"]["features"][0]["geometry"]["type"] == "Polygon"
        assert [one["code"] for one in page.context["outcomes"]] == ["ccer_14_001/v01", "ar_cm_003/v01"]

    def test_sees_what_could_become_a_project_and_why_not(self, survey, company, client):
        address = at("land_potential", company.source.pk)
        page = client.get(address, {"rain": "380"})
        assert page.status_code == 200
        first = page.context["methods"][0]
        assert first["excluded"] == "239.94"  # 240 ha on the plane of the zone
        assert "land_was_not_forest" not in page.content.decode()  # said in words
        assert client.get(page.context["map_url"]).json()["features"]
        assert len(sheet(client.get(address, {"format": "xlsx"}))) == 121  # sixty parcels, two methodologies

    def test_sees_counties_and_cities_on_a_page_a_map_and_a_sheet(self, survey, company, client):
        page = client.get(at("land_region"), {"rain": "380"})
        assert page.status_code == 200
        (city,) = page.context["cities"]
        assert (city["name"], city["ha"], [one["name"] for one in city["counties"]]) == ("赤峰市", "239.94", ["松山区"])
        drawn = client.get(page.context["map_url"]).json()["features"]
        assert {one["geometry"]["type"] for one in drawn} == {"Polygon", "Point"}
        assert len(drawn) == 61
        rows = sheet(client.get(at("land_region"), {"format": "xlsx"}))
        assert [row[0] for row in rows[1:]] == ["", "", "150400", "150400", "150404", "150404"]
        address = html.unescape(re.findall(r'href="([^"]*/pool/new[^"]*)"', page.content.decode())[-1])
        assert client.get(address).status_code == 200
        for wrong in ("?method=x", "?rain=x", "?method=%00", ""):
            assert client.get(at("land_region_map") + wrong).json()["features"] == []
            assert client.get(at("land_region") + wrong).status_code == 200
        stranger = world.party("OWN")
        world.sign_in(client, stranger.initiator.membership.person)
        assert client.get(at("land_region")).context["cities"] == []

    def test_puts_the_land_of_a_methodology_and_county_into_the_pool(self, survey, company, client):
        page = client.get(at("land_potential", company.source.pk), {"rain": "380"})
        links = re.findall(r'href="([^"]*candidate[^"]*|[^"]*/pool/new[^"]*)"', page.content.decode())
        assert len(links) == 2  # the methodology as a whole, and its one county
        address = html.unescape(links[-1])
        form = client.get(address).context["form"]
        given = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        assert (given["name"], given["division_code"], str(given["hectares"])) == (
            "松山区森林经营碳汇",
            "150404",
            "239.94",
        )
        assert "parcels" not in form.fields
        answer = client.post(address, given | {"site": 70, "note": "", "state_farm": "", "revitalisation": ""})
        made = Candidate.objects.get()
        assert (answer.status_code, made.land.count(), made.measures["site"]) == (302, 60, 70)
        assert made.annual_t == page.context["methods"][1]["tonnes"] > 0
        for wrong in ("county=150426", "method=x", "year=1999", "rain=x", "source=0"):
            assert client.get(f"{address}&{wrong}").status_code == 404

    def test_sees_the_land_of_a_source_by_ecosystem_and_county(self, survey, company, client):
        page = client.get(at("land_source", company.source.pk))
        assert page.status_code == 200
        assert [(one["name"], one["number"]) for one in page.context["counties"]] == [("松山区", 60)]
        assert [one["ha"] for one in page.context["ecosystems"]] == ["239.94"]

    def test_withdraws_with_a_reason_only(self, survey, client):
        assert client.post(at("land_withdraw", survey.pk), {"reason": ""}).status_code == 422
        assert client.post(at("land_withdraw", survey.pk), {"reason": "坐标有误"}).status_code == 302
        assert "坐标有误" in client.get(at("land_survey", survey.pk)).content.decode()

    def test_of_another_organisation_learns_nothing(self, survey, company, client):
        stranger = world.party("OWN")
        world.sign_in(client, stranger.initiator.membership.person)
        for address in (
            at("land_source", company.source.pk), at("land_survey", survey.pk), at("land_findings", survey.pk),
            at("land_parcels", company.source.pk), at("land_parcel", Parcel.objects.first().pk),
            at("land_potential", company.source.pk), at("land_potential_map", company.source.pk),
        ):  # fmt: skip
            assert client.get(address).status_code == 404
        assert client.get(at("land")).status_code == 200

    def test_opens_a_source_once(self, company, client):
        said = {"name": "喀喇沁旗图斑", "kind": "LAND_SURVEY"}
        assert client.post(at("land_open"), said).status_code == 302
        again = client.post(at("land_open"), said)
        assert again.status_code == 409
        assert "name" in again.context["form"].errors
        assert client.get(at("land")).content.decode().count("喀喇沁旗图斑") == 1
