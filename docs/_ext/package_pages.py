"""A page for each public name of ``fluidmol``, and one for each package, made of docstrings."""

import pkgutil
from pathlib import Path
from typing import Any

from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

import fluidmol
from made import heading, write

LEFT_OUT = ("fluidmol.cli", "fluidmol.__main__")
"""What the pages of commands tell."""


class Exact(SphinxPostTransform):
    """Link the names in signatures and docstrings only to what is called just so.

    Sphinx would look for anything whose name ends like that, which takes minutes and finds wrong things.
    """

    default_priority = 5  # before references are resolved

    def run(self, **_: Any) -> None:
        """Take the permission to guess from each reference of a page."""
        for reference in self.document.findall(addnodes.pending_xref):
            if reference.get("refdomain") == "py":
                reference.attributes.pop("refspecific", None)


def modules() -> dict[str, list[str]]:
    """Return each package with its modules, in the order of their names; modules beside packages belong to fluidmol."""
    found: dict[str, list[str]] = {"fluidmol": []}
    for one in pkgutil.walk_packages(fluidmol.__path__, "fluidmol."):
        if one.name.startswith(LEFT_OUT) or one.name.rpartition(".")[2].startswith("_"):
            continue
        if one.ispkg:
            found.setdefault(one.name, [])
        else:
            found.setdefault(one.name.rpartition(".")[0], []).append(one.name)
    return found


def public() -> dict[str, str]:
    """Return each public name with the module that has it."""
    return {name: getattr(fluidmol, name).__module__ for name in fluidmol.__all__}


def package_page(package: str, inside: list[str], names: dict[str, str]) -> str:
    """Return the page of a package: its own docstring, then that of each module with what it defines."""
    lines = [heading(package)]
    if package != "fluidmol":
        lines.append(f".. automodule:: {package}\n")
    for module in inside:
        own = [name for name, place in names.items() if place == module]
        lines.append(heading(module.removeprefix(f"{package}."), "-"))
        lines.append(f".. automodule:: {module}")
        if own:
            lines.append(f"   :exclude-members: {', '.join(own)}")
        lines += ["", *(f":py:obj:`fluidmol.{name}` has :doc:`a page of its own <../{name}>`.\n" for name in own)]
    return "\n".join(lines) + "\n"


def public_page(name: str) -> str:
    """Return the page of one public name."""
    kind = "class" if isinstance(getattr(fluidmol, name), type) else "function"
    return f"{heading(name)}\n.. auto{kind}:: fluidmol.{name}\n"


def overview(names: dict[str, str]) -> str:
    """Return the page of the public names."""
    listed = "\n".join(f"   {name}" for name in names)
    pages = "\n".join(f"   {name}" for name in names)
    return (
        f"{heading('Public names')}\n"
        "``import fluidmol`` gives these names; they are loaded when they are first used. They keep their meaning "
        "within a minor version. :doc:`All other modules <packages/index>` may change between versions.\n\n"
        ".. automodule:: fluidmol\n   :no-members:\n\n.. currentmodule:: fluidmol\n\n"
        f".. autosummary::\n   :nosignatures:\n\n{listed}\n\n"
        f".. toctree::\n   :hidden:\n\n{pages}\n"
    )


def listing(packages: dict[str, list[str]]) -> str:
    """Return the page that lists packages as a tree."""
    pages = "\n".join(f"   {package}" for package in packages)
    return (
        f"{heading('All modules')}\n"
        "One page a package. :doc:`The architecture <../../../project/architecture>` says how they belong together, "
        f"and who may import whom.\n\n.. toctree::\n   :maxdepth: 1\n\n{pages}\n"
    )


def make(sphinx: Any) -> None:
    """Write all pages."""
    folder = Path(sphinx.srcdir) / "reference" / "api"
    packages, names = modules(), public()
    pages = {f"{package}.rst": package_page(package, inside, names) for package, inside in packages.items()}
    write(folder / "packages", {"index.rst": listing(packages), **pages})
    write(folder, {"index.rst": overview(names), **{f"{name}.rst": public_page(name) for name in names}})


def setup(sphinx: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    sphinx.connect("builder-inited", make)
    sphinx.add_post_transform(Exact)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
