# shellcheck shell=bash
# What the scripts of this folder share. They source this file first; it cleans their environment, and does nothing else.

# --- Whatever the caller's environment holds -------------------------------------------------------------------------

# These change what bash and the usual tools do or print. What bash was told by its caller is not for other programs.
set +o posix
unset POSIXLY_CORRECT BASH_ENV ENV CDPATH GLOBIGNORE GREP_OPTIONS
declare +x SHELLOPTS BASHOPTS

# mktemp, swift and mpirun want a folder that is there.
if [[ -n ${TMPDIR-} && ! (-d $TMPDIR && -w $TMPDIR) ]]; then
    unset TMPDIR
fi

# A supervisor may have closed the standard streams; what is opened later must not take their places.
{ : <&0; } 2>/dev/null || exec </dev/null
{ : >&1; } 2>/dev/null || exec >/dev/null
{ : >&2; } 2>/dev/null || exec 2>/dev/null

# --- What it brings --------------------------------------------------------------------------------------------------

# What the trainer needs to build and to run. openmpi-bin brings mpirun, libssl-dev the encryption of checkpoints.
trainer_packages=(libopenmpi-dev openmpi-bin libxxhash-dev zlib1g-dev libssl-dev libpng-dev libturbojpeg0-dev
    pkg-config)

script_name=launch/$(basename "$(readlink -f "$0")")

# The checkout of a script: the folder above its own by the name that it was called by, so that several checkouts may
# share these scripts; where it was called by a link in PATH, the folder above the one that the link leads to.
checkout_of() {
    local script=$1 checkout
    [[ ! -L $script ]] || script=$(readlink -f "$script")
    checkout=$(CDPATH='' cd "$(dirname "$script")/.." && pwd)
    [[ -e $checkout/launch/common.sh ]] || checkout=$(readlink -f "$(dirname "$(readlink -f "$script")")/..")
    printf '%s\n' "$checkout"
}

root=$(checkout_of "${BASH_SOURCE[1]}")

# Where the trainer is built.
trainer=$root/.build/release/trainer

# The terminal may be gone when a line is written (a closed window is one of the ways to stop a run), and that must not
# end the script: it still has ranks to wait for.
say() {
    printf '%s: %s\n' "$script_name" "$(printable "$*")" >&2 || true
}

