"""Visits to sample plots: kept once however often sent, refused row by row, chosen where two teams measured."""

import datetime as dt
import io
import json
import uuid
from decimal import Decimal

import pytest
import xlsxwriter
from tests import world
from tests.files import samples
from tests.projects import infield

from tanhui.files import store
from tanhui.projects import access_field, plotsheets, surveys
from tanhui.projects.acts import plots
from tanhui.projects.models import Photo, Plot, Tree, Visit
from tanhui.projects.queries import field as queries

NOON = world.NOON
TODAY = dt.date(2026, 6, 5)


def given(**overrides):
    values = {
        "id": str(uuid.uuid4()), "plot": "P-01", "measured_on": "2026-06-04", "team": "王芳、李强", "note": "",
        "position": {"longitude": 118.9312345, "latitude": 42.1, "accuracy_m": 6.2},
        "trees": [
            {"species": "油松", "dbh_mm": 123, "height_dm": 85}, {"species": "山杏", "dbh_mm": 41, "height_dm": None},
        ],
    }  # fmt: skip
    return values | overrides


def read(**overrides):
    return surveys.read(given(**overrides), plots={"P-01", "P-02"}, today=TODAY)


def faults(**overrides):
    with pytest.raises(surveys.VisitWrong) as caught:
        read(**overrides)
    return [(one.row, one.field) for one in caught.value.errors]


class TestAVisitAsItIsSent:
    def test_is_read_with_position_and_trees(self):
        found = read()
        assert found.position == surveys.Position(Decimal("118.931234"), Decimal("42.100000"), 7)
        assert found.trees == (surveys.Tree("油松", 123, 85), surveys.Tree("山杏", 41, None))
        assert found.sha256 == read(id=str(found.id)).sha256 != read(note="坡").sha256

    @pytest.mark.parametrize(
        ("wrong", "name"),
        [
            ({"id": "x"}, "id"), ({"id": None}, "id"), ({"plot": "P-09"}, "plot"),
            ({"measured_on": "2026-06-06"}, "day"),
            ({"measured_on": "1999-12-31"}, "day"), ({"measured_on": "20260604"}, "day"), ({"team": " "}, "team"),
            ({"team": "长" * 81}, "team"), ({"note": "长" * 501}, "note"), ({"trees": []}, "none"),
            ({"trees": "x"}, "none"), ({"trees": given()["trees"] * 1001}, "many"),
            ({"position": {"longitude": 181, "latitude": 0}}, "position"), ({"position": [1]}, "position"),
            ({"position": {"longitude": "NaN", "latitude": 1}}, "position"),
            ({"position": {"longitude": 1e300, "latitude": 1}}, "position"),
        ],
    )  # fmt: skip
    def test_is_refused_for_each_thing_that_is_wrong(self, wrong, name):
        assert faults(**wrong) == [(0, name)]

    @pytest.mark.parametrize(
        ("tree", "name"),
        [
            ({"species": ""}, "species"), ({"species": "长" * 41}, "species"), ({"species": "<b>"}, "species"),
            ({"dbh_mm": 9}, "dbh"), ({"dbh_mm": 5001}, "dbh"), ({"dbh_mm": 12.5}, "dbh"), ({"dbh_mm": True}, "dbh"),
            ({"dbh_mm": None}, "dbh"), ({"height_dm": 4}, "height"), ({"height_dm": "8"}, "height"),
        ],
    )  # fmt: skip
    def test_says_which_tree_is_wrong(self, tree, name):
        good = {"species": "油松", "dbh_mm": 123, "height_dm": 85}
        assert faults(trees=[good, good | tree]) == [(2, name)]

    def test_may_find_no_tree_if_it_says_so(self):
        assert read(trees=[], empty=True).trees == ()

    def test_names_every_fault_at_once(self):
        assert len(faults(plot="", team="", trees=[{}, 5])) == 5


@pytest.fixture
def team(db, settings, tmp_path):
    settings.TANHUI_VAR = tmp_path
    store.place.cache_clear()
    owner, verifier = world.party("OWN", name="演示林场"), world.party("VVB", name="核查机构")
    made = infield.development(owner, verifier=verifier)
    for code in ("P-01", "P-02"):
        plots.lay_out(development=made, code=code, area_m2=600, mandate=owner.initiator, at=NOON)
    yield infield.Team(owner, verifier, made)
    store.place.cache_clear()


