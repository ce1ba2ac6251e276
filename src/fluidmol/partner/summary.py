"""What a person sees of a release before it leaves, without having to know any statistics or to read any code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from fluidmol.partner.exposure import Exposure, exposure
from fluidmol.partner.policy import Scalar
from fluidmol.partner.release import Change, EarlierRelease, Release, opinion
from fluidmol.partner.teachers.fidelity import Fidelity
from fluidmol.values.annotations import Annotations
from fluidmol.values.codec import pack
from fluidmol.values.glance import Glance, glance
from fluidmol.values.messages import Declined, Score, Scorecard


@attrs.frozen(kw_only=True)
class Summary:
    """What would leave, who would get it, what the policy changed, and what it says about one's own compounds."""

    kind: str
    """``Annotations``, ``Scorecard`` or ``Declined``."""

    partner: str
    """In whose name it speaks."""

    charter: str
    """Digest of the charter."""

    consortium: str
    """The charter's name; empty if it isn't known."""

    request: str
    """Digest of the question; empty if it isn't known."""

    recipients: tuple[tuple[str, str], ...]
    """Name and fingerprint of who gets it."""

    sealed: bool
    """Whether only they can open it."""

    digest: str
    """Digest of what leaves."""

    size: int
    """Bytes, before signature and seal."""

    rows: int
    """Molecules that it speaks of."""

    columns: tuple[Glance, ...]
    """What leaves about each molecule, column by column."""

    changes: tuple[Change, ...]
    """What each rule of the policy changed."""

    policy: str
    """Digest of the policy."""

    strict: dict[str, Scalar]
    """Rules of the policy that aren't what they are by default."""

    exposure: Exposure | None
    """What it says about one's own compounds; None if there are none here to compare with."""

    fidelity: Fidelity | None
    """How true what speaks for one's own model is to it; None if the model speaks for itself."""

    earlier: tuple[EarlierRelease, ...]
    """Opinions that left before for who would get these, with which they can be compared."""

    scores: tuple[Score, ...]
    """Figures of a scorecard."""

    reason: str
    """Why nothing is answered; empty otherwise."""

    def as_table(self) -> dict[str, Any]:
        """Give all of it as plain tables, lists, texts and numbers."""
        return attrs.asdict(self)

    def to_json(self) -> str:
        """Write all of it as JSON; a figure that is undefined is null."""
        table = self.as_table()
        for score in table["scores"]:
            score["value"] = None if score["value"] != score["value"] else score["value"]
        return json.dumps(table, indent=1, allow_nan=False)


def summarised(release: Release) -> Summary:
    """Say what a release would tell.

    Examples
    --------
    >>> from fluidmol.partner.gate import Gate
    >>> said = Annotations("sha256:" + "0" * 64, "acme", [[0.87], [float("nan")]], [[1.0], [0.0]])
    >>> summary = summarised(Gate().examine(said))
    >>> summary.rows, [column.name for column in summary.columns], summary.columns[0].missing
    (2, ['probability', 'proximity'], 1)
    """
    reply, errand = release.reply, release.errand
    return Summary(
        kind=type(reply).__name__,
        partner=reply.partner,
        charter=reply.charter,
        consortium=errand.charter.name if errand else "",
        request=errand.request.digest if errand else "",
        recipients=tuple((party.name, party.fingerprint) for party in errand.recipients) if errand else (),
        sealed=errand is not None and errand.sealed,
        digest=release.digest,
        size=len(pack(reply)),
        rows=reply.shape[0] if isinstance(reply, Annotations) else 0,
        columns=_columns(reply, release) if isinstance(reply, Annotations) else (),
        changes=release.changes,
        policy=release.policy.digest,
        strict=release.policy.stricter_than_default,
        exposure=exposure(reply, errand) if isinstance(reply, Annotations) and errand else None,
        fidelity=errand.fidelity if errand else None,
        earlier=release.earlier,
        scores=reply.scores if isinstance(reply, Scorecard) else (),
        reason=reply.reason if isinstance(reply, Declined) else "",
    )


def columns_of(said: Annotations, endpoints: tuple[str, ...] = (), what: str = "probability") -> Iterator[Glance]:
    """Look at each column of annotations: probability, or what else is said, and proximity of each endpoint.

    Parameters
    ----------
    said : Annotations
    endpoints : tuple of str
        Their names, where they are known.
    what : str
        Name of what is said.
    """
    for place in range(said.shape[1]):
        name = f" ({endpoints[place]})" if place < len(endpoints) else f" {place + 1}" if said.shape[1] > 1 else ""
        value, weight = said.value[:, place], said.weight[:, place]
        yield glance(f"{what}{name}", value)
        yield glance(f"proximity{name}", weight[~said.abstained[:, place]])


def _columns(said: Annotations, release: Release) -> tuple[Glance, ...]:
    return tuple(columns_of(said, _endpoints(release), opinion(release.errand)))


def _endpoints(release: Release) -> tuple[str, ...]:
    return tuple(endpoint.name for endpoint in release.errand.charter.endpoints) if release.errand else ()
