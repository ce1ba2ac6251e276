"""Sources of the external file reach the consortium row by row."""

import attrs
import pytest

from fluidmol.errors import InputError
from fluidmol.progress import Stages
from fluidmol.studies.consortium import Setup
from fluidmol.studies.prepare import Sources, prepare


@pytest.fixture
def sources(tmp_path, assays, benchmark_assay, transfer):
    """Files of which the external one shares its first two compounds with the source."""
    known = [row for assay in assays.values() for row in zip(assay.compounds.smiles, assay.active, strict=True)]
    new = list(zip(benchmark_assay.compounds.smiles, benchmark_assay.active, strict=True))
    external = [(*row, f"lab {i % 3}|all") for i, row in enumerate([*known[:2], *new])]
    tables = {
        "source": ("smiles,active", known),
        "external": ("smiles,active,source", external),
        "transfer": ("smiles", [(smiles,) for smiles in transfer.smiles]),
    }
    for name, (header, rows) in tables.items():
        lines = [
            header,
            *(",".join(str(int(cell) if isinstance(cell, bool) else cell) for cell in row) for row in rows),
        ]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines).replace("True", "1").replace("False", "0"))
    return Sources(**{name: tmp_path / f"{name}.csv" for name in tables})


def prepared(sources, charter):
    return prepare(sources, charter, Setup(n_partners=2), None, Stages())


def test_sources_stay_beside_their_compounds_when_known_ones_are_removed(sources, quick_charter):
    made = prepared(sources, quick_charter)
    consortium, external = made.consortium, made.consortium.benchmarks["external"]
    (facts,) = [facts for facts in made.inputs if facts["role"] == "external"]
    assert facts["removed"]["source"] >= 2
    lines = sources.external.read_text().splitlines()[1:]
    said = {smiles: tuple(origin.split("|")) for smiles, _, origin in (line.split(",") for line in lines)}
    assert len(consortium.origins) == len(external) > 0
    assert consortium.origins == tuple(said[smiles] for smiles in external.compounds.smiles)
    assert len(set(consortium.origins)) == 3


def test_without_a_column_there_are_none(sources, quick_charter):
    text = sources.external.read_text()
    sources.external.write_text(text.replace("smiles,active,source", "smiles,active,remark"))
    assert prepared(sources, quick_charter).consortium.origins is None
    named = prepared(attrs.evolve(sources, origin_column="remark"), quick_charter)
    assert named.consortium.origins is not None
    with pytest.raises(InputError, match="has no column 'source'"):
        prepared(attrs.evolve(sources, origin_column="source"), quick_charter)


def test_sources_of_the_source_file_are_known_by_compound(sources, quick_charter):
    assert prepared(sources, quick_charter).consortium.source_origins is None
    header, *lines = sources.source.read_text().splitlines()
    said = [f"{line},lab {i % 3}" for i, line in enumerate(lines)]
    # Another row of the first compound: it is of both.
    sources.source.write_text("\n".join([f"{header},made by", *said, f"{lines[0]},lab 9"]))
    for external in (None, sources.external):
        asked = attrs.evolve(sources, external=external, origin_column="Made by")
        found = prepared(asked, quick_charter).consortium
        parts = [*found.assays.values(), found.benchmarks["validation"]]
        smiles = {s: k for part in parts for s, k in zip(part.compounds.smiles, part.compounds.inchikeys, strict=True)}
        assert set(found.source_origins) == set(smiles.values())
        expected: dict[str, tuple[str, ...]] = {
            smiles[line.split(",")[0]]: (f"lab {i % 3}",) for i, line in enumerate(lines)
        }
        expected[smiles[lines[0].split(",")[0]]] = ("lab 0", "lab 9")
        assert found.source_origins == expected
        assert found.origins is None, "the external file has no such column, and needn't"


def test_a_column_that_no_file_has_is_refused(sources, quick_charter):
    for external in (None, sources.external):
        with pytest.raises(InputError, match="has no column 'made by'"):
            prepared(attrs.evolve(sources, external=external, origin_column="made by"), quick_charter)


def test_without_an_external_file_there_are_none(sources, quick_charter):
    assert prepared(attrs.evolve(sources, external=None), quick_charter).consortium.origins is None
