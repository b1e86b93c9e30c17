import pytest

from tanhui.kernel import serials
from tanhui.registry.acts import lines, restriction

pytestmark = pytest.mark.django_db


def look_up(client, number):
    return client.get("/look-up", {"number": number})


def printed(register, first=1, last=1000):
    return str(lines.printed(register.batch, lines.Range(first, last)))


class TestASerial:
    def test_says_what_became_of_each_part_of_its_block(self, client, register):
        register.retire(300)

        page = look_up(client, printed(register)).text

        assert all(text in page for text in ("0000000001 – 0000000300", "已注销", "城市马拉松"))
        assert all(text in page for text in ("0000000301 – 0000000900", "持有中"))
        assert all(text in page for text in ("0000000901 – 0000001000", "缓冲量"))

    def test_is_forgiven_small_letters_and_full_width_digits(self, client, register):
        typed = printed(register).lower().replace("1", "１")

        assert look_up(client, typed).status_code == 200

    def test_with_a_slip_of_the_hand_is_refused_with_its_code(self, client, register):
        right = printed(register)
        answer = look_up(client, right[:-1] + ("A" if right[-1] != "A" else "B"))

        assert answer.status_code == 422
        assert "kernel.check_character_wrong" in answer.text

    def test_that_puts_real_numbers_under_another_project_is_exposed(self, client, register):
        register.batch.project.number = 2

        answer = look_up(client, printed(register))

        assert (answer.status_code, "portal.other_block" in answer.text) == (404, True)

    def test_never_says_who_holds_living_units(self, client, register):
        register.transfer(100)

        page = look_up(client, "50").text

        assert "已转让" in page
        assert register.buyer.organisation.name not in page
        assert register.buyer.account.code not in page


class TestAUnitNumber:
    def test_inside_a_retired_block_finds_its_certificate(self, client, register):
        done = register.retire(300)

        assert f"/certificates/{done.certificate}" in look_up(client, "0000000150").text

    def test_that_was_never_issued_is_refused(self, client, register):
        answer = look_up(client, "1001")

        assert (answer.status_code, "portal.never_issued" in answer.text) == (404, True)

    def test_under_a_lock_is_shown_as_restricted(self, client, register):
        restriction.place(
            kind="SUSPENSION", account=register.owner.account, document="（2026）第1号", document_sha256="d" * 64,
            units=[(register.owner.issued, register.batch.pk, lines.Range(11, 20))],
            authority=register.operator.organisation, until_at=None, reference="l-1", at=register.at,
            signatures=register.operator.signatures,
        )  # fmt: skip

        assert "持有中（受限）" in look_up(client, "11").text


class TestACertificateNumber:
    def test_leads_to_the_certificate(self, client, register):
        done = register.retire(300)

        answer = look_up(client, f" {done.certificate.lower()} ")

        assert answer.url == f"/certificates/{done.certificate}"
        assert client.get(answer.url).status_code == 200

    def test_that_was_never_issued_is_refused(self, client, register):
        answer = look_up(client, str(serials.Certificate("EV", 2026, 99)))

        assert (answer.status_code, "portal.no_such_certificate" in answer.text) == (404, True)


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "<script>alert(1)</script>", "'; DROP TABLE", "9" * 400, "\u202e1", "𠮷"]
)
def test_anything_typed_gets_a_page(client, db, text):
    answer = look_up(client, text)

    assert answer.status_code in {200, 404, 422}
    assert "<script>alert" not in answer.text


def test_a_look_up_costs_the_same_however_many_parts_a_block_has(client, register, django_assert_max_num_queries):
    for tonnes in range(1, 20):
        register.retire(tonnes)

    with django_assert_max_num_queries(8):
        look_up(client, printed(register))
