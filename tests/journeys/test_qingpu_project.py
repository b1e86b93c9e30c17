"""A rice project near Qingpu, from the land survey to the first money in the village, by the local procedure.

Fields are imported and assessed, a candidate is picked, the villages agree; county and city look first, neighbours
comment, a body reviews, experts vote, the register files. A water gauge sends its levels, the month is stamped, the
quantity is computed from the farm's log, verified, confirmed and issued, and the first sale is shared out.
"""

import datetime as dt
import json
import re
import urllib.request

import pytest
from django.utils import timezone
from tests import world
from tests.journeys import paddies, walking
from tests.journeys.conftest import PASSWORD, PHONE
from tests.projects.cycling import fresh
from tests.projects.sharing import CITIZEN

from tanhui.identity.acts import realname
from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days
from tanhui.projects.acts import experts, land, panel
from tanhui.projects.models import Agreement, Candidate, Device, Evidence, Monitoring, Panel, Parcel, Receipt, ShareLine
from tanhui.registry.models import Batch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OPENED = {
    "name": "金泽镇稻田水分管理减排项目", "profile": "local", "scheme": "DEMO", "methodology": "CMS-017-V01",
    "division_code": "310118",
}  # fmt: skip
ROLL = "\n".join(
    [
        "310118109201\t淀湖村\t集体\t淀湖村股份经济合作社\t0\t\t农商行\t6228480000000001",
        f"310118109201\t淀湖村\t001\t沈阿妹\t60\t{CITIZEN}\t农商行\t6228480000000011",
        "310118109201\t淀湖村\t002\t陆根生\t40\t\t农商行\t6228480000000012",
    ]
)


def take_the_good_rows(walk, cast):
    """One field of four crosses itself: the page says which, and the three others are taken over."""
    survey = walking.import_parcels(
        walk, cast.owner, paddies.survey(), name="金泽镇国土调查图斑", kind="LAND_SURVEY", year=2025, asks_encoding=True
    )
    assert (survey.state, survey.counts["good"], survey.counts["left_out"]) == ("FAULTY", 3, 1)
    page = walk.desk(cast.owner.initiator)
    page.locator("main").get_by_text("Q04").first.wait_for()
    page.locator("details.confirm summary").click()
    with page.expect_navigation():
        page.locator("details.confirm button").click()
    land.carry_out(key=survey.pk, at=timezone.now(), told=timezone.now)  # as the worker does
    page.reload()
    survey = fresh(survey)
    assert survey.state == "TAKEN"
    return survey


def put_into_the_pool(walk, cast, survey):
    """The potential offers rice on these fields; a candidate starts from there, is scored, and picked."""
    page = walk.go(cast.owner.initiator, f"/land/sources/{survey.source_id}/potential")
    page.locator("main").get_by_text("稻田水分管理").first.wait_for()
    walk.looks_right(page)
    page.locator("main a[href*='/pool/new'][href*='ams_iii_au']").first.click()
    page.locator("[name=hectares]").wait_for()
    assert float(page.locator("[name=hectares]").input_value()) > 250
    walk.looks_right(page)
    for name, text in {"name": "金泽镇稻田减排", "methodology": "CMS-017-V01", "site": "85"}.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=revitalisation]").check()
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile("/pool/[0-9a-f-]{36}$"))
    page.locator("select[name=pack]").select_option("demo-local")
    page.locator("button[value=score]").click()
    page.locator("table caption").first.wait_for()
    page.locator("form:has(button[value=pick]) [name=reason]").fill("灌排可控，水位记录齐全，先行试点。")
    page.locator("button[value=pick]").click()
    page.locator("button[value=pick]").wait_for(state="detached")
    walk.looks_right(page)
    made = Candidate.objects.get()
    assert (made.state, made.land.count()) == ("PILOT", 3)
    return made


