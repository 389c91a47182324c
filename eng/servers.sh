#!/usr/bin/env bash
# Starts and stops the servers of a cluster - RabbitMQ, PostgreSQL, Redis - as plain processes on loopback, each with
# everything it owns in one directory. No service manager, no root needed; nothing outside the directory is touched.
#
#   servers.sh start rabbitmq|postgres|redis DIR PORT|free [--parent PID]
#                                         returns when the server answers, at once when it runs already. `free` chooses a
#                                         port; DIR/port holds it. With --parent the server is killed and DIR deleted when
#                                         that process has gone.
#   servers.sh stop|kill KIND DIR         an orderly stop; SIGKILL of every process of it. Data stays (Redis keeps none).
#   servers.sh pause|resume KIND DIR      SIGSTOP and SIGCONT
#   servers.sh status KIND DIR            running, paused or stopped
#   servers.sh database DIR NAME          creates a database on a running PostgreSQL
#   servers.sh rabbitmqctl DIR ARGUMENT...
#   servers.sh missing                    the Debian packages that are not installed, one a line
set -euo pipefail

readonly start_limit_s=90 stop_limit_s=40
self="$(readlink -f "${BASH_SOURCE[0]}")"

fail() {
    printf 'servers.sh: %s\n' "$*" >&2
    exit 1
}

# The directory of PostgreSQL's programs, which Debian keeps out of PATH; empty when there is none.
postgres_bin() {
    local found
    found="$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb | sort -V | while read -r f; do [[ -x $f ]] && dirname "$f"; done | tail -n 1)" || true
    [[ -n $found ]] || found="$(dirname "$(command -v initdb || true)" 2>/dev/null)"
    [[ -x $found/initdb ]] && printf '%s' "$found"
    return 0
}

# RabbitMQ's own script: the one in /usr/sbin switches user and uses the system's paths. Empty when there is none.
rabbitmq_bin() {
    local candidate
    for candidate in /usr/lib/rabbitmq/bin "$(dirname "$(command -v rabbitmq-server || echo /nowhere/x)")"; do
        if [[ -x $candidate/rabbitmq-server ]]; then
            printf '%s' "$candidate"
            return
        fi
    done
}

missing() {
    [[ -n "$(rabbitmq_bin)" ]] || echo rabbitmq-server
    [[ -n "$(postgres_bin)" ]] || echo postgresql
    command -v redis-server >/dev/null && command -v redis-cli >/dev/null || echo redis-server
}

# --- processes -------------------------------------------------------------------------------------------------------

# started PID: when it started, in clock ticks since boot; nothing for a process that has gone or is a zombie.
started() {
    local line fields
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
    read -ra fields <<<"${line##*) }"
    case ${fields[0]} in Z | X) ;; *) printf '%s' "${fields[19]}" ;; esac
}

# remember FILE PID, recall FILE: a process by its id and start time, so that a reused id is never taken for it.
remember() {
    printf '%s %s\n' "$2" "$(started "$2")" >"$1"
}

recall() {
    local pid="" since=""
    [[ -f $1 ]] && read -r pid since <"$1"
    [[ -n $pid && -n $since && "$(started "$pid")" == "$since" ]] && printf '%s' "$pid"
    return 0
}

# family PID: the process, all of its session and all of its descendants.
family() {
    local stat line pid fields changed=1
    declare -A parent=() session=() member=([$1]=1)
    for stat in /proc/[0-9]*/stat; do
        { read -r line <"$stat"; } 2>/dev/null || continue
        pid="${line%% *}"
        read -ra fields <<<"${line##*) }"
        parent[$pid]="${fields[1]}"
        session[$pid]="${fields[3]}"
    done
    while ((changed)); do
        changed=0
        for pid in "${!parent[@]}"; do
            if [[ -z ${member[$pid]-} ]] && [[ ${session[$pid]} == "$1" || -n ${member[${parent[$pid]}]-} ]]; then
                member[$pid]=1
                changed=1
            fi
        done
    done
    printf '%s\n' "${!member[@]}"
}

# gone SECONDS PID...: waits until none of them runs.
gone() {
    local end=$((SECONDS + $1)) pid
    shift
    for pid in "$@"; do
        while [[ -n "$(started "$pid")" ]]; do
            ((SECONDS < end)) || return 1
            sleep 0.05
        done
    done
}

# launch NAME COMMAND...: in the background, in a session of its own, remembered as DIR/NAME.pid. The caller's pipes stay closed to it.
launch() {
    local name="$1"
    shift
    setsid "$@" >>"$dir/$name.log" 2>&1 </dev/null &
    remember "$dir/$name.pid" $!
    disown
}

# --- the three servers -----------------------------------------------------------------------------------------------

