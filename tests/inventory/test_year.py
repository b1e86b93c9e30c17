"""An accounting year's way from plan to archive, by its acts."""

import pytest
from django.db.utils import IntegrityError
from tests import world
from tests.inventory import accounting

from tanhui.identity.acts import instruction
from tanhui.inventory import checks, methods, queries
from tanhui.inventory.acts import computing, opening, publishing, steps
from tanhui.inventory.models import AccountingYear, Figure, Publication, Step
from tanhui.journal.models import Entry
from tanhui.nep import plan


class TestTheWholeWay:
    def test_ends_in_an_archived_year_with_its_figures(self, case):
        case.open()
        case.to("ARCHIVED")

        assert case.year.state == "ARCHIVED"
        assert [one.after for one in queries.steps(case.year)] == [
            "COLLECTED", "COMPUTED", "VERIFIED", "DRAFTED", "PUBLISHED", "ARCHIVED",
        ]  # fmt: skip
        whole = queries.published_figures(case.year).get(level="area", type="all")
        towns = queries.published_figures(case.year).filter(level="township", type="all")
        assert sum(one.nep_kg_co2 for one in towns) == whole.nep_kg_co2 > 0
        assert whole.lower_kg_co2 < whole.nep_kg_co2 < whole.upper_kg_co2
        assert {one["state"] for one in Publication.objects.get().checks} == {"pass"}
        told = [one.kind for one in Entry.objects.filter(kind__startswith="inventory.").order_by("pk")]
        acts = [
            one
            for one in told
            if one not in {"inventory.data_registered", "inventory.data_used", "inventory.item_kept"}
        ]
        assert acts == [
            "inventory.opened", "inventory.verifier_appointed", "inventory.collected", "inventory.computation_asked",
            "inventory.computed", "inventory.compared", "inventory.compared", "inventory.verification_signed",
            "inventory.verified", "inventory.drafted", "inventory.published", "inventory.archived",
        ]  # fmt: skip

    def test_tells_the_log_no_figure_before_it_is_published(self, case):
        case.open()
        case.to("DRAFTED")

        whole = str(Figure.objects.get(level="area", type="all").nep_kg_co2)
        assert not [one for one in Entry.objects.all() if whole in bytes(one.leaf).decode()]

        case.publish()

        published = Entry.objects.get(kind="inventory.published")
        assert whole in bytes(published.leaf).decode()
        assert Publication.objects.get().statistics_sha256 in bytes(published.leaf).decode()


class TestOpening:
    def test_refuses_a_second_year_of_the_same_place_until_it_is_published(self, case):
        case.open()

        with world.refuses(opening.OpenAlready, "inventory.open_already"):
            case.open()

    @pytest.mark.parametrize("code", ["", "33069", "330699 ", "３３０６９９", "0330699", "3306991"])
    def test_refuses_what_is_no_division(self, case, code):
        with world.refuses(opening.DivisionUnreadable, "inventory.division_unreadable"):
            case.open(division_code=code)

    @pytest.mark.parametrize("year", [1949, 2027, 9999])
    def test_refuses_a_year_that_has_not_come_or_is_too_long_ago(self, case, year):
        with world.refuses(opening.YearImpossible, "inventory.year_impossible"):
            case.open(year)

    @pytest.mark.parametrize(
        "wrong",
        [{"norm": "GB/T 1"}, {"coefficients": " "}, {"npp": "miami"}, {"respiration": ["pei"]}, {"like": "soc"},
         {"respiration": ["pei", "pei"]}, {"respiration": ["pei", "guess"]}],
    )  # fmt: skip
    def test_refuses_a_method_that_cannot_be_used(self, case, wrong):
        with world.refuses(opening.MethodUnusable, "inventory.method_unusable"):
            case.open(method=accounting.METHOD | wrong)

    def test_is_for_the_authority_alone(self, case):
        other = world.party("AUTH")
        with world.refuses(steps.NotTheAuthority, "inventory.not_the_authority"):
            case.open(mandate=other.initiator)
        with world.refuses(instruction.WrongMandate, "identity.wrong_mandate"):
            case.open(mandate=case.chief)

    def test_knows_the_names_of_the_plan(self):
        assert set(methods.NPP) <= set(plan.NPP)
        assert set(methods.LAYERS) <= set(plan.LAYERS)
        for name, (_label, layers) in methods.NPP.items():
            assert set(layers) <= set(plan.NEEDS[name])