def agree_with_the_village(walk, cast):
    page = walk.go(cast.owner.initiator, "/agreements/new")
    said = {
        "title": "稻田减排联合开发协议", "partner_name": "淀湖村股份经济合作社",
        "partner_code": cast.county.organisation.uscc, "terms": "收益按镇三村七分配，村部分按承包面积到户。",
        "since": "2024-01-01", "until": "2034-12-31",
        "parcels": "\n".join(Parcel.objects.values_list("code", flat=True)),
    }  # fmt: skip
    page.locator("[name=kind]").select_option("JOINT")
    for name, text in said.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("input[type=file]").first.set_input_files(walk.paper())
    page.locator("main").get_by_text("已收到").first.wait_for()
    page.locator("main form .btn-primary").click()
    walk.second(cast.owner, page)
    made = Agreement.objects.get()
    assert made.land.count() == 3
    walk.sees(cast.county.initiator, f"/agreements/{made.pk}")  # the other side reads it too


def link(walk, cast, candidate, one):
    page = walk.go(cast.owner.initiator, f"/pool/{candidate.pk}")
    page.locator("select[name=development]").select_option(str(one.pk))
    page.locator("button[value=develop]").click()
    page.locator("button[value=develop]").wait_for(state="detached")
    assert fresh(candidate).state == "DEVELOPING"


def experts_vote(walk, cast, subject):
    """The authority appoints five, each declares and votes, one on a phone; the authority writes the minutes."""
    cast.at = timezone.now()
    people = [world.person(name=name, password=PASSWORD) for name in ("陈稻", "吴禾", "周田", "郑沃", "王沛")]
    for person in people:
        world.mandate(person, cast.experts.organisation, "VIEW")
        experts.list_(
            person=person, field="农业碳汇", title="研究员", employers=(), since=dt.date(2024, 1, 1), until=None,
            mandate=cast.experts.initiator, at=cast.at,
        )  # fmt: skip
    page = walk.go(cast.authority.initiator, f"/desk/panels/about/{subject.pk}")
    for box in page.locator("[name=experts]").all():
        box.check()
    page.locator("main form .btn-primary").click()
    page.wait_for_url(re.compile("/desk/panels/[0-9a-f-]{36}$"))
    made = Panel.objects.get()
    walk.desk(people[0], viewport=PHONE)
    vote(walk, people[0])
    for seat in made.seats.exclude(expert__person=people[0]).order_by("pk"):
        panel.declare(seat=seat, conflict=False, statement="", by=seat.expert.person, at=timezone.now())
        panel.vote(seat=seat, choice="APPROVE", reason="数据可核。", by=seat.expert.person, at=timezone.now())
    page.reload()
    walk.looks_right(page)
    page.locator("textarea[name=text]").fill("五位专家一致同意。")
    page.locator("main form .btn-primary").click()
    page.locator("textarea[name=text]").wait_for(state="detached")
    assert fresh(made).state != "RUNNING"


def vote(walk, person):
    page = walk.go(person, "/panels")
    walk.looks_right(page)
    page.locator("main a[href*='/panels/seats/']").first.click()
    page.locator("[name=conflict][value=no]").check()
    page.locator("button[value=declare]").click()
    page.locator("[name=choice][value=APPROVE]").check()
    walk.looks_right(page)
    page.locator("[name=reason]").fill("方法得当，数据可核。")
    page.locator("button[value=vote]").click()
    page.locator("button[value=vote]").wait_for(state="detached")


