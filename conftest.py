"""What pytest leaves alone: modules of extras that aren't installed."""

from importlib.util import find_spec

# Its doctests would be looked for by importing it.
collect_ignore = [] if find_spec("chemprop") else ["src/fluidmol/learning/estimators/networks.py"]
