# shellcheck shell=bash
# Finds what a build and the tests need, and installs what is missing where that can be done.

# install_missing WHAT PACKAGE:COMMAND...: installs the Debian package of each command that is not there.
install_missing() {
    local what="$1" missing=() pair
    shift
    for pair in "$@"; do
        command -v "${pair#*:}" >/dev/null 2>&1 || missing+=("${pair%%:*}")
    done
    install_packages "$what" "${missing[@]}"
}

# install_packages WHAT PACKAGE...: installs Debian packages, or says which are missing.
install_packages() {
    local what="$1"
    shift
    if (($# == 0)); then
        return
    fi
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null 2>&1; then
        printf 'Installing %s for %s ...\n' "$*" "$what" >&2
        if apt_install "$@" >&2; then
            return
        fi
    fi
    printf 'riskgrid: %s needs these packages. Install them, then run the command again:\n    sudo apt-get install %s\n' \
        "$what" "$*" >&2
    exit 1
}

# Debian starts a service as soon as it is installed; a policy-rc.d that says no keeps it from that, and goes again afterwards.
apt_install() (
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    fi
    apt-get -o DPkg::Lock::Timeout=300 update -qq &&
        apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"
)

# The servers of a cluster, which live outside PATH in part: eng/servers.sh knows where.
require_servers() {
    local missing
    # shellcheck disable=SC2154 # root is set by the launcher
    mapfile -t missing < <("$root/eng/servers.sh" missing)
    install_packages "$1" "${missing[@]}"
}

require_dotnet() {
    if ! command -v dotnet >/dev/null 2>&1 || ! dotnet --list-sdks | grep -q '^10\.'; then
        printf 'riskgrid: the .NET 10 SDK is needed and was not found.\nInstall it as https://dotnet.microsoft.com/download/dotnet/10.0 says, then run the command again.\n' >&2
        exit 1
    fi
}

require_toolchain() {
    require_dotnet
    install_missing 'building the native kernels' cmake:cmake g++:g++ make:make
}
