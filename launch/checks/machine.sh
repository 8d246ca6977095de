# shellcheck shell=bash
# What launch/doctor finds out about this machine: cores, memory, disk. It sources this file, and sets `directory` and
# `size_of_set`.

check_cores() {
    local cores quota period
    cores=$(core_count)
    report ok cores "$cores, one rank each; launch/run lets more ranks share them, which then wait for each other"
    [[ -r /sys/fs/cgroup/cpu.max ]] || return 0
    read -r quota period </sys/fs/cgroup/cpu.max
    [[ $quota != max ]] && ((quota < cores * period)) || return 0
    report warn cores "this container gets the time of $((quota / period)) of them at most: start so many ranks"
}

check_memory() {
    local available limit=max
    available=$(($(sed -nE 's/^MemAvailable: *([0-9]+) kB/\1/p' /proc/meminfo) * 1024))
    [[ ! -r /sys/fs/cgroup/memory.max ]] || limit=$(</sys/fs/cgroup/memory.max)
    [[ $limit == max ]] || available=$((limit < available ? limit : available))
    local level=ok
    ((available > 8 * ${size_of_set:-0})) || level=warn
    report "$level" memory "$(in_bytes "$available") can be had$(
        [[ $level == ok ]] || echo "; a rank needs some eight times a set of $(in_bytes "$size_of_set")"
    )"
}

# --- The disk --------------------------------------------------------------------------------------------------------

# Made to try it, and removed at the end.
made_directory=

# Sets `size_of_set` and `save_seconds`, an estimate of how long a save takes; empty if it cannot be made.
check_disk() {
    save_seconds=
    [[ -d $directory ]] || made_directory=$directory
    if ! mkdir -p "$directory" 2>/dev/null || [[ ! -w $directory ]]; then
        report problem disk "$directory cannot be written to"
        return
    fi
    find_size_of_set
    local free speed
    free=$(df --output=avail -B1 "$directory" | tail -n 1)
    if ! speed=$(write_speed); then
        report problem disk "64 MB could not be written to $directory, where $(in_bytes "$free") are free"
        return
    fi
    report ok disk "$(in_bytes "$speed") a second are written to $directory"
    [[ -n $size_of_set ]] || return 0
    # The ranks agree, write and publish in about a fifth of a second beside that.
    save_seconds=$(compute 'sprintf("%.1f", a / b + 0.2)' "$size_of_set" "$speed")
    report_space "$free"
}

report_space() {
    local free need
    free=$(in_bytes "$1")
    need="a set takes $(in_bytes "$size_of_set")"
    # The old set stays until the new one is published, and five are kept unless the trainer is told otherwise.
    if (($1 < 2 * size_of_set)); then
        report problem space "$free are free; $need, and the old one stays until the new one is published"
    elif (($1 < 6 * size_of_set)); then
        report warn space "$free are free; $need, and five of them and a new one may not fit"
    else
        report ok space "$free are free; $need, which is written in $save_seconds s"
    fi
}

# The ranks' files of the newest set, as its manifest counts them.
find_size_of_set() {
    [[ -z $size_of_set ]] || return 0
    local newest
    newest=$(find "$directory" -maxdepth 1 -name '*.manifest.json' -printf '%T@ %p\n' | sort -n | tail -n 1)
    if [[ -z $newest ]]; then
        report warn space "$directory has no set yet: give --checkpoint-size to know whether one fits"
        return
    fi
    size_of_set=$(sed -nE 's/^ *"byteCount" : ([0-9]+),?$/\1/p' "${newest#* }" | awk '{ sum += $1 } END { printf "%.0f", sum }')
}

# Bytes a second, with the wait until they are on the disk.
write_speed() {
    local file=$directory/.doctor.$$ start end
    start=$EPOCHREALTIME
    dd if=/dev/zero of="$file" bs=1M count=64 conv=fdatasync status=none 2>/dev/null || { rm -f "$file"; return 1; }
    end=$EPOCHREALTIME
    rm -f "$file"
    compute 'sprintf("%d", 64 * 1048576 / (b - a))' "$start" "$end"
}
