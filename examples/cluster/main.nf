// Annotates a large transfer set with Nextflow; give absolute paths that all machines see.
//
//   nextflow run examples/cluster/main.nf --transfer /shared/transfer --name acme --data /shared/ours.csv \
//       --home /shared/acme-home --charter /shared/charter.toml --shares 40
params.shares = 40

def command = "fluid annotate '${params.transfer}' --as '${params.name}' --data '${params.data}'" +
    " --charter '${params.charter}' --home '${params.home}'"

process teacher {
    cpus 2
    output:
    val true
    script:
    "${command} --workers ${task.cpus} --fit"
}

process share {
    cpus 2
    memory '4 GB'
    errorStrategy 'retry'
    input:
    val number
    val ready
    script:
    "${command} --workers ${task.cpus} --shard ${number}/${params.shares}"
}

workflow {
    share(Channel.of(1..(params.shares as int)), teacher())
}
