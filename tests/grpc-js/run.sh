#!/usr/bin/env bash
# Runs one of the scripts here with Node: run.sh SCRIPT [ARGUMENT…]. Installs the exact packages of package-lock.json when they are not
# there; several runs at once install once.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
for tool in node npm flock sha256sum; do
  if ! command -v "$tool" >/dev/null; then
    echo "$tool is not installed: install Node 18 or newer with npm (Debian: apt-get install nodejs npm; flock is in util-linux)" >&2
    exit 127
  fi
done
major="$(node -p 'process.versions.node.split(".")[0]')"
if ((major < 18)); then
  echo "node is version $major: install Node 18 or newer" >&2
  exit 127
fi

wanted="$(sha256sum <"$here/package-lock.json")"
stamp="$here/node_modules/.installed"
exec 9>"$here/.lock"
flock 9
if [[ ! -f $stamp || $(<"$stamp") != "$wanted" ]]; then
  (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2
  printf '%s' "$wanted" >"$stamp"
fi
exec 9>&-
script="$1"
shift
exec node "$here/$script" "$@"