answers() {
    case $kind in
    rabbitmq | redis) (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null ;;&
    redis) [[ "$(redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null)" == PONG ]] ;;
    postgres) "$(postgres_bin)/pg_isready" -q -h 127.0.0.1 -p "$port" -U postgres -d postgres ;;
    esac
}

rabbitmq_environment() {
    export HOME="$dir/home" RABBITMQ_NODENAME="rg$port@localhost" RABBITMQ_BASE="$dir" RABBITMQ_MNESIA_BASE="$dir/mnesia" \
        RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_CONF_ENV_FILE="$dir/env.conf" RABBITMQ_CONFIG_FILE="$dir/rabbitmq.conf" \
        RABBITMQ_ADVANCED_CONFIG_FILE="$dir/advanced.config" RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" \
        RABBITMQ_PID_FILE="$dir/rabbit.pid" RABBITMQ_DIST_PORT=$((port + 20000)) \
        ERL_EPMD_PORT=$((port + 10000)) ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
}

start_rabbitmq() {
    mkdir -p "$dir"/{home,mnesia,log}
    : >"$dir/env.conf"
    # Every quorum queue looks after itself and counts its messages so often, in milliseconds; what is asked is counted when it is asked.
    # A cluster has hundreds: at the broker's own 5 seconds they take 4 % of a core while nothing happens.
    echo '[{rabbit, [{quorum_tick_interval, 60000}]}].' >"$dir/advanced.config"
    echo '[].' >"$dir/enabled_plugins"
    printf '%s\n' "listeners.tcp.1 = 127.0.0.1:$port" 'vm_memory_high_watermark.absolute = 2GB' 'disk_free_limit.absolute = 200MB' \
        'heartbeat = 5' 'log.console = false' >"$dir/rabbitmq.conf"
    rm -f "$dir/rabbit.pid"
    rabbitmq_environment
    # Erlang starts a port mapper of its own where none runs, detached and unknown to us: this one is ours to stop.
    launch epmd epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1
    launch server "$(rabbitmq_bin)/rabbitmq-server"
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [[ $(id -u) == 0 ]]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$dir" "$@"
    else
        "$@"
    fi
}

