"""From a holding to a certificate through the pages: one person initiates, another confirms."""

import datetime as dt

import pytest
from tests.journeys.conftest import PHONE

from tanhui.cli import main
from tanhui.journal import sequencer
from tanhui.registry.models import Retirement, Transfer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def initiate_retirement(page, live_server, account, tonnes="300"):
    page.goto(f"{live_server.url}/accounts/{account.code}/retire")
    page.get_by_label("数量（吨）").fill(tonnes)
    page.get_by_label("用途").select_option("EVENT")
    page.get_by_label("活动", exact=True).check()
    page.get_by_label("活动名称").fill("2026 某市马拉松")
    page.get_by_role("button", name="核对具体编号").click()


def test_a_retirement_needs_two_people_and_ends_in_a_certificate(open_page, live_server, register, log_in, looks_right):
    first = open_page()
    log_in(first, register.owner.initiator)
    first.goto(f"{live_server.url}/accounts/{register.owner.account.code}")
    looks_right(first)
    initiate_retirement(first, live_server, register.owner.account)
    looks_right(first)
    assert "0000000001-0000000300" in first.locator("main").inner_text()
    assert Retirement.objects.count() == 0
    first.get_by_role("button", name="发起").click()
    looks_right(first)

    assert "您是发起人，不能再由您确认" in first.locator("main").inner_text()
    assert first.get_by_role("button", name="确认").count() == 0
    assert Retirement.objects.count() == 0

    second = open_page(viewport=PHONE)
    log_in(second, register.owner.confirmer)
    second.goto(f"{live_server.url}/instructions")
    looks_right(second)
    second.get_by_role("link", name="注销 300 吨").click()
    looks_right(second)
    assert "0000000001-0000000300" in second.locator("main").inner_text()
    second.get_by_role("button", name="确认并执行").click()
    sequencer.sequence(at=dt.datetime.now(dt.UTC))
    second.get_by_role("link", name=Retirement.objects.get().certificate).click()
    looks_right(second)

    text = second.locator("main").inner_text()
    assert "2026 某市马拉松" in text
    assert "300" in text
    assert "tanhui verify" in text


def test_a_transfer_of_chosen_serials_reaches_the_buyer(open_page, live_server, register, log_in, looks_right):
    page = open_page()
    log_in(page, register.owner.initiator)
    page.goto(f"{live_server.url}/accounts/{register.owner.account.code}/transfer")
    looks_right(page)
    page.get_by_label("转入账户").fill(register.buyer.account.code.lower())
    page.get_by_label("数量（吨）").fill("１００")
    page.get_by_label("指定编号").fill("201-300")
    page.get_by_role("button", name="核对具体编号").click()
    assert register.buyer.organisation.name in page.locator("main").inner_text()
    page.get_by_role("button", name="发起").click()
    page.get_by_role("button", name="退出登录").click()

    log_in(page, register.owner.confirmer)
    page.goto(f"{live_server.url}/instructions")
    page.get_by_role("link", name="转让 100 吨").click()
    page.get_by_role("button", name="确认并执行").click()
    assert Transfer.objects.get().quantity_t == 100
    page.get_by_role("button", name="退出登录").click()

    log_in(page, register.buyer.initiator)
    page.goto(f"{live_server.url}/account")
    looks_right(page)
    assert "100" in page.locator("table").inner_text()


def test_a_rejection_frees_the_units_and_gives_its_reason(open_page, live_server, register, log_in, looks_right):
    first, second = open_page(), open_page()
    log_in(first, register.owner.initiator)
    initiate_retirement(first, live_server, register.owner.account, tonnes="900")
    first.get_by_role("button", name="发起").click()
    log_in(second, register.owner.confirmer)
    second.goto(first.url)
    second.get_by_label("原因").fill("活动延期")
    second.get_by_role("button", name="驳回").click()

    first.reload()
    looks_right(first)
    assert "活动延期" in first.locator("main").inner_text()
    first.goto(f"{live_server.url}/account")
    assert "900" in first.locator("tbody").inner_text()


@pytest.mark.parametrize(
    ("tonnes", "said"), [("1.5", "kernel.not_whole"), ("-3", "kernel.negative"), ("901", "ledger.not_enough_held")]
)
def test_a_quantity_that_cannot_be_is_refused_beside_its_field(page, live_server, register, log_in, tonnes, said):
    log_in(page, register.owner.initiator)
    initiate_retirement(page, live_server, register.owner.account, tonnes=tonnes)

    assert said in page.get_by_role("alert").inner_text()
    assert page.locator("#id_tonnes_error").count() == 1
    assert page.get_by_label("活动名称").input_value() == "2026 某市马拉松"


def test_nobody_sees_another_organisations_account_or_instruction(open_page, live_server, register, log_in):
    first = open_page()
    log_in(first, register.owner.initiator)
    initiate_retirement(first, live_server, register.owner.account)
    first.get_by_role("button", name="发起").click()
    stranger = open_page()
    log_in(stranger, register.buyer.confirmer)

    for address in (f"{live_server.url}/accounts/{register.owner.account.code}", first.url):
        assert stranger.goto(address).status == 404


def test_a_person_without_the_mandate_is_told_so(page, live_server, register, log_in, looks_right):
    log_in(page, register.owner.confirmer)
    answer = page.goto(f"{live_server.url}/accounts/{register.owner.account.code}/retire")
    looks_right(page)

    assert answer.status == 403
    assert "identity.capacity_missing" in page.get_by_role("alert").inner_text()


def test_a_certificate_and_its_proof_verify_without_the_server(page, live_server, register, log_in, tmp_path):
    done = register.retire(300)
    sequencer.sequence(at=register.at)
    page.goto(f"{live_server.url}/certificates/{done.certificate}")

    for name in ("下载 PDF", "下载证明文件（JSON）"):
        with page.expect_download() as started:
            page.get_by_role("link", name=name).click()
        file = tmp_path / started.value.suggested_filename
        started.value.save_as(file)
        assert main.main(["verify", str(file)]) == 0


def test_a_statement_and_a_holding_certificate_are_papers(page, live_server, register, log_in):
    log_in(page, register.owner.confirmer)
    page.goto(f"{live_server.url}/account")

    for name in ("下载对账单", "下载 PDF"):
        with page.expect_download() as started:
            page.get_by_text(name, exact=True).click()
        assert started.value.path().read_bytes().startswith(b"%PDF-")


def test_a_fresh_retirement_says_that_its_proof_is_being_made(page, live_server, register, looks_right):
    done = register.retire(300)
    page.goto(f"{live_server.url}/certificates/{done.certificate}/pdf")
    looks_right(page)

    assert "证明正在生成" in page.locator("main").inner_text()
