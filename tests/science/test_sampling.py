import math

import numpy as np
import pytest

from tanhui.science import sampling


class TestStrata:
    values = np.array([45.0, 52, 38, 49, 41, 30, 26, 33, 28])
    stratum = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1])

    def test_have_the_means_and_variances_of_the_tool(self):
        assert sampling.means(self.values, self.stratum, 2) == pytest.approx([45, 29.25])
        assert sampling.variances(self.values, self.stratum, 2) == pytest.approx([32.5, 8.916667], rel=1e-6)

    def test_give_the_relative_half_width_of_the_tool(self):
        u = sampling.relative_half_width(
            sampling.means(self.values, self.stratum, 2),
            sampling.variances(self.values, self.stratum, 2),
            sampling.counts(self.stratum, 2),
            np.array([0.6, 0.4]),
            90,
        )

        assert u == pytest.approx(8.0392, abs=5e-5)

    def test_leave_the_uncertainty_of_nothing_infinite(self):
        zero, one = np.zeros(1), np.ones(1)

        assert sampling.relative_half_width(zero, one, 5 * one, one, 90) == math.inf


class TestStudentsT:
    @pytest.mark.parametrize(
        ("confidence", "freedom", "t"),
        [(90, 7, 1.894579), (95, 12, 2.178813), (90, 1, 6.313752), (90, 2, 2.919986), (95, 30, 2.042272),
         (95, 120, 1.979930), (90, 10**9, 1.644854)],
    )  # fmt: skip
    def test_agrees_with_the_printed_tables(self, confidence, freedom, t):
        assert sampling.student_t(confidence, freedom) == pytest.approx(t, abs=1e-6)

    def test_joins_the_series_and_the_expansion_without_a_step(self):
        below, above = sampling.student_t(90, 2000), sampling.student_t(90, 2001)

        assert 0 < below - above < 1e-6

    def test_needs_a_degree_of_freedom(self):
        with pytest.raises(ValueError, match="0 degrees of freedom"):
            sampling.student_t(90, 0)
