"""GeoPackage and NetCDF are known by their own beginning, and only by that; what the product made is filed as it is."""

import sqlite3

import pytest
from tests import world

from tanhui.files import inspection, kinds, refusals, store
from tanhui.files.acts import made
from tanhui.identity.models import Person
from tanhui.inventory.acts import cataloguing

pytestmark = pytest.mark.django_db


def geopackage(path, *, application=0x47504B47, table="gpkg_contents"):
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA application_id = {application}")
        database.execute(f"CREATE TABLE {table} (table_name TEXT)")
        database.execute(f"INSERT INTO {table} VALUES ('乡镇')")
    return path


class TestASpatialFile:
    def test_is_a_geopackage_with_its_layers(self, tmp_path):
        found = inspection.inspect(geopackage(tmp_path / "zones.gpkg"), tuple(kinds.FORMATS))
        assert (found.format.name, found.facts) == ("gpkg", {"layers": ["乡镇"]})

    def test_is_no_geopackage_by_its_name_or_as_any_database(self, tmp_path):
        with pytest.raises(refusals.FormatRefused):
            inspection.inspect(geopackage(tmp_path / "a.gpkg", application=7), ("gpkg", "netcdf"))
        with pytest.raises(refusals.FileUnreadable):
            inspection.inspect(geopackage(tmp_path / "b.gpkg", table="other"), ("gpkg",))

    @pytest.mark.parametrize(("start", "kind"), [(b"CDF\x02", "classic"), (b"\x89HDF\r\n\x1a\n", "hdf5")])
    def test_is_netcdf_of_either_kind(self, tmp_path, start, kind):
        path = tmp_path / "pr.nc"
        path.write_bytes(start + b"\x00" * 64)
        found = inspection.inspect(path, ("gpkg", "netcdf"))
        assert (found.format.name, found.facts) == ("netcdf", {"kind": kind})


class TestWhatTheProductMade:
    def test_is_filed_with_its_bytes_and_stays_where_it_was(self, tmp_path):
        path = tmp_path / "record.json"
        path.write_text("{}")
        person: Person = world.person()
        version = made.put(
            subject=f"{cataloguing.SUBJECT}:1", kind=cataloguing.SUBJECT, title="记录", path=path, name="record.json",
            format="text", media_type="application/json", by=person, at=world.NOON,
        )  # fmt: skip
        assert store.read(version.sha256, version.size_bytes) == b"{}"
        assert (version.media_type, path.exists()) == ("application/json", True)
