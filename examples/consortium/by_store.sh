#!/bin/sh
# The same consortium as by_files.sh, over a bucket or an SFTP folder that somebody has already: docs/stores.md.
#
#     examples/consortium/by_store.sh FOLDER PLACE [OTHER]
#
# PLACE is an address such as s3://bucket/herg or sftp://host/srv/herg, empty, for which keys and settings are where
# docs/stores.md says. OTHER is a folder in which by_files.sh has run: with its keys and its charter, the labels are
# equal to the byte.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/told.sh"
[ $# -eq 2 ] || [ $# -eq 3 ] || { printf 'Usage: %s FOLDER PLACE [OTHER]\n' "$0" >&2; exit 64; }
place=$2
other=${3:-}
set -- "$1" "$other"
. "$here/founding.sh"

step "From here on it is as by files: only the place is another"
at hub
expect 75 fluid federate charter.toml "$place" --key hub.key
for party in acme beta gamma; do
    at "$party"
    fluid answer "$place" --as "$party" --key "$party.key" --accept
done
at hub
expect 75 fluid federate charter.toml "$place" --key hub.key

step "Each company answers by its own model, and its own policy"
at acme
fluid policy new
fluid answer "$place" --as acme --key acme.key --data acme.csv --policy policy.toml --dry-run --quiet | tee seen.txt
fluid answer "$place" --as acme --key acme.key --data acme.csv --policy policy.toml --quiet --yes 'Ada Hill' \
    --digest "$(seen_in seen.txt)"
at beta
printf 'decimals = 2\napproval = true\n' > policy.toml
fluid answer "$place" --as beta --key beta.key --teacher-program 'python beta_model.py beta.sdf' \
    --policy policy.toml --quiet --yes 'Bo Lind'
at gamma
printf 'proximity_levels = 21\napproval = true\n' > policy.toml
fluid answer "$place" --as gamma --key gamma.key --data gamma.tsv --teacher gamma_model:forest \
    --policy policy.toml --quiet --yes 'Gil Roth'
fluid status "$place"

step "The coordinator federates, and publishes the labels"
at hub
expect 75 fluid federate charter.toml "$place" --key hub.key
for party in acme beta gamma; do
    at "$party"
    fluid answer "$place" --as "$party" --key "$party.key" --policy policy.toml --quiet
done
at hub
fluid federate charter.toml "$place" --key hub.key > finished.txt
cat finished.txt
fluid status "$place"

printf '\nFederated labels: %s\n' "$(labels_in ../hub/finished.txt)"
