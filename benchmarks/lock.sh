#!/usr/bin/env bash
# Writes both lock files anew: the newest versions that resolve, and the oldest that pyproject.toml allows.
set -euo pipefail
bin=${1:?the folder of an environment that has uv}
options=(--group dev --extra server --extra postgresql --extra onnx --extra excel --extra s3 --extra sftp --python-version 3.11 --universal --no-header --no-annotate --quiet)
"$bin/uv" pip compile pyproject.toml "${options[@]}" --upgrade --output-file requirements.lock
"$bin/uv" pip compile pyproject.toml "${options[@]}" --upgrade --resolution lowest-direct --output-file requirements-lowest.lock
