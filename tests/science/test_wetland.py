import numpy as np
import pytest

from tanhui.science import wetland


def kinds(*names):
    return np.array(names)


class TestSoil:
    def test_holds_tonnes_per_hectare(self):
        """2 % of 1,000 kg/m³ over a metre is 200 t/ha; with C as printed, a percentage, it would be 20,000."""
        found = wetland.soil_carbon(np.array([2.0]), np.array([1000.0]), np.array([1.0]))

        assert found == pytest.approx([200.0])

    def test_emits_what_is_oxidised_and_removes_what_is_laid_down(self):
        assert wetland.oxidised(np.array([100.0]), np.array([80.0])) == pytest.approx([80 * 44 / 12])
        assert wetland.accumulation_emission(np.array([2.4])) == pytest.approx([-8.8])

    def test_accumulates_by_default_with_its_plant_cover(self):
        found = wetland.default_accumulation(np.array([0, 15, 32.5, 50, 100]), 1.46)

        assert found == pytest.approx([0, 0, 0.73, 1.46, 1.46])

    def test_turns_matter_into_carbon_and_back(self):
        carbon = np.array([5.0, 5.0, 5.0])
        soil = kinds("marsh", "mangrove", "seagrass")

        assert wetland.organic_carbon(wetland.organic_matter(carbon, soil), soil) == pytest.approx(carbon)

    def test_of_a_mangrove_below_the_line_has_no_answer(self):
        assert np.isnan(wetland.organic_matter(np.array([2.5]), kinds("mangrove"))).all()

    def test_owes_part_of_its_carbon_to_the_sea(self):
        found = wetland.allochthonous_share(np.array([5.0, 5.0]), np.array([1.5, 0.0]), kinds("marsh", "marsh"))
        matter = (-0.4 + (0.16 + 0.05) ** 0.5) / 0.005
        own = (matter - 1.5) / 0.985

        assert found == pytest.approx([100 * (5 - (0.4 * own + 0.0025 * own**2)) / 5, 0], abs=1e-9)

    def test_is_never_all_the_projects_own_nor_less_than_nothing(self):
        carbon, soil = np.linspace(2.9, 40, 200), np.repeat(["mangrove"], 200)
        found = wetland.allochthonous_share(carbon, np.full(200, 20.0), soil)

        assert found.min() >= 0
        assert found.max() <= 100

    def test_deducts_from_a_removal_only(self):
        emission, exempt = np.array([-8.8, 4.0, -8.8]), np.array([0, 0, 1])

        assert wetland.allochthonous_deduction(emission, np.full(3, 25.0), exempt) == pytest.approx([-2.2, 0, 0])


class TestDepletion:
    def test_takes_as_long_as_peat_and_carbon_last(self):
        assert wetland.peat_years(np.array([0.6, 0.6]), np.array([0.02, 0.0])) == pytest.approx([30, 0])

    def test_is_the_smaller_of_two_contradicting_times(self):
        """Five years and nought years for the same eroded soil."""
        eroded, share = np.array([0.0, 1, 1, 0]), np.array([0.0, 0, 30, 0])
        found = wetland.mineral_years(np.full(4, 60.0), np.full(4, 3.0), eroded, share, np.array([1.0, 1, 1, 21]))

        assert found == pytest.approx([20, 5, 0, 0])
        assert wetland.contradicted(eroded, share).tolist() == [False, False, True, False]

    def test_of_exposed_soil_goes_down_to_what_remains(self):
        found = wetland.exposed_loss(np.array([5.0, 1.0]), 1.6, np.full(2, 900.0), np.full(2, 0.5))

        assert found == pytest.approx([7.65, 0])

    def test_ends_what_may_be_claimed(self):
        assert wetland.years_within(5, 10, np.array([0.0, 7, 20])) == pytest.approx([0, 2, 5])


class TestUncertainty:
    def test_is_propagated_over_sources_and_strata(self):
        u, emission = np.array([[10.0, 0], [20.0, 0]]), np.array([[-300.0, 0], [-100.0, 0]])

        assert wetland.combined(u, emission) == pytest.approx([np.hypot(3000, 2000) / 400, 0])
        assert wetland.across_strata(np.array([8.0, 6.0]), np.array([100.0, 200.0])) == pytest.approx(
            np.hypot(800, 1200) / 300
        )
        assert wetland.net_error(10, 200, 30, -600) == pytest.approx(np.hypot(2000, -18000) / 800)
        assert wetland.net_error(10, 0, 30, 0) == 0

    def test_costs_only_what_exceeds_the_allowance(self):
        assert wetland.adjusted(1000, 20, 20) == 1000
        assert wetland.adjusted(1000, 27.5, 20) == pytest.approx(925)

    def test_never_helps(self):
        for net in (1000.0, -1000.0):
            results = [wetland.adjusted(net, error, 20) for error in range(0, 150, 5)]
            assert results == sorted(results, reverse=True)


class TestMethane:
    def test_is_screened_by_salinity(self):
        assert wetland.methane_screen(np.array([18.0, 0.0])) == pytest.approx([0.02355, 0.23988], rel=1e-3)


class TestMangrove:
    FORMS = kinds("a*D^b", "a*rho*D^b", "a*rho^0.899*D^b", "10^(a+b*log10 D)", "exp(a+b*ln(D^2))")

    def test_weighs_a_tree_by_the_form_of_its_equation(self):
        found = wetland.tree_biomass(
            self.FORMS,
            np.array([0.235, 0.251, 0.199, -0.511, -1.9737]),
            np.array([2.42, 2.46, 2.22, 2.113, 1.0996]),
            np.full(5, 10.0),
            np.full(5, 0.445),
        )

        assert found == pytest.approx([61.81, 32.21, 15.95, 39.99, 21.97], rel=1e-3)

    def test_is_not_weighed_by_the_public_copy_that_multiplies_its_coefficients(self):
        """Contradiction 4: 10^(−0.511·2.113·log10 D) makes 83 g of a 10 cm Avicennia of 40 kg."""
        found = wetland.tree_biomass(self.FORMS[3], np.array(-0.511), np.array(2.113), np.array(10.0), np.ones(1))

        assert 10 ** (-0.511 * 2.113 * np.log10(10.0)) == pytest.approx(0.083, abs=5e-4)
        assert found == pytest.approx(39.99, rel=1e-3)

    def test_grows_with_every_centimetre(self):
        diameter = np.linspace(1, 40, 100)
        for form, a, b in zip(
            self.FORMS, [0.235, 0.251, 0.199, -0.511, -1.97], [2.42, 2.46, 2.22, 2.113, 1.1], strict=True
        ):
            found = wetland.tree_biomass(np.repeat(form, 100), a, b, diameter, np.full(100, 0.5))
            assert (np.diff(found) > 0).all()

    def test_has_no_answer_for_a_form_nobody_published(self):
        assert np.isnan(wetland.tree_biomass(kinds("a+b"), *np.ones((4, 1)))).all()
