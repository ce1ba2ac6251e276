"""The card of a hybrid or student that is kept in a folder."""

from __future__ import annotations

from pathlib import Path

import attrs

from fluidmol.coordinator.words import in_words
from fluidmol.partner.kept.described import KeptDescription, describe_kept
from fluidmol.partner.mixture import BOOSTS
from fluidmol.partner.notices import notice
from fluidmol.report.card.common import (
    capital,
    descriptor_fields,
    limits_section,
    mechanism_section,
    people_fields,
    use_fields,
)
from fluidmol.report.card.facts import Facts, asked
from fluidmol.report.card.fields import CardField, CardSection, CardTable, ModelCard
from fluidmol.report.card.from_charter import algorithm_fields, consortium_field, endpoint_section, privacy_section
from fluidmol.report.card.kept_measures import SOURCE, measures_section

_OWN = {
    "teacher": "the partner's own model", "hybrid": "the charter's hybrid estimator on own compounds",
    "both": "the mean log-odds of the partner's own model and of the charter's hybrid estimator on own compounds",
}  # fmt: skip


def kept_card(folder: Path, facts: Facts, written: str, *, figures: bool = True) -> ModelCard:
    """Make the card of a kept model.

    Parameters
    ----------
    folder : Path
        Of ``fluid hybrid fit``.
    facts : mapping
        What people state, see :data:`~fluidmol.report.card.facts.FACTS`.
    written : str
        Date of the card.
    figures : bool
        Whether counts and figures of own compounds may be in it.

    Raises
    ------
    FluidError
        If the folder can't be read.
    """
    return _KeptCard(describe_kept(folder), facts, written, figures).card()


def _weight(boost: float) -> str:
    """Say how much a mixture's own model counts near own compounds."""
    if boost >= BOOSTS[-1]:
        return "Near own compounds the own model answers alone: the experts brought no gain there."
    return f"Near own compounds the own model counts {boost:,.0f} times as much as its proximity says."


