# Shared by the scripts beside it: where things lie and which tools are there.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Outside the clone, so that a fresh clone does not compile the AWS crates anew.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kopsform/target}"
venv="$root/target/venv"

# What builds without the AWS and Kubernetes crates.
pure=(--workspace --exclude kopsform-aws --exclude kopsform-kube --no-default-features)

say() { printf '\n== %s\n' "$*"; }

# need TOOL HOW: ends with what to install when a tool is missing.
need() {
  command -v "$1" >/dev/null 2>&1 && return
  printf 'missing tool: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

# install PACKAGE TOOL: installs a Debian package for a tool when that is possible without asking.
install() {
  command -v "$2" >/dev/null 2>&1 && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get install -y -qq "$1" >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq "$1" >/dev/null; }
  fi
  need "$2" "install the package $1"
}

# The Rust toolchain, by rustup where it is not installed yet.
need_rust() {
  if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
    export PATH="$HOME/.cargo/bin:$PATH"
  fi
  need cargo 'install Rust 1.95 or later, see https://rustup.rs'
  need cc 'install a C compiler (Debian: build-essential)'
  need cmake 'install cmake (the TLS and RSA library is built with it)'
}

# A Python environment with the pinned AWS simulator, made once.
make_venv() {
  need python3 'install Python 3.9 or later with venv'
  if [ ! -x "$venv/bin/moto_server" ]; then
    say "Python environment in target/venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$root/tests/requirements.txt"
  fi
}
