"""Write each sentence that has no place in its room's catalogue yet into it, with the Chinese left to fill in.

``--prune`` also takes out what nobody says any more. Entries that stand are left exactly as they are.
"""

import argparse
from pathlib import Path

import polib  # type: ignore[import-untyped]

from lints import PACKAGE, catalogues

ROOT = Path(__file__).resolve().parent.parent
HEADER = """# 简体中文
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*", help="only these rooms")
    parser.add_argument("--prune", action="store_true", help="take out what nobody says any more")
    args = parser.parse_args()
    wanted = catalogues.wanted_by_room(ROOT)
    for room in args.rooms or sorted(wanted):
        added = add(ROOT, room, list(wanted.get(room, {}).values()))
        removed = prune(ROOT, room, set(wanted.get(room, {}))) if args.prune else 0
        if added or removed:
            print(f"{room}: {added} to translate, {removed} taken out")


def add(root: Path, room: str, said: list[tuple[catalogues.Message, Path, int]]) -> int:
    """Append the missing sentences to the room's catalogue; how many."""
    known = catalogues.catalogue(root, room)
    missing = [(message, source) for message, source, _line in said if message.key not in known]
    if missing:
        path = root / PACKAGE / room / catalogues.CATALOGUE
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8").rstrip("\n") + "\n" if path.exists() else HEADER
        entries = [entry(message, source).__unicode__(wrapwidth=110) for message, source in missing]
        path.write_text("\n".join([before, *entries]).rstrip("\n") + "\n", encoding="utf-8")
    return len(missing)


def entry(message: catalogues.Message, source: Path) -> polib.POEntry:
    named = {"msgid_plural": message.plural, "msgstr_plural": {0: ""}} if message.plural else {}
    flags = ["python-format"] if catalogues.PLACE.search(message.text) else []
    where = [(str(source.relative_to(PACKAGE)), "")]
    return polib.POEntry(msgctxt=message.context, msgid=message.text, occurrences=where, flags=flags, **named)


def prune(root: Path, room: str, wanted: set[tuple[str | None, str]]) -> int:
    path = root / PACKAGE / room / catalogues.CATALOGUE
    if not path.exists():
        return 0
    book = polib.pofile(str(path), encoding="utf-8", wrapwidth=110)
    stale = [each for each in book if (each.msgctxt, each.msgid) not in wanted]
    for each in stale:
        book.remove(each)
    if stale:
        book.save()
    return len(stale)


if __name__ == "__main__":
    main()
