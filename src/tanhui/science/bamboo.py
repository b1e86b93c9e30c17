"""Bamboo: single culms of moso (Phyllostachys edulis), stands of them, and how much of a stand can be credited."""

import numpy as np

from tanhui.science.biomass import Values

KILOGRAMS = 1000.0  # in a tonne
AGE_CLASS = 0.5  # 度 a year after the first: a culm is 1 度 for its first year, then two years make one 度


def moso_culm(diameter: Values, age: Values) -> Values:
    """M = 747.787·D^2.771·[0.148·A/(0.028 + A)]^5.555 + 3.772: kg d.m. of a culm, leaves and branches included.

    ``diameter`` at breast height in cm, ``age`` A in 度. Zhou Guomo's model (recalled).
    """
    return 747.787 * diameter**2.771 * (0.148 * age / (0.028 + age)) ** 5.555 + 3.772


def degrees(years: Values) -> Values:
    """Age in 度 of a culm of that many years: 1 in its first year, one more for every two years after."""
    return 1 + np.ceil(np.maximum(np.asarray(years, dtype=np.float64) - 1, 0) * AGE_CLASS)


def stand(culms: Values, culm_mass: Values) -> Values:
    """N·M̄: culms per ha times mean culm mass in kg, as t d.m./ha above ground."""
    return culms * culm_mass / KILOGRAMS


def creditable(culms: Values, target: Values) -> Values:
    """Culms per ha up to the target density: a stand cut selectively reaches a steady state, and nothing above the
    density it is kept at is credited."""
    return np.minimum(culms, target)
