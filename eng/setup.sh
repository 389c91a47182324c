# shellcheck shell=bash
# Finds what a build and the tests need, and installs what is missing where that can be done.

# install_missing WHAT PACKAGE:COMMAND...: installs the Debian package of each command that is not there.
install_missing() {
    local what="$1" missing=() pair
    shift
    for pair in "$@"; do
        command -v "${pair#*:}" >/dev/null 2>&1 || missing+=("${pair%%:*}")
    done
    if ((${#missing[@]} == 0)); then
        return
    fi
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null 2>&1; then
        printf 'Installing %s for %s ...\n' "${missing[*]}" "$what" >&2
        export DEBIAN_FRONTEND=noninteractive
        if { apt-get -o DPkg::Lock::Timeout=300 update -qq &&
            apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}"; } >&2; then
            return
        fi
    fi
    printf 'riskgrid: %s needs these packages. Install them, then run the command again:\n    sudo apt-get install %s\n' \
        "$what" "${missing[*]}" >&2
    exit 1
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
