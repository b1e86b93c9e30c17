"""What others ask the library about a version."""

import datetime as dt

import pytest
from tests import world

from tanhui.library import queries
from tanhui.library.models import Methodology, Standing, Version

DAY = dt.date(2026, 6, 5)


@pytest.fixture
def version(db):
    party = world.party("AUTH")
    one, two = party.initiator.membership.person, party.confirmer.membership.person
    signed = {"initiator": one, "confirmer": two, "at": world.NOON, "entry": 1}
    methodology = Methodology.objects.create(
        code="CCER-14-001", scheme="CCER", sector="FOREST", category="PROJECT", since_at=world.NOON
    )
    made = Version.objects.create(
        methodology=methodology, version="V01", name="造林碳汇", authority=party.organisation, issuer="生态环境部",
        published_on=DAY, valid_from=DAY, **signed,
    )  # fmt: skip
    Standing.objects.create(version=made, state="PUBLISHED", since=DAY, **signed)
    return made


def stand(version, state, since):
    Standing.objects.create(
        version=version, state=state, since=since, initiator=version.initiator, confirmer=version.confirmer,
        at=world.NOON, entry=2,
    )  # fmt: skip


class TestInForce:
    def test_is_a_published_version_from_its_first_day_on(self, version):
        assert queries.in_force("CCER-14-001", "V01", DAY).version == version

    def test_is_not_one_that_is_not_yet_valid(self, version):
        with pytest.raises(queries.MethodologyNotYet):
            queries.in_force("CCER-14-001", "V01", DAY - dt.timedelta(days=1))

    def test_is_still_one_under_revision(self, version):
        stand(version, "REVISING", DAY + dt.timedelta(days=10))

        assert queries.in_force("CCER-14-001", "V01", DAY + dt.timedelta(days=20)).state == "REVISING"

    def test_is_no_more_a_retired_one_from_that_day_on(self, version):
        ends = DAY + dt.timedelta(days=10)
        stand(version, "RETIRED", ends)

        assert queries.in_force("CCER-14-001", "V01", ends - dt.timedelta(days=1)).takes_new_projects
        with pytest.raises(queries.MethodologyRetired) as refused:
            queries.in_force("CCER-14-001", "V01", ends)
        assert refused.value.facts["since"] == ends.isoformat()

    def test_is_no_unknown_one(self, version):
        with pytest.raises(queries.MethodologyUnknown):
            queries.in_force("CCER-14-001", "V02", DAY)


class TestFullCode:
    def test_finds_a_version_as_the_register_names_it(self, version):
        assert queries.of_full_code("CCER-14-001-V01") == version


class TestStands:
    def test_tells_a_retirement_that_is_announced(self, version):
        ends = DAY + dt.timedelta(days=90)
        stand(version, "RETIRED", ends)
        standing = queries.stands(version, on=DAY)

        assert (standing.state, standing.coming.since) == ("PUBLISHED", ends)
        assert queries.stands(version, on=ends).coming is None


class TestProjects:
    """What the register asks of the library when a project is entered."""

    @pytest.fixture
    def parties(self, db):
        operator = world.party("REG")
        return {"operator": operator, "owner": world.party("OWN", operator=operator), "validator": world.party("VVB")}

    def test_begin_under_a_version_in_force(self, version, parties):
        assert world.project(**parties, scheme="CCER", methodology="CCER-14-001-V01").pk

    def test_do_not_begin_under_a_retired_one(self, version, parties):
        stand(version, "RETIRED", DAY)

        with world.refuses(queries.MethodologyRetired, "library.methodology_retired"):
            world.project(**parties, scheme="CCER", methodology="CCER-14-001-V01")

    def test_do_not_begin_under_an_unknown_one_of_a_scheme_the_library_keeps(self, version, parties):
        with world.refuses(queries.MethodologyUnknown, "library.methodology_unknown"):
            world.project(**parties, scheme="CCER", methodology="CCER-14-009-V01")

    def test_of_a_demonstration_or_a_replay_are_let_pass(self, parties):
        assert world.project(**parties, scheme="DEMO", methodology="AR-CM-001-V01").pk

    def test_that_have_begun_stay_on_their_version(self, version, parties):
        made = world.project(**parties, scheme="CCER", methodology="CCER-14-001-V01")
        stand(version, "RETIRED", DAY)
        period = world.verified(made, verifier=world.party("VVB"))

        assert period.project == made
