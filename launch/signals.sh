# shellcheck shell=bash
# How launch/run hears signals, from its first line to its end. It sources this file, and sets `early_signals`.
#
# A handler may run between any two commands: it notes what was asked and hands it on at once, or leaves that to what
# comes next. A bare `return` in it would return 128 + signal, and `set -e` would end the script: it returns 0 by name.

is_interrupted=
is_stop_asked=
is_end_forced=

# What is installed or built, while it is, and all that it has started, once it is to end.
worker=
worker_tree=()

listen_for_stops() {
    local name
    for name in TERM INT HUP USR1; do
        # shellcheck disable=SC2064
        trap "note_stop $name" "$name"
    done
}

set_handlers() {
    local name
    listen_for_stops
    trap note_end QUIT
    trap pause TSTP
    # Who reads what is printed may have left, and the ranks are to go on all the same.
    trap '' PIPE
    for name in "${early_signals[@]}"; do
        case $name in
            QUIT) note_end ;;
            TERM | INT | HUP | USR1) note_stop "$name" ;;
        esac
    done
}

note_stop() {
    is_interrupted=1
    [[ -z $is_end_forced ]] || return 0
    if [[ -n $is_stop_asked ]]; then
        say "the ranks are stopping already and take the time they need to save; QUIT (Ctrl-\\) forces the end"
        return 0
    fi
    is_stop_asked=$1
    if [[ -n $worker ]]; then
        say "got $1: nothing is started, and what is being installed or built is ended"
    elif ((${#probes[@]} > 0)); then
        say "got $1: nothing is started again"
    else
        say "got $1: asking the ranks to stop after this step"
    fi
    pass_on
}

note_end() {
    is_interrupted=1
    [[ -z $is_end_forced ]] || return 0
    is_end_forced=1
    say "got QUIT: ending the ranks now"
    pass_on
}

# Hands on what was asked. Called by the handlers, and once more after each start for what came before it.
pass_on() {
    [[ -n $is_stop_asked$is_end_forced ]] || return 0
    if [[ -n $worker ]]; then
        end_worker
    elif [[ -n $mpirun ]]; then
        signal_ranks
    else
        end_probes
    fi
}

# mpirun pauses and continues the ranks when it gets TSTP and CONT.
pause() {
    is_interrupted=1
    local held=()
    [[ -z $worker ]] || mapfile -t held < <(tree_of "$worker")
    signal STOP "${held[@]}"
    signal_mpirun TSTP
    kill -STOP "$$"
    signal_mpirun CONT
    signal CONT "${held[@]}"
}

# signal NAME PROCESS...: some of them may be gone.
signal() {
    (($# < 2)) || kill "-$1" "${@:2}" 2>/dev/null || true
}

# --- Before the ranks ------------------------------------------------------------------------------------------------

# prepare install|build COMMAND...: runs what comes before the ranks, in the background, as bash hears signals only while
# it waits for nothing else. If a request comes, the script ends here: nothing was started.
prepare() {
    [[ -z $is_stop_asked$is_end_forced ]] || leave_unstarted "$1"
    "${@:2}" <&0 &
    worker=$!
    pass_on
    wait_for "$worker"
    worker=
    [[ -z $is_stop_asked$is_end_forced ]] || leave_unstarted "$1"
    ((code == 0)) || exit "$code"
}

end_worker() {
    ((${#worker_tree[@]} == 0)) || return 0
    mapfile -t worker_tree < <(tree_of "$worker")
    # It alone, or it would go on to the next command. (Of other signals, bash would tell.)
    signal TERM "$worker"
}

# Sets `code` to that of a process that was started here, however often a signal interrupts the wait.
wait_for() {
    while :; do
        is_interrupted=
        code=0
        wait "$1" || code=$?
        [[ -n $is_interrupted ]] || break
    done
}

# Ends the script with the code of a run that was stopped and can be carried on, if it has one, or of the signal.
leave_unstarted() {
    end_worker_tree "$1"
    [[ -z $is_end_forced ]] || exit 131
    local requeue
    requeue=$(program_option requeue-exit-code)
    [[ ! $requeue =~ ^[0-9]{1,3}$ ]] || exit "$((10#$requeue))"
    exit $((128 + $(kill -l "$is_stop_asked")))
}

# Compilers are ended, and killed after five seconds. Packages are not left half installed: apt-get, told INT, lets dpkg
# end what it has begun, and is waited for.
end_worker_tree() {
    local process tries=0
    for process in "${worker_tree[@]}"; do
        if [[ $1 == build ]]; then
            signal TERM "$process"
        elif [[ $(cat "/proc/$process/comm" 2>/dev/null) == apt-get ]]; then
            signal INT "$process"
        fi
    done
    while find_living "${worker_tree[@]}"; do
        ((tries += 1))
        [[ $1 != build ]] || ((tries < 50)) || signal KILL "${worker_tree[@]}"
        sleep 0.1 || true
    done
}

# Sets `worker_tree` to those of some processes that live, and to what they have started since; fails if none does.
find_living() {
    local process
    worker_tree=()
    for process in "$@"; do
        ! is_running "$process" || mapfile -t -O "${#worker_tree[@]}" worker_tree < <(tree_of "$process")
    done
    ((${#worker_tree[@]} > 0))
}