class TestAStep:
    def test_is_taken_once_however_often_it_is_asked(self, case):
        case.open()
        for layer in accounting.KINDS:
            case.add(layer)
        named = case.named()
        for _again in range(2):
            computing.collect(year=case.year, mandate=case.technician, **named)

        assert Step.objects.get().act == "collect"

    def test_is_refused_on_an_older_revision_of_the_year(self, case):
        case.open()
        for layer in accounting.KINDS:
            case.add(layer)

        with world.refuses(steps.ChangedSince, "inventory.changed_since"):
            computing.collect(year=case.year, revision=1, mandate=case.technician, reference="a", at=case.at)

    def test_is_refused_when_data_is_missing(self, case):
        case.open()
        case.add("npp")

        with world.refuses(computing.DataIncomplete, "inventory.data_incomplete"):
            computing.collect(year=case.year, mandate=case.technician, **case.named())

    def test_stands_in_the_table_or_not_at_all(self, case):
        case.open()
        with pytest.raises(IntegrityError, match="an_accounting_step_is_in_the_table"):
            Step.objects.create(
                accounting_year=case.year, number=1, act="publish", before="PLANNED", after="PUBLISHED",
                by=case.technician.membership.person, organisation=case.authority.organisation, reference="x",
                body_sha256="0" * 64, entry=1, at=case.at,
            )  # fmt: skip

    def test_back_to_the_data_needs_a_reason_and_keeps_what_was_computed(self, case):
        case.open()
        case.to("COMPUTED")
        with world.refuses(steps.ReasonMissing, "inventory.reason_missing"):
            computing.reopen(year=case.year, reason=" ", mandate=case.technician, **case.named())

        computing.reopen(year=case.year, reason="土地覆被有更新版本", mandate=case.technician, **case.named())

        assert case.fresh().state == "PLANNED"
        assert case.year.computations.get().figures.exists()


class TestPublication:
    def test_takes_two_people(self, case):
        case.open()
        case.to("DRAFTED")
        case.propose()

        with world.refuses(instruction.OnePersonTwice, "identity.one_person_twice"):
            publishing.confirm(year=case.fresh(), mandate=case.technician, at=case.at)
        assert case.fresh().state == "DRAFTED"
        with world.refuses(publishing.ProposedAlready, "inventory.publication_proposed"):
            case.propose()

        publishing.drop(year=case.fresh(), outcome="REJECTED", reason="先补说明", mandate=case.chief, at=case.at)
        case.propose()
        publishing.confirm(year=case.fresh(), mandate=case.chief, at=case.at)
        assert case.fresh().state == "PUBLISHED"

    def test_is_refused_while_a_check_is_open(self, case, monkeypatch):
        case.open()
        case.to("DRAFTED")
        monkeypatch.setattr(checks, "LEAST_COVERAGE", 1.01)

        with world.refuses(publishing.ChecksOpen, "inventory.checks_open"):
            case.propose()
        assert not Publication.objects.exists()

    def test_is_refused_before_anything_was_drafted(self, case):
        case.open()
        case.to("VERIFIED")

        with world.refuses(steps.MovedOn, "inventory.moved_on"):
            case.propose()

    def test_of_a_revision_supersedes_the_edition_before(self, case):
        case.open()
        case.to("ARCHIVED")
        first = case.year
        with world.refuses(steps.ReasonMissing, "inventory.reason_missing"):
            case.open()

        case.open(reason="降水数据更正")
        assert case.year.code == "330699-2024-2"
        assert case.year.uses.count() == len(accounting.KINDS)
        computing.collect(year=case.year, mandate=case.technician, **case.named())
        for act in (case.compute, case.verify, case.draft, case.publish):
            act()

        first.refresh_from_db()
        assert (first.state, case.year.state) == ("SUPERSEDED", "PUBLISHED")
        assert queries.in_force().get() == case.year
        assert AccountingYear.objects.get(revises=first) == case.year
        assert set(queries.disclosed()) == {first, case.year}


class TestCompleteness:
    def test_takes_no_weather_of_another_year(self, case):
        case.open(2023)
        case.files = {2023: case.files[2024]}
        case.collect()
        assert checks.data(case.year).state == "pass"

        case.year.year = 2022
        found = checks.data(case.year)
        assert found.state == "fail"
        assert "temperature" in found.reason
        assert "landcover" not in found.reason


class TestContinuity:
    def test_holds_for_the_next_year_on_the_same_grid_and_fails_for_other_models(self, case):
        case.open()
        case.to("PUBLISHED")
        case.open(2025)
        case.to("COMPUTED")
        assert checks.continuous(case.year, queries.finished(case.year)).state == "pass"

        done = queries.finished(case.year)
        done.facts["basis"]["rh"] = {"models": ["pei", "gsmsr"]}
        found = checks.continuous(case.year, done)
        assert found.state == "fail"
        assert "2024" in found.reason

    def test_begins_with_the_first_year(self, case):
        case.open()
        assert checks.continuous(case.year, None).state == "pass"
