"""Every rule of the computing that may say no; those about zones stand beside the zones."""

from typing import Any

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep.wording import Worded

ACCURACY = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条"
HOUSE = "docs/algorithms/nep.md §2"


class CannotWrite(Worded):
    code = "nep.cannot_write"
    sentence = gettext_noop(
        "%(path)s could not be written (%(problem)s). Make room or open the folder, then resume: what is finished "
        "stays."
    )
    clause = HOUSE
    status = 507


# -- the plan ----------------------------------------------------------------------------------------------------------


class PlanUnreadable(Worded):
    code = "nep.plan_unreadable"
    sentence = gettext_noop("%(file)s cannot be read as a plan: %(problem)s. Correct that place.")
    clause = HOUSE
    status = 400


class PlanKeyUnknown(Worded):
    code = "nep.plan_key_unknown"
    sentence = gettext_noop("The plan says %(key)s, which nobody would read. Known here are: %(known)s.")
    clause = HOUSE
    status = 422


class PlanKeyMissing(Worded):
    code = "nep.plan_key_missing"
    sentence = gettext_noop("The plan does not say %(key)s, which %(needed_by)s needs. Add it.")
    clause = HOUSE
    status = 422


class PlanValueWrong(Worded):
    code = "nep.plan_value_wrong"
    sentence = gettext_noop("The plan says %(key)s = %(value)s. It must be %(wanted)s.")
    clause = HOUSE
    status = 422


# -- what was handed in ------------------------------------------------------------------------------------------------


class FileMissing(Worded):
    code = "nep.file_missing"
    sentence = gettext_noop("The file %(file)s of layer %(layer)s is not there. Put it there or correct the plan.")
    clause = ACCURACY
    status = 422


class FileBroken(Worded):
    code = "nep.file_broken"
    sentence = gettext_noop(
        "%(file)s cannot be read to its end (%(problem)s). Fetch it again and compare its checksum with the source."
    )
    clause = ACCURACY
    status = 422


class Hdf4(Worded):
    code = "nep.hdf4"
    sentence = gettext_noop(
        "%(file)s of layer %(layer)s is HDF4, which is not read here. Convert it once with a GDAL that has HDF4 "
        "(gdal_translate 'HDF4_EOS:EOS_GRID:\"%(file)s\":GRID:VARIABLE' out.tif; gdalinfo names grid and variable), or "
        "fetch the same product as GeoTIFF or HDF5."
    )
    clause = HOUSE
    status = 422


class VariableUnclear(Worded):
    code = "nep.variable_unclear"
    sentence = gettext_noop("%(file)s holds the variables %(variables)s. Name one of them as variable of %(layer)s.")
    clause = ACCURACY
    status = 422


class MonthsMissing(Worded):
    code = "nep.months_missing"
    sentence = gettext_noop(
        "Layer %(layer)s lacks the months %(months)s of %(year)s (%(file)s). A year is computed from twelve months: "
        "complete it."
    )
    clause = ACCURACY
    status = 422


class ScaleMissing(Worded):
    code = "nep.scale_missing"
    sentence = gettext_noop(
        "%(file)s holds whole numbers and names no scale. Say scale for layer %(layer)s in the plan, with the source."
    )
    clause = ACCURACY
    status = 422


class NodataMissing(Worded):
    code = "nep.nodata_missing"
    sentence = gettext_noop(
        '%(file)s names no value for missing data. Say nodata for layer %(layer)s in the plan, or nodata = "none".'
    )
    clause = ACCURACY
    status = 422


class UnitUnclear(Worded):
    code = "nep.unit_unclear"
    sentence = gettext_noop(
        "The unit of layer %(layer)s in %(file)s reads “%(unit)s”, which is not a unit of %(quantity)s. Say unit in "
        "the plan, one of: %(known)s."
    )
    clause = ACCURACY
    status = 422


class ValuesOutOfBounds(Worded):
    code = "nep.values_out_of_bounds"
    sentence = gettext_noop(
        "%(file)s holds %(values)s, in its own unit %(meaning)s; %(layer)s lies between %(low)s and %(high)s%(unit)s. "
        "If these stand for missing data, declare them as fills; otherwise correct scale or unit."
    )
    clause = ACCURACY
    status = 422

    def __init__(self, *, unit: str, **facts: Any) -> None:
        plain = unit.strip()
        super().__init__(unit="" if plain in ("", "1", "class") else f" {plain}", **facts)


class UnitImplausible(Worded):
    code = "nep.unit_implausible"
    sentence = gettext_noop(
        "The greatest value of layer %(layer)s in %(file)s is %(largest)s %(unit)s: it is probably in %(instead)s. "
        "Correct unit or scale in the plan."
    )
    clause = ACCURACY
    status = 422


class NothingThere(Worded):
    code = "nep.nothing_there"
    sentence = gettext_noop(
        "Layer %(layer)s of %(year)s has no value anywhere on the grid (%(file)s). Check its place, CRS and missing "
        "data."
    )
    clause = ACCURACY
    status = 422


