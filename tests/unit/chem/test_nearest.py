"""Nearest references with their positions: the same similarities as without, and truly those rows'."""

import joblib
import numpy as np
import pytest
from scipy.sparse import random as random_matrix

from fluidmol.chem.similarity import nearest_rows, nearest_tanimoto, pack_bits


def bits(n, seed):
    return pack_bits(random_matrix(n, 200, 0.2, format="csr", random_state=seed))


def test_rows_are_those_of_the_similarities():
    queries, references = bits(50, 1), bits(80, 2)
    similarity, row = nearest_rows(queries, references, 4)
    assert np.array_equal(similarity, nearest_tanimoto(queries, references, 4))
    for place in range(4):
        pairs = [nearest_tanimoto(queries[[i]], references[[row[i, place]]], 1)[0, 0] for i in range(50)]
        assert np.array_equal(similarity[:, place], pairs)
    assert all(len(set(found)) == 4 for found in row.tolist())


def test_of_equally_near_ones_the_first():
    one = bits(1, 3)
    assert nearest_rows(one, np.concatenate([bits(1, 4), one, one]), 2)[1].tolist() == [[1, 2]]


def test_fewer_references_and_nothing_in_common():
    one = pack_bits(random_matrix(1, 64, 0.1, format="csr", random_state=1))
    similarity, row = nearest_rows(~one, one, 5)
    assert (similarity.tolist(), row.tolist()) == ([[0.0]], [[0]])
    with pytest.raises(ValueError, match="no reference"):
        nearest_rows(one, one[:0], 1)


def test_any_number_of_threads():
    found = []
    for jobs in (1, 2):
        with joblib.parallel_config(n_jobs=jobs):
            found.append(nearest_rows(bits(50, 1), bits(80, 2), 3))
    assert all(np.array_equal(one, other) for one, other in zip(*found, strict=True))