start_postgres() {
    local bin
    bin="$(postgres_bin)"
    if [[ $(id -u) == 0 ]]; then
        chown postgres: "$dir"
        as_postgres test -x "$dir" || fail "the user postgres cannot reach $dir: every directory above it must be open to others (chmod o+x); or choose another one"
    fi
    cd "$dir"
    if [[ ! -f $dir/data/PG_VERSION ]]; then
        # Under its own name only when it is whole: one that was interrupted is begun anew.
        rm -rf "${dir:?}/data.new"
        as_postgres "$bin/initdb" -D "$dir/data.new" -U postgres -A trust --no-sync -E UTF8 --locale=C >"$dir/initdb.log" 2>&1 ||
            fail "initdb failed: $(tail -n 5 "$dir/initdb.log")"
        mv -T "$dir/data.new" "$dir/data"
    fi
    # After kill -9 its lock names a process that may wait to be reaped, which PostgreSQL takes for a running one.
    local lock="$dir/data/postmaster.pid"
    if [[ -f $lock && -z "$(started "$(head -n 1 "$lock")")" ]]; then
        rm -f "$lock"
    fi
    local prefix=()
    [[ $(id -u) == 0 ]] && prefix=(setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$dir")
    launch server "${prefix[@]}" "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories= -c max_connections=200
}

start_redis() {
    launch server redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --save '' --appendonly no --daemonize no
}

# --- commands --------------------------------------------------------------------------------------------------------

# Below the ports that the kernel gives to clients (32768 and up); a broker also takes PORT+10000 and PORT+20000.
free_port() {
    local attempt candidate offset
    for ((attempt = 0; attempt < 200; attempt++)); do
        if [[ $kind == rabbitmq ]]; then candidate=$((10000 + RANDOM % 2700)); else candidate=$((13000 + RANDOM % 7000)); fi
        for offset in 0 10000 20000; do
            [[ $kind == rabbitmq || $offset == 0 ]] || continue
            (exec 3<>"/dev/tcp/127.0.0.1/$((candidate + offset))") 2>/dev/null && continue 2
        done
        printf '%s' "$candidate"
        return
    done
    fail 'no free port was found'
}

# up: 0 when the server answers, 1 when it ended or did not answer in time.
up() {
    local end=$((SECONDS + start_limit_s))
    until answers; do
        [[ -n "$(recall "$dir/server.pid")" ]] || return 1
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
    # Another process may hold the port.
    [[ -n "$(recall "$dir/server.pid")" ]]
}

start() {
    local asked="$1" watched="$2" attempt pid lacking
    lacking="$(missing | grep -E "^(${kind/postgres/postgresql}|$kind-server)\$" || true)"
    [[ -z $lacking ]] || fail "$kind is not installed: sudo apt-get install $lacking"
    mkdir -p "$dir"
    pid="$(recall "$dir/server.pid")"
    if [[ -f $dir/port ]]; then
        port="$(<"$dir/port")"
        [[ $asked == free || $asked == "$port" ]] || fail "the $kind in $dir was made for port $port and cannot move to $asked"
        asked="$port"
    fi
    if [[ -n $pid ]]; then
        signal CONT
    else
        for ((attempt = 1; ; attempt++)); do
            port="$asked"
            [[ $asked != free ]] || port="$(free_port)"
            "start_$kind"
            up && break
            signal_all KILL
            if ((attempt == 3)) || [[ $asked != free ]]; then
                fail "$kind did not start on port $port: $(tail -n 8 "$dir/server.log" 2>/dev/null)"
            fi
            rm -rf "${dir:?}"/{mnesia,home}
        done
        printf '%s' "$port" >"$dir/port"
    fi
    up || fail "$kind on port $port runs but does not answer; its log is $dir/server.log"
    if [[ -n $watched && -z "$(recall "$dir/watchdog.pid")" ]]; then
        launch watchdog bash "$self" watch "$kind" "$dir" "$watched" "$(started "$watched")"
    fi
}

# watch: until the process has gone (then nobody needs the server) or the directory has.
watch() {
    while [[ -d $dir ]]; do
        if [[ "$(started "$1")" != "$2" ]]; then
            signal_all KILL
            [[ -f $dir/port ]] && rm -rf "$dir"
            return
        fi
        sleep 1
    done
}

signal() {
    local pid
    pid="$(recall "$dir/server.pid")"
    [[ -n $pid ]] || return 0
    # shellcheck disable=SC2046 # one word a process id
    kill "-$1" $(family "$pid") 2>/dev/null || true
}

# signal_all KILL: the server, whatever it started and the port mapper, and waits for their end.
signal_all() {
    local pid pids=() name
    for name in server epmd; do
        pid="$(recall "$dir/$name.pid")"
        [[ -n $pid ]] || continue
        mapfile -t -O "${#pids[@]}" pids < <(family "$pid")
    done
    ((${#pids[@]})) || return 0
    kill "-$1" "${pids[@]}" 2>/dev/null || true
    gone "$stop_limit_s" "${pids[@]}" || fail "the processes ${pids[*]} of $kind in $dir did not end"
}

stop() {
    local pid target pids
    pid="$(recall "$dir/server.pid")"
    if [[ -n $pid ]]; then
        mapfile -t pids < <(family "$pid")
        signal CONT
        target="$pid"
        case $kind in
        rabbitmq)
            [[ -s $dir/rabbit.pid ]] && target="$(<"$dir/rabbit.pid")"
            kill -TERM "$target" 2>/dev/null || true
            ;;
        postgres) kill -INT "$target" 2>/dev/null || true ;;
        redis) kill -TERM "$target" 2>/dev/null || true ;;
        esac
        gone "$stop_limit_s" "${pids[@]}" || true
    fi
    signal_all KILL
}

status() {
    local pid line fields
    pid="$(recall "$dir/server.pid")"
    if [[ -z $pid ]]; then
        echo stopped
        return
    fi
    read -r line <"/proc/$pid/stat"
    read -ra fields <<<"${line##*) }"
    if [[ ${fields[0]} == T ]]; then echo paused; else echo running; fi
}

in_directory() {
    dir="$(realpath -m -- "$1")"
    port=""
    [[ ! -f $dir/port ]] || port="$(<"$dir/port")"
}

usage() {
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$self" >&2
    exit 2
}

command="${1-}"
case $command in
missing)
    missing
    ;;
start | stop | kill | pause | resume | status | watch)
    (($# >= 3)) || usage
    kind="$2"
    [[ $kind =~ ^(rabbitmq|postgres|redis)$ ]] || fail "'$kind' is no server; there are rabbitmq, postgres and redis"
    in_directory "$3"
    case $command in
    start)
        (($# == 4 || $# == 6)) || usage
        [[ $4 =~ ^(free|[0-9]+)$ ]] || fail "the port is a number or 'free', not '$4'"
        [[ ${5---parent} == --parent ]] || usage
        start "$4" "${6-}"
        ;;
    stop) stop ;;
    kill) signal_all KILL ;;
    pause) signal STOP ;;
    resume) signal CONT ;;
    status) status ;;
    watch) watch "$4" "$5" ;;
    esac
    ;;
database)
    (($# == 3)) || usage
    in_directory "$2"
    "$(postgres_bin)/createdb" -h 127.0.0.1 -p "$port" -U postgres -- "$3"
    ;;
rabbitmqctl)
    (($# >= 3)) || usage
    in_directory "$2"
    shift 2
    rabbitmq_environment
    exec "$(rabbitmq_bin)/rabbitmqctl" "$@"
    ;;
*) usage ;;
esac
