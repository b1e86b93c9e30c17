"""The log as anyone may read it: its last word, its key, its files, and whether it still begins as it once did."""

import re
from dataclasses import dataclass

from tanhui.journal import log, queries
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import checkpoint, fsck, merkle, proof, tiles

GROUPS = r"(x\d{3}/)*\d{3}(\.p/([1-9]\d{0,2}))?"
FILES = re.compile(rf"{tiles.CHECKPOINT}|{tiles.KEYS}|tile/(\d|entries)/{GROUPS}", re.ASCII)


class NoSuchFile(Refusal):
    code = "portal.no_such_log_file"
    sentence = gettext_noop(
        "The log has no file %(path)s. Paths are as the tlog-tiles format has them; start at checkpoint."
    )
    clause = tiles.TLOG_TILES
    status = 404


@dataclass(frozen=True)
class Consistent:
    """The log of ``new`` leaves begins with the log of ``old`` leaves; ``proof`` holds the hashes in hex."""

    old: int
    new: int
    proof: list[str]


def keys() -> list[str]:
    """The operator's verifier keys, one today; none before the first checkpoint."""
    return [str(log.signer().verifier)] if queries.head() else []


def since(text: str) -> Consistent:
    """Whether the log still begins with what an earlier checkpoint was signed for.

    Refuses as ``checkpoint.verify`` does for a checkpoint that is not this log's, and with ``TreeShrank`` or
    ``HistoryRewritten`` when it is and the log does not continue it.
    """
    trusted = [log.signer().verifier]
    old, _ = checkpoint.verify(text, trusted)
    reader = tiles.DirectoryReader(log.folder())
    head, _ = checkpoint.verify(fsck.read_checkpoint(reader), trusted)
    path = proof.Tree(reader, head.size).consistency(old.size)
    merkle.verify_consistency(old_size=old.size, old_root=old.root, size=head.size, root=head.root, proof=path)
    return Consistent(old.size, head.size, [one.hex() for one in path])


def file(path: str) -> bytes:
    """One public file of the log. Refuses with ``NoSuchFile`` for any path the format does not know."""
    if not FILES.fullmatch(path):
        raise NoSuchFile(path=path[:120])
    try:
        return tiles.DirectoryReader(log.folder()).read(path)
    except tiles.FileMissing as error:
        raise NoSuchFile(path=path) from error
