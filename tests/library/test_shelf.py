"""The public library: pages, files and programs' questions about what stands on the shelf."""

import csv
import datetime as dt
import hashlib
import io
import zipfile

import pytest
from django.test import Client
from django.utils import timezone, translation
from tests import world
from tests.library import test_queries

from tanhui.library import chain, shelf
from tanhui.library.models import Version
from tanhui.methods.engine import bilingual
from tanhui.methods.engine import shelf as engine

AR = "/methodologies/ar_cm_001"
published = test_queries.version  # CCER-14-001-V01, a text without a package


@pytest.fixture
def visitor(db):
    return Client(headers={"accept-language": "zh-hans"})


@pytest.fixture
def listed(db):
    """AR-CM-001-V01 as published here, implemented by its package."""
    party = world.party("AUTH")
    one, two = party.initiator.membership.person, party.confirmer.membership.person
    signed = {"initiator": one, "confirmer": two, "at": world.NOON, "entry": 1}
    methodology = test_queries.Methodology.objects.create(
        code="AR-CM-001", scheme="CCER", sector="FOREST", category="PROJECT", since_at=world.NOON
    )
    made = Version.objects.create(
        methodology=methodology, version="V01", name="碳汇造林项目方法学", authority=party.organisation,
        issuer="生态环境部", published_on=test_queries.DAY, valid_from=test_queries.DAY, package="ar_cm_001/v01",
        package_sha256=engine.load("ar_cm_001/v01").sha256, **signed,
    )  # fmt: skip
    test_queries.Standing.objects.create(version=made, state="PUBLISHED", since=test_queries.DAY, **signed)
    return made


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


class TestTheList:
    def test_has_every_methodology_once(self, visitor):
        said = text(visitor.get("/methodologies"))

        assert said.count(f'href="{AR}"') == 1
        assert "未在本平台发布" in said

    def test_is_narrowed_by_every_property(self, visitor):
        assert AR in text(visitor.get("/methodologies", {"scheme": "CCER", "sector": "forest", "q": "造林"}))
        assert f'href="{AR}"' not in text(visitor.get("/methodologies", {"floor": "A", "q": "AR-CM-001"}))
        assert "没有符合条件的记录" in text(visitor.get("/methodologies", {"q": "没有这种东西"}))

    @pytest.mark.parametrize("query", [{"floor": "Z"}, {"before": "x"}, {"q": "\x00"}, {"sector": "<script>"}])
    def test_takes_nonsense_calmly(self, visitor, query):
        assert "<script>alert" not in text(visitor.get("/methodologies", query))

    def test_has_texts_that_nothing_computes_yet(self, visitor, published):
        said = text(visitor.get("/methodologies", {"q": "造林碳汇"}))

        assert "仅有文本，暂不能计算" in said
        assert "CCER-14-001-V01" in text(visitor.get("/methodologies/CCER-14-001"))

    def test_is_a_file_too(self, visitor):
        answer = visitor.get("/methodologies", {"format": "csv", "q": "AR-CM-001"})
        rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
        row = next(row for row in rows if row["code"] == "ar_cm_001")

        assert row["package_sha256"] == engine.load(f"ar_cm_001/{row['version']}").sha256
        assert visitor.get("/methodologies", {"format": "xlsx"}).status_code == 200

    def test_is_open_data_and_a_duty_of_disclosure(self, visitor):
        assert "/methodologies?format=csv" in text(visitor.get("/open-data"))
        assert 'href="/methodologies"' in text(visitor.get("/disclosure"))

    def test_says_how_a_published_version_stands(self, visitor, listed):
        assert "Published" in text(visitor.get(AR, headers={"accept-language": "en"}))
        assert shelf.find("ar_cm_001", on=test_queries.DAY).state == "PUBLISHED"

    def test_costs_the_same_however_many_there_are(self, visitor, listed, django_assert_max_num_queries):
        visitor.get("/methodologies")
        with django_assert_max_num_queries(8):
            visitor.get("/methodologies")


