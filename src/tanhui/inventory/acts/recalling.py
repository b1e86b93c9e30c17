"""The year before, for papers that tell what changed: its run's folder, or what its archive kept of it."""

from pathlib import Path

from tanhui.files import store
from tanhui.files.models import Version
from tanhui.inventory import queries, runs
from tanhui.inventory.models import AccountingYear, Computation, Item
from tanhui.kernel.refusal import Refusal, gettext_noop

STATISTICS = "statistics.json"


class EarlierGone(Refusal):
    code = "inventory.earlier_gone"
    sentence = gettext_noop(
        "What changed since %(year)s cannot be printed: the folder of its run is gone, and nothing of it is on file. "
        "Have the operator restore the folder, or put %(year)s on file first."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条：连续性"
    status = 409


def earlier(year: AccountingYear, computation: Computation) -> Path | None:
    """The folder of the published year before, to compare with; none where there is none, or where the run itself
    recomputed that year. Refuses with ``EarlierGone``."""
    before = queries.previous(year)
    if before is None or queries.figures(computation, year=before.year).exists():
        return None
    published = before.publication.computation
    folder = runs.folder(published)
    if (folder / STATISTICS).is_file() and store.digest(folder / STATISTICS) == published.statistics_sha256:
        return folder
    return restored(before, published)


def restored(before: AccountingYear, published: Computation) -> Path:
    """The figures and the map of a year from its archive, laid out as in a run's folder."""
    kept = {one.name: one for one in Item.objects.filter(computation=published)}
    if STATISTICS not in kept:
        raise EarlierGone(year=before.year)
    folder = runs.root() / f"{published.pk}.kept"
    wanted = {STATISTICS: STATISTICS, f"{before.year}-nep.tif": f"layers/{before.year}/nep.tif"}
    for name, place in wanted.items():
        if name in kept and not (folder / place).is_file():
            take_out(kept[name], folder / place)
    return folder


def take_out(item: Item, target: Path) -> None:
    """The bytes of an item as a file, their hash checked on the way."""
    version = Version.objects.get(document=item.document, number=item.version)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}")
    with draft.open("wb") as file:
        for piece in store.whole(version.sha256, version.size_bytes):
            file.write(piece)
    draft.replace(target)
