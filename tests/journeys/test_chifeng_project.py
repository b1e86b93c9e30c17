"""An afforestation near Chifeng, from the import of its parcels to the first money in the villages.

The city's company drafts, county and city agree, the public comments, one body validates, the register registers,
another body verifies, units are issued and the first sale is shared out. Each signs in as themselves.
"""

import datetime as dt
import itertools
import json

import pytest
from django.utils import timezone
from tests import world
from tests.journeys.conftest import PASSWORD
from tests.projects import cycling, reviewing, surveying
from tests.projects.cycling import fresh
from tests.projects.sharing import CITIZEN

from tanhui.identity.acts import realname
from tanhui.journal import log, sequencer
from tanhui.kernel.period import Period as Days
from tanhui.methods.demonstration import chifeng
from tanhui.projects import splitting
from tanhui.projects.acts import land, roll, shares_second, split, timing
from tanhui.projects.models import Development, Finding, Monitoring, Receipt, Sale, ShareLine, Survey
from tanhui.registry.models import Batch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME = "松山区退化沙地造林碳汇项目"
SPAN = Days(dt.date(2022, 1, 1), dt.date(2026, 1, 1))
DAY = dt.timedelta(days=1)


@pytest.fixture
def cast(db, tmp_path, settings):
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    log.read_key.cache_clear()
    made = cycling.Cast(at=timezone.now())
    for one in (made.owner, made.county, made.city, made.validator, made.verifier, made.operator):
        for mandate in (one.initiator, one.confirmer):
            mandate.membership.person.set_password(PASSWORD)
            mandate.membership.person.save()
    yield made
    log.read_key.cache_clear()


@pytest.fixture
def desk(open_page, live_server):
    """The page a person works on; they sign in once."""
    pages = {}

    def of(who):
        person = who.membership.person if hasattr(who, "membership") else who
        if person.pk not in pages:
            page = pages[person.pk] = open_page()
            page.set_default_timeout(90_000)  # seven people at once keep a small machine busy
            page.goto(f"{live_server.url}/login")
            page.get_by_label("登录名", exact=True).fill(person.username)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.locator("main").get_by_role("button", name="登录", exact=True).click()
            page.get_by_role("button", name="退出登录").wait_for()
        return pages[person.pk]

    of.pages = pages
    return of


class Walk:
    """What people do over and over: ask for a step, sign it, hand a paper in."""

    def __init__(self, home, desk, paper):
        self.home, self.desk, self.paper = home, desk, paper

    def at(self, who, subject):
        page = self.desk(who)
        part = "periods/" if isinstance(subject, Monitoring) else ""
        page.goto(f"{self.home}/desk/developments/{part}{subject.code}")
        return page

    def take(self, party, subject, act, reason="情况属实，同意。"):
        """One person asks, a colleague signs."""
        page = self.at(party.initiator, subject)
        form = page.locator(f'form:has(input[name="act"][value="{act}"])')
        form.evaluate("form => { form.closest('details').open = true }")
        if form.locator("textarea[name=reason]").count():
            form.locator("textarea[name=reason]").fill(reason)
        form.locator("button[value=step]").click()
        page.locator("#next .notice.wait").wait_for()
        second = self.at(party.confirmer, subject)
        second.locator("#next button[name=do][value=confirm]").click()
        second.locator("#next button[name=do][value=confirm]").wait_for(state="detached")
        return fresh(subject)

    def hand_in(self, party, subject, *kinds):
        for kind in kinds:
            page = self.at(party.initiator, subject)
            page.locator("#papers details").first.evaluate("one => { one.open = true }")
            page.locator("select[name=kind]").select_option(kind)
            page.locator("input[type=file][name=paper_file]").set_input_files(self.paper())
            page.locator("#papers").get_by_text("已收到").first.wait_for()
            page.locator("button[name=do][value=paper]").click()
            page.locator(".messages, [role=status]").first.wait_for()
            assert subject.papers.filter(kind=kind).exists(), kind

    def write(self, party, subject, kind):
        page = self.at(party.initiator, subject)
        page.locator(f'form:has(input[name=kind][value="{kind}"]) button[value=write]').click()
        page.locator("#papers").wait_for()
        assert subject.papers.filter(kind=kind).exists(), kind


@pytest.fixture
def walk(live_server, desk, tmp_path):
    widths = itertools.count(300)

    def paper():
        width = next(widths)
        path = tmp_path / f"材料{width}.pdf"
        path.write_bytes(reviewing.pdf(width))
        return path

    return Walk(live_server.url, desk, paper)


