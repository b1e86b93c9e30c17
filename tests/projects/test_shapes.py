"""Outlines are kept, measured on the ellipsoid, and found by their rectangles."""

import numpy as np
import pytest
import shapely
from django.db import connection

from tanhui.projects import shapes

FIELD = shapely.box(118.90, 42.20, 118.91, 42.21)
HOLED = shapely.Polygon(FIELD.exterior.coords, [shapely.box(118.902, 42.202, 118.903, 42.203).exterior.coords])


class TestAnArea:
    def test_is_that_of_the_ellipsoid(self):
        around = [(118.90, 42.20), (118.91, 42.20), (118.91, 42.21), (118.90, 42.21)]
        lon, lat = zip(*around, strict=True)
        assert shapes.area_m2(FIELD) == round(shapes.GEOD.polygon_area_perimeter(lon, lat)[0])
        assert 916_000 < shapes.area_m2(FIELD) < 919_000  # 825 m by 1,111 m

    @pytest.mark.parametrize("turned", [HOLED, shapely.reverse(HOLED), shapely.MultiPolygon([HOLED])])
    def test_takes_holes_off_whichever_way_rings_turn(self, turned):
        hole = shapely.box(118.902, 42.202, 118.903, 42.203)
        assert abs(shapes.area_m2(turned) - (shapes.area_m2(FIELD) - shapes.area_m2(hole))) <= 1

    def test_of_parts_is_their_sum(self):
        apart = shapely.box(119.0, 42.2, 119.01, 42.21)
        both = shapely.MultiPolygon([FIELD, apart])
        assert abs(shapes.area_m2(both) - shapes.area_m2(FIELD) - shapes.area_m2(apart)) <= 1
        assert shapes.areas_m2([FIELD, both]).tolist() == [shapes.area_m2(FIELD), shapes.area_m2(both)]

    def test_of_nothing_is_nothing(self):
        assert shapes.areas_m2(np.array([shapely.Polygon()], dtype=object)).tolist() == [0]


class TestAnOutline:
    def test_is_kept_and_read_back(self):
        assert shapes.geometry(memoryview(shapes.wkb(HOLED))).equals_exact(HOLED, 0)

    def test_has_one_digest_however_it_is_drawn(self):
        corners = list(FIELD.exterior.coords)[:-1]
        other = shapely.Polygon([*corners[2:], *corners[:2]]).reverse()
        assert shapes.digest(other) == shapes.digest(FIELD)
        assert shapes.digest(shapely.box(118.90, 42.20, 118.91, 42.2100001)) != shapes.digest(FIELD)


@pytest.mark.django_db
class TestABox:
    def test_goes_to_the_database_and_back(self):
        field = shapes.BoxField()
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::box", [field.get_prep_value(FIELD)])
            assert field.from_db_value(cursor.fetchone()[0], None, connection) == shapes.box(FIELD)
        assert field.get_prep_value(None) is None
        assert field.to_python([1, 2, 3, 4]) == shapes.Box(1.0, 2.0, 3.0, 4.0)
