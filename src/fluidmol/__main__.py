"""``python -m fluidmol``: the command ``fluid``, where its script isn't on the path."""

from fluidmol.cli.main import main

if __name__ == "__main__":
    main()
