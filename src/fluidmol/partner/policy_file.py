"""``policy.toml``: a policy as a partner's security officer writes and reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import InputError
from fluidmol.partner.policy import Policy, Scalar
from fluidmol.values.files import read_text_file
from fluidmol.values.parts import nearest
from fluidmol.values.toml import read_toml

LARGEST = 1 << 16
"""Most bytes of a policy file."""

HEAD = """\
What may leave our company, and to whom. Nothing leaves but through this gate, and all that leaves is in the ledger.
A line that is removed means the rule's default, which is true for approval. Rules that change what leaves apply in
the order in which they stand here. Check this file with: fluid policy check policy.toml"""

WORDS = {
    "proximity_levels": """\
How exactly we say how near a molecule is to our compounds (its proximity, 0 to 1): rounded to so many values, evenly
spaced, both ends included. 2 leaves near (1) and far (0); 1 says 1 of every molecule, hence nothing; 0: any number.
Fewer levels tell less about which molecules we own, and the consortium knows less well when to listen to us.""",
    "decimals": """\
Decimals that probabilities, proximities and figures keep, 1 to 7. Fewer tell less about single compounds of ours.""",
    "nearest_only": """\
We abstain where the proximity, as it would leave, is less than this: 0 or more and less than 1; 0.0: we say something
of every molecule.""",
    "surest": """\
Probabilities are cut to surest at one end and 1 - surest at the other: 0 or more and less than 0.5; 0.0: not at all.
Models tend to be surest of the compounds that they learnt from.""",
    "labels": """\
"soft": probabilities leave. "hard": of each molecule only 1 (active) or 0 (inactive), which tells and teaches less.""",
    "fewest_compounds": """\
With fewer compounds for an endpoint we say nothing, because it would be about each one of them; 2 or more.""",
    "withheld": """\
Endpoints of which we say nothing, by the names that charters give them: ["herg", "cyp3a4"].""",
    "recipients": """\
Who may receive anything from us: names, better fingerprints, as fluid keys show gives them, or signing keys
(ed25519:...). Empty: whoever is the coordinator of the charter that we have signed.""",
    "sealed": """\
Whether what leaves must be sealed, so that only who receives it can open it: true or false. With false, files may
leave open, and whoever gets hold of one can read it.""",
    "scorecards": """\
Whether figures (such as the AUC) of our models on public sets may leave: true or false.""",
    "proved_only": """\
Whether opinions leave only under charters with [privacy], where it is proved how little they say about one compound:
true or false.""",
    "min_neighbours": """\
We answer no charter by which proximities are means over fewer of our compounds than this, from 1 to 200. Means over
few tell which molecules are ours, or near to ours; the presets have 8.""",
    "max_strength": """\
We answer no charter whose teacher is a logistic regression of a larger strength than this: above 0; 1000000.0: no
limit. The larger, the closer it fits our compounds, and the more of each is kept in what it says; the presets have
0.05. Not looked at under [privacy].""",
    "min_quorum": """\
We answer no charter whose quorum is smaller: 1 or more. With 1, labels may be one partner's opinions and nothing
else; the presets have 2.""",
    "experts_allowed": """\
Whether we answer charters under which experts are made of the answers: copies of each teacher that all partners get
and can ask about any molecule, for ever. true or false. Only the preset paper-2025 makes none.""",
    "max_known": """\
The largest share of our compounds that may be in the transfer set: from 0 to 1; 1.0: no limit. Opinions of one's own
compounds tell most. Not looked at under [privacy], where what we own mustn't decide whether we answer.""",
    "max_near": """\
The same of compounds that are in it or have an analogue there (Tanimoto similarity of 0.7 or more).""",
    "repeated_releases": """\
Who gets opinions from us twice, under two charters, sees what changed in between, hence which compounds are new. What
becomes of the second ones, unless the charter has [privacy], where the budget counts them: "approve": a person must
approve them, whatever approval says; "refuse": they don't leave; "allow": they leave.""",
    "budget": """\
The largest epsilon that all such proved releases of ours, those in the ledger and the next, may have together. What
one charter costs is in the charter; asking again costs nothing. 0.0: none leaves.""",
    "budget_delta": """\
The delta that goes with it: about the chance that the promise doesn't hold. Above 0, and far below one in the number
of our compounds.""",
    "largest_auc": """\
The most that an attack of fluid audit may reach (AUC; 0.5 is guessing): from 0 to 1. Below 1.0 no opinion leaves
unless an audit of just this charter, policy and data shows it; 1.0: no limit, and no audit is needed.""",
    "largest_found": """\
The share of our compounds that an attack may find at the price of 1 % false alarms (guessing: 0.01), likewise.""",
    "approval": """\
Whether a person must look at each release and approve it by name before it leaves: true (also if this line is
missing) or false.""",
    "approval_digest": """\
Whether a name that is given beforehand, in a script, counts only with the digest of what that person has seen, so
that nothing else can leave in that name: true or false. Who is asked in a terminal has just seen it.""",
}
"""What each rule means, in the order in which rules apply and are written."""

NEW = Policy(approval=True, approval_digest=True)
"""What a new policy begins with."""


ABSENT: dict[str, Any] = {"approval": True}
"""What a file means that doesn't say it, say because a full disk cut it short: then somebody must look."""


def to_toml(policy: Policy) -> str:
    """Write a policy with a comment at each rule.

    Examples
    --------
    >>> from_toml(to_toml(NEW), "policy.toml") == NEW
    True
    """
    table = policy.as_table()
    blocks = [_comment(HEAD), *(f"{_comment(words)}\n{name} = {_toml(table[name])}" for name, words in WORDS.items())]
    return "\n\n".join(blocks) + "\n"


def from_toml(text: str, where: str) -> Policy:
    """Read a policy; unknown rules are refused.

    What it doesn't say is as by default, but for ``approval``: a person must look unless it says ``approval = false``.

    Parameters
    ----------
    text : str
    where : str
        What it is called in messages.

    Raises
    ------
    InputError
        If it isn't TOML, a rule is unknown (the message names the nearest) or out of range.

    Examples
    --------
    >>> from_toml('labels = "hard"', "policy.toml").labels
    'hard'
    >>> from_toml("decimal = 2", "policy.toml")
    Traceback (most recent call last):
    fluidmol.errors.InputError: policy.toml has an unknown rule 'decimal'. Did you mean decimals? There are: ...
    """
    try:
        table = read_toml(text)
    except (ValueError, RecursionError) as problem:
        raise InputError(f"{where} isn't TOML: {problem}", hint="See a new one: fluid policy new.") from problem
    known = [field.name for field in attrs.fields(Policy)]
    for name in table:
        if name not in known:
            raise InputError(f"{where} has an unknown rule {name!r}", hint=nearest(name, known))
    try:
        return Policy(**(ABSENT | table))
    except (TypeError, ValueError, OverflowError) as problem:
        raise InputError(f"{where}: {problem.args[0] if problem.args else problem}") from problem


def read_policy(path: Path) -> Policy:
    """Read a policy file; see :func:`from_toml`.

    Raises
    ------
    MissingFileError
        If there is no such file, or it can't be read.
    InputError
        If it is no policy.
    """
    text = read_text_file(path, LARGEST, what="the policy", make="Make one with: fluid policy new.")
    return from_toml(text, str(path))


def _comment(words: str) -> str:
    return "\n".join(f"# {line}" for line in words.splitlines())


def _toml(value: Scalar) -> str:
    match value:
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(_toml(text) for text in value)}]"
        case str():
            plain = value.replace("\\", "\\\\").replace('"', '\\"')
            return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'
        case _:
            return repr(value)
