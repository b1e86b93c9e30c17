import pytest

from tanhui.methods.engine import bilingual, explanation, shelf
from tanhui.methods.engine.faults import Fault

from . import agri


class TestHalf:
    @pytest.mark.parametrize(
        ("text", "chinese", "english"),
        [
            ("种植记录 / crop records", "种植记录", "crop records"),
            ("CMS-017 监测：水位 / monitoring: water level", "CMS-017 监测：水位", "CMS-017 monitoring: water level"),
            ("VM0042 v2.1 §4（追记） / recalled", "VM0042 v2.1 §4（追记）", "VM0042 v2.1 §4 recalled"),
            (
                "IPCC 指南：同一版本 / IPCC guidelines: one edition",
                "IPCC 指南：同一版本",
                "IPCC guidelines: one edition",
            ),
            ("2005-02-16 以来影像 / imagery since 2005-02-16", "2005-02-16 以来影像", "imagery since 2005-02-16"),
            ("林权证 / 土地证", "林权证 / 土地证", "林权证 / 土地证"),
            ("t / ha", "t / ha", "t / ha"),
            ("", "", ""),
        ],
    )
    def test_is_that_of_the_reader(self, text, chinese, english):
        assert (bilingual.half(text, "zh-hans"), bilingual.half(text, "en")) == (chinese, english)


class TestPackages:
    @pytest.mark.parametrize("name", [one for one in shelf.names() if not one.startswith("nep_")])
    def test_say_what_changed_in_both_languages(self, name):
        package = shelf.load(name)

        assert package.changes_zh.count("\n## ") == package.changes.count("\n## ")
        assert package.changes_zh.count("\n* ") == package.changes.count("\n* ")

    def test_of_an_explanation_ask_for_evidence_in_its_language(self):
        bundle = agri.rice().run().bundle()

        assert "| CMS-017 monitoring: water level |" in explanation.explain(bundle, "en")
        assert "| CMS-017 监测：水位 |" in explanation.explain(bundle)

    def test_of_a_fault_cite_in_its_language(self):
        fault = Fault("missing_fact", "a.csv", 1, "b", "c").under("CMS-017 监测：水位 / monitoring: water level")

        assert fault.as_json("en")["clause"] == "CMS-017 monitoring: water level"
        assert fault.as_json("zh-hans")["clause"] == "CMS-017 监测：水位"
