import pytest

from tanhui.kernel import serials
from tanhui.registry.acts import lines, restriction, retirement, transfer
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Batch, SubAccount

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm(register):
    """The farm's issuance sub-account, and what it needs to give units away."""
    register.batch = Batch.objects.select_related("asset", "project__owner", "issuance__period").get()
    register.signatures = Signatures(register.mandates["farm-1"], register.mandates["farm-2"])
    register.source = SubAccount.objects.select_related("account__organisation").get(
        account=register.accounts["farm"], purpose="ISSUED"
    )
    return register


def retire(farm, tonnes=300):
    return retirement.retire(
        source=farm.source, wanted=[lines.Wanted(farm.batch, tonnes)], purpose="EVENT", reference=f"r-{tonnes}",
        beneficiary=retirement.Beneficiary("EVENT", "2026 某市马拉松"), signatures=farm.signatures, at=farm.at,
    )  # fmt: skip


def look_up(client, number):
    return client.get("/look-up", {"number": number})


def printed(farm, first=1, last=1000):
    return str(lines.printed(farm.batch, lines.Range(first, last)))


class TestASerial:
    def test_says_what_became_of_each_part_of_its_block(self, client, farm):
        retire(farm)

        page = look_up(client, printed(farm)).text

        assert all(text in page for text in ("0000000001 – 0000000300", "已注销", "2026 某市马拉松"))
        assert all(text in page for text in ("0000000301 – 0000000900", "持有中"))
        assert all(text in page for text in ("0000000901 – 0000001000", "缓冲量"))

    def test_is_forgiven_small_letters_and_full_width_digits(self, client, farm):
        typed = printed(farm).lower().replace("1", "１")

        assert look_up(client, typed).status_code == 200

    def test_with_a_slip_of_the_hand_is_refused_with_its_code(self, client, farm):
        right = printed(farm)
        answer = look_up(client, right[:-1] + ("A" if right[-1] != "A" else "B"))

        assert answer.status_code == 422
        assert "kernel.check_character_wrong" in answer.text

    def test_that_puts_real_numbers_under_another_project_is_exposed(self, client, farm):
        farm.batch.project.number = 2

        answer = look_up(client, printed(farm))

        assert (answer.status_code, "portal.other_block" in answer.text) == (404, True)

    def test_never_says_who_holds_living_units(self, client, farm):
        target = SubAccount.objects.select_related("account__organisation").get(
            account=farm.accounts["buyer"], purpose="HOLDING"
        )
        transfer.transfer(
            source=farm.source, target=target, wanted=[lines.Wanted(farm.batch, 100)], reference="t-1",
            signatures=farm.signatures, at=farm.at,
        )  # fmt: skip

        page = look_up(client, "50").text

        assert "已转让" in page
        assert farm.accounts["buyer"].organisation.name not in page
        assert farm.accounts["buyer"].code not in page


class TestAUnitNumber:
    def test_inside_a_retired_block_finds_its_certificate(self, client, farm):
        done = retire(farm)

        assert f"/certificates/{done.certificate}" in look_up(client, "0000000150").text

    def test_that_was_never_issued_is_refused(self, client, farm):
        answer = look_up(client, "1001")

        assert (answer.status_code, "portal.never_issued" in answer.text) == (404, True)

    def test_under_a_lock_is_shown_as_restricted(self, client, farm):
        restriction.place(
            kind="SUSPENSION", account=farm.accounts["farm"], units=[(farm.source, farm.batch.pk, lines.Range(11, 20))],
            authority=farm.accounts["operator"].organisation, document="（2026）第1号", document_sha256="d" * 64,
            until_at=None, reference="l-1", at=farm.at,
            signatures=Signatures(farm.mandates["operator-1"], farm.mandates["operator-2"]),
        )  # fmt: skip

        assert "持有中（受限）" in look_up(client, "11").text


class TestACertificateNumber:
    def test_leads_to_the_certificate(self, client, farm):
        done = retire(farm)

        answer = look_up(client, f" {done.certificate.lower()} ")

        assert answer.url == f"/certificates/{done.certificate}"
        assert client.get(answer.url).status_code == 200

    def test_that_was_never_issued_is_refused(self, client, farm):
        answer = look_up(client, str(serials.Certificate("EV", 2026, 99)))

        assert (answer.status_code, "portal.no_such_certificate" in answer.text) == (404, True)


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "<script>alert(1)</script>", "'; DROP TABLE", "9" * 400, "\u202e1", "𠮷"]
)
def test_anything_typed_gets_a_page(client, db, text):
    answer = look_up(client, text)

    assert answer.status_code in {200, 404, 422}
    assert "<script>alert" not in answer.text


def test_a_look_up_costs_the_same_however_many_parts_a_block_has(client, farm, django_assert_max_num_queries):
    for tonnes in range(1, 20):
        retire(farm, tonnes)

    with django_assert_max_num_queries(8):
        look_up(client, printed(farm))
