#!/bin/sh
# A coordinator and three companies, on one machine, by files in a shared folder: docs/walkthrough.md tells the story.
#
#     examples/consortium/by_files.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/told.sh"
[ $# -eq 1 ] || { printf 'Usage: %s FOLDER\n' "$0" >&2; exit 64; }
. "$here/founding.sh"

step "The coordinator opens the place: a folder that all can reach"
expect 75 fluid federate charter.toml ../share --key hub.key

step "Each company reads the charter, and signs it"
at acme
fluid charter show ../share/charter.toml
fluid answer ../share --as acme --key acme.key --accept
at beta
fluid answer ../share --as beta --key beta.key --accept
at gamma
fluid answer ../share --as gamma --key gamma.key --accept

step "All have signed: the coordinator asks for opinions"
at hub
expect 75 fluid federate charter.toml ../share --key hub.key

step "acme: a teacher that fluidmol trains; a person looks first"
at acme
fluid policy new
fluid policy check policy.toml
fluid answer ../share --as acme --key acme.key --data acme.csv --policy policy.toml --dry-run --no-seal --quiet
fluid inspect acme-*/prepared/*/acme-*.fluid --charter ../share/charter.toml
fluid answer ../share --as acme --key acme.key --data acme.csv --policy policy.toml --dry-run --quiet | tee seen.txt
fluid answer ../share --as acme --key acme.key --data acme.csv --policy policy.toml --quiet --yes 'Ada Hill' \
    --digest "$(seen_in seen.txt)"

step "beta: a program of its own; fluidmol sees no structure of beta's"
at beta
printf 'decimals = 2\napproval = true\n' > policy.toml
fluid policy check policy.toml
expect 77 fluid answer ../share --as beta --key beta.key --teacher-program 'python beta_model.py beta.sdf' \
    --policy policy.toml --quiet < /dev/null
fluid answer ../share --as beta --key beta.key --teacher-program 'python beta_model.py beta.sdf' \
    --policy policy.toml --quiet --yes 'Bo Lind'

step "The coordinator doesn't go on while somebody is missing"
at hub
expect 75 fluid federate charter.toml ../share --key hub.key
fluid status ../share

step "gamma: an estimator of scikit-learn, trained by fluidmol"
at gamma
printf 'proximity_levels = 21\napproval = true\n' > policy.toml
fluid answer ../share --as gamma --key gamma.key --data gamma.tsv --teacher gamma_model:forest \
    --policy policy.toml --quiet --yes 'Gil Roth'

step "The coordinator federates, and publishes the labels"
at hub
expect 75 fluid federate charter.toml ../share --key hub.key

step "Each company takes the labels home"
at acme
fluid answer ../share --as acme --key acme.key --policy policy.toml --yes 'Ada Hill'
at beta
fluid answer ../share --as beta --key beta.key --teacher-program 'python beta_model.py beta.sdf' \
    --policy policy.toml --yes 'Bo Lind'
at gamma
fluid answer ../share --as gamma --key gamma.key --data gamma.tsv --teacher gamma_model:forest \
    --policy policy.toml --yes 'Gil Roth'

step "The round is finished"
at hub
fluid federate charter.toml ../share --key hub.key > finished.txt
cat finished.txt
fluid status ../share
fluid inspect ../share/outcome/labels.fluid.age --charter charter.toml --key hub.key

step "acme: what has left?"
at acme
fluid ledger verify acme-ledger.jsonl --releases ../share --as acme

step "acme: a hybrid, and what it says of new molecules"
fluid hybrid fit --labels acme-*/labels.fluid --data acme.csv --as acme --out hybrid --folds 5 --quiet
fluid predict --model hybrid new.csv --out predictions.csv --quiet
head -n 2 predictions.csv

step "beta, which showed no structures, takes the student"
at beta
fluid predict --model student --labels beta-*/labels.fluid ../acme/new.csv --out predictions.csv --quiet

printf '\nFederated labels: %s\n' "$(labels_in ../hub/finished.txt)"
