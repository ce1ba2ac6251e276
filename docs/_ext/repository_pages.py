"""The pages of the repository's root (architecture, changes, ...), with their links turned to the site's."""

import re
from pathlib import Path
from typing import Any

from made import write

PAGES = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def turned(text: str) -> str:
    """Return a page with its links as they are from the folder ``project``.

    Examples
    --------
    >>> turned("[a](docs/x.md), [b](SECURITY.md), [c](src/c.py), [d](https://d)")
    '[a](../x.md), [b](security.md), [c](../../src/c.py), [d](https://d)'
    """
    text = re.sub(r"\]\(docs/", "](../", text)
    text = re.sub(r"\]\(((?:src|benchmarks|examples)/)", r"](../../\1", text)
    for page in PAGES:
        text = text.replace(f"]({page}", f"]({page.lower()}")
    return text


def make(sphinx: Any) -> None:
    """Write the pages."""
    source = Path(sphinx.srcdir)
    pages = {page.lower(): turned((source.parent / page).read_text(encoding="utf-8")) for page in PAGES}
    write(source / "project", pages)


def setup(sphinx: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    sphinx.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
