# shellcheck shell=bash
# How launch/run starts mpirun, and what it makes of its end. It sources this file, and sets `ranks`, `hostfile`,
# `mpirun_extra`, `program` and `program_arguments`.

mpirun=
starter=()

# Hosts that do not answer are noticed after this many seconds without a word, and so many probes at this interval.
keep_alive=(time=5 intvl=2 probes=3)

# With several hosts, a step that takes longer counts as hanging.
default_hang_timeout=10m

# Sets `mpirun_arguments`, and what mpirun and the ranks find in their environment.
choose_mpirun_arguments() {
    mpirun_arguments=()
    if [[ -n $hostfile ]]; then
        # The host file says how many ranks each host takes; binding there is left to mpirun and --mpirun-args.
        mpirun_arguments+=(--hostfile "$hostfile")
        [[ -z $ranks ]] || mpirun_arguments+=(-n "$ranks")
        watch_hosts
    else
        place_on_this_machine
    fi
    local variable
    for variable in "${!LOCKSTEP_@}"; do
        mpirun_arguments+=(-x "$variable")
    done
    mpirun_arguments+=("${mpirun_extra[@]}")
}

place_on_this_machine() {
    local cores
    cores=$(core_count)
    ranks=${ranks:-$cores}
    mpirun_arguments+=(-n "$ranks")
    if ((ranks > cores)); then
        # A waiting rank must give its core to the one it waits for, or each collective costs a time slice.
        say "$ranks ranks share $cores cores"
        mpirun_arguments+=(--oversubscribe --mca mpi_yield_when_idle 1 --bind-to none)
    elif ((ranks == cores)); then
        mpirun_arguments+=(--bind-to core:if-supported)
    else
        # Cores are left over for the threads of a rank, which must not be bound to its one core.
        mpirun_arguments+=(--bind-to none)
    fi
}

