import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from tests.nep import papers_builder

from tanhui.nep import atlas, maps, papers
from tanhui.nep.facts import Imprint
from tanhui.ui import glyphs

IMPRINT = Imprint(
    area="示例区",
    authority="示例市自然资源和规划局",
    boundaries="示例行政界线",
    issued=date(2025, 6, 30),
    demonstration=True,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return papers_builder.folder(tmp_path_factory.mktemp("atlas"))


@pytest.fixture(scope="module", autouse=True)
def coarse() -> Iterator[None]:
    """Pages as small pictures: their size is no matter here, and drawing them large takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "RESOLUTION", 30.0)
        yield


@pytest.fixture(scope="module")
def files(folder: Path) -> list[Path]:
    return atlas.write(folder, fonts=glyphs.folders(), imprint=IMPRINT)


@pytest.fixture(scope="module")
def pages(folder: Path, files: list[Path]) -> list[str]:
    assert files
    reader = pypdf.PdfReader(folder / "archive/atlas/atlas.pdf")
    return ["".join(page.extract_text().split()) for page in reader.pages]


class TestAnAtlas:
    def test_has_a_map_of_each_type_and_year_and_the_five_others(self, folder: Path, files: list[Path]) -> None:
        maps = json.loads((folder / "archive/atlas/index.json").read_text())["maps"]
        kinds = {(one["year"], one["theme"], one["type"]) for one in maps}
        types = ("all", "forest", "shrub", "grass", "wetland", "crop")
        assert kinds == {
            *((year, "nep", kind) for year in (2023, 2024) for kind in types),
            *((year, theme, "all") for year in (2023, 2024) for theme in ("landcover", "interval", "flags")),
            (2024, "change", "all"),
        }
        assert {path.name for path in files} == {
            "atlas.pdf",
            "index.json",
            *(one["page"] for one in maps),
            *(one["thumbnail"] for one in maps),
        }
        assert all(path.stat().st_size for path in files)

    def test_says_on_every_map_what_a_map_must_say(self, pages: list[str]) -> None:
        assert len(pages) == 21
        for page in pages[2:]:
            assert "演示数据" in page
            assert "审图号：＿＿＿（未送审，内部使用）" in page
            assert "图面中心比例尺约1∶" in page
            assert "北N" in page
            assert "GB/T46869-2025" in page
            assert "无数据" in page
            assert "120°" in page
            assert "大岭镇" in page

    def test_prints_no_total_without_its_interval(self, pages: list[str]) -> None:
        told = [page for page in pages if "固碳量" in page]
        assert len(told) == 12
        assert all("90%区间" in page and "保守下限" in page for page in told)

    def test_says_which_types_have_no_map(self, pages: list[str]) -> None:
        assert "城市、水域、其他不适用NPP−Rh方法" in pages[0]

    def test_is_the_same_bytes_each_time(self, folder: Path, files: list[Path]) -> None:
        before = {path.name: path.read_bytes() for path in files}
        again = atlas.write(folder, fonts=glyphs.folders(), imprint=IMPRINT)
        assert {path.name: path.read_bytes() for path in again} == before

    def test_has_small_pictures_for_lists(self, folder: Path, files: list[Path]) -> None:
        with Image.open(folder / "archive/atlas/2024-nep.thumbnail.png") as small:
            assert small.width == maps.THUMBNAIL
        with Image.open(folder / "archive/atlas/2024-nep.png") as page:
            assert (page.width, page.height) == (351, 248)


class TestAnAtlasOfOneYear:
    def test_has_a_map_of_the_change_since_another_run(self, folder: Path, tmp_path: Path) -> None:
        later = papers_builder.folder(tmp_path, years=(2025,))
        names = {path.name for path in atlas.write(later, fonts=glyphs.folders(), previous=folder)}
        assert "2025-change.png" in names
        assert "2024-nep.png" not in names


class TestTypesWithNextToNoLand:
    def test_share_a_map_on_which_they_can_be_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(maps, "FEW", 0.5)
        folder = papers_builder.folder(tmp_path, years=(2024,))
        atlas.write(folder, fonts=glyphs.folders(), imprint=IMPRINT)
        listed = json.loads((folder / "archive/atlas/index.json").read_text())["maps"]
        own = {one["type"] for one in listed if one["theme"] == "nep"}
        (shared,) = (one for one in own if "+" in one)
        assert {"shrub", "wetland"} <= set(shared.split("+"))
        assert not own & set(shared.split("+"))
        pages = pypdf.PdfReader(folder / "archive/atlas/atlas.pdf").pages
        said = "".join("".join(page.extract_text().split()) for page in pages)
        assert "面积不足全区2%的类型合为一图" in said
        assert "灌丛：保守下限" in said


class TestAMapToPublish:
    def test_carries_its_review_number_and_warns_of_borders_made_for_computing(self, tmp_path: Path) -> None:
        folder = papers_builder.folder(tmp_path, years=(2024,))
        given = Imprint(area="示例区", review_number="浙绍S(2025)12号", boundaries="Natural Earth 1:50m")
        atlas.write(folder, fonts=glyphs.folders(), imprint=given)
        page = "".join(pypdf.PdfReader(folder / "archive/atlas/atlas.pdf").pages[2].extract_text().split())
        assert "审图号：浙绍S(2025)12号" in page
        assert "仅供计算检验" in page
        assert "演示数据" not in page

    def test_is_refused_where_a_name_cannot_be_printed(self, tmp_path: Path) -> None:
        folder = papers_builder.folder(tmp_path, years=(2024,))
        with pytest.raises(papers.PaperUnprintable, match="could not be displayed"):
            atlas.write(folder, fonts=glyphs.folders(), imprint=Imprint(area="𓀀区"))
        assert not (folder / "archive/atlas/atlas.pdf").exists()
