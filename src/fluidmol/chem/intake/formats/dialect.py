"""How the fields of a delimited file are parted: by which character, and whether quotation marks enclose them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import attrs

from fluidmol.chem.intake.content import Content
from fluidmol.chem.intake.table import is_smiles_name, plain_name
from fluidmol.errors import InputError

# A cell of any length is read, and rejected as the SMILES it isn't: one bad row must not cost the file.
csv.field_size_limit(2**31 - 1)

_HEAD = 100
_SEP = re.compile(r'"?sep=(.)\1*"?', re.IGNORECASE)
_COMMENT = re.compile(r'"?#(?!"?\s*[,;\t|])')
"""A line that begins with ``#``, unless that is the name of the first column."""

_WHICH = ("which line is the header", "Remove the comments above it.")
_LONE = ("whether quotation marks enclose fields", "Remove the marks, or save it as CSV.")

_SAFE = re.compile(r'="([^"]*)"')
_WRITE_TABLE = re.compile(r'"[^"]*"( "[^"]*")+')


@attrs.frozen
class Dialect:
    """How to read one delimited file."""

    delimiter: str
    quoted: bool
    """Whether a field in quotation marks may hold delimiters and line breaks."""

    n_before: int
    """Lines before the header: blank ones, comments that begin with ``#``, and Excel's ``sep=;``."""

    decided: tuple[tuple[str, str], ...] = ()
    """What rows may have decided of it, each with what to do about it."""

    def reader(self, lines: Iterable[str]) -> Any:
        """Part lines into rows, from the header on."""
        rest = islice(lines, self.n_before, None)
        if self.quoted:
            return csv.reader(rest, delimiter=self.delimiter, strict=True)
        return csv.reader(rest, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, strict=True)

    def records(self, content: Content) -> Iterator[list[str]]:
        """Read the header and all rows with something in them.

        Raises
        ------
        InputError
            If a quotation mark is missing.
        """
        with content.lines() as lines:
            reader = self.reader(lines)
            try:
                yield from (unwrapped(row) for row in reader if any(map(str.strip, row)))
            except csv.Error as problem:
                raise unmatched(content, reader.line_num + self.n_before, problem) from problem


def unwrapped(row: list[str]) -> list[str]:
    """Take cells out of ``="..."``, in which programs write what Excel is to leave as it is.

    Examples
    --------
    >>> unwrapped(["CCO", '="5"', '="="', "=5"])
    ['CCO', '5', '=', '=5']
    """
    if not any(cell.startswith('="') for cell in row):
        return row
    return [match[1] if (match := _SAFE.fullmatch(cell.strip())) else cell for cell in row]


def unmatched(content: Content, line: int, problem: csv.Error) -> InputError:
    """Make the error of a file whose quotation marks don't match."""
    return InputError(f"{content.path}, line {line}: {problem}", hint="A quotation mark may be missing or unmatched.")


def delimiter_of(header: str) -> str:
    """Find the separator of a header line: the commonest of comma, semicolon and tab outside quotation marks.

    Where there is none of them, it is the bar, or else the blanks of R's ``write.table``.

    Examples
    --------
    >>> delimiter_of("smiles;IC50 (nM, mean);active"), delimiter_of("smiles|active"), delimiter_of('"smiles" "active"')
    (';', '|', ' ')
    """
    outside = "".join(header.split('"')[::2])
    best = max(("\t", ";", ","), key=outside.count)
    if best in outside:
        return best
    if "|" in outside:
        return "|"
    return " " if _WRITE_TABLE.fullmatch(header.strip()) else best


def find_dialect(content: Content, smiles_column: str | None = None) -> Dialect:
    """Find out how a file is to be read; the name of its SMILES column helps to tell its header from comments.

    Raises
    ------
    InputError
        If quotation marks in a TSV file may be meant or not.
    """
    with content.lines() as lines:
        head = list(islice(lines, _HEAD))
    n = _first_written(head, 0)
    delimiter = ""
    if said := _SEP.fullmatch(head[n].strip(" \r\n") if n < len(head) else ""):
        delimiter = said.group(1)
        n = _first_written(head, n + 1)
    n, open_ = _after_comments(head, n, smiles_column)
    decided = [_WHICH] if open_ else []
    if n == len(head):
        raise InputError(f"{content.path} is empty", hint="Expected a header and a row for each molecule.")
    delimiter = delimiter or delimiter_of(_header(head[n:]))
    # In a tab-separated file a quotation mark is a character as any other: inches, or "A-ring analog.
    quoted = content.has_quotes
    if quoted and delimiter == "\t":
        quoted, lone = _is_quoted(content, n)
        decided += [_LONE] if lone else []
    return Dialect(delimiter, quoted, n, tuple(decided))


