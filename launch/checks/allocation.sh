# shellcheck shell=bash
# What launch/doctor finds out about schedulers and other hosts. It sources this file, and sets `directory`, `grace`,
# `hostfile` and `save_seconds`.

# --- Slurm -----------------------------------------------------------------------------------------------------------

check_slurm() {
    command -v scontrol >/dev/null || return 0
    local config kill_wait partition
    if ! config=$(timeout 15 scontrol show config 2>/dev/null); then
        report warn slurm "scontrol does not answer"
        return
    fi
    kill_wait=$(sed -nE 's/^KillWait *= *([0-9]+).*/\1/p' <<<"$config")
    report_time slurm "${kill_wait:-30}" "at the end of its time, a job gets SIGTERM, and is killed later by KillWait"
    if [[ $config == *preempt_send_user_signal* ]]; then
        report ok slurm "a job that is preempted gets the signal of --signal too"
    else
        report ok slurm "a job that is preempted gets SIGTERM, not the signal of --signal"
    fi
    partition=${SLURM_JOB_PARTITION:-}
    [[ -z $partition ]] || check_partition "$partition"
    [[ -z ${SLURM_JOB_ID:-} ]] || check_time_left
}

check_partition() {
    local partition grace_time
    partition=$(timeout 15 scontrol show partition "$1" -o 2>/dev/null) || return 0
    grace_time=$(sed -nE 's/.*GraceTime=([0-9]+).*/\1/p' <<<"$partition")
    [[ -z $grace_time ]] \
        || report_time slurm "$grace_time" "a preempted job of partition $1 is killed later by GraceTime"
}

check_time_left() {
    local left
    left=$(timeout 15 squeue -h -j "$SLURM_JOB_ID" -o %L 2>/dev/null) || return 0
    report ok slurm "${SLURM_NTASKS:-?} tasks on ${SLURM_JOB_NUM_NODES:-?} nodes, which end in $left"
}

# --- What was told ---------------------------------------------------------------------------------------------------

check_grace() {
    if [[ -n $grace ]]; then
        report_time grace "$grace" "this is what --grace says"
    elif [[ -n ${KUBERNETES_SERVICE_HOST:-} ]]; then
        report warn grace "a pod cannot see its terminationGracePeriodSeconds, 30 unless set: give it as --grace"
    fi
}

# report_time WHAT SECONDS TEXT: whether a save fits.
report_time() {
    if [[ -n $save_seconds ]] && is_less "$2" "$save_seconds"; then
        report problem "$1" "$2 s are left to save, and a save takes $save_seconds s: $3"
    elif [[ -n $save_seconds ]]; then
        report ok "$1" "$2 s are left to save, which takes $save_seconds s: $3"
    else
        report ok "$1" "$2 s are left to save: $3"
    fi
}

# --- Hosts -----------------------------------------------------------------------------------------------------------

check_hosts() {
    local hosts slots index version
    read_hosts "$hostfile"
    choose_agent ''
    is_command "${agent[0]}" || report problem hosts "there is no ${agent[0]}, by which mpirun reaches other hosts: $agent_advice"
    version=$(mpirun --version 2>/dev/null | head -n 1)
    # The others must see this file with this text, or they see another folder.
    local mark=
    if [[ -w $directory ]]; then
        mark=$(new_name "$(cd "$directory" && pwd)")
        into_new "$mark" echo "$$ $EPOCHREALTIME"
    fi
    for index in "${!hosts[@]}"; do
        check_host "${hosts[index]}" "${slots[index]}" "$mark" "$version"
    done
    [[ -z $mark ]] || rm -f "$mark"
}

check_host() {
    local host=$1 slots=${2:-as many as cores} answer before after
    before=$EPOCHREALTIME
    answer=$(on_host "$host" "date +%s.%N; mpirun --version 2>&1 | head -n 1; cat $(quoted "$3") 2>&1" 2>/dev/null) || true
    after=$EPOCHREALTIME
    local lines=()
    mapfile -t lines <<<"$answer"
    if [[ ! ${lines[0]} =~ ^[0-9]+\.[0-9]+$ ]]; then
        report problem "host $host" "it does not answer to '${agent[*]}'"
        return
    fi
    report ok "host $host" "it answers, and takes $slots ranks"
    [[ ${lines[1]-} == "$4" ]] || report problem "host $host" "mpirun is '${lines[1]-}' there, and '$4' here"
    [[ -z $3 || ${lines[2]-} == "$(<"$3")" ]] \
        || report problem "host $host" "it does not see $directory: put the checkpoints where all hosts see them"
    check_clock "$host" "${lines[0]}" "$before" "$after"
}

# quoted TEXT: one word for any shell; bash's own @Q has forms that others do not know.
quoted() {
    printf "'%s'\n" "${1//\'/\'\\\'\'}"
}

# A clock whose time lies between the question and the answer cannot be told from ours.
check_clock() {
    local difference=
    if is_less "$2" "$3"; then
        difference=$(compute 'sprintf("%.1f s behind", a - b)' "$3" "$2")
    elif is_less "$4" "$2"; then
        difference=$(compute 'sprintf("%.1f s ahead of", a - b)' "$2" "$4")
    fi
    if [[ -z $difference || $difference == 0.0* ]]; then
        report ok "host $1" "its clock agrees with ours"
    else
        report warn "host $1" "its clock is $difference ours: times in its messages, and of a stop --at, are its own"
    fi
}
