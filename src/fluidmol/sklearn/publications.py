"""What a consortium published, from files or from Python."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path

from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.claims import check_claims
from fluidmol.chem.intake.transfer import read_molecules
from fluidmol.errors import CharterError, MissingFileError, UsageError
from fluidmol.partner.publication import BESIDE, read_publication, read_transfer
from fluidmol.rounds.partner.home import PSEUDONYMS, own_in, pseudonyms_in
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.files import read_bytes
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.parts import nearest
from fluidmol.values.publication import Publication

Place = str | Path

LABELS = "labels.fluid"
"""File of the labels in a partner's home, or in the folder of a run."""

_REMEMBERED = 4


def publication_of(
    labels: Place | FederatedLabels | Publication | None,
    charter: Place | Charter | None,
    transfer: Place | CompoundSet | None,
    *,
    cache: bool,
    kind: str = "classification",
) -> Publication:
    """Bring together what was published.

    Parameters
    ----------
    labels : str, Path, FederatedLabels, Publication or None
        The file of the labels, or the folder that holds it; or values, as ``federate`` makes them.
    charter, transfer
        As files or values; beside the file of the labels by default.
    kind : str
        Of the endpoint: ``classification`` or ``regression``.
    cache : bool
        Whether standardised structures are kept on disk.

    Raises
    ------
    UsageError
        If something isn't given, or given twice.
    FluidError
        If a file can't be used, they don't belong together, or the endpoint is of another kind.
    """
    if labels is None:
        raise UsageError(
            "there are no labels",
            hint="Give `labels`: labels.fluid of a round, or its folder. What was saved before is loaded.",
        )
    if isinstance(labels, Publication):
        if charter is not None or transfer is not None:
            raise UsageError("`charter` or `transfer` is given beside a publication", hint="It holds them.")
        found = labels
    elif isinstance(labels, FederatedLabels):
        if not isinstance(charter, Charter) or not isinstance(transfer, CompoundSet):
            raise UsageError("labels without their charter and transfer set", hint="Give `charter` and `transfer`.")
        found = Publication(charter=charter, transfer=transfer, labels=labels)
    else:
        found = _read(_file(labels), charter, transfer, cache=cache)
    require_kind(found.charter, kind)
    return found


def require_kind(charter: Charter, kind: str) -> None:
    """Refuse a regression where a classifier is asked for, and the other way round.

    Raises
    ------
    CharterError
        Saying what to do.
    """
    found = charter.endpoints[0].kind
    if found != kind:
        models = {"classification": "FluidClassifier or FluidStudent", "regression": "FluidRegressor"}
        raise CharterError(f"the endpoint is a {found}", hint=f"Take {models[found]}.")


def called_in(labels: FederatedLabels, place: object, name: str | None, *, newcomer: bool) -> str:
    """Return what labels call a partner; empty for a company that took no part.

    Parameters
    ----------
    labels : FederatedLabels
    place : object
        Where they are; beside a file, a partner's home keeps its pseudonyms.
    name : str or None
        Of the partner.
    newcomer : bool
        Whether it took no part.

    Raises
    ------
    UsageError
        If it isn't said who it is, or the labels don't know it.
    """
    if (name is None) != newcomer:
        raise UsageError(
            "`name` is given, and `newcomer`" if newcomer else "it isn't said who you are",
            hint="Give `name`, yours in the consortium, or `newcomer` if your company took no part in the round.",
        )
    if name is None:
        return ""
    known = pseudonyms_in(_file(place).with_name(PSEUDONYMS)) if isinstance(place, str | Path) else ()
    if found := own_in(labels, name, known):
        return found
    raise UsageError(
        f"the labels know no partner {name!r}",
        hint=f"{nearest(name, labels.partners)} Pseudonyms are told by {PSEUDONYMS}, which lies beside the labels in"
        " your home. If your company gave no opinion, say `newcomer`.",
    )


def _file(place: Place) -> Path:
    path = Path(place)
    return path / LABELS if path.is_dir() else path


def _read(
    labels: Path, charter: Place | Charter | None, transfer: Place | CompoundSet | None, *, cache: bool
) -> Publication:
    rules = charter if isinstance(charter, Charter) else Path(charter or labels.with_name("charter.toml"))
    if isinstance(transfer, CompoundSet):
        raise UsageError("`transfer` is a value, and `labels` a file", hint="Give both as files, or both as values.")
    public = None if transfer is None else Path(transfer)
    beside = [labels.with_name(name) for name in (*BESIDE, "representation.fluid")]
    seen = [path for path in (labels, rules, public, *beside) if isinstance(path, Path)]
    return _remembered(labels, rules, public, cache, tuple(map(_stamp, seen)))


@lru_cache(maxsize=_REMEMBERED)
def _remembered(
    labels: Path,
    charter: Path | Charter,
    transfer: Path | None,
    cache: bool,
    _stamps: tuple[tuple[int, int], ...],
) -> Publication:
    """Read files once, however many folds and settings are tried, as long as they stay as they are."""
    if not labels.is_file():
        raise MissingFileError(f"there is no file {labels}", hint="Give `labels`: labels.fluid of a round.")
    if isinstance(charter, Path):
        charter = Charter.from_toml(read_bytes(charter).decode("utf-8-sig", errors="replace"), str(charter))
    known = StandardCache() if cache else None
    read = partial(
        read_transfer,
        standardised=lambda path: read_molecules(path, cache=known).compounds,
        look=partial(check_claims, cache=known),
    )
    return read_publication(charter, labels, transfer, read)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