class TestKeepingAVisit:
    def test_keeps_it_once_however_often_it_is_sent(self, team):
        visit = read()
        (first, new), (again, still) = team.keep(visit), team.keep(visit)
        assert (first, new, still) == (again, True, False)
        assert (Visit.objects.count(), Tree.objects.count()) == (1, 2)
        assert queries.tables(team.development, 2026)["trees"][0] == {
            "plot": "P-01", "tree": 1, "species": "油松", "dbh_mm": 123, "height_dm": 85,
        }  # fmt: skip

    def test_refuses_the_same_number_for_another_content(self, team):
        visit = read()
        team.keep(visit)
        other = read(id=str(visit.id), note="改")
        with world.refuses(plots.VisitDiffers):
            team.keep(other)

    def test_takes_a_mandate_of_the_owner(self, team):
        stranger = world.party("OWN").initiator
        visit = read()
        with world.refuses(plots.instructions.WrongMandate):
            plots.keep(development=team.development, visit=visit, mandate=stranger, at=NOON)

    def test_keeps_a_plot_code_once(self, team):
        with world.refuses(plots.PlotTaken):
            plots.lay_out(development=team.development, code="P-01 ", area_m2=9, mandate=team.owner.initiator, at=NOON)
        with world.refuses(plots.PlotUnreadable):
            plots.lay_out(development=team.development, code="P-3", area_m2=0, mandate=team.owner.initiator, at=NOON)


class TestTwoVisitsToOnePlot:
    def test_wait_for_the_verifier_and_are_left_out_until_then(self, team):
        first, _ = team.keep(read())
        team.keep(read(plot="P-02"))
        second, _ = team.keep(read(team="赵敏"))
        assert queries.counting(team.development, 2026)[1] == [first.plot]
        assert [one["plot"] for one in queries.tables(team.development, 2026)["plots"]] == ["P-02"]
        mandate = access_field.chooser(team.verifier.confirmer.membership.person, team.development, at=NOON)
        plots.choose(visit=second, reason="复测时使用了检定过的围尺", mandate=mandate, at=NOON)
        taken, waiting = queries.counting(team.development, 2026)
        assert (second in taken, first in taken, waiting) == (True, False, [])
        assert Visit.objects.count() == 3

    def test_are_chosen_between_with_a_reason_only(self, team):
        visit, _ = team.keep(read())
        with world.refuses(plots.ChoiceWrong):
            plots.choose(visit=visit, reason="独一份", mandate=team.verifier.initiator, at=NOON)
        team.keep(read())
        with world.refuses(plots.ChoiceWrong):
            plots.choose(visit=visit, reason=" ", mandate=team.verifier.initiator, at=NOON)


def workbook(visits, trees):
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for heads, rows in ((plotsheets.VISITS, visits), (plotsheets.TREES, trees)):
            sheet = book.add_worksheet()
            for number, row in enumerate([heads, *rows]):
                sheet.write_row(number, 0, row)
    return made.getvalue()


GOOD = (
    [["P-01", "2026-06-04", "王芳", ""], ["P-02", "", "", ""]],
    [["P-01", "油松", 123, 85], ["P-01", "山杏", 41, ""]],
)


