"""The card of a finished simulation: its student, and beside it the partners' hybrids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import InputError
from fluidmol.report.card.common import (
    descriptor_fields,
    limits_section,
    mechanism_section,
    people_fields,
    use_fields,
)
from fluidmol.report.card.facts import Facts, asked, known
from fluidmol.report.card.fields import CardField, CardSection, CardTable, Cell, Gap, ModelCard
from fluidmol.report.card.from_charter import algorithm_fields, consortium_field, endpoint_section, privacy_section
from fluidmol.report.card.measures import run_table
from fluidmol.report.read.run_files import read_facts, read_rows, read_text
from fluidmol.values.charter import Charter

SOURCE = "provenance.json"
"""Which file tells how a run was made."""

_SETTINGS = ("preset", "seed", "partners", "split", "mixing", "validation_fraction")
_SHOWN = ("student", "hybrid", "pooled")


def simulated_card(folder: Path, facts: Facts, written: str) -> ModelCard:
    """Make the card of a finished simulation.

    Parameters
    ----------
    folder : Path
        Of ``fluid simulate`` or ``fluid demo``.
    facts : mapping
        What people state, see :data:`~fluidmol.report.card.facts.FACTS`.
    written : str
        Date of the card.

    Raises
    ------
    FluidError
        If a file isn't there or can't be used; the message names it.
    """
    told = read_facts(folder / SOURCE)
    charter = Charter.from_toml(read_text(folder / "charter.toml"), str(folder / "charter.toml"))
    if told.get("charter_digest") not in (None, charter.digest):
        raise InputError(
            f"{folder / 'charter.toml'} isn't the charter of the run", hint=f"{SOURCE} names {told['charter_digest']}."
        )
    rows = read_rows(folder / "metrics.csv", ("model", "kind", "partner", "dataset", "n_test"))
    return _SimulatedCard(told, charter, tuple(rows), facts, written).card()


@attrs.frozen
class _SimulatedCard:
    told: Mapping[str, Any]
    charter: Charter
    rows: Sequence[Mapping[str, str]]
    facts: Facts
    written: str

    def card(self) -> ModelCard:
        made_up = ("Synthetic data: no figure says anything about a real molecule or company.",)
        simulated = ("A simulation: one machine had the data of all partners, so nothing was private in it.",)
        return ModelCard(
            title=f"Model card: simulated consortium for {self.charter.endpoints[0].name}",
            subject="The student of a virtual consortium, and its partners' hybrids",
            version=str(self.told.get("fluidmol", "")),
            cautions=(*(made_up if self.told.get("synthetic") else ()), *simulated),
            sections=(
                self._identity(), endpoint_section(self.charter, self.facts), self._algorithm(), self._domain(),
                self._measures(), mechanism_section(self.facts), self._origin(), privacy_section(self.charter),
                self._again(), limits_section(self.facts),
            ),
        )  # fmt: skip

    def _identity(self) -> CardSection:
        libraries = {"fluidmol": str(self.told.get("fluidmol", "")), **dict(self.told.get("libraries", {}))}
        digests = (
            ("charter", self.charter.digest), ("labels", str(self.told.get("labels_digest", ""))),
            ("transfer set", str(self.told.get("transfer_digest", ""))),
        )  # fmt: skip
        title = str(self.told.get("title") or "Virtual consortium")
        return CardSection(
            key="identity", title="Identity", short="Identity",
            fields=(
                CardField(key="title", name="Title", qmrf="1.1", lines=(title,), source=SOURCE),
                CardField(key="software", name="Software coding the model", qmrf="1.3", source=SOURCE,
                          table=CardTable(("library", "version"), tuple((k, str(v)) for k, v in libraries.items()))),
                CardField(key="digests", name="Digests", table=CardTable(("what", "SHA-256"), digests), source=SOURCE),
                *people_fields(self.facts, self.written),
                known(self.facts, "developed", "Date of development", "2.6", self._finished(), SOURCE),
                *use_fields(self.facts, (), SOURCE),
            ),
        )  # fmt: skip

    def _finished(self) -> tuple[str, ...]:
        return (str(self.told["finished"])[:10],) if self.told.get("finished") else ()

    def _algorithm(self) -> CardSection:
        partners = self.told.get("partners", "several")
        line = f"A student, and a hybrid for each of {partners} virtual partners."
        return CardSection(
            key="algorithm", title="2. An unambiguous algorithm", short="Algorithm",
            fields=(
                CardField(key="type", name="Type of model", qmrf="4.1", lines=(line,), source=SOURCE),
                *algorithm_fields(self.charter),
                *descriptor_fields({k: str(v) for k, v in dict(self.told.get("libraries", {})).items()}, SOURCE),
            ),
        )  # fmt: skip

    def _domain(self) -> CardSection:
        gap = Gap(
            "domain of a model", "whoever has a model: a run keeps none", "the card of a folder of fluid hybrid fit"
        )
        domain = CardField(key="domain", name="Description of the domain", qmrf="5.1", gap=gap)
        return CardSection(key="domain", title="3. A defined domain of applicability", short="Domain", fields=(domain,))

    def _measures(self) -> CardSection:
        sizes = dict(self.told.get("sets", {}))
        unit = () if self.charter.scale is None else (f"Errors are in {self.charter.scale.words}.",)
        return CardSection(
            key="measures", title="4. Measures of goodness-of-fit, robustness and predictivity", short="Measures",
            fields=(
                asked(self.facts, "training_set", "Availability of the training set", "6.1"),
                CardField(key="training", name="Information on the training set", qmrf="6.5", source=SOURCE,
                          table=CardTable(("set", "molecules"), tuple((k, int(v)) for k, v in sizes.items()))),
                asked(self.facts, "curation", "Pre-processing before modelling", "6.6"),
                asked(self.facts, "goodness_of_fit", "Goodness-of-fit", "6.7"),
                self._judged("robustness", "Validation set, which no partner had", "6.12", "validation", unit),
                self._external(unit),
                *self._overlap(),
            ),
        )  # fmt: skip

    def _files(self) -> CardTable:
        rows = tuple(
            (str(entry.get("role", "")), str(entry.get("name", "")), str(entry.get("sha256", "")))
            for entry in self.told.get("inputs", ())
        )
        return CardTable(("used as", "file", "SHA-256"), rows)

    def _judged(self, key: str, name: str, qmrf: str, dataset: str, unit: tuple[str, ...]) -> CardField:
        lines = ("T0 is the best model of all data together, which no consortium could make.", *unit)
        table = run_table(self.rows, dataset, _SHOWN)
        return CardField(key=key, name=name, qmrf=qmrf, lines=lines, table=table, source="metrics.csv")

    def _external(self, unit: tuple[str, ...]) -> CardField:
        name = "External validation"
        if any(row["dataset"] == "external" for row in self.rows):
            return self._judged("external_validation", name, "7.7", "external", unit)
        return asked(self.facts, "external_validation", name, "7.7")

    def _overlap(self) -> tuple[CardField, ...]:
        found = dict(self.told.get("overlap", {}))
        rows: list[tuple[Cell, ...]] = [
            (f"{one} near {other}", float(shares["share_near"]), float(shares["share_same"]))
            for one, others in dict(found.get("sets", {})).items()
            for other, shares in others.items()
        ]
        table = CardTable(("sets", f"similarity {found.get('at_least', '?')} or more", "same"), tuple(rows))
        name = "Near duplicates between sets"
        return (CardField(key="overlap", name=name, qmrf="7.9", table=table, source=SOURCE),) if rows else ()

    def _origin(self) -> CardSection:
        fields = (
            consortium_field(self.charter),
            asked(self.facts, "data_origin", "Origin of the measurements"),
            CardField(key="files", name="Files that were read", table=self._files(), source=SOURCE),
        )
        return CardSection(key="origin", title="Data origin", short="Data origin", fields=fields)

    def _again(self) -> CardSection:
        settings = tuple((name, str(self.told[name])) for name in _SETTINGS if self.told.get(name) is not None)
        command = "fluid demo" if self.told.get("synthetic") else "fluid simulate"
        line = f"{command}, with these settings, the charter and the files that are named here."
        field = CardField(key="again", name="How to make it again", lines=(line,), source=SOURCE,
                          table=CardTable(("setting", "value"), settings))  # fmt: skip
        return CardSection(key="again", title="Reproduction", short="Reproduction", fields=(field,))
