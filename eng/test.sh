# shellcheck shell=bash
# Runs every test project and closes with one line: N passed, N failed, N skipped.

# run_tests [OPTION...]: options go to `dotnet test`.
run_tests() {
    install_missing 'the tests with the official Node gRPC client' nodejs:node npm:npm
    require_servers 'the tests of the cluster'
    # shellcheck disable=SC2154 # root is set by the launcher
    local results="$root/artifacts/test-results" status=0
    rm -rf "$results"
    # One project at a time: several of them start servers and measure nothing but behaviour under load.
    dotnet test "$root/RiskGrid.sln" -c Release --no-build --nologo -v quiet -maxcpucount:1 \
        --logger 'console;verbosity=minimal' --logger trx --results-directory "$results" "$@" || status=1
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
