"""Text as a search sees it: pieces of one and two characters, and pinyin to sort by (docs/algorithms/search.md)."""

import re
import unicodedata
from functools import lru_cache

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

LONGEST = 60  # characters of a question that are looked at
KEY = 120
GAP = re.compile(r"\s+")
INVISIBLE = {"Cc", "Cf", "Cs"}


def plain(text: str) -> str:
    """Full-width as half-width, capitals as small letters, invisible characters gone, any gap as one blank."""
    seen = "".join(" " if sign.isspace() else sign for sign in text if visible(sign))
    return GAP.sub(" ", unicodedata.normalize("NFKC", seen).casefold()).strip()


def visible(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) not in INVISIBLE


def pieces(words: str) -> list[str]:
    """Every character and every pair of neighbours of a plain text, each once; none across a blank."""
    found: dict[str, None] = {}
    for word in words.split(" "):
        found |= dict.fromkeys(word)
        found |= dict.fromkeys(word[at : at + 2] for at in range(len(word) - 1))
    return sorted(found)


def asked(text: str) -> list[str]:
    """What must stand somewhere in the words: the plain parts of a question, each a substring. Empty asks nothing."""
    return plain(text)[:LONGEST].split()


def needed(part: str) -> list[str]:
    """The pieces every text with this part has: its pairs, or the one character it is."""
    return [part] if len(part) == 1 else sorted({part[at : at + 2] for at in range(len(part) - 1)})


@lru_cache(maxsize=20_000)
def key(title: str) -> str:
    """The title in pinyin with tones, syllable by syllable, so that names sort as a Chinese index does.

    A character read differently in a word is read as in that word: 重庆 is ``chong2 qing4``.
    """
    from pypinyin import Style, lazy_pinyin  # its tables take a third of a second; readers of pages never need them

    spoken = lazy_pinyin(plain(title), style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join(one for one in spoken if one != " ")[:KEY]


def marked(text: str, parts: list[str]) -> SafeString:
    """The text with what was asked for marked, where the plain text has the same length as the printed one."""
    low = unicodedata.normalize("NFKC", text).casefold()
    hits = [False] * len(text)
    if len(low) == len(text):
        for part in parts:
            at = low.find(part)
            while at >= 0:
                hits[at : at + len(part)] = [True] * len(part)
                at = low.find(part, at + 1)
    runs: list[list[object]] = []
    for sign, hit in zip(text, hits, strict=True):
        if runs and runs[-1][0] == hit:
            runs[-1][1] = f"{runs[-1][1]}{sign}"
        else:
            runs.append([hit, sign])
    return SafeString(
        "".join(format_html_join("", "<mark>{}</mark>" if hit else "{}", [(said,)]) for hit, said in runs)
    )