@attrs.frozen
class _KeptCard:
    kept: KeptDescription
    facts: Facts
    written: str
    figures: bool

    def card(self) -> ModelCard:
        charter = self.kept.charter
        return ModelCard(
            title=f"Model card: {'hybrid' if self.own else 'student'} for {charter.endpoints[0].name}",
            subject="A partner's hybrid" if self.own else "A consortium's student",
            version=str(self.kept.facts.get("versions", {}).get("fluidmol", "")),
            cautions=self._cautions(),
            sections=(
                self._identity(), endpoint_section(charter, self.facts), self._algorithm(), self._domain(),
                measures_section(self.kept, self.facts, figures=self.figures), mechanism_section(self.facts),
                self._origin(), self._privacy(), self._again(), limits_section(self.facts),
            ),
        )  # fmt: skip

    @property
    def own(self) -> bool:
        """Whether it learnt from own compounds."""
        return self.kept.own_threshold is not None

    def _cautions(self) -> tuple[str, ...]:
        if not self.own:
            return ("It is for the parties of the charter: look who may have it before you pass it on.",)
        if not self.figures:
            return ()
        return (
            "It has counts and figures of own compounds, but no compound: look at them before it leaves the company.",
        )

    def _identity(self) -> CardSection:
        facts, versions = self.facts, dict(self.kept.facts.get("versions", {}))
        digests = (
            ("model", self.kept.digest), ("charter", self.kept.charter.digest),
            ("labels", str(self.kept.facts.get("labels", ""))),
            ("transfer set", str(self.kept.facts.get("transfer", ""))),
        )  # fmt: skip
        title = f"{'Hybrid' if self.own else 'Student'} for {self.kept.charter.endpoints[0].name}"
        return CardSection(
            key="identity", title="Identity", short="Identity",
            fields=(
                CardField(key="title", name="Title", qmrf="1.1", source="charter.toml",
                          lines=(f"{title}; consortium: {self.kept.charter.name}",)),
                CardField(key="software", name="Software coding the model", qmrf="1.3", source=SOURCE,
                          table=CardTable(("library", "version"), tuple(versions.items()))),
                CardField(key="digests", name="Digests", source=f"{SOURCE}, charter.toml",
                          table=CardTable(("what", "SHA-256"), digests)),
                *people_fields(facts, self.written),
                asked(facts, "developed", "Date of development", "2.6"),
                *use_fields(facts, (capital(notice(private=self.own)) + ".",), "PRIVATE.txt"),
            ),
        )  # fmt: skip

    def _algorithm(self) -> CardSection:
        charter = self.kept.charter
        return CardSection(
            key="algorithm", title="2. An unambiguous algorithm", short="Algorithm",
            fields=(
                CardField(key="type", name="Type of model", qmrf="4.1", lines=self._type(),
                          source=f"{SOURCE}, charter.toml"),
                *algorithm_fields(charter),
                *descriptor_fields(dict(self.kept.facts.get("versions", {})), SOURCE),
            ),
        )  # fmt: skip

    def _type(self) -> tuple[str, ...]:
        charter, kept = self.kept.charter, self.kept
        if not self.own:
            return (f"Kind: {kept.kind}; {in_words(charter, 'distillation')}.",)
        first = f"Kind: {kept.kind}. It learnt from {in_words(charter, 'union')}."
        if not kept.own_model:
            return (first,)
        chosen = (
            f"Chosen by cross-validation on own compounds: {_OWN.get(kept.own_model, kept.own_model)}, beside"
            f" {kept.n_others} experts of other partners."
        )
        return first, chosen, _weight(kept.boost)

    def _domain(self) -> CardSection:
        own = " or to an own compound" if self.own else ""
        thresholds = [("nearest molecule of the transfer set, at least", self.kept.public_threshold)]
        if self.kept.own_threshold is not None and self.figures:
            thresholds.append(("nearest own compound, at least", self.kept.own_threshold))
        described = (
            f"A molecule is inside where it is near enough to the transfer set{own}: the nearest is as similar as for"
            " 95\u00a0% of that set's own molecules.",
            f"Parts that no known molecule has are named: atoms with all that lies within {self.kept.fragment_radius}"
            " bond of them.",
        )
        limits: tuple[str, ...] = ("Inside means known chemistry, not a right answer.",)
        if self.kept.charter.scale is None:
            limits += (
                "On public hERG data nearness didn't tell right from wrong predictions; how sure the model is did.",
            )
        return CardSection(
            key="domain", title="3. A defined domain of applicability", short="Domain",
            fields=(
                CardField(key="domain", name="Description of the domain", qmrf="5.1", lines=described, source=SOURCE),
                CardField(key="domain_method", name="Method to assess the domain", qmrf="5.2", source=SOURCE,
                          lines=("Tanimoto similarity of FCFP fingerprints (radius 2).",),
                          table=CardTable(("similarity to the", "threshold"), tuple(thresholds))),
                CardField(key="domain_software", name="Software to assess the domain", qmrf="5.3", source="fluidmol",
                          lines=("fluidmol, by fluid predict: columns applicability, near_to and unknown_fragments.",)),
                CardField(key="domain_limits", name="Limits of applicability", qmrf="5.4", lines=limits,
                          source="docs/predict.md"),
            ),
        )  # fmt: skip

    def _origin(self) -> CardSection:
        fields = (
            consortium_field(self.kept.charter),
            asked(self.facts, "data_origin", "Origin of the measurements"),
            CardField(key="labels", name="Origin of the labels", source=f"{SOURCE}, charter.toml", lines=(
                "Partners' teachers annotated the transfer set; no structure and no measurement of theirs left them."
                " Labels are opinions, not measurements.",)),
        )  # fmt: skip
        return CardSection(key="origin", title="Data origin", short="Data origin", fields=fields)

    def _privacy(self) -> CardSection:
        said = (
            "The hybrid itself learnt from own compounds without noise: no proof covers it, nor its predictions of"
            " single molecules, if others get them."
            if self.own
            else "The student is made of labels and experts alone: what is proved of answers holds for it, too."
        )
        if not self.own and self.kept.charter.privacy is None:
            said = "The student is made of labels and experts alone: it gives away what answers give away."
        return privacy_section(
            self.kept.charter, CardField(key="model_privacy", name="This model", lines=(said,), source=SOURCE)
        )

    def _again(self) -> CardSection:
        found = self.kept.facts
        name, sha = found.get("partner"), found.get("own_file_sha256")
        who = f"as {name}" if name else "as a newcomer"
        lines: tuple[str, ...] = (
            f"fluid hybrid fit, {who}, with the partner's own file."
            if self.own
            else "fluid predict, with the model student.",
            "With labels, charter and transfer set of the digests above, and libraries of these versions.",
        )
        if self.own and sha and self.figures:
            lines += (f"SHA-256 of the own file: {sha}.",)
        if self.own:
            lines += ("If a model of the partner's own was given, the folder doesn't name it.",)
        field = CardField(key="again", name="How to make it again", lines=lines, source=SOURCE)
        return CardSection(key="again", title="Reproduction", short="Reproduction", fields=(field,))
