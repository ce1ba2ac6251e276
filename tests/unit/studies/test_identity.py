"""A study is known by what it is made of."""

import attrs
import pytest

from fluidmol.chem.intake.outcomes import OutcomeColumns
from fluidmol.errors import MissingFileError
from fluidmol.studies.consortium import Setup
from fluidmol.studies.identity import identity, wanted
from fluidmol.studies.prepare import Sources
from fluidmol.values.charter import Charter


@pytest.fixture
def sources(tmp_path):
    for name in ("source.csv", "transfer.csv", "external.csv"):
        (tmp_path / name).write_text(name)
    return Sources(
        source=tmp_path / "source.csv", transfer=tmp_path / "transfer.csv", external=tmp_path / "external.csv"
    )


CHARTER = Charter.from_preset("open")


def test_a_study_is_known_by_content_and_options(sources, tmp_path):
    plain = identity(wanted(sources, CHARTER, Setup()))
    assert identity(wanted(sources, CHARTER, Setup())) == plain
    (tmp_path / "elsewhere.csv").write_text("source.csv")  # the same bytes, another place
    assert identity(wanted(attrs.evolve(sources, source=tmp_path / "elsewhere.csv"), CHARTER, Setup())) == plain
    others = {
        identity(wanted(sources, attrs.evolve(CHARTER, seed=1), Setup())),
        identity(wanted(sources, CHARTER, Setup(n_partners=3))),
        identity(wanted(sources, CHARTER, Setup(split="random"))),
        identity(wanted(attrs.evolve(sources, transfer_size=5), CHARTER, Setup())),
        identity(wanted(attrs.evolve(sources, external=None), CHARTER, Setup())),
        identity(wanted(attrs.evolve(sources, columns=OutcomeColumns(smiles_column="s")), CHARTER, Setup())),
        identity(wanted(attrs.evolve(sources, columns=OutcomeColumns(active_column="y")), CHARTER, Setup())),
    }
    (tmp_path / "transfer.csv").write_text("changed")
    others.add(identity(wanted(sources, CHARTER, Setup())))
    assert len(others - {plain}) == 8


def test_a_column_of_sources_that_nobody_names_changes_no_identity(sources):
    assert "origin_column" not in wanted(sources, CHARTER, Setup())
    named = wanted(attrs.evolve(sources, origin_column="lab"), CHARTER, Setup())
    assert named["origin_column"] == "lab"
    assert identity(named) != identity(wanted(sources, CHARTER, Setup()))


def test_a_file_that_is_not_there(sources, tmp_path):
    with pytest.raises(MissingFileError, match=r"none.csv can't be read: No such file"):
        wanted(attrs.evolve(sources, external=tmp_path / "none.csv"), CHARTER, Setup())
