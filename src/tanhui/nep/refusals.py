"""Every rule of this room that may say no."""

from tanhui.kernel.refusal import Refusal, gettext_noop

DATA = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条（科学性、准确性）"
HOUSE = "docs/algorithms/nep.md"


class CannotWrite(Refusal):
    code = "nep.cannot_write"
    sentence = gettext_noop(
        "%(path)s could not be written (%(problem)s). Make room or open the folder, then resume: what is finished "
        "stays."
    )
    clause = HOUSE
    status = 507
