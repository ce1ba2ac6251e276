"""Features: the same whether computed at once, in pieces, in parallel or remembered."""

import attrs
import joblib
import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors, rdFingerprintGenerator

from fluidmol.chem import features as module
from fluidmol.chem import featurising
from fluidmol.chem.features import features, forget, remember
from fluidmol.chem.featurisers import FEATURISERS
from fluidmol.chem.featurisers.descriptors import DESCRIPTORS
from fluidmol.chem.scaffolds import scaffolds
from fluidmol.errors import CharterError
from fluidmol.partner.assay import Assay
from fluidmol.partner.teacher import Teacher
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.parts import Part

# The one without blocks has its own tests.
each = pytest.mark.parametrize("name", [name for name in FEATURISERS if name != "directions"])


@pytest.fixture(autouse=True)
def fresh():
    forget()
    yield
    forget()


@pytest.fixture
def compounds(chemistry):
    return chemistry.compounds


def equal(one, other):
    return one.shape == other.shape and (one != other).nnz == 0


def test_fcfp_is_rdkits(compounds):
    generator = rdFingerprintGenerator.GetMorganGenerator(
        radius=2, fpSize=512, atomInvariantsGenerator=rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
    )
    expected = [list(generator.GetFingerprint(Chem.MolFromSmiles(text))) for text in compounds.smiles]
    found = features(compounds, Part("fcfp", {"bits": 512}))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.toarray(), expected)


def test_ecfp_counts_are_rdkits(compounds):
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=512)
    expected = [generator.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(text)) for text in compounds.smiles]
    found = features(compounds, Part("ecfp-counts", {"bits": 512, "radius": 3}))
    np.testing.assert_array_equal(found.toarray(), np.array(expected, dtype=np.float32))


def test_descriptors_are_named_and_right(compounds):
    found = features(compounds, Part("descriptors")).toarray()
    molecules = [Chem.MolFromSmiles(text) for text in compounds.smiles]
    for name, theirs in (
        ("tpsa", Descriptors.TPSA),
        ("logp", Descriptors.MolLogP),
        ("heavy_atoms", Descriptors.HeavyAtomCount),
    ):
        column = found[:, list(DESCRIPTORS).index(name)]
        np.testing.assert_allclose(column, [theirs(m) for m in molecules], rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    ("smiles", "amines", "acids"),
    [("CCN", 1, 0), ("CC(=O)N", 0, 0), ("c1ccccc1N", 0, 0), ("CC(=O)O", 0, 1), ("CS(=O)(=O)NC", 0, 0),
     ("NCC(=O)O", 1, 1), ("c1nnn[nH]1", 0, 1), ("CN1CCNCC1", 2, 0), ("CC#N", 0, 0)],
)  # fmt: skip
def test_charged_groups(smiles, amines, acids):
    molecule = Chem.MolFromSmiles(smiles)
    assert (DESCRIPTORS["basic_amines"](molecule), DESCRIPTORS["acids"](molecule)) == (amines, acids)


@each
def test_blocks_lie_side_by_side(name, compounds):
    blocks = FEATURISERS.build(Part(name)).blocks
    assert features(compounds, Part(name)).shape == (len(compounds), sum(block.width for block in blocks))


@each
def test_pieces_and_cores_change_nothing(name, compounds, monkeypatch):
    expected = features(compounds, Part(name))
    forget()
    monkeypatch.setattr(featurising, "CHUNK", 37)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert equal(features(compounds, Part(name)), expected)


def test_work_is_dispatched_to_other_processes(compounds, monkeypatch):
    expected = features(compounds, Part("fcfp"))
    forget()
    monkeypatch.setattr(featurising, "CHUNK", 50)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        # Nothing is parsed in this process.
        monkeypatch.setattr(featurising, "_parse", None)
        assert equal(features(compounds, Part("fcfp")), expected)