# printable TEXT: the text with a ? for whatever would move a terminal's cursor, colour it, or turn its lines around: names
# and messages come from files, processes and other hosts.
printable() {
    local LC_ALL=C text=$1
    text=${text//[$'\x01'-$'\x1f\x7f']/?}
    # In UTF-8: the control characters of ISO 8859, invisible ones, ends of lines, changes of direction, and tags.
    text=${text//$'\xc2'[$'\x80'-$'\x9f']/?}
    text=${text//$'\xd8\x9c'/?}
    text=${text//$'\xe2\x80'[$'\x8b'-$'\x8f'$'\xa8'-$'\xae']/?}
    text=${text//$'\xe2\x81'[$'\xa0'-$'\xaf']/?}
    text=${text//$'\xef\xbb\xbf'/?}
    printf '%s\n' "${text//$'\xf3\xa0'[$'\x80'$'\x81']?/?}"
}

fail() {
    say "$@"
    exit 1
}

# For a wrong command line: the code of the trainer for that, EX_USAGE.
misuse() {
    say "$@"
    exit 64
}

# For what is started here: mpirun cannot tell its own folder then, and would say nothing about it.
require_current_folder() {
    pwd -P >/dev/null 2>&1 || fail "the current folder is gone; change to another one"
}

# bash runs what stands in a number that it reckons with: in `((x > 0))`, an x of "UID[$(command)0]" starts the command. So
# nothing that comes from outside gets into `((…))`, `$((…))`, `printf %d` or a subscript but through these two.

# number TEXT [OTHERWISE]: a text of decimal digits as bash reckons with it, without the zeros that would make it octal;
# OTHERWISE, or 0, if it is none, or more than fits.
number() {
    local digits=${1-}
    [[ $digits =~ ^0*([0-9]{1,18})$ ]] || BASH_REMATCH=('' "${2-0}")
    printf '%s\n' "${BASH_REMATCH[1]}"
}

# mask TEXT: the hexadecimal digits of a mask of signals as a number; 0 if it is none.
mask() {
    [[ ${1-} =~ ^[0-9a-fA-F]{1,16}$ ]] && printf '%s\n' "$((0x$1))" || echo 0
}

# status_of DIRECTORY FIELD: what the trainer says of a run, which parses what lies there; scripts read no file of a run by
# themselves. Fails where no trainer is built, neither here nor beside the program that --program names.
status_of() {
    has_status && "$status_reader" status "$1" --field "$2" 2>/dev/null
}

# Sets `status_reader`. Every program that trains can tell it of every run.
has_status() {
    status_reader=$trainer
    if [[ ! -x $status_reader && -n ${program-} ]]; then
        status_reader=$program
        is_training_program "$program" || status_reader=$(dirname "$program")/trainer
    fi
    [[ -x $status_reader ]]
}

# is_training_program FILE: whether it is a TrainingProgram, which notes requests before its first line; such a program has
# a function of this name in it.
is_training_program() {
    grep -qaF early_signals_release "$1" 2>/dev/null
}

# --- Programs of others ----------------------------------------------------------------------------------------------

# Whether a name is that of a program of the package in a folder.
is_product() {
    [[ $2 =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] \
        && grep -A 1 -F '.executableTarget(' "$1/Package.swift" 2>/dev/null | grep -qF "name: \"$2\""
}

# Finds what --program and --package-path name, as given in `program` and `package`: sets `program` to the file and
# `package` to the package that it is built from, which is empty where nothing can be built.
find_program() {
    local name=$program
    if [[ -z $package ]] && is_product "$root" "$name"; then
        package=$root
    elif [[ -z $package ]] && is_product "$root/examples" "$name"; then
        package=$root/examples
    elif [[ -n $package ]]; then
        [[ -r $package/Package.swift ]] || misuse "--package-path is '$package', where no Package.swift can be read"
        package=$(CDPATH='' cd "$package" && pwd)
        is_product "$package" "$name" \
            || misuse "--program is '$name'; the package in $package has no executable target of that name"
    else
        program=$(type -P "$name") || misuse "the program given to --program cannot be started: '$name' is neither a program \
of this package nor one in PATH, nor the path of one; for another package give --package-path too"
        return
    fi
    program=$package/.build/release/$name
    # They share what is built for the trainer.
    [[ $package != "$root/examples" ]] || program=$root/.build/release/$name
}

# Builds what `find_program` has found.
build_program() {
    [[ $program != "$trainer" ]] || { build_trainer && return; }
    [[ -x $program ]] || say "building ${program##*/}, which takes some minutes the first time"
    quietly swift build --package-path "$package" --scratch-path "${program%/release/*}" -c release \
        --product "${program##*/}" --static-swift-stdlib \
        || fail "${program##*/} could not be built: see above"
}

# path TEXT: a path that no command takes for an option.
path() {
    case $1 in
        -*) printf './%s\n' "$1" ;;
        *) printf '%s\n' "$1" ;;
    esac
}

need_value() {
    (($# > 1)) || misuse "$1 needs a value; $script_name --help explains"
}

# Runs a command without its output, which is shown only if it fails.
quietly() {
    local file log code=0
    file=$(mktemp)
    # Without a name from here on, so that nothing is left behind however this ends.
    exec {log}<>"$file"
    rm -f "$file"
    "$@" >&"$log" 2>&1 </dev/null || code=$?
    ((code == 0)) || cat "/dev/fd/$log" >&2
    exec {log}>&-
    return "$code"
}

# Whether a process is there, and has not ended.
is_running() {
    local state
    state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) || return 1
    [[ -n $state && $state != [ZX]* ]]
}

# Prints a process and all that it has started.
tree_of() {
    local children child
    echo "$1"
    read -rd '' -a children < <(cat "/proc/$1/task/"*/children 2>/dev/null) || true
    for child in "${children[@]}"; do
        tree_of "$child"
    done
}

# Whether a process has a handler for USR1, which is signal 10: bit 9 of the mask that the kernel shows.
catches_usr1() {
    local caught
    caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) || return 1
    ((($(mask "$caught") >> 9) & 1))
}

require_swift() {
    local advice='install Swift 6.2 or newer from https://www.swift.org/install/linux/ and put it into PATH'
    command -v swift >/dev/null || fail "there is no swift: $advice"
    local version
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p')
    # The older of the two versions must be 6.2.
    [[ $(printf '%s\n' 6.2 "${version:-0}" | sort -V | head -n 1) == 6.2 ]] \
        || fail "swift is ${version:-of an unknown version}: $advice"
}

# Sets `obstacle` to why nothing can be built in the checkout, or another package. Fails if something can.
find_obstacle() {
    local package=$1 folder=$1/.build what=checkout
    [[ -e $folder ]] || folder=$package
    [[ $package == "$root" ]] || what=package
    if [[ ,$(findmnt -no OPTIONS -T "$folder" 2>/dev/null), == *,noexec,* ]]; then
        fail "the $what $package lies on a file system that is mounted noexec: what is built there cannot be started"
    elif [[ ! -w $folder ]]; then
        obstacle="the $what $package cannot be written to"
    elif [[ $package == *[\"\\]* ]]; then
        obstacle="Swift builds nothing in a folder whose path has a quotation mark or a backslash, such as $package"
    else
        return 1
    fi
}

# can_build PROGRAM [PACKAGE]: whether it can be built, in the checkout if no package is named. Says why not if it is there and can be used, and fails if it is not.
can_build() {
    local obstacle=
    find_obstacle "${2:-$root}" || return 0
    [[ -x $1 ]] || fail "$obstacle, and no ${1##*/} is built there"
    say "$obstacle: the ${1##*/} is used as it was built"
    return 1
}

build_trainer() {
    # The Swift runtime goes into the program, so that other hosts need none.
    local build=(swift build --package-path "$root" -c release --product trainer --static-swift-stdlib)
    if [[ -x $trainer ]]; then
        quietly "${build[@]}" || fail "the trainer could not be built: see above"
        return
    fi
    say "building the trainer, which takes some minutes the first time"
    "${build[@]}" >&2 </dev/null || fail "the trainer could not be built: see above"
}

require_trainer_packages() {
    require_packages "${trainer_packages[@]}"
}

# Installs those of the Debian packages named that are missing.
require_packages() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null; then
        say "this is not Debian, so what these packages hold must be there already: $*"
        return
    fi
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    say "installing ${missing[*]}"
    install_packages "${missing[@]}" \
        || fail "the packages could not be installed; run this, then try again: apt-get install ${missing[*]}"
}

is_installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

install_packages() {
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "installing needs root or sudo; as root: apt-get install $*"
        as_root=(sudo)
        # Without a terminal nobody can type a password: sudo must fail instead of asking.
        [[ -t 0 ]] || as_root=(sudo -n)
        "${as_root[@]}" true || fail "sudo was refused; as root: apt-get install $*"
    fi
    # A new machine often updates itself at this moment and holds dpkg's lock: wait for it.
    local install=("${as_root[@]}" env --default-signal=INT DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y
        --no-install-recommends "$@")
    # A fresh image has no package lists, an old one lists what is no longer there: only then are they fetched.
    "${install[@]}" >/dev/null 2>&1 </dev/null && return
    say "fetching Debian's package lists"
    quietly "${as_root[@]}" apt-get update && quietly "${install[@]}"
}

# mpirun counts cores, not hardware threads; nproc counts only the processors this process may use.
core_count() {
    local cores processors
    # These two variables would change what it prints.
    processors=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
    cores=$(lscpu --parse=core,socket 2>/dev/null | grep -v '^#' | sort -u | wc -l) || true
    cores=$(number "$cores") processors=$(number "$processors" 1)
    ((cores > 0)) || cores=$processors
    echo $((cores < processors ? cores : processors))
}
