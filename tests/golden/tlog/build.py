"""Builds the golden log, the good bundles and the named broken ones beside this file. The same bytes every time.

Run it after a wanted change of format: ``python tests/golden/tlog/build.py``. ``--certificate`` also writes
``certificate.pdf``, which needs typst.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from tanhui.kernel import canonical
from tanhui.tlog import bundle, checkpoint, merkle, note, proof, seal, store, tiles

HERE = Path(__file__).resolve().parent
ORIGIN = "registry.example/log"
SIZE, EARLIER = 300, 200  # one full bundle and a partial one; the earlier checkpoint ends within the first
RETIRED = 271  # the leaf the bundles are about


def signer(name: str, purpose: str) -> note.Signer:
    """A key anyone can make again; for tests only."""
    return note.Signer(name, hashlib.sha256(b"tanhui golden " + purpose.encode()).digest())


OPERATOR = signer(ORIGIN, "operator")
STRANGER = signer(ORIGIN, "stranger")
NEIGHBOUR = signer("neighbour.example/log", "neighbour")
OPENING = {"salt": "00112233445566778899aabbccddeeff", "private": {"beneficiary_code": "91310000MA1FL0000X"}}
INPUTS, TRACE = (hashlib.sha256(one).hexdigest() for one in (b"inputs", b"trace"))


def leaf(index: int) -> bytes:
    fact = {"v": 1, "kind": "registry.transferred", "at": f"2026-06-05T04:{index // 60:02}:{index % 60:02}.000000Z"}
    fact["fact"] = {"quantity_t": 10 + index, "source": "A-000001", "target": f"A-{index:06}"}
    if index == RETIRED:
        fact |= {"kind": "registry.retired", "commitment": canonical.sha256(OPENING)}
        fact["fact"] = {
            "certificate": "RC2026000000017", "quantity_t": 1200, "purpose": "EVENT", "beneficiary_kind": "EVENT",
            "beneficiary_name": "赤峰市马拉松赛", "project": "示范造林项目", "methodology": "CCER-14-001",
            "methodology_version": "V01", "inputs_sha256": INPUTS, "trace_sha256": TRACE,
            "serials": ["CCER-15-CCER-14-001-V01-000123-20240101-20241231-001-0000000001-0000001200-R"],
        }  # fmt: skip
    return canonical.dumps(fact)


LEAVES = [leaf(index) for index in range(SIZE)]


def build_log(folder: Path) -> str:
    """Write the log into a new folder, in two steps; returns the earlier checkpoint."""
    growing = store.Store(folder, [OPERATOR], second_head=True)
    earlier = growing.publish(LEAVES[:EARLIER], 0)
    growing.publish(LEAVES[EARLIER:], EARLIER)
    (folder / ".lock").unlink()
    return earlier


def one_leaf_log(text: bytes) -> dict[str, object]:
    """A bundle for a log of a single leaf with any content, rightly signed."""
    head = checkpoint.Checkpoint(ORIGIN, 1, merkle.root([text]))
    return {
        "format": bundle.FORMAT, "leaf": text.decode(), "leaf_hash": merkle.leaf_hash(text).hex(), "index": 0,
        "size": 1,
        "inclusion": [], "checkpoint": head.sign([OPERATOR]), "key": str(OPERATOR.verifier),
    }  # fmt: skip


def bundles(folder: Path) -> dict[str, bytes]:
    """Every bundle by the name of its file; the names say what is wrong."""
    reader = tiles.DirectoryReader(folder)
    signed = reader.read(tiles.CHECKPOINT).decode()
    tree = proof.Tree(reader, SIZE)
    good = bundle.build(tree=tree, index=RETIRED, signed=signed, key=OPERATOR.verifier)
    altered = good["leaf"].replace('"quantity_t":1200', '"quantity_t":9200')
    forged_leaf = good | {"leaf": altered, "leaf_hash": merkle.leaf_hash(altered.encode()).hex()}
    forged_root = merkle.root([altered.encode() if n == RETIRED else one for n, one in enumerate(LEAVES)])
    true_root = note.encode(merkle.root(LEAVES))
    head = checkpoint.parse(note.parse(signed).text)
    hashes = good["inclusion"]
    flipped = signed[:-6] + ("A" if signed[-6] != "A" else "B") + signed[-5:]
    unstated = {"methodology.zip": hashlib.sha256(b"another").hexdigest()}
    broken = {
        "leaf_altered": good | {"leaf": altered},
        "leaf_and_its_hash_altered": forged_leaf,
        "proof_hash_replaced": good | {"inclusion": [hashes[1], hashes[0], *hashes[2:]]},
        "proof_cut_short": good | {"inclusion": hashes[:-1]},
        "proof_too_long": good | {"inclusion": [*hashes, hashes[0]]},
        "index_of_another_leaf": good | {"index": RETIRED - 1},
        "index_beyond_size": good | {"index": SIZE},
        "index_negative": good | {"index": -1},
        "index_is_text": good | {"index": str(RETIRED)},
        "index_is_true": good | {"index": True},
        "size_differs": good | {"size": SIZE + 1},
        "hash_in_capitals": good | {"leaf_hash": good["leaf_hash"].upper()},
        "hash_too_short": good | {"inclusion": [hashes[0][:-2], *hashes[1:]]},
        "no_checkpoint": {name: value for name, value in good.items() if name != "checkpoint"},
        "no_leaf": {name: value for name, value in good.items() if name != "leaf"},
        "checkpoint_root_forged": forged_leaf | {"checkpoint": signed.replace(true_root, note.encode(forged_root))},
        "checkpoint_signature_flipped": good | {"checkpoint": flipped},
        "checkpoint_not_signed": good | {"checkpoint": note.parse(signed).text},
        "checkpoint_size_with_zero_in_front": good | {"checkpoint": signed.replace("\n300\n", "\n0300\n")},
        "checkpoint_signed_by_a_stranger": good | {"checkpoint": head.sign([STRANGER]), "key": str(STRANGER.verifier)},
        "checkpoint_of_another_log": good | {"checkpoint": head.sign([NEIGHBOUR]), "key": str(NEIGHBOUR.verifier)},
        "key_of_a_stranger": good | {"key": str(STRANGER.verifier)},
        "key_malformed": good | {"key": str(OPERATOR.verifier)[:-4]},
        "leaf_with_a_key_twice": one_leaf_log(b'{"kind":"registry.retired","kind":"registry.issued"}'),
        "leaf_with_a_float": one_leaf_log(b'{"fact":{"quantity_t":1.5},"kind":"registry.retired"}'),
        "leaf_is_a_list": one_leaf_log(b"[1,2]"),
        "leaf_half_a_character": good | {"leaf": good["leaf"] + "\ud800"},
        "opening_altered": good | {"opening": OPENING | {"private": {"beneficiary_code": "91310000MA1FL00000"}}},
        "attachment_not_in_the_fact": good | {"attachments": unstated},
        "attachment_hash_malformed": good | {"attachments": {"methodology.zip": "none"}},
        "format_of_tomorrow": good | {"format": "tanhui-proof/2"},
        "format_missing": {name: value for name, value in good.items() if name != "format"},
    }  # fmt: skip
    files = {
        f"broken_{name}.json": json.dumps(made, indent=1, sort_keys=True).encode() for name, made in broken.items()
    }
    whole = bundle.dumps(good)
    files |= {
        "good.json": whole,
        "good_opened.json": bundle.dumps(good | {"opening": OPENING, "attachments": {"inputs.csv": INPUTS}}),
        "broken_truncated.json": whole[: len(whole) // 2],
        "broken_empty.json": b"",
        "broken_not_utf8.json": whole.replace("赤".encode(), b"\xff\xfe"),
        "broken_a_list.json": b"[]",
        "broken_nested_beyond_reason.json": b"[" * 5_000,
        "broken_number_beyond_reason.json": b'{"format":"tanhui-proof/1","index":' + b"9" * 5000 + b"}",
    }
    return files


CERTIFICATE = """
#set document(title: "Retirement certificate", author: "registry.example", keywords: ("SEAL",), date: auto)
#set page(width: 120mm, height: 60mm)
#set text(lang: "en")
= Retirement certificate RC2026000000017
1,200 tCO#sub[2]e
#pdf.attach("proof.json", bytes(sys.inputs.at("proof")), relationship: "data", mime-type: "application/json",
  description: "Proof from the transparency log")
"""


def certificate(proof_json: bytes) -> bytes:
    """A sealed PDF/A-3 of one page."""
    import typst

    source = CERTIFICATE.replace("SEAL", seal.MARK + seal.PLACEHOLDER).encode()
    pdf = typst.compile(
        source, pdf_standards=["a-3b"], sys_inputs={"proof": proof_json.decode()}, timestamp=1_780_632_000,
        ignore_system_fonts=True,
    )  # fmt: skip
    assert isinstance(pdf, bytes)
    return seal.seal(pdf, OPERATOR.sign)


def main() -> None:
    shutil.rmtree(HERE / "log", ignore_errors=True)
    (HERE / "earlier.checkpoint").write_text(build_log(HERE / "log"))
    shutil.rmtree(HERE / "bundles", ignore_errors=True)
    (HERE / "bundles").mkdir()
    for name, data in bundles(HERE / "log").items():
        (HERE / "bundles" / name).write_bytes(data)
    (HERE / "operator.vkey").write_text(f"{OPERATOR.verifier}\n")
    if "--certificate" in sys.argv:
        (HERE / "certificate.pdf").write_bytes(certificate((HERE / "bundles" / "good.json").read_bytes()))


if __name__ == "__main__":
    main()