def pass_time(subject):
    """The working days of a public notice pass."""
    later = timezone.now() - 60 * DAY
    type(subject).objects.filter(pk=subject.pk).update(stage_since=later, due_on=later.date() + 30 * DAY)
    timing.settle(at=timezone.now())
    return fresh(subject)


def import_parcels(walk, cast, tmp_path):
    page = walk.desk(cast.owner.initiator)
    page.goto(f"{walk.home}/land/sources/new")
    page.locator("[name=name]").fill("松山区森林小班")
    page.locator("[name=kind][value=SUBCOMPARTMENT]").check()
    page.locator("main form .btn-primary").click()
    page.wait_for_url(lambda url: url.rpartition("/sources/")[2] != "new")
    if not page.url.endswith("/import"):
        page.goto(f"{page.url}/import")
    shape = tmp_path / "小班.zip"
    shape.write_bytes(surveying.shape(surveying.squares(6), cpg=True))
    page.locator("input[type=file]").first.set_input_files(shape)
    page.locator("main").get_by_text("已收到").first.wait_for()
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/import/*")
    page.locator("[name=year]").fill("2025")
    page.locator("main form .btn-primary").last.click()
    page.wait_for_url("**/land/surveys/*")
    survey = Survey.objects.get()
    land.carry_out(key=survey.pk, at=timezone.now(), told=timezone.now)  # as the worker does
    page.reload()
    return fresh(survey)


def draft(walk, cast):
    page = walk.desk(cast.owner.initiator)
    page.goto(f"{walk.home}/desk/developments/new")
    page.locator("[name=name]").fill(NAME)
    page.locator("select[name=profile]").select_option("ccer")
    page.locator("select[name=scheme]").select_option("CCER")
    page.locator("[name=methodology]").fill("CCER-14-001-V01")
    page.locator("[name=division_code]").fill("150404")
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/draft/project")
    given = cycling.FILLED | {
        "validator": cast.validator.organisation.uscc, "county": cast.county.organisation.uscc,
        "city": cast.city.organisation.uscc,
    }  # fmt: skip
    for _ in range(8):
        if page.url.endswith("/check"):
            break
        if page.url.endswith("/land"):
            for box in page.locator("input[name=parcel]").all():
                box.check()
            page.locator("button[value=parcels]").click()
            page.locator("input[name=boundary]").first.wait_for()
            page.locator("button[name=then][value=on]").click()
            continue
        for name, said in given.items():
            field = page.locator(f"main [name={name}]")
            if not field.count():
                continue
            if field.first.get_attribute("type") == "radio":
                page.locator(f"main [name={name}][value={said}]").check()
            elif field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(said)
            else:
                field.fill(said)
        before = page.url
        page.locator("button[name=then][value=on]").click()
        page.wait_for_url(lambda url, before=before: url != before)
    return Development.objects.get(name=NAME)


def comment(walk, one, text):
    """A herdsman asks; he signs in too."""
    herdsman = world.person(name="牧民巴特尔", password=PASSWORD)
    page = walk.desk(herdsman)
    page.goto(f"{walk.home}/developments/{one.code}")
    page.locator("textarea[name=text]").fill(text)
    page.locator("form:has(textarea[name=text]) button").first.click()
    page.get_by_text(text).first.wait_for()


def answer(walk, cast, one, text):
    page = walk.at(cast.owner.initiator, one)
    form = page.locator("form:has(input[name=comment])").first
    form.evaluate("form => form.closest('details') && (form.closest('details').open = true)")
    form.locator("textarea[name=text]").fill(text)
    if form.locator("[name=adopted]").count():
        form.locator("[name=adopted]").first.check()
    form.locator("button").first.click()
    page.get_by_text(text).first.wait_for()


def report(walk, party, subject):
    """The body's whole work is on one screen: checklist, report, signature, and a colleague's signature."""
    page = walk.desk(party.initiator)
    there = f"{walk.home}/desk/verification/{subject.pk}"
    page.goto(there)
    for one in page.locator("#checklist select").all():
        one.select_option("YES")
    page.locator("button[value=check]").click()
    page.locator("#report").wait_for()
    for one in page.locator("#report textarea").all():
        one.fill("查阅材料并现场核实。")
    if page.locator("#report input[name=conclusion]").count():
        page.locator("#report input[name=conclusion][value=POSITIVE]").check()
    page.locator("#report input[type=file]").set_input_files(walk.paper())
    page.locator("#report").get_by_text("已收到").first.wait_for()
    page.locator("#report input[name=commits]").check()
    page.locator("button[value=report]").click()
    page.locator("#report .notice.wait").wait_for()
    second = walk.desk(party.confirmer)
    second.goto(there)
    second.locator("#report button[value=confirm]").click()
    second.locator("#report button[value=confirm]").wait_for(state="detached")
    return fresh(subject)


def sample(walk, party, period):
    page = walk.desk(party.initiator)
    page.goto(f"{walk.home}/desk/verification/{period.pk}")
    page.locator("#sample [name=of]").select_option("PARCELS")
    page.locator("#sample button[value=declare]").click()
    page.locator("#sample button[value=draw]").wait_for()
    sequencer.sequence(at=timezone.now())  # as the worker does
    page.locator("#sample button[value=draw]").click()
    page.locator("#sample button[value=see]").wait_for()
    for unit in period.samples.get().draw.chosen:
        page.locator("#sample [name=unit]").select_option(unit)
        page.locator("#sample [name=verdict]").select_option("AGREES")
        page.locator("#sample button[value=see]").click()
        page.locator("#sample button[value=see]").wait_for()


def find_and_close(walk, cast, period):
    """The verifier asks, the owner answers, the verifier closes."""
    page = walk.desk(cast.verifier.initiator)
    there = f"{walk.home}/desk/verification/{period.pk}"
    page.goto(there)
    form = page.locator("#findings form:has(button[value=raise])")
    form.evaluate("form => { form.closest('details').open = true }")
    form.locator("[name=kind]").select_option("CL")
    form.locator("[name=topic]").select_option("DATA")
    form.locator("[name=text]").fill("样地 101 的复测日期未注明。")
    form.locator("[name=requirement]").fill("CCER-14-001-V01 §8")
    form.locator("button[value=raise]").click()
    page.locator("#findings").get_by_text("CL-01").first.wait_for()
    owner = walk.desk(cast.owner.initiator)
    owner.goto(f"{walk.home}/developments/{period.development_id}/findings")
    owner.locator("textarea[name=text]").fill("复测日期为 2025-09-12，已补注。")
    owner.locator("form:has(textarea[name=text]) .btn-primary").click()
    owner.get_by_text("已补注").first.wait_for()
    page.goto(there)
    reply = page.locator("#findings form:has(button[value=close])")
    reply.locator("textarea").fill("核对野帐，关闭。")
    reply.locator("button[value=close]").click()
    page.locator("#findings .good").first.wait_for()
    assert Finding.objects.get().state == "CLOSED"


def monitor(walk, cast, one, tmp_path):
    page = walk.desk(cast.owner.initiator)
    page.goto(f"{walk.home}/desk/developments/{one.code}/periods/new")
    page.locator("[name=first]").fill("2022-01-01")
    page.locator("[name=last]").fill("2025-12-31")
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/periods/*")
    period = Monitoring.objects.get()
    cast.stamp(one, SPAN)  # forty-eight months, one by one
    bundle = tmp_path / "bundle.json"
    run = chifeng.run(
        "demonstration",
        changes={
            "period": {"start": "2022-01-01", "end": "2025-12-31"},
            "crediting": {"start": "2021-01-01", "end": "2040-12-31"},
        },
    )
    bundle.write_bytes(run.bundle())
    assert json.loads(bundle.read_bytes())["result"]["tonnes"] > 1000
    page = walk.at(cast.owner.initiator, period)
    page.locator("input[name=bundle]").set_input_files(bundle)
    page.locator("button[value=bundle]").click()
    page.locator("#run").wait_for()
    assert fresh(period).quantity_kg == run.verified_kg
    page.locator("select[name=verifier]").select_option(cast.verifier.organisation.uscc)
    page.locator("button[value=verifier]").click()
    page.locator("#run").wait_for()
    walk.write(cast.owner, period, "REPORT")
    walk.hand_in(cast.owner, period, "DATA")
    return fresh(period)


def share_out(walk, cast, project):
    """The first sale is entered and shared out; the county pays the villages, a household confirms."""
    now, company, county = timezone.now(), cast.owner, cast.county
    rows = [
        roll.Row(village_code="150404101", village="甲嘎查", key="001", name="张三", weight=60, citizen=CITIZEN,
                 bank="农商行", account="6228480000000011"),
        roll.Row(village_code="150404101", village="甲嘎查", key="002", name="李四", weight=40, bank="农商行",
                 account="6228480000000012"),
    ]  # fmt: skip
    entered = roll.enter(
        project=project, source="权属登记台账", rows=rows, mandate=county.initiator, reference="roll-1", at=now
    )
    proposal = split.propose(
        project=project, county=county.organisation, terms=splitting.Terms(city=3, county=7), roll=entered,
        effective_from=now.date(), basis="赤政办发〔2024〕59号", pack="cn-chifeng-sinks-2024",
        mandate=company.initiator, reference="split-1", at=now,
    )  # fmt: skip
    for party in (company, county):
        held = [one for one in split.waiting(proposal, now) if one.organisation_id == party.organisation.pk]
        asked = (held or [split.sign(proposal=proposal, mandate=party.initiator, reference="split-2", at=now)])[0]
        shares_second.confirm(asked=asked, mandate=party.confirmer, at=now)
    page = walk.desk(company.initiator)
    page.goto(f"{walk.home}/sharing-out/desk/{project.number}/sale")
    page.locator("[name=contract]").fill("HT-2026-01")
    page.locator("[name=buyer]").fill("演示钢铁公司")
    page.locator("[name=quantity_t]").fill("1000")
    page.locator("[name=amount]").fill("60000.07")
    page.locator("main form .btn-primary").click()
    confirm_share(walk, page, company)
    sold = Sale.objects.latest("pk")
    page = walk.desk(county.initiator)
    page.goto(f"{walk.home}/sharing-out/sales/{sold.pk}")
    page.locator("button[value=HOLDERS]").click()
    confirm_share(walk, page, county)
    return sold


def confirm_share(walk, page, party):
    """A colleague opens what was asked for and signs."""
    page.wait_for_url("**/sharing-out/asked/*")
    second = walk.desk(party.confirmer)
    second.goto(page.url)
    second.locator("button[value=confirm]").click()
    second.locator("button[value=confirm]").wait_for(state="detached")


def receive(walk, cast, sold):
    """A villager, known by her document, sees her share on a page of her own and says that it came."""
    villager = world.person(name="张三", password=PASSWORD)
    bound = realname.bind(person=villager, kind="CITIZEN", number=CITIZEN, at=timezone.now(), by=villager)
    bound.checked_at, bound.checked_by = timezone.now(), cast.operator.initiator.membership.person
    bound.save()
    page = walk.desk(villager)
    page.goto(f"{walk.home}/sharing-out/mine")
    page.locator("main a[href*='/sharing-out/mine/']").first.click()
    page.locator("button[value=receive]").click()
    page.locator("button[value=receive]").wait_for(state="detached")
    return Receipt.objects.filter(line__sale=sold)


def test_a_chifeng_afforestation_goes_from_parcels_to_the_first_distribution(walk, cast, tmp_path):
    survey = import_parcels(walk, cast, tmp_path)
    assert survey.counts["good"] == 6

    one = draft(walk, cast)
    assert one.boundaries.count() == 6
    one = walk.take(cast.owner, one, "submit_county")
    one = walk.take(cast.county, one, "approve_county")
    one = walk.take(cast.city, one, "file_city")
    assert one.state == "CLEARED"
    walk.write(cast.owner, one, "DESIGN")
    one = walk.take(cast.owner, one, "publish")
    assert one.state == "PDD_PUBLICITY"
    comment(walk, one, "项目会不会影响放牧通道？")
    answer(walk, cast, one, "已避开放牧通道，见设计文件。")
    one = pass_time(one)
    assert one.state == "VALIDATION"
    one = report(walk, cast.validator, one)
    assert one.state == "VALIDATED_POS"
    walk.write(cast.owner, one, "APPLICATION")
    walk.hand_in(cast.owner, one, "COMMITMENT")
    one = walk.take(cast.owner, one, "apply")
    one = walk.take(cast.operator, one, "register")
    assert one.state == "REGISTERED"

    period = monitor(walk, cast, one, tmp_path)
    period = walk.take(cast.owner, period, "publish")
    period = pass_time(period)
    assert period.state == "VERIFICATION"
    sample(walk, cast.verifier, period)
    find_and_close(walk, cast, period)
    period = report(walk, cast.verifier, period)
    assert period.state == "VERIFIED"
    page = walk.at(cast.owner.initiator, period)
    page.locator("button[value=quantity]").click()
    page.locator("#run").wait_for()
    walk.write(cast.owner, period, "ISSUE_FORM")
    walk.hand_in(cast.owner, period, "ISSUE_COMMIT")
    period = walk.take(cast.owner, period, "apply")
    period = walk.take(cast.operator, period, "issue")
    assert period.state == "ISSUED"
    assert Batch.objects.filter(issuance__period=period.period).exists()

    sold = share_out(walk, cast, one.registered)
    lines = ShareLine.objects.filter(sale=sold)
    assert sum(line.fen for line in lines if line.tier == "CITY") == 6_000_007 * 3 // 10
    received = receive(walk, cast, sold).get()
    assert received.line.fen == 2_520_003  # three fifths of the county's seven tenths, to the last fen
    public = walk.desk(cast.owner.initiator)
    public.goto(f"{walk.home}/sharing-out/{one.registered.number}")
    public.get_by_text("60,000.07").first.wait_for()
    assert len(walk.desk.pages) >= 7  # people, each signed in as themselves
