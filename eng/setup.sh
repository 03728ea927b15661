# Sourced by run, test and .ci/run: what a fresh Debian machine needs before it can build and run the server.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

need_sdk() {
    command -v dotnet > /dev/null || die "The .NET 10 SDK is not installed: 'dotnet' is not on the path. See https://dotnet.microsoft.com/download/dotnet/10.0"
    dotnet --list-sdks | grep -qE '^([1-9][0-9]+)\.' ||
        die "The .NET SDK is too old: version 10 is needed, installed are: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ' -). See https://dotnet.microsoft.com/download/dotnet/10.0"
}

# A PostgreSQL server of version 15 or newer, where the server looks for one.
has_postgres() {
    local folder
    [ -n "${MODULAR_PG_BIN:-}" ] && return 0
    for folder in /usr/lib/postgresql/*/bin "$(pg_config --bindir 2> /dev/null || true)"; do
        [ -x "$folder/initdb" ] || continue
        [ "$("$folder/initdb" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 15 ] && return 0
    done
    return 1
}

# Installs Debian packages: install WHAT-FOR PACKAGE…
install() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2> /dev/null || die "$1. Install it with: sudo apt-get install ${*:2}"
        as_root=(sudo)
    fi
    command -v apt-get > /dev/null || die "$1, and this is no Debian. Install what it calls ${*:2}."
    say "Installing the Debian packages ${*:2} …"
    "${as_root[@]}" apt-get update -q >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "${@:2}" >&2
}

# What the tests hold keys made here against.
need_ssh_and_git() {
    if ! command -v ssh-keygen > /dev/null || ! command -v git > /dev/null; then
        install 'OpenSSH or Git is not installed, and the tests sign commits with them' openssh-client git
    fi
}

# A pooler that the tests put before a database. The package's own service is not needed.
need_pgbouncer() {
    command -v pgbouncer > /dev/null && return 0
    install 'pgbouncer is not installed, and the tests put it before a database' pgbouncer
    if [ "$(id -u)" -eq 0 ]; then set --; else set -- sudo; fi
    "$@" systemctl disable --now --quiet pgbouncer 2> /dev/null || true
}

# Node.js and what the tests run with it: the linter of the API description, and clients of the protocol for agents.
need_node_packages() {
    command -v npm > /dev/null || install "Node.js is not installed, and the tests run a linter and agents' clients with it" nodejs npm
    install_node_packages "$1/tests/Description" 'the linter of the API description'
    install_node_packages "$1/tests/Mcp" "agents' clients"
}

install_node_packages() {
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return 0
    say "Installing $2 …"
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --silent >&2 || die "Not installed: $2."
}

# .NET takes Unicode's tables from ICU, whose package has the version in its name. The SDK needs it too, so this comes before need_sdk.
need_icu() {
    local library
    for library in /usr/lib/*/libicuuc.so.* /usr/lib/libicuuc.so.* /usr/lib64/libicuuc.so.*; do
        [ -e "$library" ] && return 0
    done
    # A fresh machine has no list of packages yet. Without root there is nothing to do but to name the package.
    if [ -z "$(newest_icu)" ] && command -v apt-get > /dev/null; then
        if [ "$(id -u)" -eq 0 ]; then apt-get update -q >&2; elif sudo -n true 2> /dev/null; then sudo apt-get update -q >&2; fi
    fi
    local package
    package=$(newest_icu)
    install 'ICU, the library of Unicode, is not installed' "${package:-libicu-dev}"
}

newest_icu() {
    apt-cache search --names-only '^libicu[0-9]+$' 2> /dev/null | cut -d' ' -f1 | sort --version-sort | tail -n 1
}

need_postgres() {
    has_postgres && return 0
    # The package would make a cluster of its own and start it; the server keeps a private one instead.
    local as_root=()
    [ "$(id -u)" -eq 0 ] || { sudo -n true 2> /dev/null && as_root=(sudo); }
    if [ "$(id -u)" -eq 0 ] || [ ${#as_root[@]} -gt 0 ]; then
        "${as_root[@]}" mkdir -p /etc/postgresql-common
        if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
            echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf > /dev/null
        fi
    fi
    install 'PostgreSQL 15 or newer is not installed (set ConnectionStrings__Modular to use a database you have)' postgresql postgresql-contrib
    has_postgres || die 'Debian has no PostgreSQL of version 15 or newer here. Install one, or set ConnectionStrings__Modular to a database you have.'
}
