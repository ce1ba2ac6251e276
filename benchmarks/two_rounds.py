"""What a second round gives away of the compounds that are new in it, and what the gate makes of it, on real hERG data.

    python benchmarks/two_rounds.py [--added 10] [--size 20000] [--preset open]

Eight clusters of hERG compounds are partners. Each answers twice, under two charters of one transfer set: first without
its last few compounds, then with them. Who has both answers sorts the transfer molecules by how much a stated weight
grew, or a probability changed, and takes the first for analogues of the new compounds (Tanimoto similarity of .7 or
more). *Within own*: the same, by weights, among the analogues of any compound of the partner; *second alone*: what the
second round's weights tell of these without the first. The gate is that of a policy that nobody has changed, without
and with a person who approves.
"""

from __future__ import annotations

import argparse
import sys

import attrs
import numpy as np

from attacks import Size, virtual
from fluidmol.errors import PolicyError
from fluidmol.partner.analogues import analogues
from fluidmol.partner.assay import Assay
from fluidmol.partner.earlier import Archive, SavedRelease
from fluidmol.partner.exposure import told_apart
from fluidmol.partner.gate import Gate
from fluidmol.partner.ledger import Ledger
from fluidmol.partner.partner import Partner
from fluidmol.trust.keys import PrivateKeys
from fluidmol.values.annotations import Annotations
from fluidmol.values.charter import Charter
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.messages import Annotate
from virtual import DATA

PARTIES = tuple(
    PrivateKeys.generate(name).public.party("partner" if place else "coordinator")
    for place, name in enumerate(("hub", "ada", "bob"))
)


@attrs.frozen
class First(Archive):
    """Holds the first release."""

    saved: SavedRelease

    def find(self, digest: str) -> SavedRelease | None:
        """Return it, if it is that."""
        return self.saved if self.saved.said.digest == digest else None


def main() -> None:
    """Print a line for each partner, and what a person is shown of the last."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--added", type=int, default=10, help="compounds that are new in the second round")
    options.add_argument("--size", type=int, default=20_000, help="molecules of the transfer set")
    options.add_argument("--preset", default="open")
    given = options.parse_args()
    if not DATA.is_dir():
        sys.exit(f"{DATA} isn't there: this needs the real hERG files.")
    plain = Charter.from_preset(given.preset)
    consortium = virtual(plain, Size(given.size, 0, 0, 4))
    transfer = consortium.transfer
    agreed = attrs.evolve(plain, transfer_digest=transfer.digest, transfer_size=len(transfer), parties=PARTIES)
    columns = ("analogues", "weights", "probabilities", "within own", "second alone", "nobody there")
    print("partner", "compounds", *columns, "a person says yes", sep="  ")
    found = [Rounds.played(assay, transfer, agreed, given.added) for assay in consortium.assays.values()]
    for place, one in enumerate(found, 1):
        print(f"{place:<7}  {one.compounds:>9}  {one.near.sum():>9}  {one.line}")
    means = np.nanmean([one.figures for one in found], axis=0)
    print(f"{'mean':<30}  {means[0]:>7.3f}  {means[1]:>13.3f}  {means[2]:>10.3f}  {means[3]:>12.3f}")
    print(f"Shown of the last: {found[-1].shown}")


@attrs.frozen(eq=False)
class Rounds:
    """Two rounds of one partner."""

    compounds: int
    near: np.ndarray
    """Which transfer molecules are new compounds, or analogues of one."""
    figures: tuple[float, float, float, float]
    alone: str
    asked: str
    shown: str

    @classmethod
    def played(cls, assay: Assay, transfer: CompoundSet, charter: Charter, added: int) -> Rounds:
        """Answer twice, and attack."""
        order = np.random.default_rng(1).permutation(len(assay))
        ledger, later = Ledger(), attrs.evolve(charter, seed=charter.seed + 1)
        fewer = assay.take(np.sort(order[added:]))
        first = Partner("ada", fewer, transfer, gate=Gate(ledger=ledger)).answer(Annotate(charter))
        archive = First(SavedRelease(_annotations(first), charter, transfer))
        near = analogues(assay.take(order[:added]).compounds, transfer).public_near
        refused = "answered"
        partner = Partner("ada", assay, transfer, gate=Gate(ledger=ledger, archive=archive))
        try:
            partner.answer(Annotate(later))
        except PolicyError:
            refused = "refused"
        asking = Gate(ledger=ledger, archive=archive, approve=lambda _summary: "Ada")
        release = Partner("ada", assay, transfer, gate=asking).examine(Annotate(later))
        second = _annotations(asking.let_out(release))
        grown, own = (second.weight - first.weight)[:, 0], analogues(assay.compounds, transfer).public_near
        told = (
            told_apart(grown, near),
            told_apart(np.abs(second.value - first.value)[:, 0], near),
            told_apart(grown[own], near[own]),
            told_apart(second.weight[own, 0], near[own]),
        )
        approver = ledger.entries[-1].approver
        figures = tuple(np.nan if auc is None else auc for auc in told)
        return cls(len(assay), near, figures, refused, f"approved by {approver}", release.earlier[0].words)

    @property
    def line(self) -> str:
        """The figures."""
        weights, values, own, alone = self.figures
        return f"{weights:>7.3f}  {values:>13.3f}  {own:>10.3f}  {alone:>12.3f}  {self.alone:>12}  {self.asked:>17}"


def _annotations(reply: object) -> Annotations:
    if not isinstance(reply, Annotations):
        raise TypeError(f"{reply}: expected annotations")
    return reply


if __name__ == "__main__":
    main()
