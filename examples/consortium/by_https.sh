#!/bin/sh
# The same consortium as by_files.sh, over a server (fluid serve) that never sees an opinion: docs/walkthrough.md.
#
#     examples/consortium/by_https.sh FOLDER [OTHER]
#
# OTHER is a folder in which by_files.sh has run: with its keys and its charter, the labels are equal to the byte. The
# server listens on PORT (8443) and the next one, of this machine only.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/told.sh"
[ $# -eq 1 ] || [ $# -eq 2 ] || { printf 'Usage: %s FOLDER [OTHER]\n' "$0" >&2; exit 64; }
: "${PORT:=8443}"
. "$here/founding.sh"
place=https://127.0.0.1:$PORT
mkdir ../server

step "The operator sets a server up, for the parties of the charter"
at server
fluid drop init drop --host 127.0.0.1 --charter ../hub/charter.toml
shown fluid serve --home drop --listen "127.0.0.1:$PORT"
"$program" serve --home drop --listen "127.0.0.1:$PORT" > server.log 2>&1 &
server=$!
trap 'kill "$server" 2> /dev/null || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
tries=0
until grep -q '^Enrolment: ' server.log; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$server"; then cat server.log >&2; exit 69; fi
    sleep 0.1
done
grep '^Drop: \|^Enrolment: ' server.log

step "Each party gets a one-time code from the operator, and with it a certificate"
for party in hub acme beta gamma; do
    at server
    shown fluid drop invite drop "$party"
    # A code isn't for everybody's eyes: it goes from hand to hand, and not by the way that it opens.
    FLUID_CODE=$("$program" drop invite drop "$party")
    export FLUID_CODE
    at "$party"
    fluid enrol "https://127.0.0.1:$((PORT + 1))" --as "$party" --ca ../server/drop/ca.pem --out identity
done
unset FLUID_CODE

step "From here on it is as by files: only the place is another"
at hub
expect 75 fluid federate charter.toml "$place" --key hub.key --identity identity
for party in acme beta gamma; do
    at "$party"
    fluid answer "$place" --as "$party" --key "$party.key" --identity identity --accept
done
at hub
expect 75 fluid federate charter.toml "$place" --key hub.key --identity identity

step "Each company answers by its own model, and its own policy"
at acme
fluid policy new
fluid answer "$place" --as acme --key acme.key --identity identity --data acme.csv \
    --policy policy.toml --dry-run --quiet | tee seen.txt
fluid answer "$place" --as acme --key acme.key --identity identity --data acme.csv \
    --policy policy.toml --quiet --yes 'Ada Hill' --digest "$(seen_in seen.txt)"
at beta
printf 'decimals = 2\napproval = true\n' > policy.toml
fluid answer "$place" --as beta --key beta.key --identity identity --teacher-program 'python beta_model.py beta.sdf' \
    --policy policy.toml --quiet --yes 'Bo Lind'
at gamma
printf 'proximity_levels = 21\napproval = true\n' > policy.toml
fluid answer "$place" --as gamma --key gamma.key --identity identity --data gamma.tsv --teacher gamma_model:forest \
    --policy policy.toml --quiet --yes 'Gil Roth'
fluid status "$place" --identity identity

step "The coordinator federates, and publishes the labels"
at hub
expect 75 fluid federate charter.toml "$place" --key hub.key --identity identity
for party in acme beta gamma; do
    at "$party"
    fluid answer "$place" --as "$party" --key "$party.key" --identity identity --policy policy.toml --quiet
done
at hub
fluid federate charter.toml "$place" --key hub.key --identity identity > finished.txt
cat finished.txt
fluid status "$place" --identity identity

step "acme: what has left?"
at acme
fluid ledger verify acme-ledger.jsonl --releases .
fluid inspect acme-*/labels.fluid

step "gamma leaves: its certificate counts no more; what it has said stays"
at server
fluid drop revoke drop gamma
at gamma
expect 77 fluid status "$place" --identity identity

step "The operator: what has happened?"
at server
shown fluid drop audit drop
"$program" drop audit drop > audit.txt
tail -n 3 audit.txt
kill "$server"
wait "$server" || true
tail -n 1 server.log

printf '\nFederated labels: %s\n' "$(labels_in ../hub/finished.txt)"
