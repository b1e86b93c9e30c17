"""The lint that asks for both languages in what methodologies say to people."""

import pytest

from lints import bilingual

FOLDER = "src/tanhui/methods/packages/rice/v01"
PACKAGE = """
title_en = "Rice"
title_zh = "水稻"
summary_en = "Less methane."
summary_zh = "减少甲烷。"
legal_status = "filed"
legal_status_zh = "已备案"
authority = "国家发展和改革委员会"
authority_en = "NDRC"
pools_excluded = ["枯落物 / litter"]
[leakage]
text_en = "None."
text_zh = "无。"
"""
WHOLE = {
    f"{FOLDER}/package.toml": PACKAGE,
    f"{FOLDER}/CHANGES.md": "# Changes of rice\n",
    f"{FOLDER}/CHANGES.zh.md": "# 水稻变更说明\n",
    f"{FOLDER}/inputs.toml": '[[table]]\nname = "a"\ncolumn = [{ name = "b", clause = "IPCC 2019 V4 Table 5.5" }]\n',
    f"{FOLDER}/cases/one.toml": 'title = "One"\ntitle_zh = "其一"\nprovenance = "by hand"\nprovenance_zh = "手工"\n',
    f"{FOLDER}/predicates.py": '@predicate(clause="CMS-017：水位 / water level", evidence_asked="记录 / log")\n'
    "def a(): ...\n",
}


class TestBilingual:
    def test_allows_what_says_everything_twice(self, says):
        assert says(bilingual, WHOLE) == []

    @pytest.mark.parametrize(
        ("file", "right", "wrong", "told"),
        [
            ("package.toml", 'summary_zh = "减少甲烷。"', "", "has no summary in Chinese"),
            ("package.toml", 'authority_en = "NDRC"', "", "has no authority in English"),
            ("package.toml", "枯落物 / litter", "litter", "pools_excluded “litter” has no Chinese"),
            ("package.toml", "枯落物 / litter", "枯落物", "has no English"),
            ("package.toml", 'text_zh = "无。"', "", "leakage: has no text in Chinese"),
            ("package.toml", PACKAGE, "[", "is not TOML"),
            ("inputs.toml", "IPCC 2019 V4 Table 5.5", "water level of the log", "clause “water level of the log”"),
            ("cases/one.toml", 'title_zh = "其一"', "", "has no title in Chinese"),
            ("cases/one.toml", 'provenance = "by hand"', "", "has no provenance in English"),
            ("predicates.py", "CMS-017：水位 / water level", "CMS-017：水位", "clause “CMS-017：水位” has no English"),
            ("predicates.py", "记录 / log", "records of the grower", "has no Chinese"),
            ("CHANGES.zh.md", "# 水稻变更说明", "# Changes", "has no CHANGES.zh.md in Chinese"),
            ("CHANGES.md", "# Changes of rice", "# 水稻变更说明", "has no CHANGES.md in English"),
        ],
    )
    def test_names_what_lacks_a_language(self, says, file, right, wrong, told):
        path = f"{FOLDER}/{file}"
        (said,) = says(bilingual, WHOLE | {path: WHOLE[path].replace(right, wrong)})

        assert told in str(said)

    @pytest.mark.parametrize(
        "text", ["《大气污染防治法》第七十七条", "VM0033 v2.1 §8.2, (29)", "IPCC 2019 V4 Table 2.3"]
    )
    def test_lets_bare_citations_stand(self, says, text):
        path = f"{FOLDER}/predicates.py"

        assert says(bilingual, WHOLE | {path: WHOLE[path].replace("CMS-017：水位 / water level", text)}) == []
