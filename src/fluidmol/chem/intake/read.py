"""The two ways in: labelled tables of one company, and public molecules."""

from fluidmol.chem.intake.labelled import Labelled, read_labelled
from fluidmol.chem.intake.transfer import Molecules, read_molecules

__all__ = ["Labelled", "Molecules", "read_labelled", "read_molecules"]
