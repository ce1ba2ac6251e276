"""What the gate knows of an audit: figures, and what they are figures of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import InputError, MissingFileError, PolicyError
from fluidmol.partner.policy import Policy
from fluidmol.partner.release import Errand

CHANGING = ("proximity_levels", "decimals", "nearest_only", "surest", "labels")
"""Rules of a policy that change what leaves: figures hold for these settings only."""

STATED = (
    "charter", "policy", "rules", "verdict", "grade", "largest_auc", "largest_found", "complete", "quick", "n_draws",
)  # fmt: skip
"""What a partner may sign of an audit for the consortium."""

LARGEST = 1 << 22
"""Most bytes of ``audit.json``."""


@attrs.frozen
class Audited:
    """Figures of ``fluid audit``, for one charter, one set of rules and so many compounds."""

    charter: str
    """Digest of the charter."""

    rules: Mapping[str, Any] = attrs.field(repr=False)
    """Settings of :data:`CHANGING`."""

    n_compounds: int
    """How many compounds the partner had."""

    largest_auc: float
    """AUC of the worst attack."""

    largest_found: float | None
    """Largest share of members that an attack found at 1 % false ones; None if there were too few to say."""

    complete: bool = True
    """Whether all of the transfer set was asked about; a quick audit finds less than there is."""

    advice: tuple[tuple[str, float, float], ...] = ()
    """Stricter rules that were tried, and AUC and share found with each; the mildest first."""

    teacher: str = ""
    """Digest of the recipe whose teachers were attacked; empty if the file is older than this."""

    @property
    def words(self) -> str:
        """The figures, as the ledger has them."""
        share = "" if self.largest_found is None else f", {self.largest_found:.1%} found at 1 % false alarms"
        return f"AUC {self.largest_auc:.3f}{share}{'' if self.complete else ' (a quick audit)'}"


def changing(policy: Policy) -> dict[str, Any]:
    """Give the rules of a policy that change what leaves."""
    return {name: value for name, value in policy.as_table().items() if name in CHANGING}


def read_audited(path: Path) -> Audited:
    """Read ``audit.json``.

    Raises
    ------
    MissingFileError
        If it can't be read.
    InputError
        If it is no audit.
    """
    try:
        with path.open("rb") as file:
            # No figure is larger than any limit, nor smaller, if it is no number.
            table = json.loads(file.read(LARGEST), parse_constant=_refused)
        found = table["largest_found"]
        tried = [(entry["rules"], entry["largest_auc"], entry["largest_found"]) for entry in table["advice"]]
        return Audited(
            str(table["charter"]), dict(table["rules"]), int(table["n_compounds"]), float(table["largest_auc"]),
            None if found is None else float(found),
            table["complete"] is True,
            tuple((written(rules), float(auc), 1.0 if rate is None else float(rate)) for rules, auc, rate in tried),
            str(table.get("teacher", "")),
        )  # fmt: skip
    except OSError as problem:
        raise MissingFileError(f"{path} can't be read: {problem.strerror}", hint="Run fluid audit again.") from problem
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise InputError(f"{path} is no audit", hint="Run fluid audit again.") from problem


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no figure")


def written(rules: Mapping[str, Any]) -> str:
    """Write rules as a person does.

    Examples
    --------
    >>> written({"decimals": 1, "labels": "hard"})
    'decimals = 1, labels = "hard"'
    """
    return ", ".join(f'{name} = "{v}"' if isinstance(v, str) else f"{name} = {v}" for name, v in rules.items())


def advice_for(tried: tuple[tuple[str, float, float], ...], largest_auc: float, largest_found: float) -> str:
    """Say which of the stricter rules that were tried would do, the mildest that does."""
    for words, auc, found in tried:
        if auc <= largest_auc and found <= largest_found:
            return f"With {words} in the policy it would be AUC {auc:.2f}, and {found:.0%} found at 1 % false alarms."
    if tried:
        return "None of the stricter policies that were tried would do: take a charter or teacher that says less."
    return "Run fluid audit with `advise`: it tries stricter policies."


def words_for(found: Audited | None, policy: Policy, errand: Errand | None) -> str:
    """Return the figures of an audit of just this release, empty if there is none."""
    return "" if found is None or errand is None or _differing(found, policy, errand) else found.words


def _differing(found: Audited, policy: Policy, errand: Errand) -> list[str]:
    """List what an audit and a release don't have in common."""
    same = {
        "charter": found.charter == errand.charter.digest,
        "rules of the policy": dict(found.rules) == changing(policy),
        "teacher": found.teacher == errand.teacher,
        "number of compounds": errand.assay is not None and found.n_compounds == len(errand.assay),
    }
    return [what for what, is_same in same.items() if not is_same]


def check_audited(found: Audited | None, policy: Policy, errand: Errand | None) -> None:
    """Refuse annotations where the policy limits what attacks may reach, unless an audit shows that they keep to it.

    Raises
    ------
    PolicyError
        If there is no audit of this release, or its figures are beyond the limits.
    """
    if policy.largest_auc >= 1 and policy.largest_found >= 1:
        return
    again = "Run fluid audit with this charter, policy and data, and `home`."
    if found is None or errand is None:
        raise PolicyError("the policy limits what attacks may reach, and no audit of this release is here", hint=again)
    if wrong := _differing(found, policy, errand):
        raise PolicyError(f"the audit that is here is of another release: {' and '.join(wrong)} differ", hint=again)
    if not found.complete:
        raise PolicyError("the audit that is here was a quick one, which finds less than there is", hint=again)
    if found.largest_found is None and policy.largest_found < 1:
        raise PolicyError(
            "the policy limits the share of compounds that an attack may find, and the audit has too few to say",
            hint="Run it with more `draws`; or limit largest_auc alone, with largest_found = 1.0.",
        )
    share = found.largest_found or 0.0
    if found.largest_auc > policy.largest_auc or share > policy.largest_found:
        raise PolicyError(
            f"by the audit an attack reaches AUC {found.largest_auc:.2f}, and one finds {share:.0%} of the compounds at"
            f" 1 % false alarms; the policy allows {policy.largest_auc:g} and {policy.largest_found:.0%}",
            hint=advice_for(found.advice, policy.largest_auc, policy.largest_found),
        )