def test_what_is_known_is_not_computed_again(compounds, monkeypatch):
    part = Part("fcfp")
    expected = features(compounds, part)
    computed = []
    compute = module._compute
    monkeypatch.setattr(
        module, "_compute", lambda smiles, blocks: computed.append(list(smiles)) or compute(smiles, blocks)
    )
    order = list(np.random.default_rng(0).permutation(len(compounds)))
    assert equal(features(compounds.take(order), part), expected[order])
    assert computed == []
    more = CompoundSet((*compounds.smiles[:3], "CCCCCCO"), (*compounds.inchikeys[:3], "ZSIAUFGUXNUGDI-UHFFFAOYSA-N"))
    assert equal(features(more, part)[:3], expected[:3])
    assert computed == [["CCCCCCO"]]


def test_blocks_are_shared_between_featurisers(compounds, monkeypatch):
    features(compounds, Part("fcfp"))
    features(compounds, Part("combined"))
    monkeypatch.setattr(module, "_compute", None)
    features(compounds, Part("ecfp-counts"))
    features(compounds, Part("descriptors"))


@pytest.fixture
def parsed(monkeypatch):
    """Molecules that are parsed, in this process."""
    found = []
    parse = featurising._parse
    monkeypatch.setattr(featurising, "_parse", lambda smiles: found.append(smiles) or parse(smiles))
    return found


def test_one_pass_serves_several_featurisers(compounds, parsed):
    parts = Part("additive", {"bits": 256}), Part("fcfp"), Part("descriptors"), Part("fcfp")
    remember(compounds, *parts)
    assert sorted(parsed) == sorted(compounds.smiles)
    together = [features(compounds, part) for part in parts]
    assert len(parsed) == len(compounds)
    forget()
    assert all(equal(features(compounds, part), found) for part, found in zip(parts, together, strict=True))
    assert len(parsed) > 3 * len(compounds)  # what it would be without


def test_of_too_many_nothing_is_remembered(compounds, parsed, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_STORE", 100)
    remember(compounds, Part("fcfp"))
    assert parsed == []


@pytest.mark.parametrize(
    "featuriser", [Part("descriptors"), Part("additive"), Part("fcfp")], ids=lambda part: part.name
)
def test_a_teacher_parses_each_molecule_once(featuriser, compounds, parsed):
    charter = attrs.evolve(Charter.from_preset("open"), featuriser=featuriser)
    rng = np.random.default_rng(0)
    own, public = compounds.take(list(range(60))), compounds.take(list(range(60, len(compounds))))
    teacher = Teacher.fit(Assay(own, rng.integers(0, 2, (60, 1)).astype(float)), charter, "a")
    assert sorted(parsed) == sorted(own.smiles)
    teacher.annotate(public)
    assert sorted(parsed) == sorted(compounds.smiles)


def test_memory_is_bounded(compounds, monkeypatch):
    part = Part("fcfp", {"bits": 128})
    expected = features(compounds, part)
    monkeypatch.setattr(module, "LARGEST_STORE", 100)
    forget()
    assert equal(features(compounds, part), expected)  # too many to remember
    for start in (0, 30, 60, 20, 0):
        rows = list(range(start, start + 60))
        assert equal(features(compounds.take(rows), part), expected[rows])
        assert all(len(store._place) <= 100 for store in module._stores.values())


def test_no_compounds():
    assert features(CompoundSet((), ()), Part("fcfp")).shape == (0, 2048)


def test_a_smiles_that_cannot_be_read():
    with pytest.raises(ValueError, match=r"can't read the SMILES 'C1CC'"):
        features(CompoundSet(("C1CC",), ("VNWKTOKETHGBQD-UHFFFAOYSA-N",)), Part("fcfp"))


def test_an_unknown_featuriser(compounds):
    with pytest.raises(CharterError, match="Did you mean fcfp"):
        features(compounds, Part("fcfpp"))


def test_scaffolds(compounds):
    found = scaffolds(compounds)
    assert len(found) == len(compounds)
    assert found[0] == "c1ccccc1"
    chained = CompoundSet(("CCO",), ("LFQSCWFLJHTTHZ-UHFFFAOYSA-N",))
    assert scaffolds(chained) == [""]
    assert scaffolds(CompoundSet((), ())) == []
