"""A machine as a drawing: states in columns by how far they are from the first, arrows between; and as Mermaid text."""

from collections.abc import Iterator
from dataclasses import dataclass

from tanhui.projects.machine import Machine, State, Transition

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 148, 40, 196, 74, 14


@dataclass(frozen=True, slots=True)
class Box:
    """A state where it is drawn: its left upper corner."""

    state: State
    x: int
    y: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + WIDTH // 2, self.y + HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from one state to another, by one or more acts."""

    path: str
    label: str
    back: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and arrows on a sheet of so many units."""

    width: int
    height: int
    boxes: list[Box]
    arrows: list[Arrow]
    box_width: int = WIDTH
    box_height: int = HEIGHT


def ranks(machine: Machine) -> dict[str, int]:
    """How many steps each state is from the first, by the shortest way; what nothing leads to comes last."""
    found, edge, rank = {machine.first: 0}, [machine.first], 0
    while edge:
        rank += 1
        edge = list(dict.fromkeys(
            row.after for state in edge for row in machine.out(state) if row.after not in found
        ))  # fmt: skip
        found |= dict.fromkeys(edge, rank)
    return {state: found.get(state, rank) for state in machine.states}


def drawn(machine: Machine) -> Drawing:
    """Where everything lies: a row for each distance from the first state, ends at the side."""
    rows: dict[int, list[str]] = {}
    for state, rank in ranks(machine).items():
        rows.setdefault(rank, []).append(state)
    boxes = {
        state: Box(machine.of(state), EDGE + place * ACROSS, EDGE + rank * DOWN)
        for rank, states in rows.items()
        for place, state in enumerate(states)
    }
    widest = max(len(states) for states in rows.values())
    arrows = [arrow(boxes[before], boxes[after], rows_) for (before, after), rows_ in ways(machine)]
    return Drawing(
        2 * EDGE + (widest - 1) * ACROSS + WIDTH + 40,
        2 * EDGE + max(rows) * DOWN + HEIGHT,
        list(boxes.values()),
        arrows,
    )


def ways(machine: Machine) -> Iterator[tuple[tuple[str, str], list[Transition]]]:
    """The rows of the table, those between the same two states together."""
    found: dict[tuple[str, str], list[Transition]] = {}
    for row in machine.table:
        found.setdefault((row.before, row.after), []).append(row)
    yield from found.items()


def arrow(one: Box, other: Box, rows: list[Transition]) -> Arrow:
    """A straight way down, a bow to the side or back up."""
    label = " / ".join(dict.fromkeys(str(row.label) for row in rows))
    x, y = one.x + WIDTH // 2, one.y + HEIGHT
    to_x, to_y = other.x + WIDTH // 2, other.y
    if other.y > one.y:
        middle = (y + to_y) // 2
        return Arrow(f"M{x} {y}C{x} {middle} {to_x} {middle} {to_x} {to_y}", label, False)
    side, to_side = one.x + WIDTH, other.x + WIDTH
    out = max(side, to_side) + 26
    return Arrow(
        f"M{side} {one.y + HEIGHT // 2}C{out} {one.y + HEIGHT // 2} {out} {other.y + HEIGHT // 2} "
        f"{to_side} {other.y + HEIGHT // 2}", label, True,
    )  # fmt: skip


def mermaid(machine: Machine) -> str:
    """The machine as a Mermaid state diagram, in Chinese; the same machine gives the same text."""
    lines = ["stateDiagram-v2", f"    [*] --> {machine.first}"]
    lines += [f"    {state.code} : {state.label.zh}" for state in machine.states.values()]
    for (before, after), rows in ways(machine):
        acts = " / ".join(dict.fromkeys(row.label.zh for row in rows))
        lines.append(f"    {before} --> {after} : {acts}")
    lines += [f"    {state.code} --> [*]" for state in machine.states.values() if state.last]
    return "\n".join(lines)
