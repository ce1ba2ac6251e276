# Read by the scripts of this folder: says each step, shows each command before it runs, and checks its exit code.

step() {
    printf '\n=== %s\n' "$*"
}

# Write a command as one would type it; no word of ours has a quotation mark in it.
shown() {
    line='$'
    for word in "$@"; do
        case $word in
        '' | *[!A-Za-z0-9_./:=,@+-]*) line="$line '$word'" ;;
        *) line="$line $word" ;;
        esac
    done
    printf '%s\n' "$line"
}

program=$(command -v fluid) || { echo 'The command fluid is not on the path.' >&2; exit 69; }

fluid() {
    shown fluid "$@"
    "$program" "$@"
}

# Each party works in its own folder.
at() {
    shown cd "../$1"
    cd "../$1"
}

# expect CODE COMMAND...: 75 (something is missing) and 77 (the policy says no) are answers, and no errors.
expect() {
    wanted=$1
    shift
    found=0
    "$@" || found=$?
    if [ "$found" -ne "$wanted" ]; then
        printf 'Expected exit code %s, and found %s.\n' "$wanted" "$found" >&2
        exit 1
    fi
    [ "$wanted" -eq 0 ] || printf '(exit code %s)\n' "$wanted"
}

# The digest of what would leave, as a dry run of fluid answer says it last.
seen_in() {
    sed -n "s/^To approve exactly this: --yes 'Your Name' --digest //p" "$1"
}

# The digest of the federated labels, as fluid federate says it last.
labels_in() {
    sed -n 's/^Labels of .*: \(sha256:[0-9a-f]*\)$/\1/p' "$1"
}
