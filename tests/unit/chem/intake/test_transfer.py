"""Transfer sets: a fair, reproducible draw of what may be used."""

from pathlib import Path

import pytest
from rdkit import Chem

from fluidmol.chem.intake import transfer
from fluidmol.chem.intake.cache import StandardCache
from fluidmol.chem.intake.read import read_molecules
from fluidmol.chem.intake.standardise import standardise
from fluidmol.chem.pool.shards import write_set
from fluidmol.errors import InputError, UsageError
from fluidmol.values.codec import pack
from fluidmol.values.compounds import CompoundSet


def write(folder: Path, smiles: list[str], name: str = "public.smi") -> Path:
    path = folder / name
    path.write_text("".join(f"{text}\n" for text in smiles))
    return path


CHAINS = ["C" * n + "O" for n in range(1, 61)]


def skeletons(*smiles: str) -> set[str]:
    return {item.inchikey[:14] for item in standardise(smiles)}


def test_all_in_file_order(tmp_path: Path) -> None:
    found = read_molecules(write(tmp_path, ["CCO", "C1CC", "OCC", "CC(N)C(=O)O", "C[C@H](N)C(=O)O", "CCN"]))
    assert found.compounds.smiles == ("CCO", "CC(N)C(=O)O", "CCN")
    assert found.n_merged == 2
    assert [(row.line, row.kind) for row in found.rejected] == [(2, "unreadable SMILES")]
    assert (found.n_rows, found.n_drawn, found.asked) == (6, 6, None)


def test_a_draw_is_without_replacement_and_in_file_order(tmp_path: Path) -> None:
    found = read_molecules(write(tmp_path, CHAINS), size=20, seed=1)
    places = [CHAINS.index(smiles) for smiles in found.compounds.smiles]
    assert len(found) == 20
    assert places == sorted(places)
    assert places != list(range(20))
    assert found.n_drawn == 20


def test_the_seed_decides(tmp_path: Path) -> None:
    path = write(tmp_path, CHAINS)
    one, same, other = (read_molecules(path, size=20, seed=seed).compounds for seed in (1, 1, 2))
    assert one == same != other


def test_excluded_sets_are_counted_apart(tmp_path: Path) -> None:
    exclude = {"training": skeletons("CCO", "CCCO"), "external": skeletons("CCCO", "c1ccccc1")}
    found = read_molecules(write(tmp_path, CHAINS), exclude=exclude)
    assert len(found) == len(CHAINS) - 2
    assert found.removed == {"training": 2, "external": 1}
    assert not exclude["training"] & set(found.compounds.skeletons)


def test_enough_are_found_behind_unusable_ones(tmp_path: Path) -> None:
    usable = CHAINS[:30]
    mixed = usable + ["C1CC", "CCO"] * 300
    found = read_molecules(write(tmp_path, mixed), size=25, seed=3, exclude={"x": skeletons("CO")})
    assert len(found) == 25
    assert found.n_drawn == 25 + len(found.rejected) + found.n_merged + found.removed["x"]


def test_fewer_than_asked_for(tmp_path: Path) -> None:
    found = read_molecules(write(tmp_path, [*CHAINS, "C1CC"]), size=1000)
    assert len(found) == len(CHAINS)
    assert found.asked == 1000
    assert found.n_drawn == found.n_rows == len(CHAINS) + 1


def test_neither_cache_nor_processes_change_the_draw(tmp_path: Path) -> None:
    many = ["C" * (1 + i % 60) + "N" + "C" * (i // 60) for i in range(1500)]
    path = write(tmp_path, [*many, "C1CC"])
    cache = StandardCache(tmp_path / "cache")
    cold = read_molecules(path, size=600, seed=5, cache=cache, n_jobs=2)
    warm = read_molecules(path, size=600, seed=5, cache=cache)
    plain = read_molecules(path, size=600, seed=5)
    for other in (warm, plain):
        assert other.compounds == cold.compounds
        assert (other.rejected, other.n_merged, other.n_drawn) == (cold.rejected, cold.n_merged, cold.n_drawn)


def test_no_more_than_needed_is_standardised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []
    real = transfer.standardise
    monkeypatch.setattr(transfer, "standardise", lambda smiles, **kw: worked.extend(smiles) or real(smiles, **kw))
    read_molecules(write(tmp_path, CHAINS * 50), size=10)
    assert len(worked) < 200


def test_progress_goes_on_over_batches(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = write(tmp_path, CHAINS[:30] + ["C1CC"] * 300)
    read_molecules(path, size=30, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert all(done <= total for done, total in seen)


def test_nothing_left_is_an_error_with_counts(tmp_path: Path) -> None:
    path = write(tmp_path, ["CCO", "C1CC", "OCC"])
    with pytest.raises(InputError, match=r"no usable molecule: 3 rows.*unreadable SMILES \(1\), in training \(2\)"):
        read_molecules(path, exclude={"training": skeletons("CCO")})
    with pytest.raises(UsageError, match="0 molecules"):
        read_molecules(path, size=0)


def test_a_column_without_smiles_is_named_as_the_cause(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("structure,raw\nA-1,CCO\nA-2,CCN\n")
    with pytest.raises(InputError, match=r"Column 'structure' doesn't hold SMILES.*first in line 2.*`smiles_column`"):
        read_molecules(path)


def test_the_commonest_reason_is_named_with_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("smiles,x\nC1CC,1\nCCO\nCCN\n")
    with pytest.raises(InputError, match=r"The commonest reason, first in line 3: wrong number of fields: 1"):
        read_molecules(path)


def test_ragged_rows_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "public.csv"
    path.write_text("smiles,origin\nCCO,a\nCCN\n")
    found = read_molecules(path, size=1)
    assert [row.line for row in found.rejected] == [3]
    assert Chem.CanonSmiles(found.compounds.smiles[0]) == "CCO"


@pytest.mark.parametrize("built", [True, False])
def test_a_transfer_set_of_ours_is_read_as_a_file(built: bool, tmp_path: Path, transfer: CompoundSet) -> None:
    path = tmp_path / ("set" if built else "set.fluid")
    if built:
        write_set(path, transfer, {})
    else:
        path.write_bytes(pack(transfer))
    found = read_molecules(path, size=10, exclude={"known": set(transfer.skeletons[:20])})
    assert len(found) == 10
    assert set(found.compounds.skeletons) <= set(transfer.skeletons[20:])
    assert f"sha256:{found.sha256}" == transfer.digest


def test_a_key_of_another_structure_is_not_believed(tmp_path: Path, transfer: CompoundSet) -> None:
    (tmp_path / "set.fluid").write_bytes(pack(CompoundSet(transfer.smiles, transfer.inchikeys[::-1])))
    found = dict(zip(transfer.smiles, transfer.inchikeys, strict=True))
    read = read_molecules(tmp_path / "set.fluid").compounds
    assert all(found[smiles] == key for smiles, key in zip(read.smiles, read.inchikeys, strict=True))
