"""A small history with every trap in it is repeated by the acts, and each difference has its cause."""

import pytest

from tanhui.journal.models import Entry
from tanhui.ledger.models import Posting
from tanhui.registry.models import Batch, Clawback, Lifting, Retirement, Reversal
from tanhui.registry.tasks import reconciliation, replay

from . import tables
from .tables import row, surrender

pytestmark = pytest.mark.django_db


@pytest.fixture
def repeat(tmp_path):
    """Replays rows and surrenders and compares."""

    def repeat(rows, surrenders=(), **options):
        return reconciliation.reconcile(replay.replay(tables.read(tmp_path, rows, surrenders, **options)))

    return repeat


def figures(found):
    return {line.reason: (line.source_t, line.registry_t) for line in found.lines if line.source_t or line.registry_t}


class TestAnOrderlyHistory:
    def test_agrees_in_every_reason_and_account(self, repeat):
        used = "On 4/13/2021, CARB retired 30 of 100 credits from the buffer pool for the CAFR5001-A reversal."
        found = repeat(
            [row(buffer="100", buffer_pool="30", voluntary="50", period_1="300", quebec="20", comment=used)],
            [surrender(quantity="180"), surrender(entity_id="CA1002", legal_name="Mill, Inc.", quantity="120")],
        )

        assert found.closed
        assert found.causes == []
        assert figures(found) == {
            "issued": (1000, 1000), "buffer": (100, 100), "buffer_pool": (30, 30), "voluntary": (50, 50),
            "period_1": (300, 300), "quebec": (20, 20), "held": (600, 600),
        }  # fmt: skip
        assert [(one.kind, one.count, one.equal) for one in found.accounts] == [
            ("operators", 1, 1), ("entities", 2, 2), ("buffer_pool", 1, 1),
        ]  # fmt: skip

    def test_retires_for_the_entity_and_for_nobody_named(self, repeat):
        repeat([row(period_1="100", quebec="20")], [surrender()])

        beneficiaries = {one.beneficiary_name: one.beneficiary_code for one in Retirement.objects.filter(purpose="ETS")}
        assert beneficiaries == {"Refinery, Inc.": "X-CARB-CA1001", "Not named by the source": ""}

    def test_dates_a_surrender_when_due_and_no_unit_before_its_issuance(self, repeat):
        repeat(
            [row(period_1="100"), row(id="CAFR5002-A", on="2019-08-13", period_1="100")],
            [surrender(), surrender(carb_issuance_id="CAFR5002-A", entity_id="CA1002")],
        )

        days = sorted(str(day.date()) for day in Retirement.objects.values_list("at", flat=True))
        assert days == ["2015-10-31", "2019-08-12"]  # midnight of the next day in Shanghai

    def test_passes_units_on_to_the_operator_a_row_names(self, repeat):
        found = repeat([row(), row(id="CAFR5001-B", start="2015-01-01", end="2015-12-31", operator="Next Owner, LP",
                                  on="2016-03-01", voluntary="10")])  # fmt: skip

        assert found.closed
        assert tables.causes(found.causes) == {("CAFR5001-B", "issued"): [("other_operator", 0)]}
        assert found.accounts[0].equal == found.accounts[0].count == 2

    def test_marks_every_fact_of_issuance_as_a_demonstration(self, repeat):
        repeat([row()])

        assert b'"demonstration":true' in bytes(Entry.objects.get(kind="registry.issued").leaf)


class TestFurtherIssuancesOfAPeriod:
    def test_become_batches_of_one_issuance(self, repeat):
        found = repeat([row(), row(id="CAFR5001-A2", issued="50", on="2016-06-01", voluntary="50")])

        assert found.closed
        assert list(Batch.objects.order_by("number").values_list("quantity_t", flat=True)) == [1000, 50]
        assert tables.causes(found.causes) == {("CAFR5001-A", "issued"): [("issued_in_parts", 0)]}


class TestOverlappingPeriods:
    def test_are_refused_with_all_that_follows(self, repeat):
        found = repeat(
            [
                row(),
                row(id="CAFR5001-B", start="2014-06-01", end="2015-05-31", issued="70", period_1="60", on="2015-07-01"),
            ],
            [surrender(carb_issuance_id="CAFR5001-B", quantity="60")],
        )

        assert found.closed
        assert tables.causes(found.causes) == {
            ("CAFR5001-B", "issued"): [("refused", -70)],
            ("CAFR5001-B", "period_1"): [("not_issued", -60)],
        }
        assert next(cause for cause in found.causes if cause.refusal).plain()["refusal"] == "registry.periods_overlap"
        assert found.accounts[1].by_causes == 1


