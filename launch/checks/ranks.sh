# shellcheck shell=bash
# What launch/doctor finds out about mpirun and its ranks. It sources this file, and sets `program`, `save_seconds` and
# `root`.

has_mpi=

check_mpi() {
    if ! command -v mpirun >/dev/null; then
        report problem mpirun "there is none: install Open MPI (Debian's openmpi-bin)"
        return 0
    fi
    has_mpi=1
    local version
    version=$(mpirun --version 2>/dev/null | sed -nE '1s/.*(Open MPI|OpenRTE)\) ([0-9.]+).*/\2/p')
    case $version in
        4.*) report ok mpirun "Open MPI $version" ;;
        '') report warn mpirun "it is not Open MPI's, which is the only one that was tried" ;;
        *) report warn mpirun "Open MPI $version; 4.1 was tried" ;;
    esac
}

share_cores=(--oversubscribe --bind-to none --mca mpi_yield_when_idle 1)

check_transport() {
    program=${program:-$trainer}
    if [[ ! -x $program ]]; then
        report warn transport "$program is not there yet, so no ranks were tried: launch/run builds it"
        return
    fi
    local log code=0
    log=$(mktemp)
    # Asked for its version, it joins the others first, to see that all were asked for the same.
    timeout 60 mpirun -n 2 "${share_cores[@]}" --mca btl self,vader "$program" --version </dev/null &>"$log" &
    local mpirun=$!
    find_between "$mpirun"
    wait "$mpirun" || code=$?
    if ((code == 0)); then
        report ok transport "two ranks met over shared memory"
        [[ -z $is_rank_found ]] || report_between
    else
        report problem transport "two ranks did not meet over shared memory: $(sed '/^-*$/d' "$log" | head -n 1)"
    fi
    rm -f "$log"
}

# --- What stands between mpirun and a rank ---------------------------------------------------------------------------

# Sets `is_rank_found`, `between` to what stands between mpirun and a rank, and `is_deaf` if one of these would die of
# USR1; looks as long as mpirun runs.
find_between() {
    local process
    is_rank_found=
    while is_running "$1" && [[ -z $is_rank_found ]]; do
        for process in $(tree_of "$1"); do
            ! is_rank "$process" || find_above "$process"
        done
        sleep 0.02
    done
}

# What has MPI in its memory is a rank; mpirun itself has other libraries.
is_rank() {
    grep -qs 'libmpi\.so' "/proc/$1/maps"
}

find_above() {
    local process=$1 name
    between='' is_deaf=''
    while process=$(number "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status" 2>/dev/null)") && ((process > 1)); do
        name=$(cat "/proc/$process/comm" 2>/dev/null) || return 0
        case $name in
            # Slurm starts ranks by slurmstepd.
            mpirun | mpiexec | orterun | orted | prte* | slurmstepd) is_rank_found=1 && return ;;
        esac
        if is_rank "$process"; then
            between='' is_deaf=''
            continue
        fi
        between="'$(tr '\0' ' ' 2>/dev/null <"/proc/$process/cmdline" | cut -c 1-200 | sed 's/ *$//')'${between:+, $between}"
        catches_usr1 "$process" || is_deaf=1
    done
}

report_between() {
    if [[ -z $between ]]; then
        report ok between "nothing stands between mpirun and a rank"
    elif [[ -z $is_deaf ]]; then
        report ok between "between mpirun and a rank there is $between, which hears USR1 and must hand it on"
    else
        report warn between "between mpirun and a rank there is $between: USR1 to mpirun ends that, and the run with it, \
before anything is saved; start the program by exec, or use launch/run, which asks the ranks themselves"
    fi
}

# The same for a run that goes on in the directory, of which the ranks are on record.
check_run_here() {
    local process
    while read -r process; do
        process=$(number "$process")
        is_rank "$process" || continue
        find_above "$process"
        [[ -z $is_rank_found ]] || report_between
        return 0
    done < <(status_of "$directory" processes)
}

# Starts mpirun with two processes that note the time of each signal, ends it by SIGTERM and compares.
check_notice() {
    local folder start log notice='' term='' last
    folder=$(mktemp -d)
    mkfifo "$folder/never"
    mpirun -n 2 "${share_cores[@]}" "$root/launch/doctor" --note-signals "$folder" </dev/null &>/dev/null &
    local mpirun=$! tries=500
    until [[ -s $folder/0.alive && -s $folder/1.alive ]] || ((--tries == 0)); do sleep 0.02; done
    start=$EPOCHREALTIME
    kill -TERM "$mpirun" 2>/dev/null || true
    wait "$mpirun" 2>/dev/null || true
    log=$folder/0
    [[ ! -e $log ]] || notice=$(since "$start" "$(sed -n 's/^CONT //p' "$log" | head -n 1)")
    [[ ! -e $log ]] || term=$(since "$start" "$(sed -n 's/^TERM //p' "$log" | head -n 1)")
    last=$(since "$start" "$(tail -n 1 "$folder/0.alive" 2>/dev/null)")
    rm -rf "$folder"
    report_notice "$notice" "$term" "$last"
}

since() {
    [[ -z $2 ]] || compute 'sprintf("%.1f", b - a)' "$1" "$2"
}

report_notice() {
    local notice=$1 term=$2 last=$3 text
    if [[ -z $last || -z $term ]]; then
        report problem notice "two processes under mpirun did not live to see a SIGTERM"
        return
    fi
    text="mpirun that gets SIGTERM sends its ranks ${notice:+SIGCONT after $notice s, }SIGTERM after $term s"
    text+=" and kills them after $last s"
    if [[ -z $save_seconds ]] || is_less "$save_seconds" "$(compute 'b - a' "$term" "$last")"; then
        report ok notice "$text; launch/run, and SIGUSR1 to mpirun, leave all the time it takes"
    else
        report warn notice "$text; a save takes $save_seconds s: use launch/run, or SIGUSR1, which leave that time"
    fi
}

# What `check_notice` starts: one of the processes.
note_signals() {
    local log
    log=$1/$(number "$OMPI_COMM_WORLD_RANK")
    trap 'echo "CONT $EPOCHREALTIME" >>"$log"' CONT
    trap 'echo "TERM $EPOCHREALTIME" >>"$log"' TERM
    # The last time that is written is that of the kill, but for some milliseconds. Nothing but bash itself may do it: the
    # signals go to its children too, which would die of them.
    while :; do
        echo "$EPOCHREALTIME" >>"$log.alive"
        read -rt 0.02 <>"$1/never" || true
    done
}
