"""Print how large each package is: lines, modules, public names at the top of modules.

python benchmarks/lines.py
"""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


def size(folder: Path) -> tuple[int, int, int]:
    """Count lines, modules and public top-level names below a folder; ``__init__.py`` of no content don't count."""
    modules = [path for path in folder.rglob("*.py") if path.stat().st_size]
    texts = [path.read_text(encoding="utf-8") for path in modules]
    return sum(text.count("\n") for text in texts), len(modules), sum(map(_names, texts))


def _names(text: str) -> int:
    found = 0
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found += not node.name.startswith("_")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            found += sum(not name.startswith("_") for name in names)
    return found


def packages() -> dict[str, Path]:
    """Return the folders that are counted, by name: the parts of the core, and the server."""
    core = SOURCE / "fluidmol"
    parts = {path.name: path for path in sorted(core.iterdir()) if path.is_dir() and path.name != "__pycache__"}
    return parts | {"fluidmol": core, "fluidmol_drop": SOURCE / "fluidmol_drop"}


def main() -> None:
    """Print the table."""
    print(f"{'package':<16}{'lines':>8}{'modules':>9}{'public names':>14}")
    for name, folder in packages().items():
        lines, modules, names = size(folder)
        print(f"{name:<16}{lines:>8,}{modules:>9}{names:>14}")


if __name__ == "__main__":
    main()
