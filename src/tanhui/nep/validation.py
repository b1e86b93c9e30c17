"""The models against the world: towers, chambers, and years of a product. Bias, RMSE and R² of each model.

    found = validation.against(flux=Path("fluxval_monthly.csv"), srdb=Path("srdb.csv"), products=Path("assaba"))
    print(validation.markdown(found, "zh-hans"))
    validation.write(folder, found)      # validation.json, which report and pages show

``tanhui nep validate --flux FILE --srdb FILE`` prints ``validate(flux=…, srdb=…)``.

R² is the square of the correlation: it forgives a bias, which therefore stands beside it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep import observations, products, refusals
from tanhui.nep.observations import MEAN, PEI, RPBL, Chambers, Towers
from tanhui.nep.wording import Foreign, Phrase
from tanhui.science import respiration, units
from tanhui.science.biomass import Values

BEYOND = gettext_noop("%(name)s has %(value)s where %(unit)s allows %(low)s to %(high)s: perhaps another unit")
FILE = "validation.json"
FORMAT = "tanhui.nep.validation/1"
SITES = "fluxval_sites.csv"
CONSTANT = "constant"

T = TypeVar("T")
Pair = tuple[str, str]  # Chinese, English

MODELS: Mapping[str, Pair] = {
    PEI: ("裴志永模型", "Pei"),
    RPBL: ("Raich–Potter 与 Bond-Lamberty", "Raich–Potter, Bond-Lamberty"),
    MEAN: ("两模型均值", "Mean of both"),
    CONSTANT: ("观测均值（常数）", "Mean of the observations"),
    "bond_lamberty": ("由实测 Rs 按 Bond-Lamberty 换算", "Bond-Lamberty from measured Rs"),
}
MONTH, YEAR = "gC m-2 month-1", "gC m-2 a-1"
TABLES: Mapping[str, tuple[str, str, str]] = {
    "monthly_nep": ("通量站逐月 NEP", "Monthly NEP, flux towers", MONTH),
    "monthly_nep_china": ("中国通量站逐月 NEP", "Monthly NEP, Chinese towers", MONTH),
    "monthly_rh": ("通量站逐月 Rh（由 NPP − NEP 反推）", "Monthly Rh against NPP − NEP of the towers", MONTH),
    "annual_nep": ("通量站完整年份 NEP", "Annual NEP, complete years of towers", YEAR),
    "annual_rh": ("土壤呼吸数据库（SRDB）中国样地年 Rh", "Annual Rh, Chinese plots of SRDB", YEAR),
    "annual_rh_from_rs": ("SRDB 中国样地：由实测 Rs 求 Rh", "Annual Rh from measured Rs, Chinese plots", YEAR),
}


@dataclass(frozen=True)
class Score:
    """One model in one table; ``n`` pairs, means in the table's unit, R² none for a constant."""

    table: str
    model: str
    n: int
    observed: float
    estimated: float
    bias: float
    rmse: float
    r2: float | None


