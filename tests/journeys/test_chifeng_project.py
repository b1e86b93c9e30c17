"""An afforestation near Chifeng, from the import of its parcels to the first money in the villages.

The city's company drafts, county and city agree, the public comments, one body validates, the register registers,
another body verifies, units are issued, and the first sale is shared out by a rule both sides signed. Each signs in as
themselves.
"""

import datetime as dt
import json

import pytest
from django.utils import timezone
from tests import world
from tests.journeys import walking
from tests.journeys.conftest import PASSWORD, PHONE
from tests.projects import cycling, surveying
from tests.projects.cycling import fresh
from tests.projects.sharing import CITIZEN

from tanhui.identity.acts import realname
from tanhui.kernel.period import Period as Days
from tanhui.methods.demonstration import chifeng
from tanhui.projects.models import Monitoring, Receipt, ShareLine
from tanhui.registry.models import Batch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OPENED = {
    "name": "松山区退化沙地造林碳汇项目", "profile": "ccer", "scheme": "CCER", "methodology": "CCER-14-001-V01",
    "division_code": "150404",
}  # fmt: skip
SPAN = Days(dt.date(2022, 1, 1), dt.date(2026, 1, 1))
ROLL = "\n".join(
    [
        f"150404101\t甲嘎查\t001\t张三\t60\t{CITIZEN}\t农商行\t6228480000000011",
        "150404101\t甲嘎查\t002\t李四\t40\t\t农商行\t6228480000000012",
    ]
)


def monitor(walk, cast, one):
    page = walk.go(cast.owner.initiator, f"/desk/developments/{one.code}/periods/new")
    page.locator("[name=first]").fill("2022-01-01")
    page.locator("[name=last]").fill("2025-12-31")
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/periods/*")
    period = Monitoring.objects.get()
    cast.stamp(one, SPAN)  # forty-eight months, one by one
    bundle = walk.folder / "bundle.json"
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
    walk.sees(cast.owner.initiator, f"/desk/developments/periods/{period.code}", f"/desk/developments/{one.code}")
    return fresh(period)


def share_out(walk, cast, project):
    """The county enters its roll, both sides sign the rule, the first sale is entered and shared out."""
    roll = walk.enter_roll(cast.county, project, ROLL, source="权属登记台账")
    rule = walk.agree_on_a_split(
        cast.owner, cast.county, project, roll, pack="cn-chifeng-sinks-2024", basis="赤政办发〔2024〕59号"
    )
    assert (rule.terms["city"], rule.terms["county"], rule.roll) == (3, 7, roll)
    return walk.sell(
        cast.owner, cast.county, project, contract="HT-2026-01", buyer="演示钢铁公司", tonnes=1000, amount="60000.07"
    )


def villager(cast):
    """Whose document the register has checked."""
    person = world.person(name="张三", password=PASSWORD)
    bound = realname.bind(person=person, kind="CITIZEN", number=CITIZEN, at=timezone.now(), by=person)
    bound.checked_at, bound.checked_by = timezone.now(), cast.operator.initiator.membership.person
    bound.save()
    return person


def test_a_chifeng_afforestation_goes_from_parcels_to_the_first_distribution(walk, cast):
    content = surveying.shape(surveying.squares(6), cpg=True)
    survey = walking.import_parcels(walk, cast.owner, content, name="松山区森林小班", kind="SUBCOMPARTMENT", year=2025)
    assert survey.counts["good"] == 6

    named = {
        "validator": cast.validator.organisation.uscc, "county": cast.county.organisation.uscc,
        "city": cast.city.organisation.uscc,
    }  # fmt: skip
    one = walking.draft(walk, cast.owner, OPENED, cycling.FILLED | named)
    assert one.boundaries.count() == 6
    one = walk.take(cast.owner, one, "submit_county")
    one = walk.take(cast.county, one, "approve_county")
    one = walk.take(cast.city, one, "file_city")
    assert one.state == "CLEARED"
    walk.write(cast.owner, one, "DESIGN")
    one = walk.take(cast.owner, one, "publish")
    assert one.state == "PDD_PUBLICITY"
    herdsman = world.person(name="牧民巴特尔", password=PASSWORD)
    walk.desk(herdsman, viewport=PHONE)
    walk.looks_right(walk.comment(one, herdsman, "项目会不会影响放牧通道？"))
    walk.answer(cast.owner, one, "已避开放牧通道，见设计文件。")
    one = walking.pass_time(one)
    assert one.state == "VALIDATION"
    one = walk.report(cast.validator, one)
    assert one.state == "VALIDATED_POS"
    walk.write(cast.owner, one, "APPLICATION")
    walk.hand_in(cast.owner, one, "COMMITMENT")
    one = walk.take(cast.owner, one, "apply")
    one = walk.take(cast.operator, one, "register")
    assert one.state == "REGISTERED"

    period = monitor(walk, cast, one)
    period = walk.take(cast.owner, period, "publish")
    period = walking.pass_time(period)
    assert period.state == "VERIFICATION"
    walk.sample(cast.verifier, period)
    walk.find_and_close(
        cast.verifier, cast.owner, period, text="样地 101 的复测日期未注明。", requirement="CCER-14-001-V01 §8",
        reply="复测日期为 2025-09-12，已补注。",
    )  # fmt: skip
    period = walk.report(cast.verifier, period)
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
    her = villager(cast)
    walk.desk(her, viewport=PHONE)
    walk.receive(her)
    received = Receipt.objects.get(line__sale=sold)
    assert received.line.fen == 2_520_003  # three fifths of the county's seven tenths, to the last fen
    public = walk.go(herdsman, f"/sharing-out/{one.registered.number}")
    public.get_by_text("60,000.07").first.wait_for()
    walk.looks_right(public)
    walk.sees(herdsman, f"/developments/{one.code}", f"/developments/periods/{period.code}")
    assert len(walk.pages) >= 7  # people, each signed in as themselves
