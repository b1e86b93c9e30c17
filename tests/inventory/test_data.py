"""The catalogue of data, and what serves a year."""

import io
import shutil

import pytest
from django.urls import reverse
from tests import world
from tests.inventory import accounting

from tanhui.files.acts import receiving
from tanhui.inventory.acts import cataloguing, registering
from tanhui.inventory.models import Dataset, Intake, Use


def on_the_server(case, name="npp.tif", content=b"bytes"):
    path = cataloguing.data_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def add(case, path="npp.tif", **overrides):
    return cataloguing.add_path(
        described=accounting.described(**overrides), path=path, mandate=case.technician, at=case.at
    )


class TestData:
    def test_on_the_server_is_kept_with_size_and_hash(self, case):
        on_the_server(case)
        made = add(case)

        assert (made.path, made.size_bytes) == ("npp.tif", 5)
        assert made.sha256 == "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"
        assert made.document is None

    def test_in_a_folder_is_known_by_its_files(self, case):
        on_the_server(case, "tmp/01.tif", b"one")
        on_the_server(case, "tmp/02.tif", b"two")
        made = add(case, "tmp")
        assert made.size_bytes == 6
        on_the_server(case, "tmp/02.tif", b"too")
        assert cataloguing.measured(cataloguing.located("tmp"))[0] != made.sha256

    @pytest.mark.parametrize("path", ["", "/etc/passwd", "../secrets", "a/../../b", "nothing.tif", "empty", "a\x00b"])
    def test_elsewhere_is_refused(self, case, path):
        (cataloguing.data_folder() / "empty").mkdir(parents=True)
        with world.refuses(cataloguing.PathUnusable, "inventory.path_unusable"):
            add(case, path)

    @pytest.mark.parametrize(
        "wrong",
        [{"title": " "}, {"agency": ""}, {"licence": ""}, {"provenance": "x" * 2001}, {"bounds": (121, 30, 120, 31)},
         {"kind": "GUESS"}, {"access": "SECRET"}, {"bounds": (float("nan"), 30, 121, 31)}, {"grade": "Z"},
         {"grade": ""}],
    )  # fmt: skip
    def test_without_a_true_description_is_refused(self, case, wrong):
        on_the_server(case)
        with world.refuses(cataloguing.DataUndescribed, "inventory.data_undescribed"):
            add(case, **wrong)
        assert not Dataset.objects.exists()

    def test_is_entered_once(self, case):
        on_the_server(case)
        on_the_server(case, "copy.tif")
        add(case)
        with world.refuses(cataloguing.KnownAlready, "inventory.known_already"):
            add(case, "copy.tif")

    def test_that_was_handed_in_keeps_its_version(self, case):
        path = case.files[2024]["zones.township"]
        upload = receiving.receive(
            stream=io.BytesIO(path.read_bytes()), name="towns.geojson", person=case.technician.membership.person,
            at=case.at, kind=cataloguing.SUBJECT,
        )  # fmt: skip
        made = cataloguing.add_file(
            described=accounting.described("zones.township", access="INTERNAL"), upload=upload,
            mandate=case.technician, at=case.at,
        )  # fmt: skip
        assert made.sha256 == upload.sha256
        assert (made.version, made.path) == (1, "")


class TestAnIntake:
    """Data on the server is read by the worker, not while somebody waits for a page."""

    def ask(self, case, path="npp.tif", reference="take-in-1", **overrides):
        return registering.ask(
            described=accounting.described(**overrides), path=path, mandate=case.technician, reference=reference,
            at=case.at,
        )  # fmt: skip

    def done(self, row, case):
        registering.carry_out(key=row.pk, at=case.at)
        row.refresh_from_db()
        return row

    def test_is_entered_by_the_worker_once(self, case):
        on_the_server(case)
        row = self.ask(case)
        assert (row.state, Dataset.objects.count()) == ("ASKED", 0)
        assert self.ask(case) == row

        row = self.done(self.done(row, case), case)

        assert (row.state, row.dataset.grade, row.dataset.size_bytes) == ("DONE", "A", 5)
        assert Dataset.objects.get() == row.dataset
        assert row.dataset.first_day == accounting.described().first_day
        assert (row.dataset.west, row.dataset.north) == (accounting.described().bounds[0], row.dataset.north)

    def test_says_why_it_was_not_entered(self, case, client):
        on_the_server(case)
        on_the_server(case, "copy.tif")
        add(case)
        row = self.done(self.ask(case, "copy.tif"), case)
        assert (row.state, row.stop["code"], row.dataset) == ("STOPPED", "inventory.known_already", None)

        world.sign_in(client, case.technician.membership.person)
        said = client.get(reverse("inventory:data")).content.decode()
        assert "copy.tif" in said
        assert row.stop["said"]["zh-hans"] in said

    def test_of_what_is_not_there_is_refused_at_once(self, case):
        with world.refuses(cataloguing.PathUnusable, "inventory.path_unusable"):
            self.ask(case, "nothing.tif")
        assert not Intake.objects.exists()


class TestAUse:
    def test_takes_the_place_of_what_served_before(self, case):
        case.open()
        first = case.add("npp")
        shutil.copyfile(case.files[2025]["npp"], cataloguing.data_folder() / "better.tif")
        second = add(case, "better.tif", title="更好的 NPP")
        cataloguing.use(year=case.year, dataset=second, layer="npp", options={}, mandate=case.technician, at=case.at)

        assert Use.objects.get().dataset == second != first

    @pytest.mark.parametrize("layer", ["temperature", "zones.township", "zones.", "zones.../x", "nonsense", ""])
    def test_as_something_it_is_not_is_refused(self, case, layer):
        case.open()
        made = case.add("npp")
        with world.refuses(cataloguing.WrongKind, "inventory.wrong_kind"):
            cataloguing.use(year=case.year, dataset=made, layer=layer, options={}, mandate=case.technician, at=case.at)

    def test_of_anothers_data_is_refused(self, case):
        case.open()
        other = world.party("NATR")
        on_the_server(case)
        theirs = cataloguing.add_path(
            described=accounting.described(), path="npp.tif", mandate=other.initiator, at=case.at
        )
        said = {"layer": "npp", "options": {}, "mandate": case.technician, "at": case.at}
        with world.refuses(cataloguing.OthersData, "inventory.others_data"):
            cataloguing.use(year=case.year, dataset=theirs, **said)
