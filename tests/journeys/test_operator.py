"""An operator of carbon inclusion, from an agreement with a provider to units in the registry and money for rewards.

A company applies for a scenario that is pooled into units, it is assessed, published by two people and put into
operation with a provider that passed its trial. The provider's program sends three days over HTTP, with rows that are
wrong; the days are settled, corrected, settled again; a ride too fast to be true is decided; the pool becomes whole
tonnes, is verified and issued, and the hash in the registry is that of the settlements.
"""

import datetime as dt
import json
import re
import urllib.request

import pytest
from django.utils import timezone
from tests import world
from tests.inclusion import people
from tests.journeys.conftest import PASSWORD, PHONE

from tanhui.inclusion import consent_texts, tasks
from tanhui.inclusion.acts import consents
from tanhui.inclusion.models import Batch, Consent, Day, Pool, Provider, Pseudonym, Scenario, Settlement, Suspicion
from tanhui.journal import log, sequencer
from tanhui.journal.models import Entry
from tanhui.kernel import canonical, clock
from tanhui.kernel.period import Period as Days
from tanhui.registry.models import Batch as Units

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RESIDENTS, DAYS, METRES = 64, 3, 40_000
RIDE_G = METRES * 9 // 125  # 72 g a kilometre
APPLIED = {
    "code": "metro-pool", "name": "地铁出行（汇集）", "methodology": "metro/v01", "division_code": "110105",
    "region_name": "北京市朝阳区", "summary": "闸机记录即凭据，减排量汇集签发，收益用于奖励。",
}  # fmt: skip
AGREED = {
    "code": "metro-gates", "name": "地铁闸机数据", "agreement": "碳普惠数据〔2026〕7号",
    "purpose": "核算居民地铁出行减排量", "kinds": "进出站时间与里程", "retention_days": "30", "until": "2028-12-31",
}  # fmt: skip


