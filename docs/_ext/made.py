"""Writing pages that are made of the code: whole, and only where they differ, so that Sphinx reads no page twice."""

import re
from pathlib import Path

MARKS = re.compile(r"([\\*`|_])")
"""What reStructuredText would read as markup."""


def plain(text: str) -> str:
    r"""Escape text, so that it is shown as it stands.

    Examples
    --------
    >>> print(plain("a_b | *.csv"))
    a\_b \| \*.csv
    """
    return MARKS.sub(r"\\\1", text)


def heading(text: str, line: str = "=") -> str:
    """Return a heading of reStructuredText."""
    return f"{text}\n{line * len(text)}\n"


def write(folder: Path, pages: dict[str, str]) -> None:
    """Make a folder hold these pages and no others.

    Parameters
    ----------
    folder : Path
        A folder that is made of the code alone.
    pages : dict of str to str
        Contents by file name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_file() and old.name not in pages:
            old.unlink()
    for name, content in pages.items():
        page = folder / name
        if not page.exists() or page.read_text(encoding="utf-8") != content:
            page.write_text(content, encoding="utf-8")
