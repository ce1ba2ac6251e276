"""Building an ONNX graph node by node."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from fluidmol.errors import UnavailableError

OPSET, ML_OPSET, IR = 18, 3, 9
"""Versions of ONNX that the files ask for: those of 2023, which all runtimes in use know."""

INPUT, OUTPUT = "features", "probability"
"""Names of what goes in, (n, n_columns) float32, and what comes out, (n,) float32."""


def library(name: str) -> Any:
    """Import onnx or onnxruntime.

    Raises
    ------
    UnavailableError
        If it isn't installed.
    """
    import importlib  # noqa: PLC0415

    try:
        return importlib.import_module(name)
    except ImportError as problem:
        raise UnavailableError(
            f"export needs {name}, which isn't installed", hint="Install it with: pip install 'fluidmol[onnx]'."
        ) from problem


@attrs.define
class Graph:
    """Nodes so far; each of them has one output, which is called by its name."""

    nodes: list[Any] = attrs.field(factory=list)
    constants: list[Any] = attrs.field(factory=list)

    def constant(self, values: NDArray[Any] | float) -> str:
        """Add an array, or a number as float64; give its name."""
        name = f"c{len(self.constants)}"
        self.constants.append(library("onnx").numpy_helper.from_array(np.asarray(values), name))
        return name

    def add(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node; give the name of its output."""
        name = f"v{len(self.nodes)}"
        helper = library("onnx").helper
        self.nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **attributes))
        return name

    def cast(self, name: str, *, double: bool) -> str:
        """Add a conversion to float64 or float32."""
        kinds = library("onnx").TensorProto
        return self.add("Cast", name, to=kinds.DOUBLE if double else kinds.FLOAT)

    def linear(self, name: str, weights: NDArray[np.float64], intercept: NDArray[np.float64]) -> str:
        """Add a product with weights, (n_columns, m), and a sum with the intercept, (m,), in float64."""
        product = self.add("MatMul", self.cast(name, double=True), self.constant(weights))
        return self.add("Add", product, self.constant(intercept))

    def summed(self, name: str) -> str:
        """Add a sum over columns, which stay as one."""
        return self.add("ReduceSum", name, self.constant(np.array([1], dtype=np.int64)), keepdims=1)

    def finished(self, name: str, n_columns: int, notice: str) -> bytes:
        """Make a file whose output is this node, (n, 1).

        Parameters
        ----------
        name : str
            Of the node.
        n_columns : int
            Of the matrix that it takes.
        notice : str
            Who may have the file: its description, and an entry ``notice`` of its metadata.

        Raises
        ------
        ValueError
            If the graph is larger than an ONNX file may be (2 GB).
        """
        onnx = library("onnx")
        flat = self.add("Reshape", self.cast(name, double=False), self.constant(np.array([-1], dtype=np.int64)))
        self.nodes.append(onnx.helper.make_node("Identity", [flat], [OUTPUT]))
        info = onnx.helper.make_tensor_value_info
        given = info(INPUT, onnx.TensorProto.FLOAT, ["n", n_columns])
        graph = onnx.helper.make_graph(
            self.nodes, "fluidmol", [given], [info(OUTPUT, onnx.TensorProto.FLOAT, ["n"])], self.constants
        )
        sets = [onnx.helper.make_opsetid("", OPSET), onnx.helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
        model = onnx.helper.make_model(graph, opset_imports=sets, ir_version=IR, producer_name="fluidmol")
        model.doc_string = notice
        onnx.helper.set_model_props(model, {"notice": notice})
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())
