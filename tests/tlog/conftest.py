import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings

from tanhui.kernel import language

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "tlog"

settings.register_profile("patient", deadline=None)  # a busy machine is not a fault
settings.load_profile("patient")


@pytest.fixture(scope="session")
def golden():
    """The golden files, and the script ``build`` they come out of."""
    spec = importlib.util.spec_from_file_location("golden_tlog_build", FOLDER / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    return SimpleNamespace(
        folder=FOLDER, log=FOLDER / "log", bundles=FOLDER / "bundles", certificate=FOLDER / "certificate.pdf",
        key=str(build.OPERATOR.verifier), build=build,
    )  # fmt: skip


@pytest.fixture
def chinese(tmp_path, monkeypatch):
    """The room's Chinese catalogue, compiled from its source for this test."""
    polib = pytest.importorskip("polib")
    source = Path(language.ROOMS) / "tlog/locale/zh_Hans/LC_MESSAGES/django.po"
    target = tmp_path / "tlog/locale/zh_Hans/LC_MESSAGES"
    target.mkdir(parents=True)
    catalogue = polib.pofile(str(source))
    catalogue.save_as_mofile(str(target / "django.mo"))
    monkeypatch.setattr(language, "ROOMS", tmp_path)
    language.catalogues.cache_clear()
    yield catalogue
    language.catalogues.cache_clear()
