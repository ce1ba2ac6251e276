"""A file of measurements, read as the charter's endpoint means them."""

from __future__ import annotations

from pathlib import Path

import attrs

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.labelled import Labelled, read_labelled
from fluidmol.chem.intake.measurements.reading import Reading
from fluidmol.chem.intake.origins import OriginColumn
from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.chem.intake.standardise import Progress
from fluidmol.errors import InputError
from fluidmol.partner.measure_check import Agreed, agreed
from fluidmol.partner.quantity_check import check_quantity
from fluidmol.values.charter import Charter


def read_measurements(
    path: Path,
    wanted: OutcomeColumns,
    charter: Charter,
    *,
    origin: OriginColumn | None = None,
    cache: StandardCache | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Labelled:
    """Read a labelled file, and check it against what the charter says of the endpoint.

    Parameters
    ----------
    path, wanted, origin, cache, n_jobs, progress
        As for :func:`~fluidmol.chem.intake.labelled.read_labelled`.
    charter : Charter
        Whose endpoint may state quantity, unit, threshold and what becomes of limits.

    Returns
    -------
    Labelled
        Its reading has a caution for each thing that couldn't be checked.

    Raises
    ------
    MissingFileError, InputError, UsageError
        If the file can't be used, or holds another quantity.
    CharterError
        If the threshold isn't the charter's.
    """
    said = wanted_by(charter, wanted)
    read = read_labelled(path, said.columns, origin=origin, cache=cache, n_jobs=n_jobs, progress=progress)
    cautions = (*read.reading.cautions, *checked_against(charter, read.reading, said))
    return attrs.evolve(read, reading=attrs.evolve(read.reading, cautions=cautions))


def wanted_by(charter: Charter | None, wanted: OutcomeColumns) -> Agreed:
    """Merge what a charter says of the endpoint into what the user says.

    Raises
    ------
    CharterError, UsageError
        If they contradict one another.
    """
    if charter is None:
        return agreed(None, wanted)
    if charter.scale is not None:
        return Agreed(attrs.evolve(wanted, scale=charter.scale, alone=charter.privacy is not None))
    return agreed(charter.endpoints[0].measure, attrs.evolve(wanted, alone=charter.privacy is not None))


def checked_against(charter: Charter | None, reading: Reading, said: Agreed) -> tuple[str, ...]:
    """Check that what was read is what a charter's endpoint means; return what couldn't be checked.

    Raises
    ------
    InputError
        If it is another quantity.
    """
    if charter is None or charter.scale is not None:
        return said.cautions
    measure = charter.endpoints[0].measure
    if not reading.threshold:
        values = [column.name for title, column in reading.unused if title == "values"]
        if measure is not None and values and said.columns.active_column is None:
            raise InputError(
                f"the charter says {measure.quantity}, active {measure.cut}, and beside the classes of column"
                f" {reading.column!r} there are measured values in {', '.join(values)}",
                hint="Name the values with `value_column`, or the classes with `active_column`.",
            )
        return said.cautions
    return (*said.cautions, *check_quantity(measure, reading.column, reading.types))
