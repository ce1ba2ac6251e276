# Read by both scripts: makes the parties' folders in $1, with data, keys and a charter; the keys and charter of $2 if given.

if [ -e "$1" ] && [ -n "$(ls -A "$1")" ]; then
    printf '%s holds something already: give a new folder.\n' "$1" >&2
    exit 73
fi
mkdir -p "$1"
for party in hub acme beta gamma; do mkdir "$1/$party"; done

step "Three companies have measured compounds; all of it is synthetic"
python "$here/make_data.py" "$1/data" "${MOLECULES:-1500}"
mv "$1/data/acme.csv" "$1/acme/"
mv "$1/data/beta.sdf" "$1/beta/"
mv "$1/data/gamma.tsv" "$1/gamma/"
mv "$1/data/public.smi" "$1/hub/"
mv "$1/data/external.csv" "$1/acme/new.csv"
rmdir "$1/data"
cp "$here/beta_model.py" "$1/beta/"
cp "$here/gamma_model.py" "$1/gamma/"
wc -l "$1/acme/acme.csv" "$1/beta/beta.sdf" "$1/gamma/gamma.tsv" "$1/hub/public.smi"

# In earnest, each party types a passphrase of its own.
: "${FLUID_PASSPHRASE:=four quiet green pistons}"
export FLUID_PASSPHRASE

if [ -n "${2:-}" ]; then
    step "Keys and charter are those of $2"
    for party in hub acme beta gamma; do cp "$2/$party/$party.key" "$2/$party/$party.pub" "$1/$party/"; done
    cp "$2/hub/charter.toml" "$2/hub/transfer.fluid" "$1/hub/"
    cd "$1/hub"
    fluid charter check charter.toml --transfer transfer.fluid
else
    cd "$1/hub"
    step "Each party makes its keys"
    fluid keys new hub
    for party in acme beta gamma; do
        at "$party"
        fluid keys new "$party"
    done

    step "The coordinator makes the charter"
    at hub
    # A small featuriser, so that this takes seconds; in earnest, leave it out.
    fluid charter new --name 'hERG pilot' --endpoint herg \
        --description 'hERG blockade; active if IC50 is at or below 10 uM' --transfer public.smi \
        --coordinator hub.pub --partner ../acme/acme.pub --partner ../beta/beta.pub --partner ../gamma/gamma.pub \
        --preset open --set featuriser.bits=256
    fluid charter check charter.toml --transfer transfer.fluid
fi