class TestATypedSheet:
    def read(self, team, tmp_path, content):
        path = tmp_path / "s.xlsx"
        path.write_bytes(content)
        return plotsheets.read(path, team.development, today=TODAY)

    def test_becomes_visits_and_the_same_ones_again(self, team, tmp_path):
        found = self.read(team, tmp_path, workbook(*GOOD))
        assert [(one.plot, len(one.trees)) for one in found] == [("P-01", 2)]
        for new in (True, False):
            kept = plots.keep_all(development=team.development, visits=found, mandate=team.owner.initiator, at=NOON)
            assert [fresh for _visit, fresh in kept] == [new]

    def test_is_refused_row_by_row(self, team, tmp_path):
        visits, trees = GOOD
        wrong = workbook([*visits, ["P-02", "昨天", "", ""]], [*trees, ["P-01", "", 5, 85], ["P-07", "油松", 100, ""]])
        with pytest.raises(plotsheets.SheetWrong) as caught:
            self.read(team, tmp_path, wrong)
        assert [(one.sheet, one.row, one.field) for one in caught.value.rows] == [
            (1, 4, "day"), (1, 4, "team"), (1, 4, "none"), (2, 4, "species"), (2, 4, "dbh"), (2, 5, "plot"),
        ]  # fmt: skip

    def test_says_where_a_plot_has_no_tree_and_names_each_plot_once(self, team, tmp_path):
        bare = self.read(team, tmp_path, workbook([["P-01", "2026-06-04", "王芳", "", "是"]], []))
        assert bare[0].empty
        with pytest.raises(plotsheets.SheetWrong) as caught:
            self.read(team, tmp_path, workbook([*GOOD[0], ["P-01", "2026-06-05", "王芳", ""]], GOOD[1]))
        assert [(one.row, one.field) for one in caught.value.rows] == [(4, "twice")]

    def test_template_can_be_filled_in(self, team, tmp_path):
        assert self.read(team, tmp_path, plotsheets.template(list(Plot.objects.order_by("code")))) == []

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", samples.pdf()])
    def test_that_is_no_workbook_is_refused(self, team, tmp_path, content):
        with pytest.raises(plotsheets.SheetUnreadable):
            self.read(team, tmp_path, content)


