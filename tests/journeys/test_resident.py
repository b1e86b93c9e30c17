"""A resident and a phone: an account by mobile number, a day of real steps, why so many grams, a voucher, the end.

The steps are a volunteer's (../shared/data/personal), an hour an event, as the app of a wristband reports them. Days
pass by moving the clock; the settlement is the worker's own.
"""

import datetime as dt
import io
import json
import re
import urllib.request
import zipfile

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.utils import timezone
from tests.inclusion import city as cities
from tests.inclusion import shops
from tests.journeys.conftest import PASSWORD, PHONE

from tanhui.inclusion import tasks
from tanhui.inclusion.acts import batches, providers, settling
from tanhui.inclusion.models import Account, Day, Holder, Pseudonym, Settlement, Voucher
from tanhui.kernel import clock
from tanhui.tally import lake
from tanhui.ui import qr

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VOLUNTEER, WORN_ON = 1503960366, dt.date(2016, 4, 13)
MOBILE, NAME = "13800138000", "周小舟"
DAY = dt.timedelta(days=1)
BEIJING = dt.timezone(dt.timedelta(hours=8))
LEAST = 285  # steps of an hour that make the 200 m from which the methodology counts
CAP_G = 296
WALKING = {
    "code": "walking", "name": "步行", "methodology": "walking/v01", "steps": True, "ease": 2,
    "summary": "手环或手机计步折算的步行里程，每日设上限。",
}  # fmt: skip


class Calendar:
    """The clock of the whole process, moved to where a test wants it; from there it runs on."""

    def __init__(self, patch):
        self.real, self.shift = timezone.now, dt.timedelta()
        patch.setattr(timezone, "now", lambda: self.real() + self.shift)

    def move(self, day, hour):
        self.shift = dt.datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING) - self.real()


@pytest.fixture
def calendar(monkeypatch):
    return Calendar(monkeypatch)


@pytest.fixture
def city(db, tmp_path, settings, calendar):
    """Walking in operation since last week, a shop with an offer, and the evening before the day of the steps."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS, settings.TANHUI_LAKE_BUCKETS = tmp_path, tmp_path / "secrets", 4
    settings.TANHUI_MODE = "demonstration"
    today = clock.day(calendar.real())
    calendar.move(today - 9 * DAY, 9)
    city, now = cities.found(), timezone.now()
    one = city.publish(city.apply(at=now, **WALKING), at=now)
    terms = {"since": today - 30 * DAY, "until": today + 300 * DAY, "name": "演示手环"}
    provider = city.enter(one, at=now, **terms)
    rows = [
        event(f"{number + 1:032d}", f"t{number}", clock.day(now) - DAY, number % 12 + 6, 900) for number in range(10)
    ]
    batches.take(provider=provider, way="HTTP", reference="trial", body=cities.lines(*rows), at=now)
    city.provider = providers.turn(provider=provider, state="LIVE", mandate=city.operator.initiator, at=now)
    city.scenario = city.step(city.step(one, "connect", at=now), "operate", at=now)
    _, city.token = providers.issue(provider=provider, label="手环", mandate=city.company.initiator, at=now)
    city.shop = shops.shop(city.operator, until=today + 300 * DAY)
    person = city.shop.initiator.membership.person
    person.set_password(PASSWORD)
    person.save()
    bag = {"title": "可降解购物袋一只", "points": 20, "worth_fen": 150, "until": today + 100 * DAY}
    city.offer = shops.offer(city.shop, city.operator, **bag)
    calendar.move(today - 2 * DAY, 20)
    return city


def event(mark, key, day, hour, steps):
    began = dt.datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING)
    return {
        "key": key, "person": mark, "scenario": "walking", "unit": "step", "quantity": steps,
        "began_at": began.isoformat(), "ended_at": (began + dt.timedelta(minutes=59)).isoformat(),
    }  # fmt: skip


def worn(shared):
    """The steps of each hour of the volunteer's day."""
    table = pq.read_table(
        shared / "data/personal/fitbit_minute_steps.parquet",
        filters=[
            ("user_id", "=", VOLUNTEER), ("ts", ">=", dt.datetime.combine(WORN_ON, dt.time())),
            ("ts", "<", dt.datetime.combine(WORN_ON + DAY, dt.time())),
        ],
    )  # fmt: skip
    assert len(table) == 1_440
    hours = table.append_column("hour", pc.hour(table["ts"])).group_by("hour").aggregate([("steps", "sum")])
    return {one["hour"]: one["steps_sum"] for one in hours.to_pylist() if one["steps_sum"]}


