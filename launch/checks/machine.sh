# shellcheck shell=bash
# What launch/doctor finds out about this machine: cores, memory, disk. It sources this file, and sets `directory` and
# `size_of_set`.

check_cores() {
    local cores share
    cores=$(core_count)
    report ok cores "$cores, one rank each; launch/run lets more ranks share them, which then wait for each other"
    share=$(quota_of_cores)
    [[ -n $share ]] && is_less "$share" "$cores" || return 0
    report warn cores "this container gets the time of $share of them at most: start $(
        if is_less "$share" 1; then echo "one rank"; else echo "so many ranks"; fi
    )"
}

check_memory() {
    local available limit
    available=$(($(number "$(sed -nE 's/^MemAvailable: *([0-9]{1,15}) kB/\1/p' /proc/meminfo)") * 1024))
    limit=$(smallest "$available" "$(limits memory.max memory memory.limit_in_bytes | sort -n | head -n 1)")
    local level=ok
    is_less "$((8 * ${size_of_set:-0}))" "$limit" || level=warn
    report "$level" memory "$(in_bytes "$limit") can be had$(
        [[ $level == ok ]] || echo "; a rank needs some eight times a set of $(in_bytes "$size_of_set")"
    )"
}

smallest() {
    if [[ -n $2 ]] && is_less "$2" "$1"; then echo "$2"; else echo "$1"; fi
}

# --- Control groups --------------------------------------------------------------------------------------------------

cgroup_root=/sys/fs/cgroup

# The least number of cores whose time this process may take, such as 1.5; nothing if all.
quota_of_cores() {
    local folder quota period
    {
        for folder in $(control_groups ''); do
            read -r quota period 2>/dev/null <"$folder/cpu.max" || continue
            echo "$quota ${period:-100000}"
        done
        for folder in $(control_groups cpu); do
            read -r quota 2>/dev/null <"$folder/cpu.cfs_quota_us" || continue
            read -r period 2>/dev/null <"$folder/cpu.cfs_period_us" || continue
            echo "$quota $period"
        done
    } | awk '
        # "max" and -1 mean no limit.
        $1 ~ /^[0-9]+$/ && $2 > 0 { share = $1 / $2; if (least == "" || share < least) least = share }
        END { if (least != "") print int(least * 10) / 10 }'
}

# limits FILE CONTROLLER OLD: what these files say of version 2, and of version 1, of this process's groups.
limits() {
    local folder limit
    for folder in $(control_groups ''); do
        ! read -r limit 2>/dev/null <"$folder/$1" || [[ ! $limit =~ ^[0-9]+$ ]] || echo "$limit"
    done
    for folder in $(control_groups "$2"); do
        # Without a limit it is a number beyond all memories.
        ! read -r limit 2>/dev/null <"$folder/$3" || [[ ! $limit =~ ^[0-9]+$ ]] || echo "$limit"
    done
}

# control_groups CONTROLLER: the folder of this process's group, and those above it, of version 1; of version 2 without a
# controller. Where a container sees its own group as the root, they are not all there.
control_groups() {
    local path root=$cgroup_root/$1
    path=$(awk -F: -v name="$1" '
        { count = split($2, names, ","); for (i = 1; i <= count; i++) if (names[i] == name) { print $3; exit } }
        name == "" && $1 == "0" { print $3; exit }' /proc/self/cgroup 2>/dev/null)
    while [[ -n $path && $path != / ]]; do
        printf '%s\n' "$root$path"
        path=${path%/*}
    done
    printf '%s\n' "$root"
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
    free=$(df --output=avail -B1 "$directory" | tail -n 1 | tr -d ' ')
    free=$(number "$free")
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
    if ! has_status; then
        report warn space "no trainer is built, which reads the sets: give --checkpoint-size to know whether one fits"
        return
    fi
    size_of_set=$(number "$(status_of "$directory" byteCount)" '')
    [[ -n $size_of_set ]] || report warn space "$directory has no set yet: give --checkpoint-size to know whether one fits"
}

# Bytes a second, with the wait until they are on the disk.
write_speed() {
    local file start end
    file=$(new_name "$directory")
    start=$EPOCHREALTIME
    into_new "$file" dd if=/dev/zero bs=1M count=64 conv=fdatasync status=none 2>/dev/null || { rm -f "$file"; return 1; }
    end=$EPOCHREALTIME
    rm -f "$file"
    compute 'sprintf("%d", 64 * 1048576 / (b - a))' "$start" "$end"
}