class TestRowsWithoutAQuantity:
    def test_are_refused_by_the_act_itself(self, repeat):
        zero = row(id="CAFR5001-(zero)", issued="", start="2015-01-01", end="2015-12-31", on="")
        found = repeat([row(), zero])

        (cause,) = found.causes
        assert found.closed
        assert (cause.code, cause.refusal.code) == ("nothing_to_issue", "registry.nothing_to_issue")

    def test_are_not_asked_for_without_a_period_or_a_verifier(self, repeat):
        found = repeat([row(), row(id="CAFR5001-(zero)", issued="", start="", end="", on="")])

        assert tables.causes(found.causes) == {("CAFR5001-(zero)", "issued"): [("no_period", 0)]}

    def test_never_stand_in_the_way_of_an_issuance_for_the_same_days(self, repeat):
        found = repeat([row(id="CAFR5001-(reversal)", issued="", on="2014-12-31"), row()])

        assert found.closed
        assert figures(found)["issued"] == (1000, 1000)


class TestMoreRetiredThanIssued:
    def test_leaves_as_difference_exactly_what_never_existed(self, repeat):
        found = repeat([row(buffer="100", voluntary="40", period_1="900")], [surrender(quantity="900")])

        (cause,) = found.causes
        assert found.closed
        assert (cause.code, cause.reason, cause.effect_t) == ("retired_beyond_issued", "voluntary", -40)
        assert cause.refusal.code == "ledger.not_enough_held"
        assert figures(found)["held"] == (60, 100)

    def test_takes_what_is_there(self, repeat):
        found = repeat([row(buffer="100", intentional_reversal="1200")])

        assert figures(found)["intentional_reversal"] == (1200, 900)
        assert found.closed


class TestInvalidCredits:
    BAD = "In January 2020, CARB invalidated 300 of 1,000 offset credits issued as CALS5040-C."
    GOOD = "In August 2020, 200 credits surrendered by a covered entity to meet the obligation for the CALS5040-C {}"

    def history(self, **good):
        comment = self.GOOD.format("invalidation were retired.")
        return [
            row(id="CALS5040-C", period_2="700", comment=self.BAD),
            row(
                id="CAFR5337-A",
                start="2016-01-01",
                end="2016-12-31",
                on="2017-03-01",
                comment=comment,
                operator="Other",
                **good,
            ),
        ]

    def surrenders(self):
        report = "CP2_2015-2017"
        return [
            surrender(report=report, carb_issuance_id="CALS5040-C", quantity="500"),
            surrender(report=report, carb_issuance_id="CAFR5337-A", quantity="200"),
        ]

    def test_partly_retired_before_stay_retired_and_the_rest_is_cancelled(self, repeat):
        found = repeat(self.history(), self.surrenders())

        assert found.closed
        assert figures(found) | {"held": None} == {
            "issued": (2000, 2000), "period_2": (700, 700), "invalidated": (100, 100), "replaced": (200, 200),
            "held": None,
        }  # fmt: skip
        assert tables.causes(found.causes) == {("CALS5040-C", "period_2"): [("invalid_after_retirement", 0)]}

    def test_are_made_good_under_the_order_by_the_entity_that_did(self, repeat):
        repeat(self.history(), self.surrenders())

        order = Clawback.objects.get()
        assert order.quantity_t == 300
        assert sorted(order.steps.values_list("kind", "quantity_t")) == [("COMPLIED", 100), ("REPLACED", 200)]
        assert order.steps.get(kind="REPLACED").retirement.source.account.organisation.uscc == "X-CARB-CA1001"
        assert Lifting.objects.filter(restriction=order.restriction).exists()

    def test_leave_a_difference_where_the_column_counts_the_replacement(self, repeat):
        found = repeat(self.history(period_2="200"), self.surrenders())

        assert found.closed
        assert tables.causes(found.causes)["CAFR5337-A", "period_2"] == [("replacement_in_column", -200)]

    def test_make_no_excuse_for_a_shortfall_of_another_size(self, repeat):
        found = repeat(self.history(period_2="190"), self.surrenders())

        assert not found.closed
        assert {(one.where, one.reason) for one in found.unexplained} >= {("CAFR5337-A", "period_2")}