class Resident:
    """Somebody with a phone."""

    def __init__(self, walk, calendar):
        self.walk, self.calendar = walk, calendar
        self.page = walk.open_page(viewport=PHONE, has_touch=True, is_mobile=True)

    def go(self, there):
        self.page.goto(self.walk.home + there)
        return self.looks_right()

    def looks_right(self):
        """What the eye sees is right, and a thumb hits what is to be hit."""
        self.walk.looks_right(self.page)
        small = self.page.evaluate(TOO_SMALL)
        assert not small, f"{self.page.url}: {small}"
        return self.page

    def enter(self):
        """By the code that is sent to the number."""
        page = self.go("/carbon/open")
        page.get_by_label("手机号").fill(MOBILE)
        page.locator("button[value=phone]").click()
        said = page.locator(".notice", has_text="演示").inner_text()
        page.get_by_label("短信验证码").fill(re.search(r"\d{6}", said)[0])
        self.looks_right()
        page.locator("button[value=code]").click()

    def open(self):
        self.enter()
        page = self.page
        page.get_by_label("姓名").fill(NAME)
        self.looks_right()
        page.locator("[name=agree]").check()
        page.locator("button[value=open]").click()
        page.wait_for_url("**/carbon/scenarios")

    def switch_on(self):
        page = self.looks_right()
        page.get_by_role("switch", name="步行", exact=True).click()
        switched = page.get_by_role("switch", name="步行", exact=True)
        assert switched.get_attribute("aria-checked") == "true"
        page.locator("#walking details").evaluate("one => { one.open = true }")
        return page.locator("#walking code.mark").inner_text().strip()

    def reads_why(self, day, hours):
        """From the account to the day, and each figure of its explanation."""
        steps = sum(hours.values())
        exact = sum(one for one in hours.values() if one >= LEAST) * 455 // 6_250  # 0.104 kg/km · 0.7 m
        assert exact > CAP_G
        page = self.go("/carbon")
        assert page.locator(".carbon-big .amount").first.inner_text().startswith(f"{CAP_G} g")
        page.locator(f".carbon-days a[href='/carbon/days/{day}']").click()
        self.looks_right()
        counted = sum(one for one in hours.values() if one >= LEAST)
        assert counted < steps
        said = re.sub(r"\s", "", page.locator("main").inner_text())
        for part in (
            f"为什么是{CAP_G}克", f"{counted:,}步", "0.104−0kgCO2e/pkm", "京津冀全部客运方式平均排放", f"{exact:,}克",
            f"每日上限{CAP_G}克", "walking/v01", "DB11/T3043-2024", "北京市朝阳区", "29分（每10克1分）",
        ):  # fmt: skip
            assert part in said, part

    def redeem(self, offer):
        """Points become a voucher; the text of its code and the address its QR says."""
        page = self.go("/carbon/points")
        page.locator("main").get_by_role("link", name="兑换权益").click()
        self.looks_right()
        page.get_by_role("link", name=offer.title).click()
        self.looks_right()
        page.locator("main form .btn-primary").click()
        page.wait_for_url("**/rewards/vouchers/*")
        self.looks_right()
        code = page.locator(".voucher-code code").inner_text().replace(" ", "").replace("-", "")
        there = f"{self.walk.home}/merchant/check?v={code}"
        drawn = page.locator(".qr path").evaluate_all("all => all.map(one => one.getAttribute('d'))")
        assert drawn
        assert drawn == re.findall(r' d="([^"]+)"', qr.svg(there))  # so that is what a camera reads there
        return there

    def takes_out(self):
        """Everything the account holds, opened."""
        page = self.go("/carbon/me")
        with page.expect_download() as download:
            page.get_by_role("button", name="下载我的数据").click()
        content = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
        page.reload()
        return content

    def closes(self):
        page = self.go("/carbon/me")
        page.locator("details:has(button[value=close])").evaluate("one => { one.open = true }")
        page.locator("[name=word]").fill("注销")
        self.looks_right()
        page.locator("button[value=close]").click()
        page.wait_for_url("**/carbon/receipts/*")
        self.looks_right()
        return page.locator("main").inner_text()


