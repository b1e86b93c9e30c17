"""A year accounted by another method of its norm than NPP − Rh: rates, a ratio, biomass at two surveys."""

import numpy as np
import pytest
import rasterio
from django.urls import reverse
from tests.inventory.accounting import described

from tanhui.inventory import checks, methods, runs
from tanhui.inventory.acts import cataloguing, computing, opening
from tanhui.inventory.models import Computation, Figure
from tanhui.kernel.refusal import Refusal
from tanhui.nep import plan

NORM = "GB/T 46869-2025"
HEAD = "norm,quantity,version,unit,type,region,value,beta,source,grade\n"
RATES = {"forest": 1.5, "shrub": 0.8, "grass": 0.4, "wetland": 0.9, "crop": 0.3, "water": 0.2}
BY_RATE = {"norm": NORM, "way": "rate", "coefficients": "2026-01", "like": "landcover"}
BY_BIOMASS = BY_RATE | {"way": "biomass", "span": 5}
pytestmark = pytest.mark.django_db


def table(quantity="rate", unit="tC ha-1 a-1", values=RATES, version="2026-01", norm=NORM):
    rows = (f"{norm},{quantity},{version},{unit},{kind},,{value},,演示取值,A\n" for kind, value in values.items())
    return HEAD + "".join(rows)


@pytest.fixture
def accounts(case):
    """The district's year, opened by rates; its run is no other year's."""
    case.ready = {}
    case.open(method=BY_RATE)
    return case


def put(accounts, layer, kind, name, content):
    """A set of data on the server that serves as an input."""
    place = cataloguing.data_folder() / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content) if isinstance(content, bytes) else place.write_text(content, "utf-8")
    said = described("landcover", 2024, kind=kind, title=name, unit="t ha-1" if kind == "BIOMASS" else "")
    found = cataloguing.add_path(described=said, path=name, mandate=accounts.technician, at=accounts.at)
    cataloguing.use(
        year=accounts.year, dataset=found, layer=layer, options={}, mandate=accounts.technician, at=accounts.at
    )
    return found


def collected(accounts, text=None):
    accounts.add("landcover")
    accounts.add("zones.township")
    put(accounts, methods.TABLE, "COEFFICIENTS", "rates.csv", text or table())
    computing.collect(year=accounts.year, mandate=accounts.technician, **accounts.named())
    return accounts.fresh()


