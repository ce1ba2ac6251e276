"""Trees as an ONNX node: forests, and LightGBM's boosted trees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import InputError
from fluidmol.learning.estimators.lightgbm import Booster
from fluidmol.learning.estimators.trees import Trees
from fluidmol.partner.export.graph import Graph


@attrs.frozen
class _Node:
    """A node of a tree; children are numbered within the tree."""

    column: int
    """-1 at a leaf."""

    value: float
    """Threshold, or the leaf's value."""

    left: int = 0
    right: int = 0


def add_forest(graph: Graph, given: str, model: Trees) -> str:
    """Add a forest: mean share of the active class, (n, 1)."""
    bounds = np.append(model.roots, len(model.column))
    trees = [
        [
            _Node(int(model.column[i]), _leaf_or_threshold(model, i), int(model.left[i] - a), int(model.right[i] - a))
            for i in range(a, b)
        ]
        for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    ]
    return graph.cast(_ensemble(graph, given, trees, "AVERAGE"), double=True)


def add_booster(graph: Graph, given: str, model: Booster) -> str:
    """Add boosted trees that learnt cross-entropy: probability, (n, 1).

    Raises
    ------
    InputError
        If they are of another kind.
    """
    dumped = model.booster.dump_model()
    if dumped["objective"].split()[0] != "cross_entropy":
        raise InputError(
            f"the LightGBM model has the objective {dumped['objective']}", hint="Only cross_entropy can be exported."
        )
    trees = [list(_flattened(info["tree_structure"])) for info in dumped["tree_info"]]
    return graph.add("Sigmoid", graph.cast(_ensemble(graph, given, trees, "SUM"), double=True))


def _leaf_or_threshold(model: Trees, i: int) -> float:
    return float(model.active[i] if model.column[i] < 0 else model.threshold[i])


def _flattened(root: dict[str, Any]) -> Iterator[_Node]:
    # Children follow their parents in the order in which they are found.
    waiting, numbered = [root], 1
    while waiting:
        node = waiting.pop(0)
        if "leaf_value" in node:
            yield _Node(-1, float(node["leaf_value"]))
            continue
        if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
            raise InputError(
                f"the LightGBM model splits by {node['decision_type']} with missing values as {node['missing_type']}",
                hint="Only numeric splits without missing values can be exported.",
            )
        yield _Node(int(node["split_feature"]), float(node["threshold"]), numbered, numbered + 1)
        waiting += [node["left_child"], node["right_child"]]
        numbered += 2


def _ensemble(graph: Graph, given: str, trees: list[list[_Node]], how: str) -> str:
    flat = [(tree, number, node) for tree, nodes in enumerate(trees) for number, node in enumerate(nodes)]
    leaves = [(tree, number, node.value) for tree, number, node in flat if node.column < 0]
    thresholds = _not_above(np.array([0.0 if node.column < 0 else node.value for _, _, node in flat]))
    return graph.add(
        "TreeEnsembleRegressor",
        given,
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function=how,
        post_transform="NONE",
        nodes_treeids=[tree for tree, _, _ in flat],
        nodes_nodeids=[number for _, number, _ in flat],
        nodes_featureids=[max(node.column, 0) for _, _, node in flat],
        nodes_modes=["LEAF" if node.column < 0 else "BRANCH_LEQ" for _, _, node in flat],
        nodes_values=thresholds.tolist(),
        nodes_truenodeids=[node.left if node.column >= 0 else 0 for _, _, node in flat],
        nodes_falsenodeids=[node.right if node.column >= 0 else 0 for _, _, node in flat],
        target_treeids=[tree for tree, _, _ in leaves],
        target_nodeids=[number for _, number, _ in leaves],
        target_ids=[0] * len(leaves),
        target_weights=[value for _, _, value in leaves],
    )


def _not_above(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Give the largest float32 that isn't above each: a float32 is at most the one exactly if at most the other."""
    near = thresholds.astype(np.float32)
    return np.where(near.astype(np.float64) > thresholds, np.nextafter(near, np.float32(-np.inf)), near)
