"""Fetch activities of ChEMBL by its web API, page by page, into one CSV file.

Finished pages are kept beside the file until it is whole, so that an interrupted run goes on.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from fluidmol.errors import InputError
from fluidmol.studies.downloads import Fetched, already_there, keep
from fluidmol.studies.resume import Progress, unwritable
from fluidmol.studies.web import CutError, Patience, answer, persist
from fluidmol.values.files import write_whole

COLUMNS = (
    "canonical_smiles",
    "standard_relation",
    "standard_value",
    "standard_units",
    "molecule_chembl_id",
    "assay_chembl_id",
)
"""Columns of the CSV file, as the API names them."""

PAGE_SIZE = 1000
"""Activities asked for at a time: the most that the API gives."""

Page = dict[str, Any]


def fetch_activities(
    address: str,
    query: dict[str, str],
    target: Path,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> Fetched:
    """Fetch all activities that match a query, unless the file is there.

    Parameters
    ----------
    address : str
        Of the web API, up to ``/data``.
    query : dict of str to str
        Filters, such as ``{"target_chembl_id": "CHEMBL240", "standard_type": "IC50"}``.
    target : Path
        The CSV file, with the columns :data:`COLUMNS`; an empty field is a missing value.
    progress : callable, optional
        Called with the file's name, and the activities that are there and that there will be.
    patience : Patience, optional
        How long to wait, and how often to try again.

    Returns
    -------
    Fetched
        Its path and its hash.

    Raises
    ------
    UnavailableError
        If the network or the server fails; finished pages are kept.
    InputError
        If the answer isn't ChEMBL's, or ChEMBL changed between pages.
    OutputError
        If the folder can't be written.
    """
    pages = target.with_name(target.name + ".pages")
    try:
        pages.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            return already_there(target)
        pages.mkdir(exist_ok=True)
        rows: list[dict[str, object]] = []
        for page in _pages(address, query, target, patience or Patience()):
            rows += page["activities"]
            if progress:
                progress(target.name, len(rows), page["page_meta"]["total_count"])
        part = target.with_name(target.name + ".part")
        write_whole(part, _table(rows))
        fetched = keep(part, target, address)
        shutil.rmtree(pages)
    except OSError as problem:
        raise unwritable(target, problem) from problem
    return fetched


def _pages(address: str, query: dict[str, str], target: Path, patience: Patience) -> Iterator[Page]:
    """Give all pages in order, those that were kept from disk."""
    folder = target.with_name(target.name + ".pages")
    offset: int | None = 0
    total, seen = None, 0
    while offset is not None:
        url = _page_url(address, query, offset)
        page = _kept(folder / f"{offset:07d}.json", url)
        if page is None:
            page = _asked(url, target, patience)
            write_whole(folder / f"{offset:07d}.json", json.dumps({"url": url, "page": page}))
        seen += len(page["activities"])
        count = page["page_meta"]["total_count"]
        following = _next_offset(page)
        whole = following is not None or seen == count
        if total not in (None, count) or not whole or (following is not None and following != seen):
            shutil.rmtree(folder)
            raise InputError(
                f"{address} changed between pages: {count} activities, {total} before, {seen} fetched",
                hint="The pages were deleted. Run the same command again.",
            )
        total, offset = count, following
        yield page


def _page_url(address: str, query: dict[str, str], offset: int) -> str:
    # In a fixed order: without one, pages of a database query may overlap.
    asked = {
        **query,
        "only": ",".join(COLUMNS),
        "order_by": "activity_id",
        "limit": PAGE_SIZE,
        "offset": offset,
    }
    return f"{address}/activity.json?{urlencode(asked, safe=',')}"


def _kept(path: Path, url: str) -> Page | None:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return _checked(stored["page"], url) if stored["url"] == url else None
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return None


def _asked(url: str, target: Path, patience: Patience) -> Page:
    def once() -> bytes:
        with answer(url, {"Accept": "application/json"}, patience.timeout) as response:
            body = response.read()
            length = response.headers.get("Content-Length", "")
            if length.isdecimal() and len(body) != int(length):
                raise CutError(f"the connection was cut at byte {len(body)} of {length}")
            return body

    hint = (
        f"The table goes to {target}. Run the same command again to go on, or run it on a machine that can reach "
        f"ChEMBL and copy the table there."
    )
    body = persist(url, once, patience, hint)
    try:
        return _checked(json.loads(body), url)
    except ValueError as problem:
        raise InputError(f"{url} doesn't give JSON: {problem}", hint="Is a login page in between?") from problem


def _checked(page: object, url: str) -> Page:
    """Make sure that a page has what is used of it."""
    try:
        found = cast(Page, page)
        meta, activities = found["page_meta"], found["activities"]
        good = meta["total_count"] > 0 and "next" in meta and all("standard_value" in row for row in activities)
    except (KeyError, TypeError, IndexError):
        good = False
    if not good:
        raise InputError(f"{url} doesn't give activities of ChEMBL", hint="Expected page_meta and activities.")
    return found


def _next_offset(page: Page) -> int | None:
    """Read where the next page starts; only that is taken from its address, so that a mirror may lie elsewhere."""
    following = page["page_meta"]["next"]
    if following is None:
        return None
    stated = parse_qs(urlsplit(str(following)).query).get("offset", [""])[0]
    return int(stated) if stated.isdecimal() else -1


def _table(rows: list[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(["" if row.get(name) is None else row[name] for name in COLUMNS] for row in rows)
    return text.getvalue()
