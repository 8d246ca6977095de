# shellcheck shell=bash
# How launch/run asks the ranks to stop, or ends them. It sources this file, and sets `mpirun`, `hostfile`,
# `program_arguments` and `mpirun_extra`.

# What waits beside this script for the right moment to signal somebody. It ends with mpirun.
helpers=()

is_stop_sent=
is_end_sent=

# From TERM to mpirun to KILL, beyond what it takes itself: ranks get TERM one timeout later, and KILL after another.
seconds_to_kill=10

# A minute suffices for a slow start; a program that never catches the request asks to be ended by it.
seconds_to_listen=60

# How often it is looked whether the ranks have reported a failure, and how long mpirun may stay after it.
seconds_to_look=5
seconds_to_leave=30

# Sets `stop_signal` to what the ranks take for a request: USR1, unless --stop-signal names others only.
# Sets `death_signal` to what mpirun gets if this script is killed: TERM leaves the ranks two seconds.
choose_stop_signal() {
    local previous='' word names=() name
    for word in "${program_arguments[@]}"; do
        [[ $previous != --stop-signal ]] || names+=("$word")
        [[ $word != --stop-signal=* ]] || names+=("${word#*=}")
        previous=$word
    done
    stop_signal=USR1 death_signal=USR1
    ((${#names[@]} > 0)) || return 0
    for name in "${names[@]}"; do
        [[ $(signal_name "$name") != USR1 ]] || return 0
    done
    stop_signal=$(signal_name "${names[0]}")
    # What is no signal is refused by the trainer.
    if [[ -n $stop_signal ]]; then death_signal=TERM; else stop_signal=USR1; fi
}

# As in USR1, from SIGUSR1, usr1 or 10; nothing if there is no such signal.
signal_name() {
    local name=${1^^}
    name=${name#SIG}
    [[ ! $name =~ ^[0-9]{1,2}$ ]] || name=$(kill -l "$((10#$name))" 2>/dev/null) || return 0
    ! kill -l "$name" >/dev/null 2>&1 || printf '%s\n' "$name"
}

# Does once what was asked, beside this script, which goes on listening.
signal_ranks() {
    if [[ -n $is_end_forced ]]; then
        [[ -z $is_end_sent ]] || return 0
        is_end_sent=1
        beside end_ranks
    elif [[ -z $is_stop_sent ]]; then
        is_stop_sent=1
        beside ask_ranks
    fi
}

# What a whole process group gets must not end it before it ignores that; more requests are no news by now.
beside() {
    [[ -z $is_stop_asked$is_end_forced ]] || trap '' TERM HUP USR1
    { ignore_signals && "$@"; } &
    helpers+=("$!")
    # bash would tell how it ended.
    disown "$!"
    listen_for_stops
}

end_helpers() {
    local helper
    for helper in "${helpers[@]}"; do
        mapfile -t -O "${#helpers[@]}" helpers < <(tree_of "$helper" | tail -n +2)
    done
    signal KILL "${helpers[@]}"
    helpers=()
}

signal_mpirun() {
    [[ -z $mpirun ]] || signal "$1" "$mpirun"
}

# --- Asking ----------------------------------------------------------------------------------------------------------

# Signals kill whoever does not catch them yet, and mpirun drops those that come before it has started the ranks: so it
# waits until all ranks listen, on other hosts too.
ask_ranks() {
    local listeners='' status seen_at='' end=$((SECONDS + seconds_to_listen))
    while is_running "$mpirun"; do
        status=0
        listeners=$(find_listeners) || status=$?
        ((status != 0)) || ! catches_usr1 "$mpirun" || break
        # All that can be seen from here listen; the others are on hosts that mpirun alone knows.
        ((status != 2)) || ((SECONDS - ${seen_at:=$SECONDS} < 5)) || break
        ((SECONDS < end)) || break
        sleep 0.05
    done
    if [[ $stop_signal == USR1 && ! $listeners =~ direct ]]; then
        # mpirun forwards it to every rank and waits for them; TERM, INT and HUP it would answer by killing them.
        signal_mpirun USR1
    elif [[ -n $listeners ]]; then
        ask_directly <<<"$listeners"
    else
        signal_mpirun "$death_signal"
    fi
}

# Prints a line for each rank that listens: host, process, and "direct" if a process that would die of the signal stands
# between mpirun and it. Fails with 2 if there are ranks that cannot be seen from here, with 1 if one does not listen yet.
find_listeners() {
    local hosts slots host
    if [[ -n $hostfile ]]; then
        read_hosts "$hostfile"
        choose_agent "${mpirun_extra[@]}"
    else
        hosts=(localhost)
    fi
    for host in "${hosts[@]}"; do
        script_on_host "$host" ranks "$LOCKSTEP_LAUNCH" "$(kill -l "$stop_signal")" 2>/dev/null | sed "s/^/$host /" &
    done | awk '
        # What a host says becomes words of a command there: numbers are taken, and nothing else.
        NF != 6 || ($2 $3 $4 $5 $6) !~ /^[0-9]+$/ { next }
        # Hosts that share their processes show the same ones.
        !(($2, $4) in number) {
            number[$2, $4] = ++count
            host[count] = $1; rank[count] = $2; ranks = $3; process[count] = $4; parent[count] = $5; catches[count] = $6
        }
        function starter(i) { return ((rank[i], parent[i]) in number) ? number[rank[i], parent[i]] : 0 }
        function is_heard_before(i) {
            for (i = starter(i); i; i = starter(i)) if (catches[i]) return 1
            return 0
        }
        END {
            for (i = 1; i <= count; i++) {
                seen[rank[i]] = 1
                if (!catches[i] || is_heard_before(i)) continue
                heard[rank[i]] = 1
                print host[i], process[i], (starter(i) ? "direct" : "")
            }
            for (i in seen) { all++; if (!(i in heard)) exit 1 }
            exit !all ? 1 : all < ranks ? 2 : 0
        }'
}

# Signals the processes that `find_listeners` found, those of a host together.
ask_directly() {
    local host process rest
    local -A processes=()
    while read -r host process rest; do
        processes[$host]+=" $process"
    done
    for host in "${!processes[@]}"; do
        on_host "$host" "kill -s $stop_signal${processes[$host]}" >/dev/null 2>&1 &
    done
    wait
}

# --- Ending ----------------------------------------------------------------------------------------------------------

# mpirun ends the ranks on TERM. A second TERM within five seconds makes it leave them behind as orphans: it gets one. If
# it stays, as for a host that does not answer, it is killed, and so are the ranks here; daemons elsewhere then end theirs.
end_ranks() {
    local timeout seconds
    timeout=$(parameter_of_mpirun odls_base_sigkill_timeout 1)
    [[ $timeout =~ ^[0-9]{1,5}$ ]] || timeout=1
    seconds=$((seconds_to_kill + 2 * 10#$timeout))
    signal_mpirun TERM
    wait_until_gone "$((seconds * 10))" "$mpirun" && return
    say "mpirun has not ended $seconds s after TERM: killing it"
    local processes
    mapfile -t processes < <(script_on_host localhost ranks "$LOCKSTEP_LAUNCH" 10 | cut -d ' ' -f 3)
    signal KILL "$mpirun" "${processes[@]}"
}

# Ends an mpirun that stays though its ranks have put on record that the run has failed, as the watchdog does.
watch_for_failure() {
    local since=''
    while is_running "$mpirun"; do
        sleep "$seconds_to_look"
        has_failed || continue
        ((SECONDS - ${since:=$SECONDS} >= seconds_to_leave)) || continue
        say "mpirun is still there $seconds_to_leave s after its ranks reported that the run has failed: ending it"
        end_ranks
        return
    done
}

# Whether the status that this start has written says so.
has_failed() {
    [[ -n $(find "$(run_directory)/status.json" -newermt "@$launch_time" 2>/dev/null) ]] \
        && [[ $(status_of "$(run_directory)" state) == failed ]]
}
