"""``tanhui verify``: is this certificate, or this proof, true? Needs no network and no server."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import files, note

FILE = gettext_noop("the certificate (PDF) or the proof (JSON)")
KEYS = gettext_noop("a verifier key you trust, or a file of them, one a line; may be given several times")
LANGUAGE = gettext_noop("language of the answer")
AS_JSON = gettext_noop("answer in JSON")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("verify", help=gettext_noop("check a certificate or a proof, offline"))
    parser.add_argument("file", type=Path, metavar="FILE", help=FILE)
    add_options(parser)
    parser.set_defaults(run=run)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options every command about proofs has. What the outer parser was told stands unless said again here."""
    parser.add_argument("--key", action="append", default=[], metavar="VKEY|FILE", help=KEYS)
    parser.add_argument("--lang", choices=["zh", "en"], default=argparse.SUPPRESS, help=LANGUAGE)
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=AS_JSON)


def run(args: argparse.Namespace) -> int:
    """0 the file is in order, 1 it is not, 2 the question was not put rightly."""
    from tanhui.tlog import bundle, seal, words

    try:
        keys = trusted(args.key)
        data = files.read(args.file)
    except Refusal as refusal:
        return refuse(refusal, args, 2)
    is_pdf = b"%PDF-" in data[:1024]
    try:
        made = bundle.loads(seal.proof_file(data) if is_pdf else data)
        verdict = bundle.verify(made, keys)
        if is_pdf:
            seal.check(data, verdict.key)
    except Refusal as refusal:
        return refuse(refusal, args, 1)
    if wants_json(args):
        found = {
            "ok": True, "sealed": is_pdf, "trusted": verdict.trusted, "leaf": verdict.leaf, "opening": verdict.opening,
            "index": verdict.index, "size": verdict.size, "root": verdict.root.hex(), "origin": verdict.origin,
            "key": str(verdict.key), "fingerprint": verdict.key.fingerprint,
        }  # fmt: skip
        return tell([dump(found)])
    return tell(words.of_certificate(verdict, sealed=is_pdf, code=code(args)))


def trusted(given: list[str]) -> list[str] | None:
    """The verifier keys given as text or in files; nothing given is ``None``. Refuses with ``note.KeyMalformed``."""
    keys = []
    for one in given:
        # Base64 may hold slashes, so a key can look like a path; what names a file is a file.
        lines = files.read(Path(one)).decode(errors="replace").splitlines() if is_file(one) else [one]
        keys += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for key in keys:
        note.Verifier.parse(key)
    return keys if given else None


def is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def code(args: argparse.Namespace) -> str:
    """The language code of the answer; Chinese unless asked otherwise."""
    return "en" if str(getattr(args, "lang", None) or "zh").startswith("en") else "zh-hans"


def wants_json(args: argparse.Namespace) -> bool:
    return bool(getattr(args, "json", False))


def refuse(refusal: Refusal, args: argparse.Namespace, status: int) -> int:
    from tanhui.tlog import words

    if wants_json(args):
        facts = {name: fact if isinstance(fact, int) else str(fact) for name, fact in refusal.facts.items()}
        said = {
            "ok": False, "code": refusal.code, "facts": facts, "clause": refusal.clause,
            "sentence": refusal.say(code(args)),
        }  # fmt: skip
        return tell([dump(said)], status)
    sentence = words.clean(refusal.say(code(args)))
    ends = f"[{refusal.code}]" + (f" {refusal.clause}" if refusal.clause else "")
    return tell([language.translate(words.NOT_IN_ORDER, code(args)) % {"why": sentence}, ends], status)


def dump(value: Any) -> str:
    # ASCII, so that half a surrogate pair in a hostile file cannot break the answer.
    return json.dumps(value, indent=1)


def tell(lines: Iterable[str], status: int = 0) -> int:
    """Print the lines, also on a terminal that lacks some characters."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    print("\n".join(lines))
    return status
