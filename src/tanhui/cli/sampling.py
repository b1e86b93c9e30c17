"""``tanhui sampling``: lay the plots of a sampling design over a map of the strata.

The design itself is a run of AR-TOOL03: ``tanhui method run ar_tool_03/v2_1``. ``again`` draws the sample of a verifier
anew from its published paper.
"""

import argparse
import json
from pathlib import Path

from tanhui.cli import say
from tanhui.kernel.refusal import Refusal, gettext_noop

LAID = gettext_noop(
    "Stratum %(stratum)s: %(plots)s plots, %(reserve)s of them in reserve; %(map_ha)s ha on the map, %(design_ha)s ha "
    "in the design."
)
UNEQUAL = gettext_noop(
    "The map of stratum %(stratum)s differs from its design by more than %(most)s %%. Look which of the two is right "
    "before anyone goes to the field."
)
WRITTEN = gettext_noop("%(plots)s points written to %(path)s. Publish map, design and seed %(seed)s before the survey.")
MAP = gettext_noop("GeoJSON with the polygons of the strata (WGS 84 or CGCS2000)")
BUNDLE = gettext_noop("bundle of the design, written by `tanhui method run ar_tool_03/v2_1`")
SEED = gettext_noop("whole number, published beforehand, that fixes the points")
MANNER = gettext_noop("on a grid with a random start, or each point at random (default: systematic)")
PROPERTY = gettext_noop("property of a polygon that holds the code of its stratum (default: stratum)")
OUT = gettext_noop("GeoJSON file to write")
SAME = gettext_noop("The same %(size)s units are drawn again: %(drawn)s.")
OTHER = gettext_noop("Other units are drawn than the paper says: %(drawn)s.")
MOST = 1.0  # % by which the area of a stratum may differ between map and design without a word


class FileClosed(Refusal):
    code = "cli.file_closed"
    sentence = gettext_noop("%(path)s cannot be read or written (%(problem)s). Check its name and who owns it.")
    clause = "ARCHITECTURE.md §5"
    status = 422


class SampleUnsound(Refusal):
    code = "cli.sample_unsound"
    sentence = gettext_noop(
        "%(path)s is no sample that holds together (%(problem)s). Take the paper from the page of the review."
    )
    clause = "docs/algorithms/sampling-seed.md"
    status = 422


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("sampling", help=gettext_noop("lay the plots of a sampling design over a map"))
    verbs = parser.add_subparsers(dest="verb", required=True)
    placing = verbs.add_parser("place", help=gettext_noop("plot centres inside each stratum, by map, design and seed"))
    placing.add_argument("map", type=Path, help=MAP)
    placing.add_argument("--design", type=Path, required=True, metavar="BUNDLE", help=BUNDLE)
    placing.add_argument("--seed", type=seed, required=True, help=SEED)
    placing.add_argument("--manner", choices=["systematic", "random"], default="systematic", help=MANNER)
    placing.add_argument("--property", default="stratum", metavar="NAME", help=PROPERTY)
    placing.add_argument("--out", type=Path, required=True, metavar="FILE", help=OUT)
    placing.add_argument("--json", action="store_true", help=say.AS_JSON)
    placing.set_defaults(run=place)
    drawing = verbs.add_parser("again", help=gettext_noop("draw a verifier's published sample again and compare"))
    drawing.add_argument("paper", type=Path, help=gettext_noop("sample.json, as published with the review"))
    drawing.add_argument("--json", action="store_true", help=say.AS_JSON)
    drawing.set_defaults(run=again)


def seed(text: str) -> int:
    """A seed as it is typed: a whole number from 0 on."""
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def place(args: argparse.Namespace) -> int:
    """0 the points are written, 1 refused."""
    from tanhui.methods import placement

    try:
        boundary, bundle = args.map.read_bytes(), args.design.read_bytes()
    except OSError as problem:
        raise FileClosed(path=problem.filename, problem=problem.strerror) from problem
    design = placement.designed(bundle)
    laid = placement.plots(
        boundary,
        design.wanted,
        plot_area=design.plot_area,
        seed=args.seed,
        manner=args.manner,
        stratum_property=args.property,
        design=design.trace_sha256,
    )
    try:
        args.out.write_text(json.dumps(laid, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as problem:
        raise FileClosed(path=problem.filename, problem=problem.strerror) from problem
    strata = laid["sampling"]["strata"]
    unequal = [one["stratum"] for one in strata if differs(one["map_ha"], one["design_ha"])]
    if args.json:
        say.as_json({"plots": len(laid["features"]), "unequal": unequal} | laid["sampling"])
        return 0
    for one in strata:
        say.say(LAID, **one)
    for stratum in unequal:
        say.say(UNEQUAL, stratum=stratum, most=f"{MOST:g}")
    say.say(WRITTEN, plots=len(laid["features"]), path=args.out, seed=args.seed)
    return 0


def differs(on_map: str, designed: str) -> bool:
    return abs(float(on_map) - float(designed)) > MOST / 100 * float(designed)


def again(args: argparse.Namespace) -> int:
    """0 the same units are drawn, 1 they are not or the paper does not hold together."""
    from tanhui.projects import sampling

    try:
        paper = json.loads(args.paper.read_bytes())
        found = sampling.again(paper)
    except OSError as problem:
        raise FileClosed(path=problem.filename, problem=problem.strerror) from problem
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise SampleUnsound(path=args.paper, problem=problem) from problem
    same = found == paper.get("chosen")
    if args.json:
        say.as_json({"same": same, "drawn": found, "seed": paper["seed"]})
    else:
        say.say(SAME if same else OTHER, drawn="、".join(found), size=len(found))
    return 0 if same else 1
