"""What a kept model's card says of goodness-of-fit, robustness and predictivity."""

from __future__ import annotations

import attrs

from fluidmol.partner.kept.described import KeptDescription
from fluidmol.report.card.facts import Facts, asked, known
from fluidmol.report.card.fields import CardField, CardSection, CardTable, Cell, Gap
from fluidmol.report.card.measures import cover_table, score_table

SOURCE = "model.json"
"""Which file states it."""

WITHHELD = "figures of own compounds are left out, as the writer of the card asked"
"""Why figures are missing."""

AGAIN = "the hybrid itself, fitted again by fluid hybrid fit with 10 folds"
"""Where cross-validated figures come from."""


def measures_section(kept: KeptDescription, facts: Facts, *, figures: bool) -> CardSection:
    """Fill OECD principle 4; without ``figures`` nothing in it tells of own compounds."""
    return _KeptMeasures(kept, figures).section(facts)


@attrs.frozen
class _KeptMeasures:
    kept: KeptDescription
    figures: bool

    @property
    def own(self) -> bool:
        return self.kept.own_threshold is not None

    def section(self, facts: Facts) -> CardSection:
        return CardSection(
            key="measures", title="4. Measures of goodness-of-fit, robustness and predictivity", short="Measures",
            fields=(
                asked(facts, "training_set", "Availability of the training set", "6.1"),
                self._training(),
                known(facts, "curation", "Pre-processing before modelling", "6.6", (
                    "Standardised by the ChEMBL structure pipeline; compounds of one standardised structure are one.",
                ), "fluidmol"),
                asked(facts, "goodness_of_fit", "Goodness-of-fit", "6.7"),
                self._robustness(), *self._sureness(), self._coverage(),
                asked(facts, "external_validation", "External validation", "7.7"),
            ),
        )  # fmt: skip

    def _training(self) -> CardField:
        found = self.kept.facts
        rows: list[tuple[Cell, ...]] = [("public molecules with labels of the consortium", int(found["n_transfer"]))]
        if self.own and self.figures:
            told = (("own compounds", "n_own"), ("own compounds, active", "n_own_active"),
                    ("rows of the own file that couldn't be used", "n_rejected"))  # fmt: skip
            rows += [(name, int(found[key])) for name, key in told if key in found]
        lines = ("Counts of own compounds are left out.",) if self.own and not self.figures else ()
        return CardField(
            key="training", name="Information on the training set", qmrf="6.5", lines=lines, source=SOURCE,
            table=CardTable(("what", "number"), tuple(rows)),
        )  # fmt: skip

    def _figures(self, key: str, name: str, qmrf: str, lines: tuple[str, ...], table: CardTable | None) -> CardField:
        if table is None or not table.rows:
            who = "whoever has measurements that nobody has learnt from" if not self.own else "the hybrid's owner"
            where = "external_validation in the facts file" if not self.own else AGAIN
            what = "figures on own compounds, by cross-validation"
            return CardField(key=key, name=name, qmrf=qmrf, gap=Gap(what, who, where))
        if not self.figures:
            return CardField(key=key, name=name, qmrf=qmrf, withheld=WITHHELD)
        return CardField(key=key, name=name, qmrf=qmrf, lines=lines, table=table, source=SOURCE)

    def _robustness(self) -> CardField:
        scores = dict(self.kept.scores) or dict(self.kept.facts.get("errors", {}))
        unit = self.kept.facts.get("errors_in")
        lines = (
            "Each own compound was predicted by a model that hadn't learnt from it, nor from another of its"
            " connectivity (cross-validation). Own model and boost of a mixture were chosen once, on all compounds.",
            "Whether the partner's own part could be left out of the consortium's labels, fluid hybrid fit said when it"
            " ran; the folder doesn't keep it. If it couldn't, these figures are too good.",
            *((f"Errors are in {unit}.",) if unit else ()),
        )
        return self._figures(
            "robustness", "Robustness, leave-many-out", "6.9", lines, score_table(scores) if scores else None
        )

    def _sureness(self) -> tuple[CardField, ...]:
        if self.kept.charter.scale is not None:
            return ()  # values have no classes to be sure of
        found, table = self.kept.reliability, None
        if found is not None:
            low = float("nan") if found.wrong_low is None else found.wrong_low
            table = CardTable(("reliability", "share called wrongly"), (("high", found.wrong_high), ("low", low)))
        lines = ("High: as sure as of the surest 70\u00a0% of own compounds, in the same cross-validation.",)
        return (self._figures("reliability", "Wrong calls by reliability", "6.12", lines, table),)

    def _coverage(self) -> CardField:
        coverage = self.kept.facts.get("coverage") or ()
        lines = (
            "Conformal prediction, calibrated on own compounds: shares of them. It promises this for molecules like own"
            " compounds, and nothing for others.",
        )
        name = "Conformal sets" if self.kept.charter.scale is None else "Conformal intervals"
        return self._figures("coverage", name, "6.12", lines, cover_table(coverage))