class TestThePages:
    @pytest.fixture
    def owner(self, team, client):
        world.sign_in(client, team.owner.initiator.membership.person)
        return client

    def address(self, team, what=""):
        return f"/field/plots/{team.development.pk}{what}"

    def send(self, client, team, body):
        return client.post(self.address(team, "/visits"), json.dumps(body), content_type="application/json")

    def test_take_a_visit_and_tell_a_repeated_one(self, owner, team):
        body = given(measured_on="2026-06-01")
        said = [self.send(owner, team, body).json()["state"] for _ in range(2)]
        assert said == ["kept", "repeated"]
        assert self.send(owner, team, given(measured_on="2026-06-01")).json()["conflict"] is True
        assert body["id"] in owner.get(self.address(team, "/state")).json()["kept"]

    def test_say_each_fault_in_the_visitors_language(self, owner, team):
        answer = self.send(owner, team, given(trees=[{"species": "油松", "dbh_mm": 3, "height_dm": None}]))
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"row": 1, "field": "dbh", "detail": answer.json()["errors"][0]["detail"]}]
        assert world.CHINESE.search(answer.json()["errors"][0]["detail"])
        assert self.send(owner, team, [1]).status_code == 422
        assert owner.post(self.address(team, "/visits"), b"\xff", content_type="application/json").status_code == 422
        assert not Visit.objects.exists()

    def test_keep_a_picture_once(self, owner, team):
        body = given(measured_on="2026-06-01")
        self.send(owner, team, body)
        key = str(uuid.uuid4())
        for state in ("kept", "repeated"):
            sent = {
                "visit": body["id"], "id": key, "taken_at": "2026-06-01T02:00:00Z", "longitude": "118.93",
                "latitude": "42.1", "file": io.BytesIO(samples.picture("JPEG", (64, 48))),
            }  # fmt: skip
            assert owner.post(self.address(team, "/photos"), sent).json()["state"] == state
        assert Photo.objects.get().longitude == Decimal("118.93")
        wrong = {"visit": body["id"], "id": str(uuid.uuid4()), "file": io.BytesIO(samples.pdf())}
        assert owner.post(self.address(team, "/photos"), wrong).status_code == 422

    def test_take_a_workbook_whole_or_not(self, owner, team):
        file = io.BytesIO(workbook(*GOOD))
        file.name = "plots.xlsx"
        assert owner.post(self.address(team, "/table"), {"sheet": file}).status_code == 302
        assert Visit.objects.get().source == "SHEET"
        file = io.BytesIO(workbook([["P-02", "2026-06-04", "王芳", ""]], [["P-02", "油松", 3, ""]]))
        file.name = "plots.xlsx"
        answer = owner.post(self.address(team, "/table"), {"sheet": file})
        assert answer.status_code == 422
        assert "胸径应为" in answer.content.decode()
        assert Visit.objects.count() == 1

    def test_show_the_verifier_both_visits_and_take_the_choice(self, team, client):
        team.keep(read())
        second, _ = team.keep(read(team="赵敏"))
        world.sign_in(client, team.verifier.initiator.membership.person)
        assert "赵敏" in client.get(self.address(team, "/conflicts")).content.decode()
        answer = client.post(self.address(team, "/conflicts"), {"visit": second.pk, "reason": "复测可靠"})
        assert answer.status_code == 302
        assert self.send(client, team, given()).status_code in {403, 404}

    def test_tell_a_stranger_nothing(self, team, client):
        world.sign_in(client, world.party("OWN").initiator.membership.person)
        for what in ("", "/state", "/table", "/conflicts", "/template.xlsx"):
            assert client.get(self.address(team, what)).status_code == 404
        assert self.send(client, team, given()).status_code == 404

    def test_show_a_device_with_chart_gaps_and_certificate(self, team, owner):
        device, token = infield.entered(team)
        assert device.name in owner.get("/field").content.decode()
        shown = owner.get(f"/field/devices/{device.code}").content.decode()
        assert "无证书" in shown
        assert token not in shown


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestThePhone:
    @pytest.fixture
    def phone(self, team, live_server, browser, client, settings):
        world.sign_in(client, team.owner.initiator.membership.person)
        context = browser.new_context(
            locale="zh-CN", viewport={"width": 390, "height": 844}, has_touch=True, permissions=["geolocation"],
            geolocation={"longitude": 118.93, "latitude": 42.1, "accuracy": 5},
        )  # fmt: skip
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
        page, broken = context.new_page(), []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(f"{live_server.url}/field/plots/{team.development.pk}")
        page.locator("#survey[data-offline=ready]").wait_for()
        yield page
        context.close()
        assert broken == []

    def test_measures_without_a_network_and_sends_once(self, phone, team):
        phone.context.set_offline(True)
        phone.reload()
        phone.get_by_text("无网络", exact=True).wait_for()
        phone.get_by_role("button", name="P-01").click()
        row = phone.locator(".field-tree").first
        row.get_by_label("树种").fill("油松")
        row.get_by_label("胸径（厘米）").fill("600")
        phone.get_by_role("button", name="保存本次调查").click()
        row.get_by_text("胸径应为 1.0 至 500.0 厘米").wait_for()
        row.get_by_label("胸径（厘米）").fill("12.3")
        row.get_by_label("树高（米）").fill("8.5")
        phone.get_by_role("button", name="添加一株").click()
        phone.locator(".field-tree").nth(1).get_by_label("胸径（厘米）").fill("9")
        phone.get_by_role("button", name="获取定位").click()
        phone.get_by_text("118.93000").wait_for()
        picture = samples.picture("PNG", (2400, 1200))
        phone.set_input_files("#camera", {"name": "p.png", "mimeType": "image/png", "buffer": picture})
        phone.locator(".field-pictures canvas").wait_for()
        assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        phone.get_by_role("button", name="保存本次调查").click()
        phone.get_by_text("已存手机，待提交").wait_for()
        phone.reload()  # what was entered outlives the page
        phone.get_by_text("已存手机，待提交").wait_for()
        assert not Visit.objects.exists()

        phone.context.set_offline(False)
        phone.get_by_text("已全部提交。").wait_for()
        kept = Visit.objects.get()
        assert [(one.species, one.dbh_mm, one.height_dm) for one in kept.trees.order_by("number")] == [
            ("油松", 123, 85), ("油松", 90, None),
        ]  # fmt: skip
        assert (kept.longitude, kept.accuracy_m) == (Decimal("118.930000"), 5)
        assert kept.photos.get().longitude == Decimal("118.930000")

        # The answer is lost on the way, and the phone sends it all again.
        phone.evaluate(
            """(key) => new Promise((done) => {
                const asked = indexedDB.open("tanhui-field-" + key, 1);
                asked.onsuccess = () => {
                    const shelf = asked.result.transaction("visits", "readwrite").objectStore("visits");
                    shelf.getAll().onsuccess = (event) => {
                        const one = event.target.result[0];
                        one.state = "ready"; one.photos.forEach((each) => { each.sent = false; });
                        shelf.put(one).onsuccess = () => done();
                    };
                };
            })""",
            str(team.development.pk),
        )
        for _ in range(2):
            with phone.expect_response("**/state"):
                phone.get_by_role("button", name="立即提交").click()
            phone.get_by_text("已全部提交。").wait_for()
        assert (Visit.objects.count(), Tree.objects.count(), Photo.objects.count()) == (1, 2, 1)