@dataclass(frozen=True)
class Source:
    """A file that was compared with, by name and hash."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Validation:
    """What was found. ``excess``: share of months with Rh by Pei above the respiration measured of the whole ecosystem,
    at all towers and at Chinese ones."""

    scores: tuple[Score, ...]
    excess: Mapping[str, float]
    years: tuple[products.Year, ...]
    sources: tuple[Source, ...]

    def table(self, key: str) -> tuple[Score, ...]:
        return tuple(one for one in self.scores if one.table == key)

    def score(self, key: str, model: str) -> Score | None:
        return next((one for one in self.table(key) if one.model == model), None)


def against(
    *, flux: Path | None = None, srdb: Path | None = None, products_of: Path | None = None, sites: Path | None = None
) -> Validation:
    """Compare with whatever is given: a table of towers, of soil respiration, a folder of MODIS years.

    ``sites`` (class of land cover of each tower) is ``fluxval_sites.csv`` beside ``flux`` unless named. Refuses a table
    that cannot be read, and a call with nothing to compare.
    """
    if not (flux or srdb or products_of):
        raise refusals.NothingToCompare(file="-", needed="--flux, --srdb")
    scores: list[Score] = []
    files: list[Path] = []
    excess: dict[str, float] = {}
    years: tuple[products.Year, ...] = ()
    if flux:
        beside = sites or flux.with_name(SITES)
        seen = plausibly(flux, lambda: observations.towers(flux, beside))
        scores += of_towers(seen)
        excess = impossible(seen)
        files += [flux, beside]
    if srdb:
        scores += of_chambers(plausibly(srdb, lambda: observations.chambers(srdb)))
        files.append(srdb)
    if products_of:
        years = products.years(products_of)
        files += [products_of / one.file for one in years]
    return Validation(tuple(scores), excess, years, tuple(Source(one.name, sha256(one)) for one in files))


def plausibly(path: Path, read: Callable[[], T]) -> T:
    """What ``read`` gives; a column in another unit than its name says is refused by name."""
    try:
        return read()
    except units.OutOfRange as problem:
        raise refusals.ObservationsUnreadable(file=path.name, problem=beyond(problem)) from problem


def beyond(problem: units.OutOfRange) -> Phrase:
    """A value that its unit does not allow, in words."""
    facts = {"name": problem.name, "value": f"{problem.value:g}", "unit": problem.unit}
    bounds = {"low": f"{problem.low:g}", "high": f"{problem.high:g}"}
    return Foreign(str(problem), BEYOND, **facts, **bounds)


def of_towers(seen: Towers) -> list[Score]:
    """Months by Pei, which alone is monthly; complete years by each model, and by no model at all."""
    nep = seen.npp - seen.pei
    found = [
        score("monthly_nep", PEI, seen.observed, nep),
        score("monthly_rh", PEI, seen.npp - seen.observed, seen.pei),
    ]
    if seen.china.any():
        found.insert(1, score("monthly_nep_china", PEI, seen.observed[seen.china], nep[seen.china]))
    number, count = seen.years()
    if not count:
        return found
    whole = number >= 0

    def year(values: Values) -> Values:
        return np.bincount(number[whole], weights=values[whole], minlength=count).astype(np.float64)

    observed, grown, pei = year(seen.observed), year(seen.npp), year(seen.pei)
    other = np.asarray(respiration.bond_lamberty(year(seen.rs)))
    for model, rh in ((PEI, pei), (RPBL, other), (MEAN, (pei + other) / 2)):
        found.append(score("annual_nep", model, observed, grown - rh))
    found.append(score("annual_nep", CONSTANT, observed, np.full(count, observed.mean())))
    return found


def of_chambers(seen: Chambers) -> list[Score]:
    """Years by each model from climate alone, by none, and Rh from the Rs that was measured with it."""
    found = [score("annual_rh", model, seen.observed, rh) for model, rh in seen.modelled.items()]
    found.append(score("annual_rh", CONSTANT, seen.observed, np.full(len(seen.observed), seen.observed.mean())))
    if (both := seen.rs > 0).any():
        found.append(
            score(
                "annual_rh_from_rs",
                "bond_lamberty",
                seen.observed[both],
                np.asarray(respiration.bond_lamberty(seen.rs[both])),
            )
        )
    return found


def impossible(seen: Towers) -> dict[str, float]:
    """Share of months in which Rh by Pei exceeds what the whole ecosystem was measured to respire."""
    above = seen.pei > seen.respired
    found = {"all": float(above.mean())}
    return found | {"china": float(above[seen.china].mean())} if seen.china.any() else found


def score(key: str, model: str, observed: Values, estimated: Values) -> Score:
    """Bias, RMSE and R² of pairs; R² is none where either side does not vary."""
    away = estimated - observed
    varies = len(observed) > 1 and np.ptp(observed) > 0 and np.ptp(estimated) > 0
    return Score(
        table=key,
        model=model,
        n=len(observed),
        observed=float(observed.mean()),
        estimated=float(estimated.mean()),
        bias=float(away.mean()),
        rmse=float(np.sqrt(np.mean(away * away))),
        r2=float(np.corrcoef(observed, estimated)[0, 1] ** 2) if varies else None,
    )


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- what is told ------------------------------------------------------------------------------------------------------


def weakness(found: Validation | Mapping[str, Any] | None = None) -> Pair:
    """Chinese and English of what every report must say about the common formula of respiration: from what was found
    (or from a ``validation.json``), and what that lacks from the comparison this product ships with."""
    shipped = reference()
    plots, share, _ = _score(found, "annual_rh", PEI) or _score(shipped, "annual_rh", PEI) or (0, 0.0, 0.0)
    towers, _, over = _score(found, "annual_nep", PEI) or _score(shipped, "annual_nep", PEI) or (0, 0.0, 0.0)
    low_zh = f"系统性偏低约 {-100 * share:.0f}%" if share < 0 else f"偏高约 {100 * share:.0f}%"
    over_zh = f"偏大 {over:.0f}" if over > 0 else f"偏小 {-over:.0f}"
    low = f"{abs(100 * share):.0f} % too {'low' if share < 0 else 'high'}"
    return (
        f"国内常用的裴志永异养呼吸公式与实测相比{low_zh}（土壤呼吸数据库中国对照样地 {plots} 条记录）；"
        f"与通量站 {towers} 个完整年份相比，由此得到的 NEP 平均{over_zh} gC m⁻² a⁻¹。"
        "该公式不含土壤与土地覆盖信息，由寒旱区资料拟合，用于湿润地区属于外推。"
        "因此核算不单独采用该公式，而以多模型均值为中心值，并把模型差异作为不随面积缩小的系统误差计入区间。",
        f"The formula of respiration common in Chinese papers (Pei) is {low} on {plots} Chinese control plots of SRDB; "
        f"beside {towers} complete years of flux towers the NEP it gives is {abs(over):.0f} gC m⁻² a⁻¹ too "
        f"{'large' if over > 0 else 'small'} in the mean. It knows neither soil nor land cover and was fitted in cold "
        "and dry regions; in humid ones it extrapolates. It is therefore never used alone: the mean of several models "
        "is the central value, and their spread is a systematic error that does not shrink with area.",
    )


def _score(found: Validation | Mapping[str, Any] | None, key: str, model: str) -> tuple[int, float, float] | None:
    """n, bias as a share of what was observed, and bias."""
    if found is None:
        return None
    scores = [asdict(one) for one in found.scores] if isinstance(found, Validation) else found["scores"]
    for one in scores:
        if (one["table"], one["model"]) == (key, model):
            return one["n"], one["bias"] / one["observed"], one["bias"]
    return None


def markdown(found: Validation, code: str = "en") -> str:
    """The tables as Markdown, in Chinese (``zh-hans``) or English, with the weakness said in words."""
    here = 0 if code.startswith("zh") else 1
    heads = (
        ("模型", "n", "观测", "估算", "偏差", "RMSE", "R²") if here == 0 else
        ("Model", "n", "Observed", "Estimated", "Bias", "RMSE", "R²")
    )  # fmt: skip
    parts = []
    for key, names in TABLES.items():
        if not (scores := found.table(key)):
            continue
        digits = 1 if names[2] == MONTH else 0
        rows = [
            (
                MODELS[one.model][here],
                f"{one.n:,}",
                f"{one.observed:.{digits}f}",
                f"{one.estimated:.{digits}f}",
                f"{one.bias:+.{digits}f}" if one.model != CONSTANT else "0",
                f"{one.rmse:.{digits}f}",
                "–" if one.r2 is None else f"{one.r2:.2f}",
            )
            for one in scores
        ]
        parts.append(f"### {names[here]} ({names[2]})\n\n{grid(heads, rows)}")
    if found.excess:
        parts.append(_impossible(found.excess, here))
    if found.years:
        parts.append(products.markdown(found.years, code))
    if any(one.model == PEI for one in found.scores):
        parts.append(weakness(found)[here])
    names_ = ("数据", "Data")[here]
    parts.append(f"{names_}: " + "; ".join(f"{one.name} (SHA-256 {one.sha256[:12]})" for one in found.sources))
    return "\n\n".join(parts) + "\n"


def _impossible(excess: Mapping[str, float], here: int) -> str:
    shares = [f"{100 * excess[key]:.1f} %" for key in ("all", "china") if key in excess]
    if here == 0:
        china = f"，其中中国站点为 {shares[1]}" if len(shares) > 1 else ""
        return f"按裴志永公式，{shares[0]} 的站月 Rh 高于实测生态系统总呼吸（物理上不可能）{china}。"
    china = f"; of Chinese ones in {shares[1]}" if len(shares) > 1 else ""
    return (
        f"In {shares[0]} of the site-months Rh by Pei exceeds the whole respiration measured, which cannot be{china}."
    )


def grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is words, the others numbers."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(found: Validation) -> dict[str, Any]:
    """What ``validation.json`` holds: scores, years and sources, the titles of tables and models in both languages, and
    the weakness in words. Numbers have six digits, so that the bytes are the same on any machine."""
    weak = weakness(found)
    return {
        "format": FORMAT,
        "scores": [_rounded(asdict(one)) for one in found.scores],
        "excess": _rounded(found.excess),
        "years": [_rounded(asdict(one)) for one in found.years],
        "sources": [asdict(one) for one in found.sources],
        "tables": {key: {"zh": one[0], "en": one[1], "unit": one[2]} for key, one in TABLES.items()},
        "models": {key: {"zh": one[0], "en": one[1]} for key, one in MODELS.items()},
        "weakness": {"zh": weak[0], "en": weak[1]},
    }


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: float(f"{one:.6g}") if isinstance(one, float) else one for key, one in values.items()}


def write(folder: Path, found: Validation) -> Path:
    """Write ``validation.json`` into a run's folder, for report and pages; the path."""
    path = folder / FILE
    path.write_text(json.dumps(as_json(found), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def adopt(folder: Path) -> Path:
    """Write what this version was held against into a run's folder that has no measurements of its own: ``shipped``
    says so. The path."""
    path = folder / FILE
    said = {**reference(), "shipped": True}
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def read(folder: Path) -> dict[str, Any] | None:
    """What ``write`` wrote into the folder, or none."""
    path = folder / FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


@cache
def reference() -> Mapping[str, Any]:
    """The comparison with FLUXNET2015, SRDB and MODIS years that this version was held against, as ``read`` gives it.

    Only its results ship; ``validate`` makes them again from the data.
    """
    path = Path(__file__).with_name("validation_reference.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def validate(
    *,
    flux: Path | None = None,
    srdb: Path | None = None,
    products_of: Path | None = None,
    sites: Path | None = None,
    folder: Path | None = None,
    language: str = "en",
) -> str:
    """What ``tanhui nep validate`` prints: the tables as Markdown; with ``folder`` also ``validation.json`` there.

    Refuses as ``against``.
    """
    found = against(flux=flux, srdb=srdb, products_of=products_of, sites=sites)
    if folder:
        write(folder, found)
    return markdown(found, language)
