# shellcheck shell=bash
# Removes what a killed mpirun has left behind. launch/run sources this file, and sets `hostfile` and `mpirun_extra`.

# Before each start: here at once, on other hosts beside the start, which need not wait for them.
remove_leftovers() {
    script_on_host localhost leftovers >/dev/null 2>&1 || true
    [[ -n $hostfile ]] || return 0
    local hosts slots host
    read_hosts "$hostfile"
    choose_agent "${mpirun_extra[@]}"
    for host in "${hosts[@]}"; do
        is_this_host "$host" || script_on_host "$host" leftovers >/dev/null 2>&1 &
    done
}
