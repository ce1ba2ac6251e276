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


def turn_upwards(_sphinx: Any, page: str, content: list[str]) -> None:
    """Turn a page's links to the root's pages, as a forge follows them, to where the site has those.

    Examples
    --------
    >>> content = ["[a](../SECURITY.md), [b](../src/b.py)"]
    >>> turn_upwards(None, "threat-model", content)
    >>> content
    ['[a](project/security.md), [b](../src/b.py)']
    """
    up = "../" * page.count("/")
    for name in PAGES:
        content[0] = content[0].replace(f"]({up}../{name}", f"]({up}project/{name.lower()}")


def make(sphinx: Any) -> None:
    """Write the pages."""
    source = Path(sphinx.srcdir)
    pages = {page.lower(): turned((source.parent / page).read_text(encoding="utf-8")) for page in PAGES}
    write(source / "project", pages)


def setup(sphinx: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    sphinx.connect("builder-inited", make)
    sphinx.connect("source-read", turn_upwards)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
