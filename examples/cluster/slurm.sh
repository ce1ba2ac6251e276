#!/bin/sh
# A Slurm array that annotates a large transfer set. Nothing leaves your company: fluid answer sends it, afterwards.
#
#   export TRANSFER=/shared/transfer NAME=acme DATA=/shared/ours.csv FLUID_HOME=/shared/acme-home SHARES=40
#   export CHARTER=/shared/charter.toml
#   first=$(sbatch --parsable examples/cluster/slurm.sh)
#   sbatch --dependency=afterok:$first --array=1-$SHARES examples/cluster/slurm.sh
#
# The first job fits your teacher; each task of the array then annotates one share. A share that was finished is left as
# it is, so that the same array may be sent again after tasks have failed. Options of a model of your own go into MODEL.
#SBATCH --job-name=fluid-annotate
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=04:00:00
set -eu
if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
    set -- --shard "$SLURM_ARRAY_TASK_ID/$SHARES"
else
    set -- --fit
fi
# shellcheck disable=SC2086 - MODEL holds several words
exec fluid annotate "$TRANSFER" --as "$NAME" ${DATA:+--data "$DATA"} --charter "$CHARTER" --home "$FLUID_HOME" \
    --workers "${SLURM_CPUS_PER_TASK:-2}" ${MODEL:-} "$@"