class TestAMethodology:
    def test_says_everything_the_package_says(self, visitor):
        said = text(visitor.get(f"{AR}/v01"))
        package = engine.load("ar_cm_001/v01")

        assert package.sha256 in said
        for one in (*package.predicates, *package.formulas, *package.parameters.values()):
            assert one.label_zh in said
        for one in package.predicates:
            assert bilingual.half(one.clause, "zh-hans") in said
        assert all(row.outcomes for row in shelf.played("ar_cm_001/v01"))
        assert ">不一致<" not in said

    def test_warns_of_evidence_that_nobody_read(self, visitor):
        assert "签发核算会拒绝使用" in text(visitor.get(f"{AR}/v01"))

    @pytest.mark.parametrize("name", engine.names())
    def test_can_be_read_whichever_it_is_in_both_languages(self, visitor, name):
        for language in ("zh-hans", "en"):
            answer = visitor.get(f"/methodologies/{name}", headers={"accept-language": language})
            assert name in text(answer)
            assert ">None<" not in text(answer)

    @pytest.mark.parametrize(
        "address",
        [
            "nothing", "nothing/v01", "ar_cm_001/v99", "ar_cm_001/v99/parameters", "nothing/changes",
            "ar_cm_001/v99/package.zip", "ar_cm_001/changes?to=v99",
        ],
    )  # fmt: skip
    def test_that_is_not_there_is_not_found(self, visitor, address):
        assert visitor.get(f"/methodologies/{address}").status_code == 404

    def test_is_found_by_the_code_a_project_bears(self, visitor):
        assert visitor.get("/methodologies/named/AR-CM-001-V01")["Location"] == f"{AR}/v01"
        assert visitor.get("/methodologies/named/NOTHING-V01").status_code == 404

    def test_costs_the_same_however_large_it_is(self, visitor, listed, django_assert_max_num_queries):
        visitor.get(f"{AR}/v01")
        with django_assert_max_num_queries(10):
            visitor.get(f"{AR}/v01")


class TestFolds:
    def test_hold_parameters_and_examples_with_what_matters_in_their_line(self, visitor):
        said = text(visitor.get("/methodologies/ccer_14_001/v01"))
        package = engine.load("ccer_14_001/v01")

        assert said.count('<details class="fold parameter">') == len(package.parameters)
        assert said.count('<details class="fold case">') == len(package.cases())
        line = said.partition('id="parameters"')[2].partition("非持久性风险扣减率")[2].partition("</summary>")
        assert "<strong>10</strong>" in line[0]
        assert line[2].startswith('<div id="p-risk_deduction">')  # inside, so that its address opens the fold

    def test_are_listed_with_how_many_they_hold(self, visitor):
        said = (
            text(visitor.get("/methodologies/ccer_14_001/v01")).partition('class="contents')[2].partition("</nav>")[0]
        )
        package = engine.load("ccer_14_001/v01")

        for place, many in (
            ("formulas", package.formulas),
            ("parameters", package.parameters),
            ("cases", package.cases()),
        ):
            assert (
                f'<span class="quiet">{len(many)}</span>' in said.partition(f'href="#{place}"')[2].partition("</a>")[0]
            )


class TestDatesOfReview:
    def test_that_have_passed_are_told_beside_the_parameter(self, visitor, monkeypatch):
        said = text(visitor.get(f"{AR}/v01"))
        assert "已过复核期限" not in said

        monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2027, 7, 1))
        said = text(visitor.get(f"{AR}/v01", {"on": "later"}))
        assert "以下参数已过复核期限" in said
        assert said.count(">已过复核期限<") == len(engine.load("ar_cm_001/v01").parameters)


class TestParameters:
    def test_are_narrowed_and_paged(self, visitor):
        all_of_them = text(visitor.get(f"{AR}/v01/parameters"))
        narrowed = text(visitor.get(f"{AR}/v01/parameters", {"parameter": "wood_density", "q": "杉木"}))

        assert 'rel="next"' in all_of_them
        assert "0.307" in narrowed
        assert "1.446" not in narrowed

    def test_are_a_file_as_narrowed(self, visitor):
        answer = visitor.get(f"{AR}/v01/parameters", {"parameter": "wood_density", "format": "csv"})
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

        assert len(rows) == len(engine.load("ar_cm_001/v01").parameters["wood_density"].rows)
        assert {row["evidence"] for row in rows} == {"D"}
        assert all(row["source"] and row["review_by"].startswith("2027") for row in rows)

    def test_are_a_workbook_too(self, visitor):
        answer = visitor.get(f"{AR}/v01/parameters", {"format": "xlsx"})

        assert b"".join(answer.streaming_content).startswith(b"PK")