# A host that vanishes without a word must be noticed: by mpirun, whose connections ask each other whether they live, and
# by the ranks' watchdog, should it be only the ranks that do not reach each other. What the user has set stays.
watch_hosts() {
    local setting name hosts slots
    for setting in "${keep_alive[@]}"; do
        name=OMPI_MCA_oob_tcp_keepalive_${setting%=*}
        export "$name=${!name-${setting#*=}}"
    done
    read_hosts "$hostfile"
    ((${#hosts[@]} < 2)) || export LOCKSTEP_HANG_TIMEOUT=${LOCKSTEP_HANG_TIMEOUT-$default_hang_timeout}
}

# parameter_of_mpirun NAME DEFAULT: an MCA parameter, as given to mpirun or in the environment.
parameter_of_mpirun() {
    local variable=OMPI_MCA_$1 previous='' word value
    value=${!variable-$2}
    for word in "${mpirun_extra[@]}"; do
        [[ $previous != "$1" ]] || value=$word
        previous=$word
    done
    printf '%s\n' "$value"
}

# --- What stands before the trainer ----------------------------------------------------------------------------------

# Holds requests back until the trainer listens.
starter_program=$root/.build/release/starter

# Linked statically, for which `env` is no match; but where it cannot be built, `env` serves.
build_starter() {
    local source=$root/launch/starter.c new=$starter_program.$$ compiler
    [[ ! $starter_program -nt $source ]] || return 0
    for compiler in "$(dirname "$(type -P swift)")/clang" clang cc; do
        ! "$compiler" -O2 -static -o "$new" "$source" 2>/dev/null || break
    done
    mv -f "$new" "$starter_program" 2>/dev/null || true
}

# Sets `starter` to what stands before the trainer: until its libraries are loaded and it can note a request, it would die
# of it. (What has a = in it, env takes for a variable.)
choose_starter() {
    starter=()
    if [[ -x $starter_program ]]; then
        starter=("$starter_program")
    elif [[ ${program-$trainer} != *=* ]]; then
        starter=(env "--block-signal=TERM,INT,HUP,USR1")
    fi
}

# --- The start -------------------------------------------------------------------------------------------------------

require_mpirun() {
    command -v mpirun >/dev/null || fail "there is no mpirun: install Open MPI (Debian's openmpi-bin)"
    [[ -z $hostfile ]] || require_agent "$hostfile" "${mpirun_extra[@]}"
    if ((EUID == 0)); then
        export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    fi
}

# Its outputs go through `relay`: mpirun ends the ranks if nobody reads them. What it says itself goes apart from what the
# ranks say, through `hand_on_messages`.
start_mpirun() {
    local output errors messages
    open_pipe output && open_pipe errors && open_pipe messages
    run_mpirun >&"${output[1]}" 2>&"${errors[1]}" <&0 &
    mpirun=$!
    relay <&"${output[0]}" &
    relays=("$!")
    relay <&"${errors[0]}" >&2 &
    relays+=("$!")
    hand_on_messages <&"${messages[0]}" >&2 &
    messenger=$!
    close_ends "${output[@]}" "${errors[@]}" "${messages[@]}"
}

# In a session of its own, mpirun does not get the terminal's Ctrl-C, Ctrl-Z and hang-up: it would kill the ranks two
# seconds after the first of these. Until then, what a whole process group gets must not end it. Should this script be
# killed, the kernel asks for the stop in its place.
run_mpirun() {
    ignore_signals
    export OPAL_OUTPUT_STDERR_FD=${messages[1]}
    close_ends "${output[@]}" "${errors[@]}" "${messages[0]}"
    exec setpriv --pdeathsig "$death_signal" setsid env --default-signal \
        mpirun -x OPAL_OUTPUT_STDERR_FD=2 "${mpirun_arguments[@]}" "${starter[@]}" "$program" \
        "${program_arguments[@]}"
}

# open_pipe NAME: sets an array to a pipe's end for reading and that for writing.
open_pipe() {
    local -n ends=$1
    local both reading writing
    exec {both}<> <(:)
    exec {reading}<"/dev/fd/$both" {writing}>"/dev/fd/$both" {both}>&-
    # shellcheck disable=SC2034
    ends=("$reading" "$writing")
}

close_ends() {
    local end
    for end in "$@"; do
        exec {end}>&-
    done
}

# For what runs beside this script and ends by itself: the signals of its process group are not for it.
ignore_signals() {
    trap '' TERM INT HUP USR1 QUIT TSTP PIPE
}

# Hands on what comes, and still takes it when nobody reads any more.
relay() {
    ignore_signals
    close_ends "${output[@]}" "${errors[@]}" "${messages[@]}"
    cat 2>/dev/null || cat >/dev/null
}

# --- What it says ----------------------------------------------------------------------------------------------------

# How mpirun says in its blocks, between lines of dashes, that a signal ended a rank, and that it ended otherwise than
# with 0. The rank's own sentence says why, and these would bury it.
signal_end='exited on signal'
rank_ends=(
    'Primary job  terminated normally, but'
    'exited with non-zero status, thus causing'
    'has exited due to process rank'
    'MPI_ABORT was invoked on rank'
)

# Hands on the other messages. Ends with 0 if nothing was said, 1 if there were only other messages, which means that
# mpirun itself has failed, 2 if a rank has ended otherwise than with 0, and 3 if a signal ended one.
hand_on_messages() {
    ignore_signals
    close_ends "${output[@]}" "${errors[@]}" "${messages[@]}"
    local line block='' is_inside='' result=0
    while IFS= read -r line || [[ -n $line ]]; do
        if [[ -z $is_inside && $line == -----* ]]; then
            is_inside=1 block=$line
        elif [[ -z $is_inside ]]; then
            show_message "$line"
        else
            block+=$'\n'$line
            [[ $line == -----* ]] || continue
            show_message "$block"
            is_inside=
        fi
    done
    [[ -z $is_inside ]] || show_message "$block"
    exit "$result"
}

# Shows what is not about the end of a rank. Raises `result`, for a line by itself only if it is about one.
show_message() {
    local text kind=1
    for text in "${rank_ends[@]}"; do
        [[ $1 != *"$text"* ]] || kind=2
    done
    [[ $1 != *"$signal_end"* ]] || kind=3
    if ((kind == 1)); then
        printf '%s\n' "$1" 2>/dev/null || true
        [[ $1 == -----* ]] || return 0
    fi
    result=$((kind > result ? kind : result))
}

# --- The end ---------------------------------------------------------------------------------------------------------

# Sets `code` to mpirun's, which is that of the ranks.
wait_for_mpirun() {
    local mpirun_code
    wait_for "$mpirun"
    mpirun_code=$code
    mpirun=
    end_helpers
    # What it printed last must stand there before anything else is said. What mpirun has left behind may hold the pipes.
    wait_until_gone 20 "${relays[@]}" "$messenger" || signal KILL "${relays[@]}" "$messenger"
    wait_for "$messenger"
    local said=$code
    code=$mpirun_code
    ((code == 0)) || say "$(describe_end "$code" "$said")"
}

# wait_until_gone TENTHS PROCESS...: fails if some are still there after so many tenths of a second.
wait_until_gone() {
    local tries=$1 process
    shift
    for process in "$@"; do
        while is_running "$process"; do
            ((tries-- > 0)) || return 1
            sleep 0.1 || true
        done
    done
}

# describe_end CODE SAID: mpirun's code, and the result of `hand_on_messages`; an mpirun that says nothing gives its code
# alone.
describe_end() {
    if (($2 == 1)); then
        echo "mpirun itself has failed, with code $1: see above"
    elif (($1 > 128)) && kill -l "$1" >/dev/null 2>&1; then
        # mpirun keeps the signal to itself in one of ten cases, and a program may end with such a code by itself.
        if (($2 != 2)); then
            echo "a rank was ended by signal $(kill -l "$1")"
        else
            echo "the ranks ended with code $1, as after signal $(kill -l "$1")"
        fi
    else
        echo "the ranks ended with code $1"
    fi
}
