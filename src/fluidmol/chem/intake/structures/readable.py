"""Whether a text can be a structure at all, and whether two are of one molecule: told quickly, of few of them."""

from __future__ import annotations

from rdkit import Chem, rdBase


def starts_with_smiles(line: str) -> bool:
    """Tell whether the first word of a line can be read as SMILES.

    Examples
    --------
    >>> starts_with_smiles("CCO ethanol"), starts_with_smiles("smiles name")
    (True, False)
    """
    words = line.split(maxsplit=1)
    with rdBase.BlockLogs():
        return bool(words) and Chem.MolFromSmiles(words[0], sanitize=False) is not None