class TestThePackage:
    def test_is_the_same_bytes_every_time_and_whole(self, visitor):
        first, second = (visitor.get(f"{AR}/v01/package.zip").content for _ in range(2))
        package = engine.load("ar_cm_001/v01")

        assert first == second
        with zipfile.ZipFile(io.BytesIO(first)) as packed:
            assert packed.read("package.toml") == (package.folder / "package.toml").read_bytes()
        assert digest(first) == package.sha256

    def test_of_data_alone_brings_its_family(self, visitor):
        name = next(name for name in engine.names() if engine.load(name).family)
        answer = visitor.get(f"/methodologies/{name}/package.zip")

        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            assert any(one.startswith("family/") for one in packed.namelist())
        assert digest(answer.content) == engine.load(name).sha256


def digest(archive):
    """The shelf's own hash, from the archive alone."""
    whole = hashlib.sha256()
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        for name in packed.namelist():
            content = packed.read(name)
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


class TestChanges:
    def test_between_a_version_and_itself_are_none(self, visitor):
        assert "没有差异" in text(visitor.get(f"{AR}/changes", {"from": "v01", "to": "v01"}))

    def test_are_shown_for_every_two_versions(self, visitor):
        for code in {name.partition("/")[0] for name in engine.names()}:
            assert "差异" in text(visitor.get(f"/methodologies/{code}/changes"))


class TestThePicture:
    @pytest.mark.parametrize("name", engine.names())
    def test_has_every_formula_below_what_it_is_computed_from(self, name):
        formulas = engine.load(name).formulas
        place = {box.name: box for box in chain.draw(formulas).boxes}

        assert set(place) == {one.name for one in formulas}
        order = [one.name for one in formulas]
        for one in formulas:
            for above in one.arguments:
                if above in place and order.index(above) < order.index(one.name):
                    assert place[above].y < place[one.name].y
        assert len({(box.x, box.y) for box in place.values()}) == len(place)


class TestPrograms:
    def get(self, path, **query):
        answer = Client().get(f"/api/v1/methodologies{path}", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def test_get_the_list(self, db, listed):
        found = self.get("", q="AR-CM-001")

        assert found["items"][0]["state"] == "PUBLISHED"
        assert found["items"][0]["weakest_evidence"] == "D"
        assert self.get("", kind="statistical")["count"] < self.get("")["count"] <= self.get("", every=True)["count"]

    @pytest.mark.parametrize("name", engine.names())
    def test_get_each_version_whole(self, db, name):
        found = self.get(f"/{name}")

        assert found["package_sha256"] == engine.load(name).sha256
        assert found["formulas"][-1]["over"] == "project"
        assert self.get(f"/{name}/cases")["items"] == [] or all(
            one["holds"] for one in self.get(f"/{name}/cases")["items"]
        )
        assert self.get(f"/{name}/parameters")["count"] == len(shelf.values(engine.load(name)))
        assert self.get(f"/{name}/changes")["after"] == name

    def test_are_told_what_is_not_there(self, db, published):
        assert Client().get("/api/v1/methodologies/nothing/v1").status_code == 404
        assert self.get("/CCER-14-001/V01")["package_sha256"] == ""
        answer = Client().get("/api/v1/methodologies/CCER-14-001/V01/cases")
        assert (answer.status_code, answer.json()["code"]) == (404, "library.text_only")


class TestTitles:
    def test_are_in_the_visitors_language(self, db, listed):
        entry = shelf.find("ar_cm_001", on=test_queries.DAY)

        with translation.override("zh-hans"):
            assert entry.title(chinese=True) == "碳汇造林项目方法学"
        assert entry.title(chinese=False).startswith("Afforestation")
