"""The drawing of a sample: the same everywhere, fair within a stratum, and refused where it cannot be."""

import random

import pytest
from tests import world

from tanhui.projects import sampling
from tanhui.projects.sampling import Unit

SEED = sampling.seed(declaration_sha256="ab" * 32, root="cd" * 32, words="松山区")
PARCELS = [Unit(f"小班-{number:03d}", "樟子松" if number % 4 else "山杏") for number in range(200)]


class TestADrawing:
    def test_gives_what_it_gave_when_it_was_written(self):
        assert SEED == "b6bc62df5f4d64433da7707aec3002881c968d6f010ce60751d07b55ca33e01c"
        assert sampling.draw(PARCELS, size=6, seed=SEED) == [
            "小班-093",
            "小班-143",
            "小班-162",
            "小班-189",
            "小班-190",
            "小班-192",
        ]

    def test_does_not_depend_on_the_order_the_units_come_in(self):
        shuffled = random.Random(1).sample(PARCELS, len(PARCELS))
        assert sampling.draw(shuffled, size=17, seed=SEED) == sampling.draw(PARCELS, size=17, seed=SEED)

    def test_holds_every_smaller_drawing_of_the_same_seed(self):
        of_one = [Unit(one.key) for one in PARCELS]
        assert set(sampling.draw(of_one, size=5, seed=SEED)) < set(sampling.draw(of_one, size=30, seed=SEED))

    def test_differs_with_each_part_of_the_seed(self):
        seeds = [
            sampling.seed(declaration_sha256="ac" * 32, root="cd" * 32, words="松山区"),
            sampling.seed(declaration_sha256="ab" * 32, root="ce" * 32, words="松山区"),
            sampling.seed(declaration_sha256="ab" * 32, root="cd" * 32),
        ]
        drawn = {tuple(sampling.draw(PARCELS, size=20, seed=seed)) for seed in [SEED, *seeds]}
        assert len(drawn) == 4

    def test_gives_every_unit_the_same_chance(self):
        units, times = [Unit(str(number)) for number in range(10)], dict.fromkeys(map(str, range(10)), 0)
        for number in range(2000):
            for key in sampling.draw(units, size=3, seed=sampling.commitment(str(number))):
                times[key] += 1
        assert all(520 < count < 680 for count in times.values())  # 600 expected, four standard deviations are 82

    @pytest.mark.django_db
    def test_is_refused_for_more_than_there_are_or_none(self):
        for size in (0, 201, -1):
            with world.refuses(sampling.SampleTooLarge):
                sampling.draw(PARCELS, size=size, seed=SEED)

    @pytest.mark.django_db
    def test_is_refused_where_a_unit_is_there_twice_or_has_no_name(self):
        for units in ([Unit("甲"), Unit("甲", "另")], [Unit("")], []):
            with world.refuses(sampling.PopulationUnusable):
                sampling.draw(units, size=1, seed=SEED)


class TestTheSharesOfStrata:
    def test_are_in_proportion_and_one_at_least(self):
        assert sampling.allocate({"甲": 90, "乙": 9, "丙": 1}, 10) == {"甲": 8, "乙": 1, "丙": 1}

    def test_never_exceed_what_a_stratum_has(self):
        assert sampling.allocate({"甲": 3, "乙": 2}, 5) == {"甲": 3, "乙": 2}

    def test_go_to_the_largest_where_there_are_too_few(self):
        assert sampling.allocate({"甲": 5, "乙": 50, "丙": 20}, 2) == {"甲": 0, "乙": 1, "丙": 1}

    @pytest.mark.parametrize("size", [1, 2, 7, 50, 199, 200])
    def test_sum_to_the_size(self, size):
        assert sum(sampling.allocate({"甲": 150, "乙": 50}, size).values()) == size


class TestTheLeastSample:
    def test_is_the_share_rounded_up_but_not_fewer_than_the_number_nor_more_than_there_are(self):
        assert [sampling.least(count, percent=10, at_least=5) for count in (3, 20, 101)] == [3, 5, 11]


class TestAPublishedPaper:
    def paper(self):
        return {
            "format": sampling.FORMAT, "population": [[one.key, one.stratum] for one in PARCELS],
            "population_sha256": sampling.population_sha256(PARCELS), "size": 6, "declaration_sha256": "ab" * 32,
            "root": "cd" * 32, "words": "松山区", "commitment": sampling.commitment("松山区"), "seed": SEED,
        }  # fmt: skip

    def test_gives_the_same_again(self):
        assert sampling.again(self.paper()) == sampling.draw(PARCELS, size=6, seed=SEED)

    @pytest.mark.parametrize(
        ("name", "value", "found"),
        [
            ("format", "x", "not a"), ("population", [["甲", ""]], "population_sha256"),
            ("words", "别的", "commitment"),
            ("root", "00" * 32, "seed"), ("seed", "00" * 32, "seed"),
        ],
    )  # fmt: skip
    def test_that_was_altered_is_found_out(self, name, value, found):
        with pytest.raises(ValueError, match=found):
            sampling.again(self.paper() | {name: value})
