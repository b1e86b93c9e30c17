"""An accounting year's way from plan to archive, by its acts."""


from tanhui.inventory import queries
from tanhui.inventory.models import Publication

KINDS = ["inventory.collected", "inventory.computed", "inventory.verified", "inventory.drafted"]


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
