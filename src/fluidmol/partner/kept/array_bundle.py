"""A shelf: arrays and texts by name, and the two kinds of files that hold them."""

from __future__ import annotations

import io
import tokenize
import zipfile
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from fluidmol.errors import InputError
from fluidmol.values.archives import MALFORMED


@attrs.define
class ArrayBundle:
    """What a model is made of, besides the facts about it.

    Examples
    --------
    >>> shelf = ArrayBundle()
    >>> shelf.put("a", np.arange(3))
    >>> ArrayBundle.read_arrays(shelf.packed()).array("a").tolist()
    [0, 1, 2]
    """

    arrays: dict[str, NDArray[Any]] = attrs.field(factory=dict, repr=False)
    texts: dict[str, str] = attrs.field(factory=dict, repr=False)

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Keep an array of numbers.

        Raises
        ------
        TypeError
            If it holds objects.
        """
        if array.dtype.hasobject:
            raise TypeError(f"{name} holds objects: expected numbers")
        self.arrays[name] = array

    def array(self, name: str) -> NDArray[Any]:
        """Give an array back.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        if name not in self.arrays:
            raise InputError(f"the model lacks its array {name}", hint="Fit it again.")
        return self.arrays[name]

    def text(self, name: str) -> str:
        """Give a text back.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        if name not in self.texts:
            raise InputError(f"the model lacks its text {name}", hint="Fit it again.")
        return self.texts[name]

    def put_sparse(self, name: str, matrix: csr_matrix) -> None:
        """Keep a sparse matrix."""
        for part in ("data", "indices", "indptr"):
            self.put(f"{name}.{part}", getattr(matrix, part))
        self.put(f"{name}.shape", np.array(matrix.shape, dtype=np.int64))

    def sparse(self, name: str) -> csr_matrix:
        """Give a sparse matrix back.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        parts = tuple(self.array(f"{name}.{part}") for part in ("data", "indices", "indptr"))
        return csr_matrix(parts, shape=tuple(int(n) for n in self.array(f"{name}.shape")))

    def packed(self) -> bytes:
        """Give all arrays as bytes of an ``.npz`` file; equal arrays give equal bytes."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in sorted(self.arrays.items()):
                member = io.BytesIO()
                np.save(member, np.ascontiguousarray(array))
                # A fixed date: zip files tell the time otherwise.
                info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, member.getvalue())
        return target.getvalue()

    @classmethod
    def read_arrays(cls, data: bytes) -> ArrayBundle:
        """Read arrays from bytes of an ``.npz`` file.

        Raises
        ------
        InputError
            If they are something else.
        """
        try:
            with np.load(io.BytesIO(data)) as found:
                return cls({name: found[name] for name in found.files})
        except (*MALFORMED, tokenize.TokenError) as problem:
            raise InputError(f"the arrays can't be read: {problem}", hint="Fit the model again.") from problem
