# shellcheck shell=bash
# How launch/run starts again after a failure: whether, and with how many ranks. It sources this file, and sets
# `restarts`, `hostfile`, `ranks`, `program_arguments`, `mpirun_extra`, `code`, `is_stop_asked` and `is_end_forced`.

used_restarts=0
failed_at=
lost_hosts=()
live_hostfile=

# The host file and the number of ranks that were asked for.
all_hostfile=
all_ranks=

# What was there when the script began, and when the ranks were started last; see note_beginning.
sets_before=
status_before=

# Codes that are no reason to start again: of a wrong command line or configuration, of numbers that are none any more, of
# a stop whose save failed, and of a forced end.
final_codes=(64 78 65 74 131)

# Notes what the run's directory holds, before the ranks are started for the first time.
note_beginning() {
    sets_before=$(sets_mark)
    status_before=$(status_mark)
}

# Whether to start the ranks again, which it prepares. Says in one line what is done, and why.
must_restart() {
    ((code != 0 && restarts > 0)) || return 1
    [[ -z $is_stop_asked && -z $is_end_forced ]] || return 1
    is_worth_repeating && ! was_stopped && is_allowed_again && lose_hosts || return 1
    carry_on
    # Asking the hosts takes a while, in which the end may be asked for.
    [[ -z $is_stop_asked && -z $is_end_forced ]] || return 1
    ((used_restarts += 1))
    status_before=$(status_mark)
    # The ranks are told, so that drills do not strike a second time.
    export LOCKSTEP_RESTART=$used_restarts
    say "restart $used_restarts of $restarts: $(describe_restart)"
}

is_worth_repeating() {
    local final
    for final in "${final_codes[@]}" "$(program_option requeue-exit-code)"; do
        [[ $code != "$final" ]] || return 1
    done
}

# Whether the ranks were asked to stop, and did, past this script: by mpirun, which then ends with 1. What an earlier run
# said of itself does not count.
was_stopped() {
    [[ $(status_mark) != "$status_before" ]] || return 1
    [[ $(status_of "$(run_directory)" state) =~ ^(stopped|finished)$ ]]
}

# Two failures at the same step, or more than were allowed, are the end.
is_allowed_again() {
    local at
    # Where no trainer can tell the step, as of another program's sets, nothing may have been published in between.
    at=$(status_of "$(run_directory)" step || sets_mark)
    if [[ $at == "$failed_at" ]]; then
        say "not started again: it failed twice in a row $(describe_step "$(newest_step)")"
        return 1
    fi
    failed_at=$at
    ((used_restarts < restarts)) && return
    say "not started again: all $restarts restarts are used up"
    return 1
}

# --- Where the run is ------------------------------------------------------------------------------------------------

# The value of one of the trainer's options; the last counts.
program_option() {
    local value='' previous='' word
    for word in "${program_arguments[@]}"; do
        [[ $previous != "--$1" ]] || value=$word
        [[ $word != "--$1="* ]] || value=${word#*=}
        previous=$word
    done
    printf '%s\n' "$value"
}

run_directory() {
    local directory
    directory=$(program_option directory)
    path "${directory:-out}"
}

# The step of the newest published set, 0 if there is none; nothing where no trainer tells.
newest_step() {
    ! has_status || number "$(status_of "$(run_directory)" step)"
}

# A text that is another one once a set is published.
sets_mark() {
    status_of "$(run_directory)" generation && return
    find "$(run_directory)" -maxdepth 1 -name '*.manifest.json' -exec cksum {} + 2>/dev/null | sort | cksum || true
}

# A text that is another one once a run has said something of itself.
status_mark() {
    cksum "$(run_directory)/status.json" 2>/dev/null || true
}

describe_step() {
    case $1 in
        '') echo "with nothing published in between" ;;
        0) echo "without having published anything" ;;
        *) echo "after step $1" ;;
    esac
}

# A run that was told to begin anew, or with a certain set, must not do so again once it has published sets of its own.
carry_on() {
    local resume
    resume=$(program_option resume)
    [[ -n $resume && $resume != auto && $(sets_mark) != "$sets_before" ]] || return 0
    program_arguments+=(--resume auto)
}

