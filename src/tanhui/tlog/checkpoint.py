"""Checkpoints (C2SP tlog-checkpoint): which log, how many leaves, which root; signed as a note."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import note

TLOG_CHECKPOINT = "C2SP tlog-checkpoint"
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
SM3 = "sm3 "


class CheckpointMalformed(Refusal):
    code = "tlog.checkpoint_malformed"
    sentence = gettext_noop(
        "Line %(line)s of the checkpoint is not as the checkpoint format has it (origin, size, root, then extensions). "
        "It was changed, or made by other software; ask for it again."
    )
    clause = TLOG_CHECKPOINT
    status = 422


class OriginDiffers(Refusal):
    code = "tlog.origin_differs"
    sentence = gettext_noop(
        "The checkpoint speaks for the log %(origin)s, but the key that signed it belongs to %(name)s. "
        "A checkpoint of one log proves nothing about another."
    )
    clause = TLOG_CHECKPOINT
    status = 422


@dataclass(frozen=True)
class Checkpoint:
    """Origin (the log's name), number of leaves, root, and the same tree's SM3 root where the log keeps one."""

    origin: str
    size: int
    root: bytes
    sm3: bytes | None = None

    @property
    def text(self) -> str:
        second = f"{SM3}{note.encode(self.sm3)}\n" if self.sm3 else ""
        return f"{self.origin}\n{self.size}\n{note.encode(self.root)}\n{second}"

    def sign(self, signers: Iterable[note.Signer]) -> str:
        """The checkpoint as a signed note."""
        return note.sign(self.text, signers)


def parse(text: str) -> Checkpoint:
    """The checkpoint in the text of a note; unknown extension lines are passed over.

    Refuses with ``CheckpointMalformed``, naming the line.
    """
    lines = text.removesuffix("\n").split("\n")
    if missing := [count for count, line in enumerate(lines, 1) if not line]:
        raise CheckpointMalformed(line=missing[0])
    if len(lines) < 3:
        raise CheckpointMalformed(line=len(lines) + 1)
    origin, size, root, *extensions = lines
    if not NUMBER.fullmatch(size):
        raise CheckpointMalformed(line=2)
    found = {3: root} | {
        count: line.removeprefix(SM3) for count, line in enumerate(extensions, 4) if line.startswith(SM3)
    }
    hashes = []
    for count, encoded in found.items():
        try:
            hashes.append(note.decode(encoded))
        except ValueError:
            hashes.append(b"")
        if len(hashes[-1]) != 32 or len(hashes) > 2:
            raise CheckpointMalformed(line=count)
    return Checkpoint(origin, int(size), *hashes)


def verify(signed: str, trusted: Sequence[note.Verifier]) -> tuple[Checkpoint, note.Verifier]:
    """The checkpoint in a note signed by a trusted key, and that key.

    Refuses as ``note.verify`` and ``parse`` do, and with ``OriginDiffers`` when the key is another log's.
    """
    text, signed_by = note.verify(signed, trusted)
    found = parse(text)
    for verifier in signed_by:
        if verifier.name == found.origin:
            return found, verifier
    raise OriginDiffers(origin=found.origin, name=", ".join(one.name for one in signed_by))
