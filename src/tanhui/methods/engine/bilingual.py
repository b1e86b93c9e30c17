"""Short texts of packages that stand in both languages in one: ``中文 / English``."""

import re

HAN = re.compile("[\u3400-\u9fff]")
WORD = re.compile(r"\b[A-Za-z][a-z]{2,}\b")
CITED = {"Table", "Tables", "Volume", "Section", "Annex", "item", "items"}  # English words of a bare citation
TITLE = re.compile(
    "《[^》]*》第?[〇零一二三四五六七八九十百]*条?"
)  # a law by its name, which is its name in any language
CITATION = re.compile("[^\u3000-\u9fff\uff00-\uffef]+")  # up to the first Chinese sign


def half(text: str, code: str) -> str:
    """The part of a text in a language (``zh-hans`` or ``en``), or all of it where it stands in one only. An English
    half that leaves out the citation the Chinese one begins with gets it: ``CMS-017 monitoring: water level``."""
    chinese, slash, english = text.rpartition(" / ")
    if not slash or not HAN.search(chinese) or HAN.search(english):
        return text
    if code.lower().startswith("zh"):
        return chinese
    cited = met[0].rstrip(" (,:") if (met := CITATION.match(chinese)) else ""
    return english if cited in english else f"{cited} {english}"


def lacks(text: str) -> str:
    """The language a text lacks, ``zh`` or ``en``; empty where it has both or, as a bare citation, needs neither."""
    chinese, english = half(text, "zh-hans"), half(text, "en")
    if chinese != english:
        return ""
    if HAN.search(TITLE.sub("", text)):
        return "en"
    return "zh" if set(WORD.findall(TITLE.sub("", text))) - CITED else ""
