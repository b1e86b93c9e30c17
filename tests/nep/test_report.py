import json
import shutil
from pathlib import Path

import pypdf
import pytest
from tests.nep import papers_builder
from tests.nep.test_atlas import IMPRINT

from tanhui.nep import advice, facts, report, validation
from tanhui.ui import glyphs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return papers_builder.folder(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def written(folder: Path) -> dict[str, str]:
    paths = report.write(folder, fonts=glyphs.folders(), imprint=IMPRINT)
    return {path.name: read(path) for path in paths}


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """The folder with room for something that was not in it."""
    shutil.copytree(folder, tmp_path / "run")
    return tmp_path / "run"


def read(path: Path) -> str:
    """The words of a paper without the spaces between them."""
    return "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages)


def one(folder: Path, kind: report.Kind, **given: str) -> str:
    [path] = report.write(folder, fonts=glyphs.folders(), imprint=IMPRINT, kinds=[kind], **given)
    return read(path)


def scored(table: str, model: str, n: int, bias: float) -> validation.Score:
    return validation.Score(
        table=table, model=model, n=n, observed=486.0, estimated=486 + bias, bias=bias, rmse=323.0, r2=0.03
    )


class TestAReport:
    @pytest.mark.parametrize(
        "chapter",
        [
            "一、核算范围",
            "二、数据来源与处理",
            "三、方法与标准",
            "四、核算结果",
            "五、与上年相比",
            "六、精度验证",
            "七、不确定性",
            "八、核算原则检查",
            "九、使用建议",
            "十、改进建议",
            "附表",
        ],
    )
    def test_has_each_chapter(self, written: dict[str, str], chapter: str) -> None:
        assert chapter in written["report.pdf"]

    def test_gives_every_type_its_rule_and_every_zone_its_number(self, written: dict[str, str]) -> None:
        for name in ("森林", "灌丛", "草地", "湿地", "农田", "城市", "水域", *papers_builder.TOWNS, "分区以外"):
            assert name in written["report.pdf"]
        assert "植被净初级生产力在开放水面上没有定义" in written["report.pdf"]

    def test_has_whole_kilograms_in_the_annex_and_rounds_by_the_interval_before_it(
        self, folder: Path, written: dict[str, str]
    ) -> None:
        row = facts.read(folder).whole(2024)
        assert row is not None
        assert f"{row.nep_kg_co2:,}" in written["report.pdf"]
        sink = facts.mass(row)
        assert f"为{sink.value}{sink.unit}CO2/年，90%区间{sink.low}～{sink.high}{sink.unit}" in written["report.pdf"]
        assert f"保守下限{sink.also(row.conservative_kg_co2)}{sink.unit}" in written["report.pdf"]

    def test_tells_the_change_with_an_interval_of_its_own(self, folder: Path, written: dict[str, str]) -> None:
        told = facts.read(folder)
        before, now = told.whole(2023), told.whole(2024)
        assert before is not None
        assert now is not None
        printed, certain = facts.changed(before, now)
        assert not certain
        assert f"变化量90%区间{printed.low}～{printed.high}{printed.unit}" in written["report.pdf"]
        assert "变化未超出不确定范围，不宜解读为增减趋势" in written["report.pdf"]

    def test_names_grades_and_sources(self, written: dict[str, str]) -> None:
        assert "李远航等,ChinaXiv202209.00152" in written["report.pdf"]
        assert "MOD17A3HGFv061（NASALPDAAC）" in written["report.pdf"]
        assert "气温在全区取同一组设定值" in written["report.pdf"]

    def test_says_when_nothing_was_validated(self, written: dict[str, str]) -> None:
        assert "本次运行未附本区域的实测数据" in written["report.pdf"]
        assert "通量站完整年份NEP" in written["report.pdf"]
        assert "国内常用的裴志永异养呼吸公式与实测相比系统性偏低" in written["report.pdf"]
        assert "未检验" in written["report.pdf"]

    def test_marks_a_demonstration_on_every_page(self, folder: Path, written: dict[str, str]) -> None:
        for name in written:
            assert all("演示数据" in page.extract_text() for page in pypdf.PdfReader(folder / "archive" / name).pages)

    def test_is_the_same_bytes_each_time(self, folder: Path, written: dict[str, str]) -> None:
        before = {name: (folder / "archive" / name).read_bytes() for name in written}
        again = report.write(folder, fonts=glyphs.folders(), imprint=IMPRINT)
        assert {path.name: path.read_bytes() for path in again} == before

    def test_prints_the_validation_it_was_given(self, copy: Path) -> None:
        found = validation.Validation(
            scores=(scored("annual_rh", "pei", 181, -168.0), scored("annual_nep", "pei", 147, 170.0)),
            excess={"all": 0.095, "china": 0.2},
            years=(),
            sources=(validation.Source("srdb.csv", "ab" * 32),),
        )
        validation.write(copy, found)
        text = one(copy, "report")
        assert "土壤呼吸数据库（SRDB）中国样地年Rh" in text
        assert "−168" in text
        assert "9.5%的站月异养呼吸高于实测" in text
        assert "abababababab" in text
        assert "未附本区域的实测数据" not in text

    def test_prints_what_the_verifier_compared(self, copy: Path) -> None:
        said = {
            "verifier": "演示核查机构", "opinion": "偏差在区间之内。", "outcome": "确认", "signed": "2026-10-01",
            "statistics_sha256": "ab" * 32, "comparisons": [
                {"with": "通量塔", "finding": "偏离，已说明", "numbers": {"偏差": "+62"}, "note": "站点少"}
            ],
        }  # fmt: skip
        (copy / "verification.json").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
        text = one(copy, "report")
        assert "演示核查机构于2026年10月1日核查本期结果，结论：确认。偏差在区间之内。" in text
        assert "偏离，已说明" in text
        assert "由演示核查机构比对核查" in text
        assert "未检验" not in text

    def test_compares_years_of_two_norms_by_one_method(self, folder: Path, tmp_path: Path) -> None:
        asked = papers_builder.PLAN.replace("GB/T 46869-2025", "DB33/T 2274-2025")
        later = papers_builder.folder(tmp_path / "a", years=(2025,), asked=asked)
        text = read(report.write(later, fonts=glyphs.folders(), kinds=["report"], previous=folder)[0])
        assert "与2024年相比" in text
        assert "改为DB33/T2274-2025，方法相同，数量可比" in text

    def test_does_not_compare_a_first_year(self, tmp_path: Path) -> None:
        text = one(papers_builder.folder(tmp_path, years=(2024,)), "report")
        assert "不作年际比较" in text
        assert "尚无可比的上年结果" in text

    def test_compares_with_another_run_made_the_same_way(self, folder: Path, tmp_path: Path) -> None:
        later = papers_builder.folder(tmp_path / "a", years=(2025,))
        paths = report.write(later, fonts=glyphs.folders(), kinds=["report"], previous=folder)
        text = read(paths[0])
        assert "与2024年相比" in text
        assert "与2024年的运行逐项核对" in text

    def test_refuses_to_subtract_what_was_made_otherwise(self, folder: Path, tmp_path: Path) -> None:
        asked = papers_builder.PLAN.replace('["pei", "raich_potter_bond_lamberty"]', '["pei"]')
        later = papers_builder.folder(tmp_path / "a", years=(2025,), asked=asked)
        text = read(report.write(later, fonts=glyphs.folders(), kinds=["report"], previous=folder)[0])
        assert "异养呼吸方法不同，两者不可直接相减" in text
        assert "与2024年相比" not in text

    def test_warns_of_vegetation_that_is_not_there(self, tmp_path: Path) -> None:
        asked = papers_builder.PLAN.replace('method = "raster"', 'method = "miami"').replace(
            'like = "npp"', "like = 'landcover'"
        )
        start, _, rest = asked.partition("[layers.npp]")
        asked = start + "[layers.temperature]" + rest.partition("[layers.temperature]")[2]
        text = one(papers_builder.folder(tmp_path, years=(2024,), asked=asked), "report")
        assert "是潜在植被而非实际植被的生产力" in text
        assert "替换迈阿密模型" in text

    def test_warns_of_one_model_alone_and_of_no_norm(self, tmp_path: Path) -> None:
        asked = papers_builder.PLAN.replace('["pei", "raich_potter_bond_lamberty"]', '["q10"]').replace(
            '[norm]\nid = "GB/T 46869-2025"', "[rh.q10]\nr10 = 1.1\nq10 = 2.0"
        )
        text = one(papers_builder.folder(tmp_path, years=(2024,), asked=asked), "report")
        assert "成果不得标称符合某一标准" in text
        assert "只采用一个模型" in text
        assert "凭记忆引用、未经原文核对（D级）" in text
        assert "国内常用的裴志永" not in text

    def test_does_not_hide_that_the_common_formula_stands_alone(self, tmp_path: Path) -> None:
        asked = papers_builder.PLAN.replace('["pei", "raich_potter_bond_lamberty"]', '["pei"]')
        text = one(papers_builder.folder(tmp_path, years=(2024,), asked=asked), "report")
        assert "系统性偏低约34%" in text
        assert "本次运行只采用该公式，中心值很可能偏高，不宜单独发布" in text
        assert "不单独采用该公式" not in text


class TestPrinciples:
    def test_are_judged_by_what_is_in_the_folder(self, folder: Path) -> None:
        told = facts.read(folder, imprint=IMPRINT)
        assert advice.complete(told)[2] == advice.PARTLY
        assert "森林" in advice.complete(told)[3]
        assert advice.scientific(told)[2] == advice.MET
        assert advice.accurate(told)[2] == advice.UNTRIED
        assert advice.continuous(told)[2] == advice.MET

    def test_see_a_source_without_a_grade(self, tmp_path: Path) -> None:
        asked = papers_builder.PLAN.replace('grade = "A"\n', "")
        told = facts.read(papers_builder.folder(tmp_path, years=(2024,), asked=asked))
        assert advice.scientific(told)[2] == advice.PARTLY
        assert "生态系统类型" in advice.scientific(told)[3]
        assert advice.continuous(told)[2] == advice.UNTRIED


class TestABulletin:
    def test_fits_two_pages_and_says_what_was_found(self, folder: Path, written: dict[str, str]) -> None:
        assert len(pypdf.PdfReader(folder / "archive/bulletin.pdf").pages) <= 2
        assert "示例区生态系统存量碳汇公报" in written["bulletin.pdf"]
        assert "不是减排量" in written["bulletin.pdf"]
        assert "审图号：＿＿＿（未送审，内部使用）" in written["bulletin.pdf"]


class TestASpecialReport:
    def test_is_on_the_largest_type_unless_asked_otherwise(self, written: dict[str, str]) -> None:
        assert "示例区2024年森林生态系统存量碳汇专报" in written["special.pdf"]

    def test_can_be_on_a_level_or_on_one_zone(self, folder: Path) -> None:
        text = one(folder, "special", theme="level:township")
        assert "共有乡镇（街道）分区6个" in text
        code = papers_builder.CODES[2]
        assert "云溪乡存量碳汇专报" in one(folder, "special", theme=f"zone:township/{code}")

    def test_is_on_the_red_line_where_there_is_one(self, tmp_path: Path) -> None:
        asked = papers_builder.PLAN.replace('level = "township"', 'level = "red_line"')
        text = one(papers_builder.folder(tmp_path, years=(2024,), asked=asked), "special")
        assert "生态保护红线存量碳汇专报" in text
        assert "红线范围内的数量见分区结果" in text

    @pytest.mark.parametrize("theme", ["type:water", "type:", "level:park", "zone:township/404", "forest"])
    def test_is_refused_on_what_the_run_does_not_have(self, folder: Path, theme: str) -> None:
        before = (folder / "archive/special.pdf").stat().st_mtime_ns
        with pytest.raises(report.NoSuchTheme, match="type:forest") as refused:
            one(folder, "special", theme=theme)
        assert refused.value.code == "nep.no_such_theme"
        assert (folder / "archive/special.pdf").stat().st_mtime_ns == before


class TestAnImprint:
    def test_may_lie_in_the_folder(self, copy: Path) -> None:
        (copy / "paper.toml").write_text('authority = "示例局"\nissued = 2025-06-30\nreview_number = "示S(2025)1号"\n')
        told = facts.read(copy)
        assert told.issued_zh == "2025年6月30日"
        assert told.printed_imprint()["review"] == "示S(2025)1号"

    def test_that_is_given_stands_before_the_one_in_the_folder(self, copy: Path) -> None:
        (copy / "paper.toml").write_text('authority = "示例局"\nreview_number = "示S(2025)1号"\n')
        told = facts.read(copy, imprint=facts.Imprint(authority="另一局"))
        assert told.imprint.authority == "另一局"
        assert told.imprint.review_number == "示S(2025)1号"

    def test_marks_what_calls_itself_a_demonstration(self, folder: Path, copy: Path) -> None:
        assert not facts.read(folder).imprint.demonstration
        plan = copy / "plan.toml"
        plan.write_text(plan.read_text().replace('核算"', '核算（演示）"'))
        assert facts.read(copy).imprint.demonstration

    def test_leaves_open_what_nobody_said(self, folder: Path) -> None:
        told = facts.read(folder)
        assert told.issued_zh == "＿＿＿＿（编制日期未填）"
        assert told.printed_imprint()["review"] == "＿＿＿（未送审，内部使用）"
        assert told.moment.date().isoformat() == "2024-12-31"
        assert told.area == "示例区"
