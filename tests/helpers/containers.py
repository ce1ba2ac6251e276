"""Packed values, taken apart and put together by hand."""

import io
import json
import zipfile


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def boxed(content):
    """Put a container together of members by name; those that are None are left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)
    return target.getvalue()


def of_the_first_format(data):
    """A packed value, signed or not, as if written when arrays were in tables of Parquet."""
    content = members(data)
    facts = json.dumps({**json.loads(content["facts.json"]), "format": 1})
    table = b"PAR1" if content.pop("arrays.safetensors", None) else None
    return boxed({**content, "facts.json": facts, "columns.parquet": table})
