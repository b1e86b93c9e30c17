"""Overlaps of many with many: which pairs, how large, and what is only a sliver."""

import numpy as np
import pyproj
import pytest
import shapely
from tests.projects.claims import METRE, STEP, square

from tanhui.projects import overlap, shapes

TOLERANCE = overlap.Tolerance(width_m=2, area_m2=10, share_percent=5)


def find(mine, theirs):
    return overlap.find(mine, theirs, TOLERANCE)


def one(mine, theirs):
    found = find([mine], [theirs])
    assert len(found) == 1
    return found


class TestAnOverlap:
    def test_is_as_large_as_the_geodesic_area_of_what_two_share(self):
        found = one(square(0), square(0.4, 0.3))
        exact = abs(pyproj.Geod(a=6378137, rf=298.257222101).geometry_area_perimeter(found.shapes[0])[0])
        assert found.area_m2[0] == pytest.approx(exact, rel=1e-5)
        assert not found.sliver[0]

    def test_is_none_where_two_only_share_a_border_or_a_corner(self):
        assert len(find([square(0)], [square(1), square(1, 1), square(0, 1), square(5)])) == 0

    def test_is_found_where_one_lies_within_the_other_or_is_the_same(self):
        within = square(0.2, 0.2, wide=0.1, high=0.1)
        found = find([square(0), within, square(3)], [within, square(0), square(3)])
        assert list(zip(found.mine, found.theirs, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)]
        assert found.area_m2[2] == pytest.approx(found.area_m2[0])

    def test_leaves_the_hole_of_a_polygon_out(self):
        ring = square(0).difference(square(0.2, 0.2, wide=0.6, high=0.6))
        assert len(find([ring], [square(0.3, 0.3, wide=0.2, high=0.2)])) == 0
        assert one(ring, square(0.1, 0.1, wide=0.3, high=0.3)).area_m2[0] > 0

    def test_counts_every_piece_of_a_multipolygon(self):
        pieces = shapely.union_all([square(0), square(2)])
        across = square(0.5, 0.25, wide=2, high=0.5)
        found = one(pieces, across)
        assert shapely.get_num_geometries(found.shapes[0]) == 2
        assert found.area_m2[0] == pytest.approx(shapes.area_m2(square(0)) / 2, rel=1e-3)

    def test_is_the_same_whoever_is_asked_first(self):
        rng = np.random.default_rng(3)
        mine = [square(x, y) for x, y in rng.uniform(0, 6, (40, 2))]
        theirs = [square(x, y) for x, y in rng.uniform(0, 6, (40, 2))]
        there, back = find(mine, theirs), find(theirs, mine)
        assert {*zip(there.mine, there.theirs, strict=True)} == {*zip(back.theirs, back.mine, strict=True)}
        assert there.area_m2.sum() == pytest.approx(back.area_m2.sum())
        brute = {(i, j) for i, a in enumerate(mine) for j, b in enumerate(theirs) if a.intersection(b).area > 0}
        assert {*zip(there.mine, there.theirs, strict=True)} == brute

    def test_of_nothing_with_anything_is_nothing(self):
        assert len(find([], [square(0)])) == len(find([square(0)], [])) == 0

    def test_is_found_by_threads_as_by_one(self, monkeypatch):
        mine, theirs = [square(x) for x in range(30)], [square(x + 0.5) for x in range(30)]
        alone = find(mine, theirs)
        monkeypatch.setattr(overlap, "MANY", 8)
        together = find(mine, theirs)
        assert alone.mine.tolist() == together.mine.tolist()
        assert alone.theirs.tolist() == together.theirs.tolist()
        assert alone.area_m2.tolist() == together.area_m2.tolist()


class TestASliver:
    @pytest.mark.parametrize(("metres", "sliver"), [(0.5, True), (1.9, True), (2.1, False), (20, False)])
    def test_is_a_strip_as_wide_as_two_surveys_differ(self, metres, sliver):
        found = one(square(0), square(1 - metres * METRE / STEP))
        assert found.width_m[0] == pytest.approx(metres, rel=0.03)
        assert found.sliver[0] == sliver

    def test_is_a_crumb_however_compact(self):
        side = 3 * METRE / STEP
        assert one(square(0), square(0.5, 0.5, wide=side, high=side * 0.74)).sliver[0]

    def test_does_not_hide_a_wide_piece_among_thin_ones(self):
        """Together they would be narrow enough: each piece is judged by itself."""
        comb = [square(3), *(square(0, at / 40, high=METRE / STEP) for at in range(30))]
        wide = square(0.4, 0.9, wide=30 * METRE / STEP, high=0.03)
        assert one(square(0), shapely.union_all(comb)).sliver[0]
        assert not one(square(0), shapely.union_all([*comb, wide])).sliver[0]

    def test_is_none_where_much_of_a_narrow_parcel_is_gone(self):
        belt = square(1, wide=15 * METRE / STEP)
        assert not one(belt, square(1.5 * METRE / STEP)).sliver[0]
