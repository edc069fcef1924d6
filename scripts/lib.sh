# Shared by the scripts next to it: paths, and checks for the tools they need.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Outside the clone, so that a fresh clone does not compile the AWS crates again.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kopsform/target}"
venv="$root/target/venv"

# Everything that builds without the AWS and Kubernetes crates.
# shellcheck disable=SC2034  # used by the scripts that source this file
pure=(--workspace --exclude kopsform-aws --exclude kopsform-kube --no-default-features)

say() { printf '\n== %s\n' "$*"; }

# make_scratch: creates the directory $scratch. At the end of the script it is removed, and what was started is ended.
scratch=
make_scratch() {
  [ -n "$scratch" ] && return
  scratch=$(mktemp -d)
  trap clean_up EXIT
}
clean_up() {
  local process
  for process in $(jobs -p); do kill -- "-$process" 2>/dev/null || true; done
  rm -rf "$scratch"
}

# start NAME COMMAND [ARGUMENT…]: runs a command next to others: $parallel at once, or as many as there are cores.
started=() started_processes=()
start() {
  make_scratch
  while [ "$(jobs -rp | wc -l)" -ge "${parallel:-$(nproc)}" ]; do wait -n || true; done
  # With job control, the command and what it starts are a process group, which can be ended as a whole.
  set -m
  "${@:2}" </dev/null >"$scratch/started-${#started[@]}" 2>&1 &
  set +m
  started+=("$1")
  started_processes+=($!)
}

# finish: waits for what was started and prints what it has printed, in the order of the starts; fails if a command has failed.
finish() {
  local number failed=()
  for number in "${!started[@]}"; do
    wait "${started_processes[$number]}" || failed+=("${started[$number]}")
    say "${started[$number]}"
    cat "$scratch/started-$number"
  done
  started=() started_processes=()
  [ ${#failed[@]} -eq 0 ] && return
  printf 'failed: %s\n' "${failed[@]}" >&2
  return 1
}

# need TOOL HINT: exits with a hint if a tool is missing.
need() {
  command -v "$1" >/dev/null 2>&1 && return
  printf 'missing tool: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

# install PACKAGE TOOL: installs the Debian package of a missing tool, if that is possible without a password.
install() {
  command -v "$2" >/dev/null 2>&1 && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get install -y -qq "$1" >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq "$1" >/dev/null; }
  fi
  need "$2" "install the package $1"
}

# Finds the Rust toolchain, also where rustup has installed it outside PATH.
need_rust() {
  if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
    export PATH="$HOME/.cargo/bin:$PATH"
  fi
  need cargo 'install Rust 1.95 or later, see https://rustup.rs'
  need cc 'install a C compiler (Debian: build-essential)'
  need cmake 'install cmake (required to build the TLS and RSA library)'
}

# Creates a Python environment with the pinned AWS simulator, unless it exists.
make_venv() {
  need python3 'install Python 3.9 or later with venv'
  if [ ! -x "$venv/bin/moto_server" ]; then
    say "Python environment in target/venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$root/tests/requirements.txt"
  fi
}

# Installs the programs of scripts/tools.txt into target/tools, unless these versions are there, and puts them on the path.
make_tools() {
  need python3 'install Python 3.9 or later with venv'
  local tools="$root/target/tools" stamp
  stamp="$tools/$(sha256sum "$root/scripts/tools.txt" | cut -c1-16)"
  if [ ! -e "$stamp" ]; then
    say "tools in target/tools"
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r "$root/scripts/tools.txt"
    touch "$stamp"
  fi
  export PATH="$tools/bin:$PATH"
}

# Installs the spelling checker into target/spelling, unless this version is there.
make_spelling() {
  need npm 'install Node.js 20 or later with npm'
  local directory="$root/target/spelling"
  cmp -s "$root/scripts/spelling/package-lock.json" "$directory/installed.json" && return
  say "spelling checker in target/spelling"
  rm -rf "$directory"
  mkdir -p "$directory"
  cp "$root"/scripts/spelling/package*.json "$directory"
  npm ci --prefix "$directory" --silent --no-audit --no-fund
  cp "$root/scripts/spelling/package-lock.json" "$directory/installed.json"
}

# Installs actionlint into target/actionlint, unless this version is there.
make_actionlint() {
  local version=v1.7.12 directory="$root/target/actionlint"
  if [ ! -e "$directory/$version" ]; then
    need go 'install Go 1.24 or later (compiles actionlint)'
    say "actionlint in target/actionlint"
    rm -rf "$directory"
    GOBIN="$directory" go install "github.com/rhysd/actionlint/cmd/actionlint@$version"
    touch "$directory/$version"
  fi
  export PATH="$directory:$PATH"
}

# cargo_test [ARGUMENT…]: runs cargo test and prints how many tests passed, failed and were ignored in all test programs.
cargo_test() {
  local log code=0
  log=$(mktemp)
  cargo test --locked "$@" | tee "$log" || code=$?
  awk '
    /^test result: / { programs++; passed += $4; failed += $6; ignored += $8 }
    END { printf "\n%d passed, %d failed, %d ignored in %d test programs\n", passed, failed, ignored, programs }
  ' "$log"
  rm -f "$log"
  return "$code"
}
