# shellcheck shell=bash
# Reads mpirun's host files, and finds out which hosts answer. Scripts source this file; it does nothing by itself.

# Sets `hosts`, and `slots` with the number of ranks that each takes, empty where the file does not say.
read_hosts() {
    hosts=() slots=()
    local host rest
    while read -r host rest || [[ -n $host ]]; do
        [[ -n $host && $host != \#* ]] || continue
        hosts+=("$host")
        [[ $rest =~ (^|[[:space:]])slots[[:space:]]*=[[:space:]]*([0-9]+) ]] || BASH_REMATCH=("" "" "")
        slots+=("${BASH_REMATCH[2]:+$(number "${BASH_REMATCH[2]}")}")
    done <"$1"
}

# Sets `agent` to the command by which mpirun starts its daemons elsewhere: given to mpirun, or in the environment.
choose_agent() {
    local words=${OMPI_MCA_plm_rsh_agent:-ssh} previous='' word
    for word in "$@"; do
        [[ $previous != plm_rsh_agent ]] || words=$word
        previous=$word
    done
    # "ssh : rsh" means the first of these that is installed.
    read -ra agent <<<"${words%%:*} ${OMPI_MCA_plm_rsh_args:-}"
    # Who would be asked for a password is no host for mpirun either.
    [[ ${agent[0]##*/} != ssh ]] || agent+=(-o BatchMode=yes -o ConnectTimeout=10)
}

# Runs a command for the shell of a host, which gets fifteen seconds.
on_host() {
    local host=$1
    shift
    if is_this_host "$host"; then
        timeout 15 sh -c "$*" </dev/null
    else
        timeout 15 "${agent[@]}" "$host" "$*" </dev/null
    fi
}

is_this_host() {
    local name names
    read -ra names <<<"localhost 127.0.0.1 $(hostname) $(hostname -s) $(hostname -I 2>/dev/null || true)"
    for name in "${names[@]}"; do
        [[ $1 != "$name" ]] || return 0
    done
    return 1
}

# Sets `lost_hosts` to those of `hosts` that do not answer. All are asked at the same time.
find_lost_hosts() {
    lost_hosts=()
    local probes=() index
    for index in "${!hosts[@]}"; do
        on_host "${hosts[index]}" true >/dev/null 2>&1 &
        probes+=("$!")
    done
    for index in "${!probes[@]}"; do
        wait "${probes[index]}" || lost_hosts+=("${hosts[index]}")
    done
}
