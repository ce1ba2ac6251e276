"""Founding a consortium: a recipe, an endpoint, a transfer set and parties become a charter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from fluidmol.chem.representation.underlying import DIRECTIONS, representation_of
from fluidmol.errors import CharterError
from fluidmol.trust.keys import PublicKeys
from fluidmol.values.charter import Charter, Endpoint
from fluidmol.values.compounds import CompoundSet
from fluidmol.values.measure import Measure
from fluidmol.values.parts import Part
from fluidmol.values.representation import Representation


def founded(
    recipe: Charter,
    *,
    name: str,
    endpoint: str,
    description: str,
    transfer: CompoundSet,
    coordinator: PublicKeys,
    partners: Sequence[PublicKeys],
    quorum: int | None = None,
    measure: Measure | None = None,
    representation: Representation | None = None,
) -> Charter:
    """Make the charter of a new consortium.

    Parameters
    ----------
    recipe : Charter
        All parts are taken from it, the seed, and the scale of a regression.
    name : str
        What the consortium calls itself.
    endpoint : str
        Short name of what is measured.
    description : str
        What is measured, and, unless it is a regression, when a compound counts as active.
    transfer : CompoundSet
        The public transfer set.
    coordinator : PublicKeys
    partners : sequence of PublicKeys
        At least one.
    quorum : int, optional
        Fewest partners with an opinion; the recipe's by default.
    measure : Measure, optional
        The description in numbers, against which partners' files are checked; none by default.
    representation : Representation, optional
        The public directions, where the recipe works in some.

    Returns
    -------
    Charter

    Raises
    ------
    CharterError
        If the endpoint's name can't be one, a regression has a measure, or the parties make no consortium.
    """
    scale = recipe.scale
    if scale is not None and measure is not None:
        raise CharterError(
            f"the recipe asks for values from {scale.range}, and {measure.quantity} has a threshold",
            hint="A regression has a scale alone: nothing is active or inactive.",
        )
    kind = "classification" if scale is None else "regression"
    try:
        asked = Endpoint(endpoint, kind, description.strip(), measure, scale)
    except ValueError as problem:
        raise CharterError(
            f"{endpoint!r} can't be the name of an endpoint", hint="Expected letters, digits, and . _ - in between."
        ) from problem
    made = attrs.evolve(
        recipe,
        name=name,
        endpoints=(asked,),
        quorum=recipe.quorum if quorum is None else quorum,
        transfer_digest=transfer.digest,
        transfer_size=len(transfer),
        parties=(coordinator.party("coordinator"), *(keys.party("partner") for keys in partners)),
    )
    if representation is None:
        return made
    made = attrs.evolve(made, featuriser=Part(DIRECTIONS, {"digest": representation.digest}))
    check_representation(made, representation)
    return made


def check_complete(charter: Charter) -> None:
    """Refuse a charter that no consortium could work under.

    Raises
    ------
    CharterError
        Naming all that is missing.
    """
    missing = list(_missing(charter))
    if missing:
        raise CharterError(
            f"the charter has {', '.join(missing)}", hint="fluid charter new makes one that can be signed."
        )


def _missing(charter: Charter) -> Iterator[str]:
    if not charter.parties:
        yield "no parties"
    if not charter.transfer_digest or not charter.transfer_size:
        yield "no transfer set"
    if charter.featuriser.name == DIRECTIONS and not representation_digest(charter):
        yield "no public directions"
    if not charter.endpoints[0].description.strip():
        active = "" if charter.scale is not None else " and when it is active"
        yield f"no description of what is measured{active}"


def representation_digest(charter: Charter) -> str:
    """Give the digest of the public directions that a charter names; empty if it works without any."""
    return representation_of(charter.featuriser)


def check_representation(charter: Charter, found: Representation) -> None:
    """Refuse public directions that aren't the charter's, or weren't made from its transfer set.

    Raises
    ------
    CharterError
        Naming both.
    """
    if found.digest != representation_digest(charter):
        raise CharterError(
            f"these are the public directions {found.digest}; the charter names {representation_digest(charter)}",
            hint="Ask the coordinator for representation.fluid.",
        )
    sources = {source.digest for source in found.provenance.sources}
    if charter.transfer_digest not in sources:
        raise CharterError(
            f"the public directions {found.digest} say that they were made from {len(sources)} sources, and the"
            f" charter's transfer set ({charter.transfer_digest}) is none of them",
            hint="Expected directions of this transfer set: fluid representation build makes them.",
        )


def check_transfer(charter: Charter, transfer: CompoundSet) -> None:
    """Refuse a transfer set that isn't the charter's.

    Raises
    ------
    CharterError
        Naming both.
    """
    if (charter.transfer_digest, charter.transfer_size) != (transfer.digest, len(transfer)):
        raise CharterError(
            f"the transfer set has {len(transfer)} molecules, {transfer.digest};"
            f" the charter names {charter.transfer_size}, {charter.transfer_digest}",
            hint="Ask the coordinator for transfer.fluid.",
        )
