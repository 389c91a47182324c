# shellcheck shell=bash
# Runs every test project, or the soak alone, and closes with one line: N passed, N failed, N skipped.

# soak_minutes OPTION...: the minutes of `--soak MINUTES`, nothing without it; ends with 2 for anything else that begins so.
soak_minutes() {
    if [[ ${1-} != --soak* ]]; then
        return
    fi
    if [[ $1 != --soak || $# -ne 2 || ! $2 =~ ^[1-9][0-9]{0,3}$ ]]; then
        printf 'riskgrid: expected --soak MINUTES, with 1 to 9999 whole minutes and no other option, not: %s\n' "$*" >&2
        exit 2
    fi
    printf '%s' "$2"
}

# Whole clusters and servers under load, with limits of time: each runs alone. The others, which wait more than they compute, run side by side.
readonly alone=(RiskGrid.Acceptance RiskGrid.Cluster.Tests)
readonly side_by_side=2

# run_tests [OPTION...]: options go to `dotnet test`.
run_tests() {
    install_missing 'the tests with the official Node gRPC client' nodejs:node npm:npm
    require_servers 'the tests of the cluster'
    # shellcheck disable=SC2154 # root is set by the launcher
    local results="$root/artifacts/test-results" status=0 running=0 project name
    rm -rf "$results"
    # Ctrl+C ends what runs in the background as well.
    trap 'kill $(jobs -p) 2>/dev/null; trap - INT TERM; kill -TERM $$' INT TERM
    for project in "$root"/tests/*/*.csproj; do
        name="$(basename "$project" .csproj)"
        if [[ $name == RiskGrid.Testing || " ${alone[*]} " == *" $name "* ]]; then
            continue
        fi
        if ((running == side_by_side)); then
            wait -n || status=1
            running=$((running - 1))
        fi
        run_project "$name" "$results" "$@" &
        running=$((running + 1))
    done
    for (( ; running > 0; running--)); do
        wait -n || status=1
    done
    for name in "${alone[@]}"; do
        run_project "$name" "$results" "$@" || status=1
    done
    summarize "$results" "$status"
}

# run_project NAME RESULTS [OPTION...]
run_project() {
    # What a shell without job control runs in the background - a project below, or all of this as `./riskgrid test &` in a script - ignores
    # SIGINT, and so does all that it starts: a test that interrupts a command would interrupt nothing.
    env --default-signal=INT dotnet test "$root/tests/$1/bin/Release/net10.0/$1.dll" --nologo \
        --logger 'console;verbosity=minimal' --logger "trx;LogFileName=$1.trx" --results-directory "$2" "${@:3}"
}

# run_soak MINUTES: clients that book on a real cluster through faults for so long, then the checks of what they were told.
run_soak() {
    require_servers 'the soak'
    local results="$root/artifacts/soak" status=0 teller
    rm -rf "$results"
    mkdir -p "$results"
    : >"$results/soak.log"
    tail -n +1 -f --pid=$$ "$results/soak.log" &
    teller=$!
    RISKGRID_SOAK_MINUTES="$1" RISKGRID_SOAK_LOG="$results/soak.log" \
        run_project RiskGrid.Cluster.Tests "$results" --filter FullyQualifiedName~ExactlyOnceTests || status=1
    kill "$teller"
    summarize "$results" "$status"
}

# summarize FOLDER STATUS: the last line, from the result files of runs that ended so.
summarize() {
    local results="$1" status="$2"
    local passed=0 failed=0 skipped=0 file p f t e
    while IFS= read -r file; do
        # <Counters total="9" executed="9" passed="9" failed="0" error="0" timeout="0" ...
        read -r t e p f < <(sed -nE 's/.*<Counters total="([0-9]+)" executed="([0-9]+)" passed="([0-9]+)" failed="([0-9]+)".*/\1 \2 \3 \4/p' "$file" | head -n 1)
        passed=$((passed + ${p:-0}))
        failed=$((failed + ${f:-0}))
        skipped=$((skipped + ${t:-0} - ${e:-0}))
    done < <(find "$results" -name '*.trx' 2>/dev/null)
    if ((status != 0 && failed == 0)); then
        printf 'riskgrid: a test run ended without a result; see the messages above\n' >&2
        failed=1
    fi
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    ((failed == 0 && passed > 0))
}
