# shellcheck shell=sh
# need_packages GROUP... : installs missing Debian packages of these groups with apt.
# Sourced by scripts in tools/, POSIX sh; expects $tools, the path of that folder.
# Also sets $python: the system's own Python, which sees the modules that apt installs (the first one on
# PATH may not).

_find_python() {
    python=/usr/bin/python3
    [ -x $python ] || python=python3
}
_find_python

# package=command: any command of this name on PATH is accepted. package:module: a Python module.
# CLANG stands for the release's clang version. +package: useful, but nothing fails without it.
_packages_of() {
    case $1 in
    build) echo "gcc=gcc g++=g++ libc6-dev make=make meson=meson ninja-build=ninja pkg-config=pkg-config
                 python3=python3 git=git ca-certificates xz-utils=xz bzip2=bzip2 dpkg-dev=dpkg-source +ccache=ccache" ;;
    sanitizers) echo "clang=clang libclang-rt-CLANG-dev llvm=llvm-symbolizer" ;; # names in suppressions
    lint) echo "clang-format=clang-format clang-tidy=clang-tidy flake8=flake8 mypy=mypy shellcheck=shellcheck" ;;
    peers) echo "openssl=openssl gnutls-bin=gnutls-cli libcoap3-bin=coap-client-openssl nginx-light=nginx
                 mosquitto=mosquitto mosquitto-clients=mosquitto_pub curl=curl iproute2=ip" ;;
    browser) echo "chromium=chromium libnss3-tools=certutil" ;;
    page) echo "nodejs=node npm=npm" ;; # with what package.json names, from npm
    capture) echo "tshark=tshark" ;;
    certs) echo "python3-cryptography:cryptography" ;;
    libcrypto) echo "libssl-dev" ;; # of tests and fuzzers, whatever the backends are
    libraries) _of_backends package ;; # of the system
    arm) echo "gcc-arm-none-eabi=arm-none-eabi-gcc libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib
               qemu-system-arm=qemu-system-arm" ;;
    riscv) echo "gcc-riscv64-unknown-elf=riscv64-unknown-elf-gcc picolibc-riscv64-unknown-elf
                 qemu-system-misc=qemu-system-riscv32
                 libstdc++-arm-none-eabi-newlib" ;; # the latter for headers
    big-endian) echo "g++-s390x-linux-gnu=s390x-linux-gnu-g++ qemu-user=qemu-s390x" ;;
    docs) echo "doxygen=doxygen graphviz=dot" ;;
    charts) echo "python3-matplotlib:matplotlib" ;;
    embedding) echo "cmake=cmake" ;;
    neighbours) echo "$(_of_backends neighbour_package) clang=clang libc++-dev libc++abi-dev" ;;
    measure) echo "valgrind=valgrind libc6-dbg" ;;
    mpbuild) echo "libffi-dev" ;;
    bench) echo "openssl=openssl +iproute2=ip" ;;
    *) return 1 ;;
    esac
}

_of_backends() { # KEY : what the backends' folders say; python may be what is missing
    sed -n "s/^ *\"$1\": \"\([^\"]*\)\".*/\1/p" "${tools:?}"/../backends/*/tools.json
}

_package_is_there() { # PACKAGE[=COMMAND|:MODULE]
    case $1 in
    *=*) PATH=$PATH:/usr/sbin:/sbin command -v "${1#*=}" >/dev/null 2>&1 && return ;;
    *:*) "$python" -c "import ${1#*:}" >/dev/null 2>&1 && return ;;
    esac
    _name=${1%%[=:]*}
    # On another system a library's presence is unknown: the build will show it.
    command -v dpkg-query >/dev/null 2>&1 || case $1 in *=* | *:*) return 1 ;; *) return 0 ;; esac
    case $_name in
    *CLANG*) dpkg-query -W -f '${db:Status-Status}\n' "$(echo "$_name" | sed 's/CLANG/[0-9]*/')" 2>/dev/null | grep -qx installed ;;
    *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$_name" 2>/dev/null)" = installed ] ;;
    esac
}

_missing_of() { # needed|wanted GROUP... : the names of the packages that are not there
    _kind=$1; shift
    for _group; do
        for _package in $(_packages_of "$_group"); do
            case $_kind$_package in needed+* | wanted[!+]*) continue ;; esac
            _package=${_package#+}
            _package_is_there "$_package" || printf '%s ' "${_package%%[=:]*}"
        done
    done
}

need_packages() {
    : "${tools:?packages.sh: set it to the path of tools/}"
    for _group; do
        _packages_of "$_group" >/dev/null || { echo "need_packages: no group '$_group'" >&2; return 2; }
    done
    _missing=$(_missing_of needed "$@")
    _wanted=$(_missing_of wanted "$@")
    [ "$(id -u)" = 0 ] || [ -n "$_missing" ] || return 0 # no password prompt for a mere wish
    [ -n "$_missing$_wanted" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        [ -n "$_missing" ] || return 0
        echo "Please install what Debian calls: $_missing" >&2
        return 1
    fi
    _missing=$_missing$_wanted
    echo "Installing with apt: $_missing"
    # shellcheck disable=SC2086 # one word a package
    if [ "$(id -u)" = 0 ]; then
        "$tools/lib/apt-install" $_missing
    elif ! command -v sudo >/dev/null 2>&1; then
        echo "Neither root nor sudo here. As root: apt-get install $_missing" >&2
        return 1
    elif [ -t 0 ]; then
        sudo "$tools/lib/apt-install" $_missing
    else
        sudo -n "$tools/lib/apt-install" $_missing
    fi || : # what is there now decides
    hash -r 2>/dev/null || :
    _find_python
    _missing=$(_missing_of needed "$@")
    [ -z "$_missing" ] || { echo "Still missing: $_missing" >&2; return 1; }
}
