"""Print how large each package is: lines, modules, and public names at the top of modules.

python benchmarks/lines.py
"""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


def size(folder: Path) -> tuple[int, int, int, int]:
    """Count lines, modules, public classes and functions, and public constants below a folder.

    An ``__init__.py`` without content doesn't count.
    """
    modules = [path for path in folder.rglob("*.py") if path.stat().st_size]
    texts = [path.read_text(encoding="utf-8") for path in modules]
    names = [_names(text) for text in texts]
    made, constants = (sum(each) for each in zip(*names, strict=True))
    return sum(text.count("\n") for text in texts), len(modules), made, constants


def _names(text: str) -> tuple[int, int]:
    made = constants = 0
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            made += not node.name.startswith("_")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            constants += sum(not name.startswith("_") for name in names)
    return made, constants


def packages() -> dict[str, Path]:
    """Return the folders that are counted, by name: the parts of the core, and the server."""
    core = SOURCE / "fluidmol"
    parts = {path.name: path for path in sorted(core.iterdir()) if path.is_dir() and path.name != "__pycache__"}
    return parts | {"fluidmol": core, "fluidmol_drop": SOURCE / "fluidmol_drop"}


def main() -> None:
    """Print the table."""
    print(f"{'package':<16}{'lines':>8}{'modules':>9}{'classes, functions':>20}{'constants':>11}")
    for name, folder in packages().items():
        lines, modules, made, constants = size(folder)
        print(f"{name:<16}{lines:>8,}{modules:>9}{made:>20,}{constants:>11,}")


if __name__ == "__main__":
    main()
