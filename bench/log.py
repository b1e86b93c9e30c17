"""The transparency log against its limits, each measured in the same run: ``python bench/log.py [--json]``.

Medians of three. A line is *name, figure, ratio to the limit, what is asked, whether it is met*.
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tanhui.tlog import fsck, merkle, note, proof, store, tiles

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden" / "tlog"
LEAVES = 1_000_000
ROUNDS = 3
TYPED = """
import argparse, sys
from tanhui.cli import verify
parser = argparse.ArgumentParser()
verify.add(parser.add_subparsers())
args = parser.parse_args()
sys.exit(args.run(args))
"""


def seconds(run: Callable[[], object]) -> float:
    """Median time of a few runs."""
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def leaf(index: int) -> bytes:
    """A fact of ordinary length, about 300 bytes."""
    return (
        b'{"at":"2026-06-05T04:00:00.%06dZ","fact":{"quantity_t":%d,"reference":"%064x","serials":"CCER-15-CCER-14-001-'
        b'V01-000123-20240101-20241231-001-%010d-%010d-R","source":"A-%06d","target":"A-%06d"},'
        b'"kind":"registry.transferred","v":1}'
    ) % (index % 10**6, index % 9973, index * 7919, index, index + 9, index % 1000, index % 997)


def bare(leaves: list[bytes], nodes: bytes) -> None:
    """The limit: the same leaves and nodes hashed one by one, bytes already in memory, results dropped."""
    for one in leaves:
        hashlib.sha256(b"\0" + one).digest()
    for at in range(0, len(nodes), 64):
        hashlib.sha256(b"\1" + nodes[at : at + 64]).digest()


def one_stream(leaves: list[bytes], nodes: bytes) -> None:
    """For the record: the same bytes as one long message, which no Merkle tree can be."""
    digest = hashlib.sha256()
    for at in range(0, len(leaves), 256):
        digest.update(b"".join(leaves[at : at + 256]))
    digest.update(nodes)


def measure() -> list[dict[str, object]]:
    leaves = [leaf(index) for index in range(LEAVES)]
    nodes = bytes(64 * (LEAVES - 1))
    signer = note.Signer("registry.example/log", bytes(32))
    limit = seconds(lambda: bare(leaves, nodes))
    stream = seconds(lambda: one_stream(leaves, nodes))
    tree = seconds(lambda: merkle.root(leaves))
    with tempfile.TemporaryDirectory() as folder:
        logs = iter(Path(folder) / str(n) for n in range(ROUNDS))
        publish = seconds(lambda: store.Store(next(logs), [signer]).publish(leaves, 0))
        reader = tiles.DirectoryReader(Path(folder) / "0")
        log = store.Store(Path(folder) / "1", [signer])
        batches = iter(range(LEAVES, LEAVES + ROUNDS * 1000, 1000))
        batch = seconds(lambda: log.publish(leaves[:1000], next(batches)))
        check = seconds(lambda: fsck.fsck(reader, [signer.verifier]))
        proving = proof.Tree(reader, LEAVES)
        prove = seconds(lambda: [proving.inclusion(n * 997 % LEAVES) for n in range(1000)])
    command = [sys.executable, "-c", TYPED, "verify", GOLDEN / "certificate.pdf", "--key", GOLDEN / "operator.vkey"]
    start = seconds(lambda: subprocess.run(command, check=True, capture_output=True))
    empty = seconds(lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    return [
        line("merkle: root over leaves", LEAVES / tree, "leaves/s", None, "≥ 200,000/s", LEAVES / tree >= 2e5),
        line("log: integrate in bulk", LEAVES / publish, "leaves/s", None, "≥ 20,000/s", LEAVES / publish >= 2e4),
        line("log: integrate 1,000 at a time", 1000 / batch, "leaves/s", None, "≥ 20,000/s", 1000 / batch >= 2e4),
        line("log: inclusion proofs", 1000 / prove, "proofs/s", None, "–", True),
        line("fsck of 10⁶ leaves", check, "s", check / limit, "≤ 3 × bare hashing", check <= 3 * limit),
        line("  the same against one stream", check, "s", check / stream, "–", True),
        line("verify a certificate", start, "s", start / empty, "≤ 0.3 s", start <= 0.3),
    ]  # fmt: skip


def line(name: str, figure: float, unit: str, ratio: float | None, asked: str, met: bool) -> dict[str, object]:
    return {"name": name, "figure": figure, "unit": unit, "ratio": ratio, "asked": asked, "met": met}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    lines = measure()
    if parser.parse_args().json:
        print(json.dumps(lines, indent=1))
    else:
        for one in lines:
            ratio = "" if one["ratio"] is None else f"× {one['ratio']:.2f}"
            print(f"{one['name']:32}{one['figure']:>14,.2f} {one['unit']:10}{ratio:>8}  {one['asked']:20}"
                  f"{'met' if one['met'] else 'NOT MET'}")  # fmt: skip
    return 0 if all(one["met"] for one in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
