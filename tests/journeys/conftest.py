"""What journeys need beside a browser: eyes that see badly, a small screen, and a register with some business in it."""

import datetime as dt
from types import SimpleNamespace

import pytest

PHONE = {"width": 390, "height": 844}
PASSWORD = "坡上种树-2026"
ORGANISATIONS = [
    ("operator", "12510000000000000E", "某省碳汇登记中心", "REG"),
    ("validator", "91110000000000019B", "某认证中心有限公司", "VVB"),
    ("verifier", "911100000000000276", "某质量检验集团有限公司", "VVB"),
    ("farm", "915101000000000351", "某市农业投资集团有限公司", "OWN"),
    ("buyer", "91510100000000043U", "某某酒业股份有限公司", "PART"),
]


@pytest.fixture
def looks_right():
    """Checks the page that is open: axe finds nothing serious, and nothing sticks out of the screen."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def check(page):
        found = axe.run(page).response["violations"]
        serious = [
            f"{page.url} {one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:3]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert not serious, "\n".join(serious)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, f"{page.url} is {beyond} px wider than the screen"

    return check


@pytest.fixture
def register(db, tmp_path, settings):
    """An operator, a project of a farm with 1,000 t issued, and a buyer; two people and a password each.

    ``people`` maps sign-in names to people: ``farm-1`` initiates, ``farm-2`` confirms, and so for ``buyer`` and
    ``operator``. The log lies in a folder of its own.
    """
    from tanhui.identity.acts import enrolment
    from tanhui.journal import log
    from tanhui.kernel.period import Period
    from tanhui.registry.acts import account, issuance, project
    from tanhui.registry.acts.signing import Signatures

    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    log.read_key.cache_clear()
    at = dt.datetime(2026, 6, 5, 4, tzinfo=dt.UTC)
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    people, organisations, mandates = {}, {}, {}
    for name, uscc, called, role in ORGANISATIONS:
        one = enrolment.register_organisation(uscc=uscc, name=called, role=role, at=at)
        organisations[name] = one
        for number, capacity in ((1, "INITIATE"), (2, "CONFIRM")):
            username = f"{name}-{number}"
            person = enrolment.enrol(username=username, name=f"{called[:2]}{number}", password=PASSWORD, at=at)
            people[username] = person
            mandates[username] = enrolment.mandate(
                person=person, organisation=one, capacity=capacity, since_at=start, until_at=None, at=at
            )
    signed = Signatures(mandates["operator-1"], mandates["operator-2"])
    accounts = {
        name: account.open_account(organisation=organisations[name], signatures=signed, at=at)
        for name in ("operator", "farm", "buyer")
    }
    registered = project.register(
        number=1, name="某县退耕坡地造林碳汇项目", kind="造林", owner=organisations["farm"], scheme="TH", province="51",
        region="四川省某县", methodology="AR-CM-001-V01", methodology_version="V01", rule_pack="sc-2026",
        crediting=Period(dt.date(2021, 1, 1), dt.date(2041, 1, 1)), validator=organisations["validator"],
        signatures=signed, at=at,
    )  # fmt: skip
    period = project.verify(
        project=registered, span=Period(dt.date(2021, 1, 1), dt.date(2026, 1, 1)), verified_kg=1_000_731,
        verifier=mandates["verifier-1"], report_sha256="a" * 64, inputs_sha256="b" * 64, trace_sha256="c" * 64,
        demonstration=True, at=at,
    )  # fmt: skip
    issuance.issue(
        period=period, account=accounts["farm"], buffer=accounts["operator"],
        lots=[issuance.Lot(vintage=2025, quantity_t=1000, buffer_t=100)], window=issuance.Window(),
        reference="issue-1", signatures=signed, at=at,
    )  # fmt: skip
    yield SimpleNamespace(people=people, accounts=accounts, mandates=mandates, at=at)
    log.read_key.cache_clear()


@pytest.fixture
def log_in(live_server):
    """Signs a page in as one of the register's people."""

    def sign_in(page, username):
        page.goto(f"{live_server.url}/login")
        page.get_by_label("登录名").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.locator("main").get_by_role("button", name="登录").click()

    return sign_in