class TestTableAndReports:
    ROWS = (("CP1_2013-2014", "CA1001", "100"),)

    def test_differ_with_a_cause_where_the_summary_confirms_the_report(self, repeat):
        found = repeat([row()], [surrender()], summary=self.ROWS)

        assert found.closed
        assert tables.causes(found.causes) == {("CAFR5001-A", "period_1"): [("missing_in_table", 100)]}

    def test_differ_without_one_where_it_does_not(self, repeat):
        found = repeat([row()], [surrender()], summary=(("CP1_2013-2014", "CA1001", "90"),))

        assert not found.closed
        assert {(one.where, one.reason) for one in found.unexplained} >= {
            ("CAFR5001-A", "period_1"), ("X-CARB-CA1001", "entities"),
        }  # fmt: skip

    def test_differ_without_one_where_the_report_lacks_a_surrender(self, repeat):
        found = repeat([row(period_1="130")], [surrender()])

        (period, held) = found.unexplained[:2]
        assert not found.closed
        assert (period.reason, period.source_t, period.registry_t) == ("period_1", 130, 100)
        assert held.reason == "held"

    def test_are_reconciled_by_nobody_named_where_the_report_came_later(self, repeat):
        later = surrender(report="CP3_2018-2020")
        found = repeat([row(period_3="70")], [later], snapshot="2021-11-24")

        assert found.closed
        assert figures(found)["period_3"] == (70, 70)
        assert [cause.code for cause in found.causes] == ["report_later", "nobody_named"]

    def test_keep_a_surrender_of_an_unknown_id_as_the_entitys_difference(self, repeat):
        found = repeat([row()], [surrender(carb_issuance_id="CAFR9999-Z")])

        assert found.closed
        assert [(cause.code, cause.entity, cause.effect_t) for cause in found.causes] == [
            ("unknown_issuance", "CA1001", -100)
        ]

    def test_meet_in_the_issuance_a_mistyped_id_stands_for(self, repeat):
        found = repeat([row(period_1="100")], [surrender(carb_issuance_id="CAFR-5001-A")])

        assert found.closed
        assert figures(found)["period_1"] == (100, 100)
        assert [cause.code for cause in found.causes] == ["mistyped"]


class TestReversals:
    REVERSED = (
        "On 12/12/2023, CARB approved the verification of an {} reversal of 5,000 mtCO2e during the period. CARB "
        "retired {} ARB Offset Credits from the Forest Buffer Account due to the reversal."
    )
    USED = "On 12/12/2023, CARB retired all 100 credits from the buffer pool for the CAFR{}-A unintentional reversal."

    def test_greater_than_issuance_are_paid_as_far_as_the_pool_gave_and_owed_beyond(self, repeat):
        told = row(id="CAFR5001-(reversal)", issued="", comment=self.REVERSED.format("unintentional", 100))
        found = repeat([row(buffer="100", buffer_pool="100", comment=self.USED.format("5001")), told])

        made = Reversal.objects.get()
        assert found.closed
        assert (made.quantity_t, made.paid_t, made.owed_t) == (5000, 100, 4900)
        assert ("CAFR5001", "") in tables.causes(found.causes)

    def test_on_purpose_take_nothing_from_the_pool(self, repeat):
        told = row(id="CAFR5001-(reversal)", issued="", comment=self.REVERSED.format("intentional", 0))
        compensated = (
            "In March 2024, 60 credits surrendered by the offset project operator to meet the obligation for the "
            "CAFR5001 reversal were retired."
        )
        found = repeat([row(buffer="100", intentional_reversal="60", comment=compensated), told])

        made = Reversal.objects.get()
        assert found.closed
        assert (made.intentional, made.owed_t) == (True, 5000)
        assert figures(found)["intentional_reversal"] == (60, 60)

    def test_named_by_an_earlier_id_of_the_same_forest_are_recorded_once(self, repeat):
        successor = row(id="CAFR5170-(reversal)", issued="", comment=self.REVERSED.format("unintentional", 100))
        repeat([row(buffer="100", buffer_pool="100", comment=self.USED.format("5001")), successor])

        made = Reversal.objects.get()
        assert (made.project.number, made.paid_t) == (5170, 100)

    def test_nobody_tells_of_leave_the_pool_all_the_same(self, repeat):
        found = repeat([row(buffer="100", buffer_pool="40")])

        assert found.closed
        assert tables.causes(found.causes) == {("CAFR5001-A", "buffer_pool"): [("pool_event_unknown", 0)]}

    def test_stated_for_a_row_without_a_buffer_are_not_believed(self, repeat):
        found = repeat([row(comment=self.USED.format("5001"))])

        assert found.closed
        assert tables.causes(found.causes) == {("CAFR5001-A", "buffer_pool"): [("remark_contradicts", 0)]}
        assert not Reversal.objects.exists()

    def test_returned_to_another_programme_are_cancelled(self, repeat):
        back = (
            "On 5/26/2015, CARB returned 40 of 100 offset credits in its Forest Buffer Account to the Early Action "
            "Offset Program's buffer account."
        )
        found = repeat([row(buffer="100", buffer_pool="40", comment=back)])

        assert found.closed
        assert Posting.objects.get(account__code="cancelled:FORCED").quantity == 40


class TestAReconciliation:
    def test_says_the_same_to_machines(self, repeat):
        plain = repeat([row(voluntary="1200")]).plain()

        assert plain["closed"]
        assert plain["causes"][0]["refusal"] == "ledger.not_enough_held"
        assert {"reason": "voluntary", "source_t": 1200, "registry_t": 1000, "difference_t": -200} in plain["reasons"]
        assert plain["audit"]["sound"]

    def test_speaks_chinese(self, repeat):
        (cause,) = repeat([row(voluntary="1200")]).causes

        assert "1200" in cause.say("zh-hans")
        assert cause.say("zh-hans") != cause.say("en")
