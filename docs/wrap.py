"""Wrap the prose of Markdown files near 120 characters: ``make wrap``. Tables, code and headings stay as they are.

Usage: python docs/wrap.py [--check] FILE...
"""

import re
import sys
import textwrap
from pathlib import Path

WIDTH = 120
FENCE = re.compile(r"\s*(```+|~~~+|:::+)")
ALONE = re.compile(r"\s*(#{1,6} |\||<|\[[^\]]+\]: |(-{3,}|\*{3,}|={3,})\s*$|\([\w-]+\)=$)")
"""Lines that belong to no paragraph."""
BEGINNING = re.compile(r"(\s*)((?:> ?)*)((?:[-*+]|\d+[.)]) +)?")
"""Indentation, quotation marks and the bullet of a paragraph."""
BLOCK = re.compile(r"([-*+]|\d+[.)]|#+|>|\||=+|-+)$|[#>|<]")
"""Words that would mean something else at the beginning of a line."""
TIE = "\x00"


def wrapped(text: str) -> str:
    r"""Return a page with its paragraphs wrapped.

    Examples
    --------
    >>> print(wrapped("- one\n  two\n\n| a | b |\n"))
    - one two
    <BLANKLINE>
    | a | b |
    <BLANKLINE>
    """
    lines: list[str] = []
    paragraph: list[str] = []
    fence = ""

    def flush() -> None:
        if paragraph:
            lines.extend(_filled(paragraph))
            paragraph.clear()

    for line in text.splitlines():
        mark = FENCE.match(line)
        if fence:
            lines.append(line)
            if mark and mark[1].startswith(fence) and not line.strip().strip(mark[1][0]):
                fence = ""
        elif mark or not line.strip() or ALONE.match(line):
            flush()
            lines.append(line)
            fence = mark[1] if mark else ""
        else:
            begins = BEGINNING.match(line)
            if paragraph and begins and (begins[3] or begins[2] != _quotes(paragraph)):
                flush()
            paragraph.append(line)
            if line.endswith(("  ", "\\")):  # a line break that is meant
                flush()
    flush()
    return "\n".join(lines) + "\n"


def _quotes(paragraph: list[str]) -> str:
    begins = BEGINNING.match(paragraph[0])
    return begins[2] if begins else ""


def _filled(paragraph: list[str]) -> list[str]:
    begins = BEGINNING.match(paragraph[0])
    if begins is None:
        return paragraph
    indent, quotes, bullet = begins[1], begins[2], begins[3] or ""
    bodies = [paragraph[0][begins.end() :], *(line.strip().removeprefix(quotes.strip()) for line in paragraph[1:])]
    ending = paragraph[-1][len(paragraph[-1].rstrip()) :] if paragraph[-1].endswith("  ") else ""
    text = " ".join(body.strip() for body in bodies)
    # Code stays together; so do a word and the next one if that would begin a block at the beginning of a line.
    text = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", lambda code: code[0].replace(" ", TIE), text)
    words: list[str] = []
    for word in text.split(" "):
        if words and BLOCK.match(word):
            words[-1] += TIE + word
        elif word:
            words.append(word)
    first = indent + quotes + bullet
    filled = textwrap.wrap(
        " ".join(words), WIDTH, initial_indent=first, subsequent_indent=indent + quotes + " " * len(bullet),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    filled = [line.replace(TIE, " ") for line in filled] or [first]
    return [*filled[:-1], filled[-1] + ending]


def main(words: list[str]) -> int:
    """Wrap the files that are named, or with ``--check`` say which aren't wrapped."""
    pages = [Path(word) for word in words if word != "--check"]
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    differing = {page: after for page, text in texts.items() if (after := wrapped(text)) != text}
    for page, after in differing.items():
        if "--check" in words:
            print(f"{page}: not wrapped; make wrap does it", file=sys.stderr)
        else:
            page.write_text(after, encoding="utf-8")
    return int("--check" in words and bool(differing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