TOO_SMALL = """() => [...document.querySelectorAll(
    'main button, main .btn, main input:not([type=hidden]), main select, main textarea, main summary')]
  .filter(one => one.offsetParent && !one.matches('[type=checkbox], [type=radio], .copy'))
  .map(one => [one.textContent.trim().slice(0, 12) || one.name, Math.round(one.getBoundingClientRect().height)])
  .filter(([_, height]) => height < 44)"""


def send(walk, token, rows):
    asked = urllib.request.Request(
        f"{walk.home}/api/v1/inclusion/batches", cities.lines(*rows),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson", "Idempotency-Key": "day-1"},
    )  # fmt: skip
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def settle(day):
    """As the worker does at night."""
    tasks.settle_nightly()
    made = Settlement.objects.get(day=day)
    tasks.JOBS[settling.JOB](key=str(made.pk))
    made.refresh_from_db()
    assert made.state == "DONE", made.stop


def at_the_counter(walk, clerk, there):
    """The clerk's phone opens what its camera read, and hands over; a second time nothing is handed over."""
    page = walk.desk(clerk, viewport=PHONE)
    page.goto(there)
    walk.looks_right(page)
    page.locator("button[value=use]").click()
    page.locator("main .state", has_text="已使用").wait_for()
    walk.looks_right(page)
    assert not page.locator("button[value=use]").count()
    token = page.context.cookies()
    again = page.request.post(there, form={"code": there.rpartition("=")[2], "csrfmiddlewaretoken": csrf(token)})
    assert again.status == 409
    assert "已使用" in again.text()


def csrf(cookies):
    return next(one["value"] for one in cookies if "csrf" in one["name"])


def test_a_resident_walks_a_day_and_carries_a_bag_home(walk, city, calendar, shared):
    me = Resident(walk, calendar)
    me.open()
    mark = me.switch_on()
    account = Account.objects.get()
    assert Pseudonym.objects.get(account=account, provider=city.provider).value == mark

    walked_on = clock.day(timezone.now()) + DAY
    calendar.move(walked_on + DAY, 8)
    hours = worn(shared)
    told = send(walk, city.token, [event(mark, f"h{hour}", walked_on, hour, hours[hour]) for hour in hours])
    assert (told["received"], told["accepted"], told["refused"]) == (len(hours), len(hours), 0)
    settle(walked_on)
    assert Day.objects.get(account=account).grams == CAP_G

    me.enter()  # a night later nobody is signed in any more
    me.reads_why(walked_on, hours)
    there = me.redeem(city.offer)
    at_the_counter(walk, city.shop.initiator, there)
    assert Voucher.objects.get().state == "USED"

    archive = me.takes_out()
    held = json.loads(archive.read("account.json"))
    assert held["holder"] == {"name": NAME, "phone": MOBILE}
    assert [(one["day"], one["grams"]) for one in held["days"]] == [(walked_on.isoformat(), CAP_G)]
    assert [one["quantity"] for one in held["events"]] == [hours[hour] for hour in sorted(hours)]
    assert sum(one["points"] for one in held["claims"]) == 29
    said = me.closes()
    assert "注销并删除" in said
    assert not Holder.objects.exists()
    assert not Day.objects.exists()
    assert len(events(walked_on, account)) == len(hours)
    calendar.shift += dt.timedelta(minutes=20)
    tasks.erase_people()
    assert not len(events(walked_on, account))
    me.page.reload()
    me.page.get_by_role("link", name="查看行为明细删除回执").click()
    assert f"已删除行为记录（条）\n{len(hours)}" in me.looks_right().locator("main").inner_text()
    me.page.goto(f"{walk.home}/carbon")
    assert "/login" in me.page.url  # nobody knows them any more


def events(day, account):
    return lake.events(lake.open(tasks.lakes.folder()), day, account.pk)