def measure(walk, cast, one, days):
    """A gauge is entered, sends what it measured, and the month of its readings is stamped."""
    page = walk.go(cast.owner.initiator, "/field/devices/new")
    page.locator("[name=development]").select_option(str(one.pk))
    page.locator("[name=kind]").select_option("WATER_LEVEL")
    said = {
        "code": "QP-JZ-WL-01", "name": "淀湖村 1 号田水位计", "maker": "演示仪表 WL-3", "unit": "cm",
        "interval_s": "3600", "low": "-40", "high": "60", "place": "Q01 田块进水口东侧",
        "longitude": "121.0700", "latitude": "31.0900",
    }  # fmt: skip
    for name, text in said.items():
        page.locator(f"[name={name}]").fill(text)
    walk.looks_right(page)
    page.locator("main form .btn-primary").click()
    token = re.search(r"Authorization: Bearer (\S+)", page.locator("pre code").inner_text())[1]
    walk.looks_right(page)
    rows = paddies.readings(days)
    half = len(rows) // 2
    assert send(walk, token, rows[: half + 5]) == (half + 5, 0, [])
    assert send(walk, token, rows[half:]) == (len(rows) - half - 6, 5, ["projects.reading_out_of_range"])

    page = walk.go(cast.owner.initiator, "/field/devices/QP-JZ-WL-01?days=90")
    page.locator("main").get_by_text("48", exact=True).first.wait_for()  # readings missing in the gap of two days
    walk.looks_right(page)
    said = {
        "number": "JZ-2025-0142", "laboratory": "演示计量检定所", "since": days.start.isoformat(),
        "until": (days.end + dt.timedelta(days=300)).isoformat(), "permissible": "0.5",
    }  # fmt: skip
    for name, text in said.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("form:has([name=laboratory]) .btn-primary").click()
    page.get_by_text("JZ-2025-0142").first.wait_for()
    last = (days.end - dt.timedelta(days=1)).replace(day=1)
    cast.at = timezone.now()
    cast.stamp(one, Days(days.start, last))  # the months before it
    page = walk.go(cast.owner.initiator, f"/field/months/{one.pk}")
    page.locator(f"form:has([name=month][value='{last.isoformat()}']) button").click()
    page.locator(f"form:has([name=month][value='{last.isoformat()}'])").wait_for(state="detached")
    walk.looks_right(page)
    assert Evidence.objects.filter(development=one, month=last).exists()
    assert Device.objects.get().series.count() == 8  # days with a file; two are in the gap


def send(walk, token, rows):
    """As a device does: how many were taken, how many were known, and why the others were not."""
    asked = urllib.request.Request(
        f"{walk.home}/api/v1/field/readings", "\n".join(map(json.dumps, rows)).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"},
    )  # fmt: skip
    with urllib.request.urlopen(asked, timeout=60) as answer:
        told = json.load(answer)
    return told["accepted"], told["repeated"], [each["code"] for each in told["refused"]]


