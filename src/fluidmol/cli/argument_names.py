"""What the library says of its arguments, in the command line's words.

Messages of the library name an argument as Python has it, in backticks: ``Name it with `smiles_column`.`` Whoever typed
a command has options instead: ``Name it with --smiles-column.`` All that commands print of the library goes through
:func:`in_options`.
"""

from __future__ import annotations

import re

OPTIONS = {
    name: f"--{name.replace('_', '-')}"
    for name in (
        "accept", "active_column", "address", "advise", "again", "allow_fewer", "blobs", "charter", "close",
        "confidence", "database", "date_column", "decimal", "digest", "draws", "engine", "exclude", "external", "folds",
        "home", "host", "identity", "labels", "least_coverage", "ledger", "model", "near", "new_ledger", "newcomer",
        "origin_column", "out", "overwrite", "part", "preset", "relation_column", "scaffolds", "scheduler", "seed",
        "sheet", "smiles_column", "split", "teacher_program", "threshold", "transfer", "transfer_size", "unit",
        "units_column", "unseen", "validation_fraction", "validation_split", "value_column", "value_unit", "vary",
        "without",
    )
} | {
    "dates": "--date-column",
    "folder": "folder with --out",
    "given": "--teacher-input",
    "hosts": "--host",
    "n_evidence": "--evidence",
    "n_partners": "--partners",
    "name": "name with --as",
    "names": "--probability-column",
    "of": "--probability-of",
    "path": "place with --out",
    "place": "--teacher",
    "sealed": "--no-seal",
    "tables": "--table, or its folder with --tables",
}  # fmt: skip
"""By argument, for those that the library's messages name; other words in backticks may be anybody's."""

_ARGUMENT = re.compile(r"`([a-z][a-z0-9_]*)`")


def in_options(text: str) -> str:
    """Name options where a text of the library names arguments.

    Examples
    --------
    >>> in_options("Say in what they are: `value_unit` nM. Or give another `folder`.")
    'Say in what they are: --value-unit nM. Or give another folder with --out.'

    What somebody else said, a user's model, say, stays as it is:

    >>> in_options("ValueError: `sample_weight` isn't supported")
    "ValueError: `sample_weight` isn't supported"
    """
    return _ARGUMENT.sub(lambda found: OPTIONS.get(found[1], found[0]), text)
