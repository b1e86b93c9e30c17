"""The state machines of the project cycle, drawn in the documentation from the data that carries them out.

``python tools/cycle.py`` writes the drawings between the markers of docs/algorithms/project-cycle.md anew; ``--check``
says whether they are up to date.
"""

import os
import re
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/algorithms/project-cycle.md"
MARKED = re.compile(r"(<!-- machine:(\S+) -->\n).*?(<!-- /machine -->)", re.DOTALL)


def rendered(text: str) -> str:
    """The document with every drawing made anew."""
    from tanhui.projects import drawing, machine

    def block(found: re.Match[str]) -> str:
        profile, _, name = found.group(2).partition("/")
        one = machine.clawback() if profile == machine.CLAWBACK else getattr(machine.profile(profile), name)
        return f"{found.group(1)}```mermaid\n{drawing.mermaid(one)}\n```\n\n{listed(one)}\n{found.group(3)}"

    return MARKED.sub(block, text)


def listed(one) -> str:  # type: ignore[no-untyped-def]
    """The table of a machine: from, act, by whom, to, guards, papers, clause."""
    from tanhui.projects import machine

    head = "| 起 | 动作 | 由谁 | 止 | 条件 | 材料 | 依据 |\n|---|---|---|---|---|---|---|"
    rows = [
        [
            one.of(row.before).label.zh, f"{row.label.zh}{'（两人）' if row.two else ''}", machine.side(row.side).zh,
            f"{one.of(row.after).label.zh}{limit(one, row.after)}", codes(row.guards), codes(row.papers), row.clause,
        ]
        for row in one.table
    ]  # fmt: skip
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([head, *lines])


def limit(one, state: str) -> str:  # type: ignore[no-untyped-def]
    asked = one.of(state).limit
    return f"（`{asked.key}`）" if asked else ""


def codes(names: tuple[str, ...]) -> str:
    return " ".join(f"`{name}`" for name in names) or "—"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")
    django.setup()
    before = DOCUMENT.read_text(encoding="utf-8")
    after = rendered(before)
    if "--check" in sys.argv:
        if before != after:
            print(f"{DOCUMENT.relative_to(ROOT)}: the drawings differ from the profiles; run python tools/cycle.py")
        return int(before != after)
    DOCUMENT.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