def compute(walk, cast, one, days):
    """The quantity is computed from the farm's own log."""
    page = walk.go(cast.owner.initiator, f"/desk/developments/{one.code}/periods/new")
    page.locator("[name=first]").fill(days.start.isoformat())
    page.locator("[name=last]").fill(days.last.isoformat())
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/periods/*")
    period = Monitoring.objects.get()
    sheet, tables = paddies.files(walk.folder / "farm", paddies.farm(days))
    page.locator("form:has(button[value=compute])").evaluate("form => { form.closest('details').open = true }")
    page.locator("input[name=project]").set_input_files(sheet)
    page.locator("input[name=tables]").set_input_files(tables)
    with page.expect_navigation():
        page.locator("button[value=compute]").click()
    walk.looks_right(page)
    assert fresh(period).quantity_kg > 100_000
    page.locator("select[name=verifier]").select_option(cast.verifier.organisation.uscc)
    with page.expect_navigation():
        page.locator("button[value=verifier]").click()
    walk.write(cast.owner, period, "REPORT")
    walk.hand_in(cast.owner, period, "DATA")
    return fresh(period)


def villager(cast):
    """Whose document the register has checked."""
    person = world.person(name="沈阿妹", password=PASSWORD)
    bound = realname.bind(person=person, kind="CITIZEN", number=CITIZEN, at=timezone.now(), by=person)
    bound.checked_at, bound.checked_by = timezone.now(), cast.operator.initiator.membership.person
    bound.save()
    return person


def file(walk, cast, one):
    """From the county's first look to the register: everybody's step, two people each."""
    one = walk.take(cast.owner, one, "submit_county")
    one = walk.take(cast.county, one, "approve_county")
    one = walk.take(cast.city, one, "file_city")
    walk.hand_in(cast.owner, one, "NOTICE", "SHARING")
    one = walk.take(cast.owner, one, "notify")
    assert one.state == "STAKEHOLDER_NOTICE"
    neighbour = world.person(name="邻村养鸭户", password=PASSWORD)
    walk.desk(neighbour, viewport=PHONE)
    walk.in_the_dark(neighbour)
    walk.looks_right(walk.comment(one, neighbour, "晒田期间河道水位会不会受影响？"))
    walk.answer(cast.owner, one, "晒田只在田间排水，已与水务站约定错峰。")
    one = walking.pass_time(one)
    walk.write(cast.owner, one, "DESIGN", "APPLICATION")
    walk.hand_in(cast.owner, one, "COMMITMENT")
    one = walk.take(cast.owner, one, "apply")
    one = walk.take(cast.operator, one, "accept")
    walk.hand_in(cast.county, one, "OPINION")
    one = walk.take(cast.county, one, "give_opinion")
    one = walk.report(cast.validator, one)
    assert one.state == "EXPERT_REVIEW"
    experts_vote(walk, cast, one)
    one = walk.take(cast.authority, one, "approve")
    one = walking.pass_time(one)
    return walk.take(cast.operator, one, "register")


def test_a_qingpu_rice_project_goes_from_the_land_survey_to_the_first_distribution(walk, cast):
    cast.enter("CMS-017")
    days = paddies.span(clock.day(timezone.now()))
    survey = take_the_good_rows(walk, cast)
    candidate = put_into_the_pool(walk, cast, survey)
    agree_with_the_village(walk, cast)

    years = paddies.crediting(days)
    named = {
        "validator": cast.validator.organisation.uscc, "county": cast.county.organisation.uscc,
        "city": cast.city.organisation.uscc, "construction_start": years.start.isoformat(),
        "crediting_first": years.start.isoformat(), "crediting_last": years.last.isoformat(),
    }  # fmt: skip
    one = walking.draft(walk, cast.owner, OPENED, paddies.ANSWERS | named)
    assert one.boundaries.count() == 3
    link(walk, cast, candidate, one)
    one = file(walk, cast, one)
    assert one.state == "FILED"

    measure(walk, cast, one, days)
    period = compute(walk, cast, one, days)
    period = walk.take(cast.owner, period, "publish")
    period = walking.pass_time(period)
    walk.sample(cast.verifier, period)
    walk.find_and_close(
        cast.verifier, cast.owner, period, text="水位计有两天没有读数，请说明如何处理。", requirement="CMS-017-V01 §6",
        reply="缺测两天按未晒田计，不增加减排量。",
    )  # fmt: skip
    period = walk.report(cast.verifier, period)
    assert period.state == "VERIFIED"
    page = walk.at(cast.owner.initiator, period)
    with page.expect_navigation():
        page.locator("button[value=quantity]").click()
    walk.write(cast.owner, period, "ISSUE_FORM")
    walk.hand_in(cast.owner, period, "ISSUE_COMMIT")
    period = walk.take(cast.owner, period, "apply")
    cast.at = timezone.now()
    cast.approve(period)  # the experts a second time
    period = walk.take(cast.authority, period, "confirm")
    period = walk.take(cast.operator, period, "issue")
    assert period.state == "ISSUED"
    issued = Batch.objects.get(issuance__period=period.period)

    project = one.registered
    roll = walk.enter_roll(cast.county, project, ROLL, source="村集体成员与承包面积清册")
    walk.agree_on_a_split(cast.owner, cast.county, project, roll, pack="demo-local", basis="镇村收益分配协议")
    sold = walk.sell(
        cast.owner, cast.county, project, contract="QP-2026-01", buyer="演示食品公司",
        tonnes=min(100, issued.quantity_t), amount="8000.01",
    )  # fmt: skip
    lines = ShareLine.objects.filter(sale=sold)
    assert sum(line.fen for line in lines if line.tier == "CITY") == 800_001 * 3 // 10
    her = villager(cast)
    walk.desk(her, viewport=PHONE)
    walk.receive(her)
    assert Receipt.objects.get(line__sale=sold).line.fen == 336_001  # three fifths of the rest; the odd fen falls here

    neighbour = world.person(password=PASSWORD)
    walk.desk(neighbour, viewport=PHONE)
    places = [f"/sharing-out/{project.number}", f"/developments/{one.code}", f"/developments/periods/{period.code}"]
    walk.sees(neighbour, "/developments/all?q=稻", *places)
    assert len(walk.pages) >= 7  # people, each signed in as themselves
