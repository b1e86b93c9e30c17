"""How a year may be computed: the norms that are known, where NPP comes from, the models of respiration; and which
inputs a choice asks for. Names are those of a run's plan (``tanhui.nep.plan``)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tanhui.inventory.models import Dataset
from tanhui.nep import norms

Kind = Dataset.Kind


WAYS: dict[str, str | Promise] = {
    "nep": _("NPP − Rh"),
    "nep_ratio": _("NPP times the ratio NEP/NPP of the norm"),
    "rate": _("Sequestration rates of the norm"),
    "biomass": _("Change of biomass between two surveys"),
}
# The norms that admit NEP, which the measure (article 6) prescribes; how well each is known stands in its clause.
NORMS = {key: one for key, one in norms.NORMS.items() if "nep" in one.methods}

NPP: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "mod17": (_("MODIS product MOD17A3HGF"), ("npp",)),
    "raster": (_("A raster of NPP, with its provenance"), ("npp",)),
    "gpp_cue": (_("GPP times carbon-use efficiency by type"), ("gpp",)),
    "casa": (_("Improved CASA from vegetation index and weather"), ("ndvi", "solar")),
}
RESPIRATION: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "pei": (_("Pei Zhiyong, by temperature and rain"), ()),
    "raich_potter_bond_lamberty": (_("Raich–Potter with Bond-Lamberty"), ()),
    "gsmsr": (_("GSMSR with soil carbon"), ("soc",)),
}
TABLE = "coefficients"  # the norm's table: no layer of the run
SURVEYS = ("biomass_before", "biomass_after")
RED_LINE = "red_line"  # the level of zones that is the ecological red line; every other is cut by it too
ZONES = "zones."  # a layer of boundaries is named zones.township, zones.park, …
ALWAYS = ("temperature", "precipitation", "landcover")
LAYERS: dict[str, str] = {  # inputs of a run in its own order, and the kind of data they take
    "npp": Kind.NPP,
    "gpp": Kind.GPP,
    "ndvi": Kind.NDVI,
    "solar": Kind.RADIATION,
    "temperature": Kind.TEMPERATURE,
    "precipitation": Kind.PRECIPITATION,
    "soc": Kind.SOIL_CARBON,
    "biomass_before": Kind.BIOMASS,
    "biomass_after": Kind.BIOMASS,
    "landcover": Kind.LAND_COVER,
}
OF_THE_YEAR = ("npp", "gpp", "ndvi", "solar", "temperature", "precipitation")  # land cover and soils may be older
COVER = "landcover"  # of each year of a series, or one for all
VALIDATION = "validation"  # validation.…: measurements serve the verification, not the run
SCHEMES = {  # codes of land cover
    "tanhui": _("Codes 1 to 8 of this product"),
    "clcd": "CLCD（中国年度土地覆盖）",
    "globeland30": "GlobeLand30",
    "worldcover": "ESA WorldCover",
    "igbp": "IGBP（MCD12Q1）",
}


def layers(method: Mapping[str, Any]) -> list[str]:
    """The inputs a choice of method cannot do without, in the order of a run; boundaries and the norm's table come
    besides."""
    if way(method) in ("rate", "biomass"):
        return [name for name in LAYERS if name == COVER or (way(method) == "biomass" and name in SURVEYS)]
    if way(method) == "nep_ratio":
        grown = NPP.get(str(method.get("npp")), ("", ()))[1]
        weather = ("temperature", "precipitation") if method.get("npp") == "casa" else ()
        return [name for name in LAYERS if name in (*grown, *weather, COVER)]
    asked = set(ALWAYS) | set(NPP.get(str(method.get("npp")), ("", ()))[1])
    for model in method.get("respiration", []):
        asked |= set(RESPIRATION.get(model, ("", ()))[1])
    return [name for name in LAYERS if name in asked]


def way(method: Mapping[str, Any]) -> str:
    """The method of the norm: ``nep``, ``nep_ratio``, ``rate`` or ``biomass``."""
    return str(method.get("way") or "nep")


def tabled(method: Mapping[str, Any]) -> bool:
    """Whether the choice takes a table of the norm."""
    return bool(norms.METHODS[way(method)].quantities)


def yearly(method: Mapping[str, Any]) -> list[str]:
    """The inputs that every year of a series needs its own of."""
    return [name for name in layers(method) if name in OF_THE_YEAR]


def takes(layer: str) -> str:
    """The kind of data a layer takes; nothing for no layer."""
    if layer.startswith(ZONES):
        word = layer.removeprefix(ZONES)
        return Kind.ZONES if word.replace("_", "").isalnum() and word.isascii() else ""
    if layer == TABLE:
        return Kind.COEFFICIENTS
    return Kind.VALIDATION if layer.split(".")[0] == VALIDATION else LAYERS.get(layer, "")


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two years are computed by the same method; the number of the norm may have changed."""
    if way(one) != way(other) or (tabled(one) and one.get("coefficients") != other.get("coefficients")):
        return False
    return one.get("npp") == other.get("npp") and sorted(one.get("respiration", [])) == sorted(
        other.get("respiration", [])
    )


def named(models: Sequence[str]) -> list[str]:
    return [str(RESPIRATION[one][0]) if one in RESPIRATION else one for one in models]
