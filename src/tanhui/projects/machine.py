"""The procedures by which a project is developed and its reductions issued, read from ``profiles/*.toml``.

A profile is data: states, who moves from which to which, what must be true before (guards, by name), which papers are
demanded, which time limit runs, what is public, and the clause it rests on. ``acts.steps`` carries it out; the pages
and ``docs/algorithms/project-cycle.md`` draw it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import get_language

from tanhui.kernel.refusal import Refusal, gettext_noop

FOLDER = Path(__file__).parent / "profiles"
DEVELOPMENT, MONITORING, CLAWBACK = "development", "monitoring", "clawback"
Tone = Literal["draft", "work", "notice", "returned", "good", "bad"]
SIDES = {
    "OWNER": ("项目业主", "Owner"), "COUNTY": ("旗县区主管部门", "County authority"),
    "CITY": ("市级主管部门", "City authority"), "AUTHORITY": ("主管部门", "Competent authority"),
    "REGISTRY": ("注册登记机构", "Registry operator"), "VALIDATOR": ("审定机构", "Validation body"),
    "VERIFIER": ("核查机构", "Verification body"), "EXPERTS": ("专家委员会", "Expert committee"),
    "SYSTEM": ("系统（期限届满）", "Time running out"),
}  # fmt: skip


class ProfileUnknown(Refusal):
    code = "projects.profile_unknown"
    sentence = gettext_noop("There is no procedure “%(profile)s”. Choose one of: %(known)s.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第十一条"
    status = 422


@dataclass(frozen=True, slots=True)
class Word:
    """A label in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if (get_language() or "en").startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a state may last: a parameter of the development's rule pack, in the pack's unit.

    ``local`` takes it from the local pack. ``notice``: the state lasts exactly so long, and time itself ends it.
    """

    key: str
    notice: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Where something can stand. ``public``: everyone may see it from here on. ``stops``: the clock of the state it was
    returned from stands still here. ``comment``: the public may comment."""

    code: str
    label: Word
    tone: Tone
    public: bool = False
    stops: bool = False
    comment: bool = False
    last: bool = False
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: an act, from which state to which, on whose side, and what it demands.

    ``two``: one person asks and another confirms. ``reason``: it must be said why. ``again``: back to the state whose
    clock stood still. ``clause`` names what it rests on.
    """

    act: str
    before: str
    after: str
    side: str
    label: Word
    clause: str
    guards: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    two: bool = False
    reason: bool = False
    again: bool = False

    @property
    def aside(self) -> bool:
        """Whether it stops the case instead of taking it on, so that nobody's turn is waited for."""
        ends = self.after in {"WITHDRAWN", "REJECTED", "CANCELLED", "REVOKED", "SUSPENDED", "UNDER_CLAWBACK"}
        return ends and self.side != "SYSTEM"


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper: whose it is, whether everyone may read it, and whether it is generated from the data."""

    code: str
    label: Word
    side: str
    public: bool
    generated: bool
    clause: str


@dataclass(frozen=True, slots=True)
class Machine:
    """States and the table of what leads from one to another."""

    name: str
    label: Word
    first: str
    states: Mapping[str, State]
    table: tuple[Transition, ...]

    def of(self, state: str) -> State:
        return self.states[state]

    def out(self, state: str) -> list[Transition]:
        """Everything that can be done from a state."""
        return [row for row in self.table if row.before == state]

    def row(self, act: str, before: str, stage: str = "") -> Transition | None:
        """The row for an act from a state; where several lead on, the one back to ``stage``."""
        found = [row for row in self.table if (row.act, row.before) == (act, before)]
        if len(found) > 1:
            found = [row for row in found if row.after == stage] or found[:1]
        return found[0] if found else None

    def timer(self, state: str) -> Transition | None:
        """What time itself does once the notice of a state is over."""
        return next((row for row in self.out(state) if row.side == "SYSTEM"), None)

    @property
    def acts(self) -> list[str]:
        return list(dict.fromkeys(row.act for row in self.table))


@dataclass(frozen=True, slots=True)
class Profile:
    """One procedure: its two machines and its papers."""

    code: str
    version: str
    label: Word
    source: str
    rule_pack: str
    schemes: tuple[str, ...]
    papers: Mapping[str, PaperKind]
    development: Machine
    monitoring: Machine


def profile(code: str) -> Profile:
    """A procedure by its code. Refuses with ``ProfileUnknown``."""
    known = profiles()
    if code not in known:
        raise ProfileUnknown(profile=code[:20], known="、".join(known))
    return known[code]


@cache
def profiles() -> dict[str, Profile]:
    """Every procedure there is, by code."""
    found = [read(path) for path in sorted(FOLDER.glob("*.toml")) if path.stem != CLAWBACK]
    return {one.code: one for one in found}


@cache
def clawback() -> Machine:
    """What happens when units turn out to have been obtained by fraud (rules §3.10)."""
    return machine(CLAWBACK, loaded(FOLDER / "clawback.toml")[CLAWBACK])


def read(path: Path) -> Profile:
    said = loaded(path)
    papers = {
        code: PaperKind(
            code, word(one), one["side"], one.get("public", True), one.get("generated", False), one.get("clause", "")
        )
        for code, one in said["papers"].items()
    }
    made = Profile(
        code=said["id"], version=said["version"], label=word(said), source=said["source"], rule_pack=said["rule_pack"],
        schemes=tuple(said["schemes"]), papers=papers, development=machine(DEVELOPMENT, said[DEVELOPMENT]),
        monitoring=machine(MONITORING, said[MONITORING]),
    )  # fmt: skip
    for row in (*made.development.table, *made.monitoring.table):
        if unknown := set(row.papers) - set(papers):
            raise ValueError(f"{path.name}: {row.act} demands papers that are not listed: {unknown}")
    return made


def machine(name: str, said: Mapping[str, Any]) -> Machine:
    states = {
        code: State(
            code, word(one), one["tone"], one.get("public", False), one.get("stops", False), one.get("comment", False),
            one.get("last", False), Limit(**one["limit"]) if "limit" in one else None,
        )
        for code, one in said["states"].items()
    }  # fmt: skip
    table = tuple(row for one in said["transitions"] for row in rows(one))
    for row in table:
        if row.before not in states or row.after not in states or row.side not in SIDES:
            raise ValueError(f"{name}: {row.act} names a state or side that is not listed")
    return Machine(name, word(said), said["first"], states, table)


def rows(one: Mapping[str, Any]) -> list[Transition]:
    """A transition of the file may start from several states; the same act from each of them is a row."""
    return [
        Transition(
            act=one["act"], before=before, after=one["after"], side=one["side"], label=word(one), clause=one["clause"],
            guards=tuple(one.get("guards", ())), papers=tuple(one.get("papers", ())), two=one.get("two", False),
            reason=one.get("reason", False), again=one.get("again", False),
        )
        for before in one["before"]
    ]  # fmt: skip


def word(said: Mapping[str, Any]) -> Word:
    return Word(said["zh"], said["en"])


def loaded(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def side(code: str) -> Word:
    """Whose turn it is, as a label."""
    return Word(*SIDES[code])
