"""Values as bytes: a closed list of types, refused on the way out and on the way in.

A packed value is a plain zip file of members that any tool can open: ``facts.json`` (what it is,
its facts and its digest), ``columns.parquet`` (its arrays, one column each) and, for labels with experts,
``experts.parquet``. No pickle, no code.
Parquet's bytes may differ between versions of its writer; a value's identity is therefore its digest, taken over
canonical bytes, and :func:`unpack` checks it.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn, get_args

import attrs
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from fluidmol.errors import CodecError, FluidError
from fluidmol.values.annotations import Annotations
from fluidmol.values.archives import check_short
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.experts import Experts
from fluidmol.values.labels import FederatedLabels
from fluidmol.values.messages import Annotate, Declined, Learn, Score, Scorecard
from fluidmol.values.private_model import PrivateModel
from fluidmol.values.representation import Representation
from fluidmol.values.sheets import Columns, read_columns, write_columns

FORMAT = 1
"""Version of the container."""

LARGEST = 1 << 30
"""Most bytes that a table may have when unpacked: a bound against bombs, where no lower one is known."""

LARGEST_FACTS = 1 << 22
"""Most bytes of the facts: JSON takes some twenty times as much in memory."""

Sheet = tuple[dict[str, Any], Columns]
"""Facts (anything JSON can say) and columns (float32 or text, all of one length)."""

MEMBERS = ("facts.json", "columns.parquet", "experts.parquet")
"""The members that a container may have."""

_EXPERTS = "experts."
"""Columns that begin so are another table, for they have another length."""

Value = (
    Annotations | FederatedLabels | CompoundSet | Charter | Annotate | Learn | PrivateModel | Scorecard | Declined
    | Representation
)  # fmt: skip

_TYPES = frozenset(get_args(Value))


@attrs.frozen
class _Form:
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
        _add(archive, "facts.json", json.dumps(manifest, indent=1, sort_keys=True, allow_nan=False).encode())
        for member, part in zip(MEMBERS[1:], _tables(columns), strict=True):
            if part:
                _add(archive, member, write_columns(part))
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
        check_short(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if len(members) != len(archive.infolist()) or not set(members) <= {*MEMBERS, *beside}:
                raise CodecError(f"members {sorted(members)}", hint=f"Expected none but {', '.join(MEMBERS)}.")
            bounds = {name: LARGEST_FACTS if name == "facts.json" else largest for name in members}
            if any(i.compress_type != zipfile.ZIP_STORED or i.file_size > bounds[n] for n, i in members.items()):
                raise CodecError("a member is compressed or too large", hint="Members are stored as they are.")
            manifest = json.loads(archive.read("facts.json"), parse_constant=_refuse_constant)
            columns: Columns = {}
            for member in MEMBERS[1:]:
                if member in members:
                    columns |= read_columns(archive.read(member), largest)
        if manifest["format"] != FORMAT:
            raise CodecError(f"container format {manifest['format']!r}", hint=f"This version reads {FORMAT}.")
        form = _FORMS.get(manifest["type"])
        if form is None:
            raise CodecError(f"type {manifest['type']!r} is not on the list", hint=f"It has: {', '.join(_FORMS)}.")
        value: Value = form.read(manifest["facts"], columns)
        found = value.digest  # in here, because facts of a wrong kind fail only when they are hashed
    except CodecError:
        raise
    except (FluidError, zipfile.BadZipFile, pa.ArrowException, *_MALFORMED) as problem:
        raise CodecError(
            f"these bytes are no packed value: {problem}", hint="Ask the sender for the file again."
        ) from problem
    if found != manifest.get("digest"):
        raise CodecError(
            f"the content's digest is {found}, the manifest says {manifest.get('digest')}",
            hint="The file was damaged or altered: ask the sender for it again.",
        )
    return value


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


_MALFORMED = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, NotImplementedError, OSError, EOFError,
    RecursionError, RuntimeError, OverflowError, MemoryError,
)  # fmt: skip
"""What malformed content makes the readers raise; never a bare ``Exception``, which would hide our own faults."""


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # A fixed date: equal values must give equal bytes.
    archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), data)


def _tables(columns: Columns) -> tuple[Columns, Columns]:
    experts = {name: column for name, column in columns.items() if name.startswith(_EXPERTS)}
    return {name: column for name, column in columns.items() if name not in experts}, experts


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _matrix(columns: Columns, prefix: str, endpoints: int) -> NDArray[np.float32]:
    return np.stack([columns[f"{prefix}.{e}"] for e in range(endpoints)], axis=1)


def _spread_out(prefix: str, matrix: NDArray[np.float32]) -> Columns:
    return {f"{prefix}.{e}": np.ascontiguousarray(matrix[:, e]) for e in range(matrix.shape[1])}


def _write_annotations(value: Annotations) -> Sheet:
    facts = {"charter": value.charter, "partner": value.partner, "endpoints": value.shape[1]}
    return facts, _spread_out("value", value.value) | _spread_out("weight", value.weight)


def _read_annotations(facts: Mapping[str, Any], columns: Columns) -> Annotations:
    n = facts["endpoints"]
    return Annotations(facts["charter"], facts["partner"], _matrix(columns, "value", n), _matrix(columns, "weight", n))


def _write_labels(value: FederatedLabels) -> Sheet:
    facts = {"charter": value.charter, "partners": list(value.partners), "endpoints": value.value.shape[1]}
    columns = _spread_out("value", value.value) | _spread_out("spread", value.spread)
    for index in range(len(value.partners)):
        columns |= _spread_out(f"contribution.{index}", value.contribution[index])
    if value.experts is not None:
        known, found = _write_experts(value.experts)
        facts, columns = facts | {"experts": known}, columns | found
    return facts, columns


def _read_labels(facts: Mapping[str, Any], columns: Columns) -> FederatedLabels:
    n, partners = facts["endpoints"], facts["partners"]
    shares = [_matrix(columns, f"contribution.{index}", n) for index in range(len(partners))]
    matrices = _matrix(columns, "value", n), _matrix(columns, "spread", n)
    experts = _read_experts(facts["experts"], columns) if "experts" in facts else None
    return FederatedLabels(facts["charter"], partners, *matrices, np.stack(shares), experts)


def _write_experts(value: Experts) -> Sheet:
    facts: dict[str, Any] = {"partners": list(value.partners)}
    for name in ("fidelity", "trust"):
        facts[name] = [float(number) for number in getattr(value, name)]
    columns: Columns = {}
    for name in ("opinion", "proximity"):
        columns |= {f"{_EXPERTS}{name}.{i}": row for i, row in enumerate(getattr(value, name))}
    return facts, columns


def _read_experts(facts: Mapping[str, Any], columns: Columns) -> Experts:
    n = len(facts["partners"])
    opinion, proximity = (
        np.stack([columns[f"{_EXPERTS}{name}.{i}"] for i in range(n)]) for name in ("opinion", "proximity")
    )
    return Experts(facts["partners"], opinion, proximity, facts["fidelity"], facts["trust"])


def _write_learn(value: Learn) -> Sheet:
    facts, columns = _write_labels(value.labels)
    return {"charter": value.charter.to_table(), "labels": facts}, columns


def _write_private(value: PrivateModel) -> Sheet:
    if not value.protects:
        raise CodecError("a model without noise may not cross a company's wall", hint="It is for studies alone.")
    facts: dict[str, Any] = {name: getattr(value, name) for name in ("count", "epsilon", "delta", "multiplier")}
    facts["intercept"] = float(value.opinion[-1])
    return facts, {"opinion": value.opinion[:-1], "total": value.total}


def _read_private(facts: Mapping[str, Any], columns: Columns) -> PrivateModel:
    numbers = (facts[name] for name in ("count", "epsilon", "delta", "multiplier"))
    return PrivateModel(np.append(columns["opinion"], np.float32(facts["intercept"])), columns["total"], *numbers)


def _write_scorecard(value: Scorecard) -> Sheet:
    scores = [[s.model, s.dataset, s.metric, None if math.isnan(s.value) else s.value] for s in value.scores]
    return {"charter": value.charter, "partner": value.partner, "scores": scores}, {}


def _read_scorecard(facts: Mapping[str, Any], _columns: Columns) -> Scorecard:
    scores = [Score(m, d, k, math.nan if v is None else v) for m, d, k, v in facts["scores"]]
    return Scorecard(facts["charter"], facts["partner"], scores)


_FORMS: dict[str, _Form] = {
    "Annotate": _Form(
        lambda v: ({"charter": v.charter.to_table()}, {}), lambda f, _: Annotate(Charter.from_table(f["charter"]))
    ),
    "Annotations": _Form(_write_annotations, _read_annotations),
    "Charter": _Form(lambda v: (v.to_table(), {}), lambda f, _: Charter.from_table(f)),
    "CompoundSet": _Form(
        lambda v: ({}, {"smiles": np.array(v.smiles, object), "inchikey": np.array(v.inchikeys, object)}),
        lambda _, c: CompoundSet(c["smiles"], c["inchikey"]),
    ),
    "Declined": _Form(lambda v: (attrs.asdict(v), {}), lambda f, _: Declined(**f)),
    "FederatedLabels": _Form(_write_labels, _read_labels),
    "Learn": _Form(
        _write_learn, lambda f, c: Learn(Charter.from_table(f["charter"]), _read_labels(f["labels"], c))
    ),
    "PrivateModel": _Form(_write_private, _read_private),
    "Representation": _Form(
        lambda v: (v.facts(), {"numbers": v.numbers()}), lambda f, c: Representation.from_facts(f, c["numbers"])
    ),
    "Scorecard": _Form(_write_scorecard, _read_scorecard),
}  # fmt: skip