class TestMethodOfANorm:
    def test_is_chosen_with_what_it_needs_and_no_more(self, accounts):
        assert accounts.year.method == BY_RATE
        assert methods.layers(accounts.year.method) == ["landcover"]
        assert len(checks.lacking(accounts.year)) == 3  # land cover, the table, boundaries

    @pytest.mark.parametrize(
        ("changed", "refused"),
        [
            ({"norm": "上虞区存量碳汇办法 2024"}, "nep.method_not_in_norm"),
            ({"way": "guess"}, "inventory.method_unusable"),
            ({"like": "npp"}, "inventory.method_unusable"),
            ({"coefficients": " "}, "inventory.method_unusable"),
            ({"way": "biomass"}, "inventory.method_unusable"),
            ({"way": "biomass", "span": 1e9}, "inventory.method_unusable"),
            ({"way": "nep_ratio"}, "inventory.method_unusable"),
        ],
    )
    def test_is_refused_where_it_cannot_be_meant(self, accounts, changed, refused):
        with pytest.raises(Refusal) as no:
            opening.choose(
                year=accounts.year, method=BY_RATE | changed, revision=accounts.year.revision,
                mandate=accounts.technician, at=accounts.at,
            )  # fmt: skip
        assert no.value.code == refused
        assert accounts.fresh().method == BY_RATE

    def test_stands_in_the_plan_with_table_and_region(self, accounts):
        collected(accounts)
        asked = plan.parse(runs.plan(accounts.year, accounts.year.uses.all()), base=runs.root())
        assert (asked.way, asked.norm["region"], asked.norm["coefficients"]) == ("rate", "330699", "2026-01")
        assert asked.norm["tables"] == "coefficients/rates.csv"
        assert list(asked.layers) == ["landcover"]

    @pytest.mark.parametrize(
        ("text", "refused"),
        [
            (table(version="2025-12"), "nep.table_not_loaded"),
            (table(norm="DB33/T 2274-2025"), "nep.table_not_loaded"),
            (table().replace("1.5", "150"), "nep.table_unreadable"),
            ("no table at all", "nep.table_unreadable"),
        ],
    )
    def test_is_refused_a_table_it_cannot_take_when_the_run_is_asked_for(self, accounts, text, refused):
        collected(accounts, text)
        with pytest.raises(Refusal) as no:
            accounts.ask()
        assert no.value.code == refused
        assert not Computation.objects.filter(accounting_year=accounts.year).exists()

    def test_gives_each_type_its_rate_and_passes_the_checks_of_science(self, accounts, client):
        collected(accounts)
        done = accounts.compute()
        assert done.state == "DONE", done.stop
        forest = Figure.objects.get(computation=done, year=2024, level="area", type="forest")
        assert forest.nep_kg_c == pytest.approx(forest.area_m2 / 1e4 * RATES["forest"] * 1000, rel=1e-4)
        assert (forest.rule, forest.respiration) == ("rate", {})
        found = {one.name: one for one in checks.of(accounts.fresh())}
        assert "models" not in found
        assert [found[name].state for name in ("norm", "table", "plausible", "data", "coverage")] == ["pass"] * 5
        assert "2026-01" in found["table"].reason
        client.force_login(accounts.technician.membership.person)
        page = client.get(reverse("inventory:year", args=[accounts.year.code])).content.decode()
        assert "rates.csv" in page
        accounts.verify()
        accounts.draft()
        accounts.publish()
        public = client.get(reverse("inventory:atlas", args=["330699", 2024])).content.decode()
        assert "These figures rest on the coefficients of a norm" in public or "规范的系数" in public
        assert "裴志永" not in public

    def test_fails_completeness_where_the_table_leaves_a_type_out(self, accounts):
        collected(accounts, table(values={"forest": 1.5}))
        accounts.compute()
        found = {one.name: one for one in checks.of(accounts.fresh())}
        assert found["coverage"].state == "fail"


class TestBiomass:
    def test_is_the_change_between_two_surveys(self, accounts):
        opening.choose(
            year=accounts.year, method=BY_BIOMASS, revision=accounts.year.revision, mandate=accounts.technician,
            at=accounts.at,
        )  # fmt: skip
        accounts.fresh()
        assert len(checks.lacking(accounts.year)) == 5
        accounts.add("landcover")
        accounts.add("zones.township")
        shares = dict.fromkeys(("forest", "shrub", "grass", "wetland", "crop"), 0.5)
        put(accounts, methods.TABLE, "COEFFICIENTS", "carbon.csv", table("carbon_fraction", "1", shares))
        for layer, stood in (("biomass_before", 80), ("biomass_after", 90)):
            put(accounts, layer, "BIOMASS", f"{layer}.tif", raster(accounts.files[2024]["landcover"], stood))
        computing.collect(year=accounts.year, mandate=accounts.technician, **accounts.named())
        done = accounts.compute()
        assert done.state == "DONE", done.stop
        forest = Figure.objects.get(computation=done, year=2024, level="area", type="forest")
        assert forest.nep_kg_c == pytest.approx(forest.area_m2 / 1e4 * (90 - 80) * 0.5 / 5 * 1000, rel=1e-4)


def raster(like, value):
    """A raster of one value on the grid of another file."""
    with rasterio.open(like) as file:
        profile = {name: file.profile[name] for name in ("crs", "transform", "width", "height")}
    with rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", count=1, dtype="float32", nodata=-9999, **profile) as made:
            made.write(np.full((1, profile["height"], profile["width"]), value, "float32"))
            made.scales, made.units = (1.0,), ("t ha-1",)
        return memory.read()