# --- With how many ranks ---------------------------------------------------------------------------------------------

# Leaves out the hosts that do not answer, and the ranks that the others do not take; a host that is back takes part
# again. Fails if none can be started.
lose_hosts() {
    [[ -n $hostfile ]] || return 0
    local hosts slots
    : "${all_hostfile:=$hostfile}" "${all_ranks:=$ranks}"
    read_hosts "$all_hostfile"
    choose_agent "${mpirun_extra[@]}"
    find_lost_hosts
    if ((${#lost_hosts[@]} == 0)); then
        hostfile=$all_hostfile ranks=$all_ranks
    else
        all_ranks=${all_ranks:-$(sum "${slots[@]}")}
        fit_ranks || return 1
        write_live_hosts
    fi
    choose_mpirun_arguments
}

# Sets `ranks` to what the hosts that are left take: the most that divide the number of before.
fit_ranks() {
    local fitting tp dp most
    fitting=$(count_fitting)
    if ((fitting == 0)); then
        say "not started again: no host answers"
        return 1
    fi
    tp=$(number "$(program_option tp)" 1)
    # What is no number of ranks is for the trainer to refuse.
    ((tp > 0)) || tp=1
    dp=$((all_ranks / tp))
    for ((most = fitting / tp; most > 0 && dp % most != 0; most--)); do :; done
    if ((most == 0)); then
        say "not started again: $(describe_lost), and the others do not take the $tp ranks that share a layer"
        return 1
    fi
    if [[ -n $(program_option dp) ]] && ((most != dp)); then
        say "not started again: $(describe_lost), and --dp asks for all $all_ranks ranks; without --dp it follows them"
        return 1
    fi
    ranks=$((most * tp))
}

# How many of the ranks the hosts that are left take. Where the file does not say it of a host, all take the same share.
count_fitting() {
    local index fitting=0 live=0 is_told=1
    for index in "${!hosts[@]}"; do
        is_lost "${hosts[index]}" && continue
        ((live += 1, fitting += ${slots[index]:-0})) || true
        [[ -n ${slots[index]} ]] || is_told=
    done
    [[ -n $is_told ]] || fitting=$((all_ranks * live / ${#hosts[@]}))
    echo $((fitting < all_ranks ? fitting : all_ranks))
}

is_lost() {
    local lost
    for lost in "${lost_hosts[@]}"; do
        [[ $1 != "$lost" ]] || return 0
    done
    return 1
}

write_live_hosts() {
    local index
    [[ -n $live_hostfile ]] || live_hostfile=$(mktemp)
    trap 'rm -f "$live_hostfile"' EXIT
    for index in "${!hosts[@]}"; do
        is_lost "${hosts[index]}" || echo "${hosts[index]}${slots[index]:+ slots=${slots[index]}}"
    done >"$live_hostfile"
    hostfile=$live_hostfile
}

sum() {
    local number total=0
    for number in "$@"; do
        ((total += ${number:-1}))
    done
    echo "$total"
}

# --- In words --------------------------------------------------------------------------------------------------------

describe_lost() {
    local names
    names=$(printf '%s, ' "${lost_hosts[@]}")
    if ((${#lost_hosts[@]} == 1)); then echo "${names%, } does not answer"; else echo "${names%, } do not answer"; fi
}

describe_restart() {
    local how=${ranks:-all} where step
    local words=(ranks carry begin start)
    [[ -z $all_ranks || $ranks == "$all_ranks" ]] || how="$ranks of $all_ranks"
    [[ $how != 1 ]] || words=(rank carries begins starts)
    step=$(newest_step)
    case $step in
        '') where="${words[3]} again" ;;
        0) where="${words[2]} anew" ;;
        *) where="${words[1]} on after step $step" ;;
    esac
    echo "$how ${words[0]} $where$( ((${#lost_hosts[@]} == 0)) || echo ", as $(describe_lost)")"
}
