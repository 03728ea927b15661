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

# Node.js and what the tests run with it: the linter of the API description, and clients of the protocol for agents.
need_node_packages() {
    if ! command -v npm > /dev/null; then
        local as_root=()
        if [ "$(id -u)" -ne 0 ]; then
            sudo -n true 2> /dev/null || die "Node.js is not installed, and the tests run a linter and agents' clients with it. Install it with: sudo apt-get install nodejs npm"
            as_root=(sudo)
        fi
        command -v apt-get > /dev/null || die 'Node.js is not installed, and this is no Debian. Install Node.js 18 or newer, with npm, to run the tests.'
        say 'Installing Node.js (Debian packages nodejs, npm) …'
        "${as_root[@]}" apt-get update -q >&2
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends nodejs npm >&2
    fi
    install_node_packages "$1/tests/Description" 'the linter of the API description'
    install_node_packages "$1/tests/Mcp" "agents' clients"
}

install_node_packages() {
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return 0
    say "Installing $2 …"
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --silent >&2 || die "Not installed: $2."
}

need_postgres() {
    has_postgres && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if sudo -n true 2> /dev/null; then
            as_root=(sudo)
        else
            die "PostgreSQL 15 or newer is not installed. Install it with: sudo apt-get install postgresql postgresql-contrib   (or set ConnectionStrings__Modular to a database you have)"
        fi
    fi
    command -v apt-get > /dev/null ||
        die "PostgreSQL 15 or newer is not installed, and this is no Debian. Install its server, or set ConnectionStrings__Modular to a database you have."

    say 'Installing PostgreSQL (Debian packages postgresql, postgresql-contrib) …'
    # The package would make a cluster of its own and start it; the server keeps a private one instead.
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf > /dev/null
    fi
    "${as_root[@]}" apt-get update -q >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y -o Dpkg::Options::=--force-confold postgresql postgresql-contrib >&2
    has_postgres || die 'Debian has no PostgreSQL of version 15 or newer here. Install one, or set ConnectionStrings__Modular to a database you have.'
}
