"""``tanhui log``: check a whole transparency log, or take a proof from it; from a folder or over the web."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tanhui.cli import verify
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import files, note

PLACE = gettext_noop("folder or http(s) address of the log")
SINCE = gettext_noop("a checkpoint saved earlier, which the log must continue")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("log", help=gettext_noop("check the transparency log, or take a proof from it"))
    acts = parser.add_subparsers(metavar="ACT", required=True)

    checking = acts.add_parser("fsck", help=gettext_noop("recompute every leaf, tile and root of a log"))
    checking.add_argument("place", metavar="DIR|URL", help=PLACE)
    checking.add_argument("--since", type=Path, metavar="FILE", help=SINCE)
    verify.add_options(checking)
    checking.set_defaults(run=fsck)

    proving = acts.add_parser("prove", help=gettext_noop("write the proof of one leaf"))
    proving.add_argument("place", metavar="DIR|URL", help=PLACE)
    proving.add_argument("index", type=int, metavar="INDEX", help=gettext_noop("position of the leaf, from 0"))
    proving.add_argument("--out", type=Path, metavar="FILE", help=gettext_noop("file to write; the screen without it"))
    verify.add_options(proving)
    proving.set_defaults(run=prove)


def fsck(args: argparse.Namespace) -> int:
    """0 the log is in order, 1 it is not, 2 the question was not put rightly."""
    from tanhui.tlog import fsck as checking
    from tanhui.tlog import tiles, words

    try:
        given = verify.trusted(args.key)
        since = files.read(args.since).decode(errors="replace") if args.since else None
        reader = tiles.reader(args.place)
        keys = checking.carried_keys(reader) if given is None else [note.Verifier.parse(one) for one in given]
    except Refusal as refusal:
        return verify.refuse(refusal, args, 2)
    quiet = verify.wants_json(args) or not sys.stderr.isatty()
    try:
        report = checking.fsck(
            reader, keys, trusted=given is not None, since=since, progress=silent if quiet else bar()
        )
    except Refusal as refusal:
        return verify.refuse(refusal, args, 1)
    if verify.wants_json(args):
        head = report.checkpoint
        found = {
            "ok": True, "trusted": report.trusted, "origin": head.origin, "size": head.size, "root": head.root.hex(),
            "since": report.since, "entry_bytes": report.entry_bytes, "key": str(report.key),
            "fingerprint": report.key.fingerprint,
        }  # fmt: skip
        return verify.tell([verify.dump(found)])
    return verify.tell(words.of_log(report, verify.code(args)))


def prove(args: argparse.Namespace) -> int:
    """0 the proof was written, and holds; 1 the log does not give one; 2 the question was not put rightly."""
    from tanhui.tlog import bundle, checkpoint, proof, tiles
    from tanhui.tlog import fsck as checking

    try:
        given = verify.trusted(args.key)
        reader = tiles.reader(args.place)
        keys = checking.carried_keys(reader) if given is None else [note.Verifier.parse(one) for one in given]
    except Refusal as refusal:
        return verify.refuse(refusal, args, 2)
    try:
        signed = checking.read_checkpoint(reader)
        head, key = checkpoint.verify(signed, keys)
        made = bundle.build(tree=proof.Tree(reader, head.size), index=args.index, signed=signed, key=key)
        bundle.verify(made, given)
    except Refusal as refusal:
        return verify.refuse(refusal, args, 1)
    if args.out:
        try:
            files.write(args.out, bundle.dumps(made))
        except Refusal as refusal:
            return verify.refuse(refusal, args, 2)
        return 0
    return verify.tell([bundle.dumps(made).decode().rstrip()])


def silent(done: int, size: int) -> None:
    """No progress."""


def bar() -> Callable[[int, int], None]:
    """Per cent on one line of the error stream, rewritten only when the figure changes."""
    shown = -1

    def show(done: int, size: int) -> None:
        nonlocal shown
        if (now := done * 100 // size) != shown:
            shown = now
            print(f"\r{now} %", end="\n" if done == size else "", file=sys.stderr, flush=True)

    return show
