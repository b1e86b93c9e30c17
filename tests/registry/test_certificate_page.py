"""What anyone reads on the page of a certificate, beside the paper itself."""

import datetime as dt

import pytest
from tests import world
from tests.methods import agri
from tests.world import Days

from tanhui.registry.acts import clawback
from tanhui.registry.models import Project

pytestmark = pytest.mark.django_db
IN_QUESTION = "这些单位所属项目存疑"
ONE_DAY = Days(dt.date(2022, 1, 1), dt.date(2022, 1, 2))


@pytest.fixture
def done(register):
    return register.retire(300)


def read(client, done):
    return client.get(f"/certificates/{done.certificate}").text


def order(register, tonnes=400):
    return clawback.order(
        project=register.project, quantity_t=tonnes, deadline_date=dt.date(2027, 1, 31), document="（2026）第1号",
        authority=register.operator.organisation, document_sha256="d" * 64, reference="c-1", at=register.at,
        signatures=register.operator.signatures,
    )  # fmt: skip


def comply(register, ordered, tonnes):
    return clawback.comply(
        clawback=ordered, source=register.owner.issued, wanted=register.wanted(tonnes, first=300),
        reference=f"s-{tonnes}", signatures=register.operator.signatures, at=register.at,
    )  # fmt: skip


class TestTheCertificateOfAProjectInQuestion:
    def test_says_nothing_while_nothing_is_in_question(self, client, done):
        assert IN_QUESTION not in read(client, done)

    @pytest.mark.parametrize(("state", "said"), [("REVOKED", "已撤销"), ("CANCELLED", "已取消")])
    def test_says_that_the_project_ended_and_that_the_units_stay_retired(self, client, register, done, state, said):
        Project.objects.filter(pk=register.project.pk).update(state=state)

        page = read(client, done)

        assert IN_QUESTION in page
        assert f"<strong>{register.project.name}</strong>{said}" in page
        assert "确已注销，且注销不可撤回" in page

    def test_tells_an_order_with_what_is_still_owed(self, client, register, done):
        comply(register, order(register), 150)

        page = read(client, done)

        assert all(text in page for text in ("400 吨", "其中 250 吨尚未完成", "2027-01-31", "注册登记机构"))
        assert "不影响此前已购买或已注销单位的其他人" in page

    def test_never_tells_the_number_of_the_orders_document(self, client, register, done):
        order(register)

        assert "（2026）第1号" not in read(client, done)

    def test_is_silent_again_once_the_order_is_fulfilled(self, client, register, done):
        comply(register, order(register), 400)

        assert IN_QUESTION not in read(client, done)

    def test_is_silent_about_other_projects(self, client, register, done):
        other = world.project(operator=register.operator, owner=register.owner, validator=register.validator)
        Project.objects.filter(pk=other.pk).update(state="REVOKED")

        assert IN_QUESTION not in read(client, done)


class TestTheUnitsOfACertificate:
    def test_name_what_their_quantity_was_computed_from(self, client, register):
        made = world.verified(
            register.project, verifier=register.verifier, span=ONE_DAY, inputs_sha256="1" * 64, trace_sha256="2" * 64,
            bundle=agri.digester().run(purpose="demonstration").bundle(), demonstration=True,
        )  # fmt: skip
        batch = world.issue(made, owner=register.owner, operator=register.operator).batches.get()

        page = read(client, register.retire(wanted=[world.Wanted(world.whole(batch.pk), 10)]))

        assert "1" * 64 in page
        assert "2" * 64 in page
        assert f"/projects/{register.project.number}/runs/{made.pk}" in page
        assert f"tanhui method rerun {register.project.number:06d}.json" in page

    def test_offer_no_bundle_where_none_is_public(self, client, register, done):
        page = read(client, done)

        assert register.period.trace_sha256 in page
        assert "/runs/" not in page

    def test_cost_the_same_however_many_batches_they_are_of(self, client, register, django_assert_max_num_queries):
        batches = [register.another_batch(5) for _ in range(8)]
        done = register.retire(wanted=[world.Wanted(batch, 1) for batch in batches])

        with django_assert_max_num_queries(9):
            read(client, done)
