"""What pytest leaves alone: modules of extras that aren't installed."""

from importlib.util import find_spec

# Their doctests would be looked for by importing them.
_NEEDS = {
    "chemprop": "src/fluidmol/learning/estimators/networks.py",
    "fsspec": "src/fluidmol/exchange/stores/objects.py",
    "paramiko": "src/fluidmol/exchange/stores/sftp.py",
}
collect_ignore = [path for library, path in _NEEDS.items() if not find_spec(library)]
