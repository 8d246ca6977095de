# shellcheck shell=bash
# Reads mpirun's host files, and finds out which hosts answer. Scripts source this file; it does nothing by itself.

# Sets `hosts`, and `slots` with the number of ranks that each takes, empty where the file does not say. What stands there
# becomes words of commands, here and on hosts: a name that is none is refused.
read_hosts() {
    hosts=() slots=()
    local host rest count name='^[][A-Za-z0-9_+][][A-Za-z0-9_.:@%+-]*$'
    while read -r host rest || [[ -n $host ]]; do
        [[ -n $host && $host != \#* ]] || continue
        [[ $host =~ $name ]] || misuse "the host file $1 has '$host', which is no name of a host"
        [[ $rest =~ (^|[[:space:]])slots[[:space:]]*=[[:space:]]*([0-9]+) ]] || BASH_REMATCH=("" "" "")
        count=${BASH_REMATCH[2]}
        [[ $count =~ ^0*[0-9]{0,6}$ ]] || misuse "the host file $1 gives $host $count slots; at most 999999 are allowed"
        hosts+=("$host") slots+=("${count:+$(number "$count")}")
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
    while [[ $words == *:* ]] && ! is_command "${words%%:*}"; do
        words=${words#*:}
    done
    read -ra agent <<<"${words%%:*} ${OMPI_MCA_plm_rsh_args:-}"
    # Who would be asked for a password is no host for mpirun either.
    [[ ${agent[0]##*/} != ssh ]] || agent+=(-o BatchMode=yes -o ConnectTimeout=10)
}

# Whether the first of some words is a command.
is_command() {
    local words
    read -ra words <<<"$1"
    command -v "${words[0]:-ssh}" >/dev/null
}

# require_agent FILE [ARGUMENTS OF MPIRUN]: fails if what mpirun reaches the hosts of a file by is not there.
require_agent() {
    local hosts slots host
    read_hosts "$1"
    choose_agent "${@:2}"
    # In a job of Slurm's, mpirun starts its daemons by srun.
    [[ -z ${SLURM_JOB_ID-} ]] && ! is_command "${agent[0]}" || return 0
    for host in "${hosts[@]}"; do
        is_this_host "$host" || fail "there is no ${agent[0]}, by which mpirun reaches $host: $agent_advice"
    done
}

agent_advice="install it (ssh is in Debian's openssh-client), or name another command by --mpirun-args \"--mca plm_rsh_agent ...\""

# script_on_host HOST NAME [ARGUMENTS]: runs a script of the folder `on-host` there, for fifteen seconds at most.
script_on_host() {
    local host=$1 script=$root/launch/on-host/$2
    shift 2
    if is_this_host "$host"; then
        timeout 15 sh -s -- "$@" <"$script"
    else
        timeout 15 "${agent[@]}" "$host" "sh -s -- $*" <"$script"
    fi
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
    [[ $1 != localhost && $1 != 127.0.0.1 ]] || return 0
    read -ra names <<<"$(hostname) $(hostname -s) $(hostname -I 2>/dev/null || true)"
    for name in "${names[@]}"; do
        [[ $1 != "$name" ]] || return 0
    done
    return 1
}

# Those that are asked whether they answer.
probes=()

# Sets `lost_hosts` to those of `hosts` that do not answer. All are asked at the same time.
find_lost_hosts() {
    lost_hosts=()
    local index code
    for index in "${!hosts[@]}"; do
        { on_host "${hosts[index]}" true && is_reachable "${hosts[index]}"; } >/dev/null 2>&1 &
        probes+=("$!")
    done
    for index in "${!probes[@]}"; do
        wait_for "${probes[index]}"
        ((code == 0)) || lost_hosts+=("${hosts[index]}")
    done
    probes=()
}

# Nobody waits for their answers any more.
end_probes() {
    local probe
    for probe in "${probes[@]}"; do
        mapfile -t -O "${#probes[@]}" probes < <(tree_of "$probe" | tail -n +2)
    done
    signal TERM "${probes[@]}"
}

# Whether packets get to a host, for the agent may take another way than MPI does. Whatever answers will do; a name that
# only the agent knows, or a wall that swallows this port, proves nothing.
is_reachable() {
    is_this_host "$1" && return
    local answer
    # shellcheck disable=SC2016
    answer=$(LC_ALL=C timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/22"' "$1" 2>&1) && return
    [[ $answer != *'No route to host'* && $answer != *'Network is unreachable'* ]]
}
