#!/usr/bin/env bash
# Writes the lock files anew: the newest versions that resolve, the oldest that pyproject.toml allows, what the
# documentation needs beside the newest, what an installation holds without development, and what lists it.
set -euo pipefail
bin=${1:?the folder of an environment that has uv}
common=(--python-version 3.11 --universal --no-header --no-annotate --quiet --generate-hashes --upgrade)
extras=(--extra server --extra postgresql --extra onnx --extra excel --extra s3 --extra sftp)
options=(--group dev "${extras[@]}" "${common[@]}")
"$bin/uv" pip compile pyproject.toml "${options[@]}" --output-file requirements.lock
"$bin/uv" pip compile pyproject.toml "${options[@]}" --resolution lowest-direct --output-file requirements-lowest.lock
"$bin/uv" pip compile pyproject.toml "${extras[@]}" "${common[@]}" --constraints requirements.lock --output-file requirements-run.lock
"$bin/uv" pip compile --group release "${common[@]}" --output-file requirements-release.lock
"$bin/uv" pip compile --group docs "${common[@]}" --constraints requirements.lock --output-file requirements-docs.lock