class Company:
    """Everybody there is, and the clock of all of them."""

    def __init__(self, walk, at):
        self.walk, self.at = walk, at
        named = {"password": PASSWORD}
        self.operator = world.party("OPER", name="碳普惠运营中心", **named)
        self.assessor = world.party("TECH", name="低碳评估中心", **named)
        self.company = world.party("SCEN", name="轨道交通公司", **named)
        self.verifier = world.party("VVB", name="核查机构", **named)
        self.registry = world.operator(**named)
        self.owner = world.party("OWN", name="碳普惠减排项目公司", operator=self.registry, **named)
        today = clock.day(at)
        self.project = world.project(
            operator=self.registry, owner=self.owner, validator=world.party("VVB"), name="居民低碳出行汇集项目",
            kind="碳普惠", crediting=Days(dt.date(today.year, 1, 1), dt.date(today.year + 5, 1, 1)),
        )  # fmt: skip
        self.marks = []

    def press(self, who, there, do, **fields):
        """Fill a form in and press its button; the page after it."""
        page = self.walk.go(who, there)
        form = page.locator(f'main form:has(button[value="{do}"]), main form:has(input[name=do][value="{do}"])').first
        form.evaluate("form => { for (let d = form.closest('details'); d; d = null) d.open = true }")
        form.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
        for name, said in fields.items():
            fill(form, name, said)
        button = form.locator(f'button[value="{do}"]')
        with page.expect_navigation():
            (button if button.count() else form.locator("button")).first.click()
        return page

    def send(self, token, reference, rows):
        """As the provider's program does; the receipt."""
        body = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in rows)
        request = urllib.request.Request(
            f"{self.walk.home}/api/v1/inclusion/batches", data=body.encode(), method="POST",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": reference,
                     "Content-Type": "application/x-ndjson"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def fill(form, name, said):
    field = form.locator(f"[name={name}]").first
    kind = field.evaluate("one => one.tagName + ':' + one.type")
    if kind == "INPUT:checkbox":
        field.check()
    elif kind == "INPUT:radio":
        form.locator(f"[name={name}][value={said}]").check()
    elif kind == "INPUT:file":
        field.set_input_files(said)
    elif kind.startswith("SELECT"):
        field.select_option(said)
    else:
        field.fill(said)


def ride(mark, day, hour, key, **more):
    began = dt.datetime.combine(day, dt.time(hour), tzinfo=clock.SHANGHAI)
    return {
        "key": key, "person": mark, "scenario": APPLIED["code"], "unit": "m", "quantity": METRES,
        "began_at": began.isoformat(), "ended_at": (began + dt.timedelta(minutes=50)).isoformat(),
    } | more  # fmt: skip


def adds_up(receipt):
    parts = sum(receipt[name] for name in ("accepted", "duplicate", "refused", "waiting"))
    return receipt["received"] == parts


@pytest.fixture
def now(monkeypatch):
    """The clock of everybody, which the test sets forward; it begins five days ago."""
    real = timezone.now
    ahead = [dt.timedelta(days=-5)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: real() + ahead[0])

    def forward(**span):
        ahead[0] += dt.timedelta(**span)

    return forward


@pytest.fixture
def city(walk, now, db, tmp_path, settings):
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    settings.TANHUI_LAKE_BUCKETS = 2
    log.read_key.cache_clear()
    people.rules()
    yield Company(walk, timezone.now())
    log.read_key.cache_clear()


def open_the_scenario(city):
    """Applied for, assessed, published by two people; every page looks right."""
    walk = city.walk
    page = walk.go(city.company.initiator, "/scenarios/apply")
    walk.looks_right(page)
    for name, said in (APPLIED | {"field": "TRAVEL", "pooled": True}).items():
        fill(page.locator("main form"), name, said)
    with page.expect_navigation():
        page.locator("main form .btn-primary").click()
    desk = f"/desk/scenarios/{APPLIED['code']}"
    city.press(city.assessor.initiator, desk, "assess", reason="方法学适用，闸机记录可核，建议发布。")
    city.press(city.operator.initiator, desk, "propose")
    assert Scenario.objects.get().state == "ASSESSED"  # one signature is none
    walk.looks_right(city.press(city.operator.confirmer, desk, "confirm"))
    made = Scenario.objects.get()
    assert (made.state, made.pooled) == ("PUBLISHED", True)
    return desk


def connect_a_provider(city, desk):
    """The agreement is entered, the company has a secret, its trial passes, and the scenario begins."""
    walk = city.walk
    page = walk.go(city.operator.initiator, "/desk/providers/new")
    walk.looks_right(page)
    form = page.locator("main form")
    for name, said in AGREED.items():
        fill(form, name, said)
    fill(form, "organisation", str(city.company.organisation.pk))
    form.locator("[name=scenarios]").first.check()
    with page.expect_navigation():
        form.locator(".btn-primary").click()
    own = f"/scenarios/providers/{AGREED['code']}"
    page = city.press(city.company.initiator, own, "issue", label="闸机网关")
    token = page.locator(".notice.good code").inner_text()
    walk.looks_right(page)
    yesterday = clock.day(timezone.now()) - dt.timedelta(days=1)
    tried = city.send(token, "trial", [ride(f"{n:032d}", yesterday, 8, f"t{n}") for n in range(1, 13)])
    assert (tried["trial"], tried["accepted"]) == (True, 12)
    city.press(city.operator.initiator, f"/desk/providers/{AGREED['code']}", "turn")
    assert Provider.objects.get().state == "LIVE"
    city.press(city.operator.initiator, desk, "connect")
    city.press(city.operator.initiator, desk, "operate")
    assert Scenario.objects.get().state == "OPERATING"
    return token


def consent(city):
    """People who switch the scenario on; the provider knows each by a mark of its own."""
    one = Scenario.objects.get()
    for _ in range(RESIDENTS):
        account, _ = people.resident(at=timezone.now())
        consents.turn(
            account=account, scenario=one, kind=Consent.Kind.GENERAL, on=True, text_version=consent_texts.CURRENT,
            at=timezone.now(),
        )  # fmt: skip
    city.marks = list(Pseudonym.objects.order_by("account_id").values_list("value", flat=True))


def send_the_days(city, token, days):
    """Three days with rows that are wrong: each has its reason, the good ones are kept, and the receipt adds up."""
    rows = [
        ride(mark, day, hour, f"{day:%d}-{number}-{hour}")
        for day in days for number, mark in enumerate(city.marks) for hour in (8, 18)
    ]  # fmt: skip
    good = len(rows)
    wrong = [
        ride(city.marks[0], days[0], 11, "negative", quantity=-5),
        ride("f" * 32, days[0], 11, "stranger"),
        ride(city.marks[0], days[0], 11, "unit", unit="km"),
        ride(city.marks[0], days[0] - dt.timedelta(days=400), 11, "ancient"),
        "{ half a line",
    ]
    fast = ride(city.marks[1], days[1], 13, "too-fast", quantity=60_000)
    fast["ended_at"] = (dt.datetime.fromisoformat(fast["began_at"]) + dt.timedelta(minutes=5)).isoformat()
    sent = [*rows, *wrong, rows[0], fast]
    receipt = city.send(token, "days", sent)
    assert adds_up(receipt)
    assert (receipt["received"], receipt["accepted"]) == (len(sent), good + 1)
    assert (receipt["refused"], receipt["duplicate"]) == (len(wrong), 1)
    assert {one["key"] for one in receipt["rows"]} >= {"negative", "stranger", "unit", "ancient"}
    assert city.send(token, "days", sent) == receipt  # sent again, it is the same batch
    page = city.walk.go(city.company.initiator, f"/scenarios/batches/{receipt['batch']}")
    page.locator("main").get_by_text("negative").first.wait_for()
    city.walk.looks_right(page)
    city.walk.looks_right(city.walk.go(city.operator.initiator, f"/desk/providers/{AGREED['code']}"))
    return rows


def settle(city, day):
    """The operator asks for it, the worker does it."""
    city.press(city.operator.initiator, "/desk/settlements", "settle", day=day.isoformat())
    asked = Settlement.objects.get(state="ASKED")
    tasks.settle(str(asked.pk))
    asked.refresh_from_db()
    assert asked.state == "DONE", asked.stop
    return asked


def correct(city, token, rows, day):
    """One ride was shorter and one was refunded: settled again, the difference alone is posted."""
    shorter, refunded = rows[0], rows[3]
    before = Settlement.objects.get(day=day).grams
    receipt = city.send(token, "corrections", [
        shorter | {"revision": 2, "reason": "里程更正", "quantity": 20_000},
        refunded | {"revision": 2, "reason": "退票", "withdrawn": True},
    ])  # fmt: skip
    assert (receipt["accepted"], receipt["corrections"], receipt["withdrawals"], receipt["late"]) == (2, 1, 1, 2)
    again = settle(city, day)
    assert (again.run, again.changed_days) == (2, 2)
    assert again.grams == before - RIDE_G // 2 - RIDE_G
    untouched = Day.objects.filter(day=day, settlement=again).count()
    assert untouched == 2  # nobody else was posted anew


def decide(city, day):
    held = Suspicion.objects.get()
    assert (held.rule, held.key) == ("tally.speed", "too-fast")
    page = city.walk.go(city.operator.initiator, "/desk/suspicions")
    city.walk.looks_right(page)
    with page.expect_navigation():
        page.locator("main tbody a").first.click()
    city.walk.looks_right(page)
    city.press(
        city.operator.initiator, f"/scenarios/held-back/{held.pk}", "rule", outcome="REFUSED", reason="该时段无此列车。"
    )
    again = settle(city, day)
    held.refresh_from_db()
    assert (held.state, again.changed_days) == ("REFUSED", 0)


def pool(city, days):
    """Two people gather a month into whole tonnes; a verifier signs for them."""
    walk = city.walk
    month = days[-1] - dt.timedelta(days=30)
    page = walk.go(city.operator.initiator, "/desk/pooling")
    walk.looks_right(page)
    page.locator("main details").last.evaluate("one => { one.open = true }")
    form = page.locator("main form").last
    fill(form, "scenario", str(Scenario.objects.get().pk))
    fill(form, "project", str(city.project.pk))
    fill(form, "first", month.isoformat())
    fill(form, "last", days[-1].isoformat())
    with page.expect_navigation():
        form.locator(".btn-primary").click()
    there = page.url.removeprefix(walk.home)
    walk.looks_right(city.press(city.operator.confirmer, there, "confirm"))
    walk.looks_right(city.press(city.verifier.initiator, there, "verify", report=walk.paper()))
    made = Pool.objects.get()
    assert (made.state, made.tonnes, made.people) == ("VERIFIED", 1, RESIDENTS)
    assert made.grams == sum(Day.objects.values_list("grams", flat=True))
    return made, there


def issue(city, made, there):
    """Two people of the registry; anybody then follows the units back to the hashes of the settlements in the log."""
    city.press(city.registry.initiator, there, "issue")
    assert not Units.objects.exists()
    page = city.press(city.registry.confirmer, there, "confirm_issue")
    city.walk.looks_right(page)
    units = Units.objects.get()
    assert (units.quantity_t, world.free_t(city.owner.issued)) == (1, 1)
    sequencer.sequence(at=timezone.now())
    said = [json.loads(bytes(one.leaf))["fact"] for one in Entry.objects.filter(kind="inclusion.day_settled")]
    last = {one["day"]: one["results_sha256"] for one in said}  # later runs come later
    evidence = [[one.day.isoformat(), str(one.settlement_id), last[one.day.isoformat()], one.grams]
                for one in made.gathered.order_by("day")]  # fmt: skip
    assert units.issuance.period.inputs_sha256 == made.evidence_sha256 == canonical.sha256(evidence)
    page = city.walk.open_page(viewport=PHONE)
    page.goto(f"{city.walk.home}/batches/{units.asset.code}")
    page.locator("main").get_by_text(city.project.name).first.wait_for()


def sell(city, there):
    """What the units earned is back in the budget of rewards."""
    city.press(city.operator.initiator, there, "earned", sale="HJ-2026-01", tonnes="1", yuan="80")
    city.press(city.operator.confirmer, there, "sign")
    page = city.walk.go(city.operator.initiator, "/desk/settlements")
    city.walk.looks_right(page)
    assert re.search(r"80\.00", page.locator("main").inner_text())


def test_an_operator_connects_settles_corrects_and_turns_what_people_saved_into_units(city, now):
    desk = open_the_scenario(city)
    token = connect_a_provider(city, desk)
    consent(city)
    begun = clock.day(timezone.now())
    now(days=DAYS + 1)
    city.walk.pages.clear()  # days went by: everybody signs in anew
    days = [begun + dt.timedelta(days=1 + number) for number in range(DAYS)]
    rows = send_the_days(city, token, days)
    for day in days:
        settle(city, day)
    assert Settlement.objects.filter(state="DONE").count() == DAYS
    correct(city, token, rows, days[0])
    decide(city, days[1])
    made, there = pool(city, days)
    issue(city, made, there)
    sell(city, there)
    assert Batch.objects.filter(sandbox=False).count() == 2