class CodesMissing(Worded):
    code = "nep.codes_missing"
    sentence = gettext_noop(
        "missing codes: %(codes)s. %(file)s holds land-cover codes that %(scheme)s gives no ecosystem type. Add them "
        "under landcover.codes."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第三条"
    status = 422


class VegetationUnknown(Worded):
    code = "nep.vegetation_unknown"
    sentence = gettext_noop(
        "missing codes: %(codes)s. The table of %(method)s has no row for these land-cover codes, which the plan "
        "computes. Add rows under npp, or give them a type without NEP."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第三条"
    status = 422


class CrsMissing(Worded):
    code = "nep.crs_missing"
    sentence = gettext_noop("%(file)s does not say in which CRS it lies. Say crs for layer %(layer)s in the plan.")
    clause = ACCURACY
    status = 422


class CrsContradicted(Worded):
    code = "nep.crs_contradicted"
    sentence = gettext_noop(
        "%(file)s says its CRS is %(found)s, the plan says %(declared)s. Only one can be true: correct the plan or the "
        "file."
    )
    clause = ACCURACY
    status = 422


class OutsideGrid(Worded):
    code = "nep.outside_grid"
    sentence = gettext_noop(
        "%(file)s does not touch the grid: it lies at %(there)s, the grid at %(here)s (degrees). Check its CRS."
    )
    clause = ACCURACY
    status = 422


class GridsDiffer(Worded):
    code = "nep.grids_differ"
    sentence = gettext_noop(
        "The plan says layer %(layer)s is aligned, but %(file)s has the grid %(found)s and the run %(wanted)s. Take "
        "“aligned” out to let it be aligned, or correct the file."
    )
    clause = ACCURACY
    status = 422


# -- the run -----------------------------------------------------------------------------------------------------------


class DiskTooSmall(Worded):
    code = "nep.disk_too_small"
    sentence = gettext_noop(
        "The run needs about %(needed)s in %(folder)s, %(free)s are free. Make room or name another folder."
    )
    clause = HOUSE
    status = 507


class NotARun(Worded):
    code = "nep.not_a_run"
    sentence = gettext_noop("%(folder)s holds no prepared run. Begin one with `tanhui nep run`.")
    clause = HOUSE
    status = 404


class RecordBroken(Worded):
    code = "nep.record_broken"
    sentence = gettext_noop(
        "record.json in %(folder)s cannot be read (%(problem)s): nothing there can be relied on. Delete the folder or "
        "name another, then run the plan anew."
    )
    clause = HOUSE


class RecordOfAnotherVersion(Worded):
    code = "nep.record_of_another_version"
    sentence = gettext_noop(
        "The run in %(folder)s was prepared by another version of this product (format %(found)s, here %(known)s). Go "
        "on with that version, or run the plan anew in another folder."
    )
    clause = HOUSE


class AnotherRun(Worded):
    code = "nep.another_run"
    sentence = gettext_noop(
        "%(folder)s holds a run of another plan or other inputs. Name another folder, or resume the one it holds."
    )
    clause = HOUSE
    status = 409


class RunDamaged(Worded):
    code = "nep.run_damaged"
    sentence = gettext_noop("%(file)s in the run's folder is not what its record says. Prepare the run anew elsewhere.")
    clause = HOUSE
    status = 409


class TileStopped(Worded):
    code = "nep.tile_stopped"
    sentence = gettext_noop(
        "The run stopped at tile %(tile)s: %(problem)s. %(done)s tiles are finished and stay; put the cause right and "
        "resume."
    )
    clause = HOUSE
    status = 409


class NotFinished(Worded):
    code = "nep.not_finished"
    sentence = gettext_noop("%(missing)s of %(tiles)s tiles are not computed yet. Resume the run first.")
    clause = HOUSE
    status = 409


class SchedulerAway(Worded):
    code = "nep.scheduler_away"
    sentence = gettext_noop(
        "No cluster answers at %(address)s (%(problem)s). Start its scheduler, or run without --scheduler."
    )
    clause = HOUSE
    status = 503


# -- the comparison with measurements ----------------------------------------------------------------------------------


class ObservationsUnreadable(Worded):
    code = "nep.observations_unreadable"
    sentence = gettext_noop(
        "%(file)s cannot be compared with: %(problem)s. Give a CSV in UTF-8 with the columns the handbook names."
    )
    clause = ACCURACY
    status = 422


class NothingToCompare(Worded):
    code = "nep.nothing_to_compare"
    sentence = gettext_noop("There is nothing to compare with in %(file)s. Needed: %(needed)s.")
    clause = ACCURACY
    status = 422


# -- norms and their tables --------------------------------------------------------------------------------------------


class NormUnknown(Worded):
    code = "nep.norm_unknown"
    sentence = gettext_noop("No norm is known by the name %(norm)s. Known are: %(known)s.")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第一项"
    status = 422


class MethodNotInNorm(Worded):
    code = "nep.method_not_in_norm"
    sentence = gettext_noop("%(norm)s does not admit the method %(method)s. Choose one of: %(admitted)s.")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第一项"
    status = 422


class TableNotLoaded(Worded):
    code = "nep.table_not_loaded"
    sentence = gettext_noop(
        "The table of %(quantity)s of %(norm)s, version %(version)s, is not loaded (loaded: %(loaded)s). Load the "
        "table from the norm's text, as TOML or CSV, and name its version."
    )
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第一项"
    status = 422


class TableUnreadable(Worded):
    code = "nep.table_unreadable"
    sentence = gettext_noop("The table of coefficients %(file)s cannot be used: %(problem)s. Correct that place.")
    clause = HOUSE
    status = 422


class CoefficientMissing(Worded):
    code = "nep.coefficient_missing"
    sentence = gettext_noop(
        "The table of %(quantity)s of %(norm)s, version %(version)s, has no value for %(type)s in %(region)s. Add it "
        "with its source, or leave the type out."
    )
    clause = HOUSE
    status = 422


class UnitOfMethod(Worded):
    code = "nep.unit_of_method"
    sentence = gettext_noop(
        "The method %(method)s does not take %(unit)s. Give one of: %(wanted)s. Dry matter taken for carbon, or carbon "
        "for dry matter, is wrong by a factor of 2.25."
    )
    clause = ACCURACY
    status = 422


class InputOfMethodMissing(Worded):
    code = "nep.input_of_method_missing"
    sentence = gettext_noop("The method %(method)s needs %(input)s. Give it.")
    clause = HOUSE
    status = 422