def _first_written(lines: list[str], start: int) -> int:
    return next((k for k in range(start, len(lines)) if lines[k].strip()), len(lines))


def _after_comments(lines: list[str], start: int, asked: str | None) -> tuple[int, bool]:
    """Return the header's line, and whether a row may have been taken for it.

    It is the first that is no comment, or the last comment if only that names the SMILES.
    """
    last = after = start
    while after < len(lines) and _COMMENT.match(lines[after]):
        last, after = after, _first_written(lines, after + 1)
    names_smiles = [k < len(lines) and _names_smiles(lines[k], asked) for k in (last, after)]
    if names_smiles == [True, False]:
        return last, False
    return after, last < after and all(names_smiles) and _n_names(lines[last]) == _n_names(lines[after]) > 1


def _n_names(line: str) -> int:
    return line.count(delimiter_of(line)) + 1


def _names_smiles(line: str, asked: str | None) -> bool:
    cells = [cell.strip(' "\r\n') for cell in line.split(delimiter_of(line))]
    if asked is not None:
        return plain_name(asked) in map(plain_name, cells)
    return any(is_smiles_name(cell.lstrip("# ")) for cell in cells)


def _header(lines: list[str]) -> str:
    """Join the lines of a header whose quoted names hold line breaks."""
    text = ""
    for line in lines:
        text += line
        if text.count('"') % 2 == 0:
            return text
    return lines[0]


def _is_quoted(content: Content, n_before: int) -> tuple[bool, bool]:
    """Whether quotation marks in a tab-separated file enclose fields, and whether a lone one makes rows decide it."""
    first_odd, header_is_quoted, widths = _unquoted(content, n_before)
    if not first_odd:
        return True, False
    quoted, unquoted = _quoted_fit(content, n_before), _fit(widths)
    if quoted > unquoted:
        return True, True
    if unquoted and not header_is_quoted:
        return False, True
    raise InputError(
        f"{content.path}, line {first_odd}: a field begins with a quotation mark and doesn't end with one, and whether"
        " marks enclose fields in this file can't be told",
        hint="Remove the mark, or quote all text with marks within doubled.",
    )


def _unquoted(content: Content, n_before: int) -> tuple[int, bool, list[int]]:
    """Read as if no mark meant anything: the first line with a lone mark, if the header has pairs, and the widths."""
    first_odd = 0
    header_is_quoted = False
    widths: list[int] = []
    with content.lines() as lines:
        for number, line in enumerate(islice(lines, n_before, None), start=n_before + 1):
            if not line.strip():
                continue
            fields = line.rstrip("\r\n").split("\t")
            marked = [field for field in fields if field.startswith('"')]
            pairs = [len(f) > 1 and f.endswith('"') and '"' not in f[1:-1].replace('""', "") for f in marked]
            if not widths:
                header_is_quoted = any(pairs)
            if not all(pairs) and not first_odd:
                first_odd = number
            _add(widths, len(fields))
    return first_odd, header_is_quoted, widths


def _quoted_fit(content: Content, n_before: int) -> int:
    widths: list[int] = []
    try:
        for row in Dialect("\t", quoted=True, n_before=n_before).records(content):
            if widths and any("\t" in field and ("\n" in field or "\r" in field) for field in row):
                return 0
            _add(widths, len(row))
    except InputError:
        return 0
    return _fit(widths)


def _add(widths: list[int], width: int) -> None:
    """Note the header's width first, then each other one once."""
    if not widths or width not in widths[1:]:
        widths.append(width)


def _fit(widths: list[int]) -> int:
    """Return 2 if all rows are as wide as the header, 1 if all are one wider (names of rows) or narrower, or else 0."""
    header, *rows = widths
    if len(rows) > 1:
        return 0
    return max(0, 2 - abs(rows[0] - header)) if rows else 2
