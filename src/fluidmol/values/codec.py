"""Values as bytes: a closed list of types, refused on the way out and on the way in.

A packed value is a plain zip file of members that any tool can open: ``facts.json`` (what it is, its facts and its
digest) and, for values with numbers or molecules, ``arrays.safetensors``. No pickle, no code.
Bytes may differ between versions of the libraries that write them; a value's identity is therefore its digest, taken
over canonical bytes, and :func:`unpack` checks it.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

import attrs

from fluidmol.errors import CodecError, FluidError, InputError
from fluidmol.values.annotations import Annotations
from fluidmol.values.archives import MALFORMED, add_member, read_members
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.files import read_bytes
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Declined, Learn, Score, Scorecard
from fluidmol.values.private_model import PrivateModel
from fluidmol.values.representation import Representation
from fluidmol.values.strict_json import read_json
from fluidmol.values.tensors import Columns, read_columns, write_columns

FORMAT = 2
"""Version of the container. Format 1 had its arrays in Parquet."""

LARGEST = 1 << 30
"""Most bytes that arrays may have when unpacked: a bound against bombs, where no lower one is known."""

LARGEST_FACTS = 1 << 22
"""Most bytes of the facts: JSON takes some twenty times as much in memory."""

FACTS, ARRAYS = "facts.json", "arrays.safetensors"
"""The members that a container may have."""

Sheet = tuple[dict[str, Any], Columns]
"""Facts (anything JSON can say) and arrays."""

Value = (
    Annotations | FederatedLabels | CompoundSet | Charter | Annotate | Learn | PrivateModel | Scorecard | Declined
    | Representation
)  # fmt: skip

_TYPES = frozenset(get_args(Value))

V = TypeVar("V")


@attrs.frozen
class _ValueForm:
    write: Callable[[Any], Sheet]
    read: Callable[[Mapping[str, Any], Columns], Any]


def pack(value: Value) -> bytes:
    """Write a value as bytes; equal values give equal bytes with one version of the libraries.

    Raises
    ------
    CodecError
        If the type is not on the list: a partner's assay and models never are.

    Examples
    --------
    >>> declined = Declined("sha256:" + "0" * 64, "acme", "too few compounds")
    >>> unpack(pack(declined)) == declined
    True
    """
    # The very type: a subclass could say one thing here and be another.
    if type(value) not in _TYPES:
        raise CodecError(
            f"a {type(value).__name__} may not cross a company's wall",
            hint=f"Only these may: {', '.join(sorted(_FORMS))}.",
        )
    facts, columns = _FORMS[type(value).__name__].write(value)
    manifest = {"format": FORMAT, "type": type(value).__name__, "digest": value.digest, "facts": facts}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        add_member(archive, FACTS, json.dumps(manifest, indent=1, sort_keys=True, allow_nan=False).encode())
        if columns:
            add_member(archive, ARRAYS, write_columns(columns), deflate=True)
    return target.getvalue()


def unpack(data: bytes, beside: Collection[str] = (), largest: int | None = None) -> Value:
    """Read a value from bytes, and check that it is what it claims to be.

    Parameters
    ----------
    data : bytes
    beside : collection of str
        Members that may be there too, such as a signature. They aren't read.
    largest : int, optional
        Most bytes that a table may have when unpacked; :data:`LARGEST` by default.

    Raises
    ------
    CodecError
        If the bytes are no packed value, of an unknown type or format, malformed, or don't match their digest.
    """
    largest = LARGEST if largest is None else largest
    try:
        names, members = read_members(data, {FACTS: LARGEST_FACTS}, {ARRAYS: largest})
        manifest = read_json(members[FACTS])
        if manifest["format"] != FORMAT:
            raise CodecError(
                f"container format {manifest['format']!r}, and this version of fluidmol reads {FORMAT}",
                hint="Make the file again with this version, or use the version that wrote it.",
            )
        if not names <= {FACTS, ARRAYS, *beside}:
            raise CodecError(f"members {sorted(names)}", hint=f"Expected none but {FACTS} and {ARRAYS}.")
        form = _FORMS.get(manifest["type"])
        if form is None:
            raise CodecError(f"type {manifest['type']!r} is not on the list", hint=f"It has: {', '.join(_FORMS)}.")
        columns = read_columns(members[ARRAYS], largest) if ARRAYS in members else {}
        value: Value = form.read(manifest["facts"], columns)
        found = value.digest  # in here, because facts of a wrong kind fail only when they are hashed
    except CodecError:
        raise
    except (FluidError, *MALFORMED) as problem:
        raise CodecError(
            f"these bytes are no packed value: {problem}", hint="Ask the sender for the file again."
        ) from problem
    if found != manifest.get("digest"):
        raise CodecError(
            f"the content's digest is {found}, the manifest says {manifest.get('digest')}",
            hint="The file was damaged or altered: ask the sender for it again.",
        )
    return value


def read_value(path: Path, kind: type[V], largest: int | None = None) -> V:
    """Read a packed value of one type from a file.

    Parameters
    ----------
    path : Path
    kind : type
        The type that is expected.
    largest : int, optional
        As for :func:`unpack`; the file may have twice as many bytes.

    Raises
    ------
    MissingFileError
        If the file can't be read.
    InputError
        If it is no regular file, is larger, or holds a value of another type.
    CodecError
        If it can't be unpacked.
    """
    data = read_bytes(path, 2 * (LARGEST if largest is None else largest))
    try:
        found = unpack(data, largest=largest)
    except CodecError as problem:
        raise CodecError(f"{path}: {problem.message}", hint=problem.hint) from problem
    if not isinstance(found, kind):
        wanted = {CompoundSet: "molecules", Representation: "public directions"}.get(kind, kind.__name__)
        raise InputError(f"{path} holds a {type(found).__name__}", hint=f"Expected {wanted}.")
    return found


def digest(value: Value) -> str:
    """Give a value's digest: SHA-256 over its canonical bytes.

    Raises
    ------
    CodecError
        If the type is not on the list.
    """
    if type(value) not in _TYPES:
        raise CodecError(f"a {type(value).__name__} has no digest", hint=f"Only: {', '.join(sorted(_FORMS))}.")
    return value.digest


def _form(kind: type[Any], facts: tuple[str, ...] = (), arrays: tuple[str, ...] = ()) -> _ValueForm:
    """Return the form of a type of which each attribute is a fact or an array."""

    def write(value: Any) -> Sheet:
        return {name: getattr(value, name) for name in facts}, {name: getattr(value, name) for name in arrays}

    def read(told: Mapping[str, Any], columns: Columns) -> Any:
        return kind(**told, **{name: columns[name] for name in arrays})

    return _ValueForm(write, read)


_LABELS = _form(FederatedLabels, ("charter", "partners"), ("value", "spread", "contribution"))
_EXPERTS = _form(Experts, ("partners",), ("opinion", "proximity", "fidelity", "trust"))
_PRIVATE = _form(PrivateModel, ("count", "epsilon", "delta", "multiplier"), ("opinion", "total"))
_UNDER = "experts."
"""Arrays of the experts' begin so, beside those of the labels'."""


def _write_labels(value: FederatedLabels) -> Sheet:
    facts, columns = _LABELS.write(value)
    if value.experts is not None:
        facts["experts"], found = _EXPERTS.write(value.experts)
        columns |= {_UNDER + name: column for name, column in found.items()}
    return facts, columns


def _read_labels(facts: Mapping[str, Any], columns: Columns) -> FederatedLabels:
    found = {name.removeprefix(_UNDER): column for name, column in columns.items() if name.startswith(_UNDER)}
    experts = {"experts": _EXPERTS.read(facts["experts"], found)} if "experts" in facts else {}
    labels: FederatedLabels = _LABELS.read({**facts, **experts}, columns)
    return labels


def _write_learn(value: Learn) -> Sheet:
    facts, columns = _write_labels(value.labels)
    return {"charter": value.charter.to_table(), "labels": facts}, columns


def _write_private(value: PrivateModel) -> Sheet:
    if not value.protects:
        raise CodecError("a model without noise may not cross a company's wall", hint="It is for studies alone.")
    return _PRIVATE.write(value)


def _write_scorecard(value: Scorecard) -> Sheet:
    scores = [[s.model, s.dataset, s.metric, None if math.isnan(s.value) else s.value] for s in value.scores]
    return {"charter": value.charter, "partner": value.partner, "scores": scores}, {}


def _read_scorecard(facts: Mapping[str, Any], _columns: Columns) -> Scorecard:
    scores = [Score(m, d, k, math.nan if v is None else v) for m, d, k, v in facts["scores"]]
    return Scorecard(facts["charter"], facts["partner"], scores)


_FORMS: dict[str, _ValueForm] = {
    "Annotate": _ValueForm(
        lambda v: ({"charter": v.charter.to_table()}, {}), lambda f, _: Annotate(Charter.from_table(f["charter"]))
    ),
    "Annotations": _form(Annotations, ("charter", "partner"), ("value", "weight")),
    "Charter": _ValueForm(lambda v: (v.to_table(), {}), lambda f, _: Charter.from_table(f)),
    "CompoundSet": _form(CompoundSet, arrays=("smiles", "inchikeys")),
    "Declined": _form(Declined, ("charter", "partner", "reason")),
    "FederatedLabels": _ValueForm(_write_labels, _read_labels),
    "Learn": _ValueForm(
        _write_learn, lambda f, c: Learn(Charter.from_table(f["charter"]), _read_labels(f["labels"], c))
    ),
    "PrivateModel": _ValueForm(_write_private, _PRIVATE.read),
    "Representation": _ValueForm(
        lambda v: (v.facts(), {"numbers": v.numbers()}), lambda f, c: Representation.from_facts(f, c["numbers"])
    ),
    "Scorecard": _ValueForm(_write_scorecard, _read_scorecard),
}  # fmt: skip
