# The steps of scripts/release, which sets $root, $version, $dist, $targets, $profile and $features.
# shellcheck shell=bash
# shellcheck disable=SC2154  # set by scripts/release

release_tools="$root/target/release-tools"
# Versions of the tools: Zig compiles and links C, cargo-zigbuild lets cargo use it, cargo-cyclonedx writes the bill of materials.
ziglang=0.17.1
cargo_zigbuild=0.24.1
cargo_cyclonedx=0.5.9

# debian_architecture TARGET: Debian's name of a target's architecture.
debian_architecture() {
  case $1 in
    x86_64-unknown-linux-musl) echo amd64 ;;
    aarch64-unknown-linux-musl) echo arm64 ;;
    *) printf 'unknown target: %s\nhint: x86_64-unknown-linux-musl or aarch64-unknown-linux-musl\n' "$1" >&2; return 1 ;;
  esac
}

# Installs the pinned tools, unless they are there.
make_release_tools() {
  need python3 'install Python 3.9 or later with venv'
  need rustup 'install Rust with rustup, which has the standard library for other targets'
  local stamp="$release_tools/$ziglang-$cargo_zigbuild"
  if [ ! -e "$stamp" ]; then
    say "Zig in target/release-tools"
    rm -rf "$release_tools"
    python3 -m venv "$release_tools"
    "$release_tools/bin/pip" install --quiet --disable-pip-version-check \
      "ziglang==$ziglang" "cargo-zigbuild==$cargo_zigbuild"
    touch "$stamp"
  fi
  rustup --quiet target add "${targets[@]}"
  export PATH="$release_tools/bin:$PATH"
}

# program TARGET: where cargo puts the program.
program() { echo "$CARGO_TARGET_DIR/$1/${profile/dev/debug}/kopsform"; }

# The program that runs on this machine. Programs for another architecture run only where it is emulated.
host_program() {
  local host
  host=$(program "$(uname -m)-unknown-linux-musl")
  if [ ! -x "$host" ]; then
    printf 'no program for %s\nhint: add the target %s-unknown-linux-musl, whose program writes the manual pages\n' \
      "$(uname -m)" "$(uname -m)" >&2
    return 1
  fi
  echo "$host"
}

build_program() {
  # Messages of panics name source files: by their paths in the repository, not on this machine.
  local cargo_home=${CARGO_HOME:-$HOME/.cargo} flags link=()
  flags="--remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$root=/kopsform"
  # A tenth of the program would be tables for unwinding, which are of no use where a panic is the end.
  if [ "$profile" = release ]; then
    flags+=" -C force-unwind-tables=no"
    link=(-C "link-arg=-Wl,-T,$root/scripts/no-unwind-tables.ld")
  fi
  RUSTFLAGS=$flags cargo-zigbuild rustc --profile "$profile" "${features[@]}" --locked --bin kopsform --target "$1" -- "${link[@]}"
  local size
  size=$(stat -c %s "$(program "$1")")
  printf 'kopsform for %s: %d.%d MB\n' "$1" $((size / 1000000)) $((size / 100000 % 10))
}

# make_documents PROGRAM: manual pages and completion scripts in $dist/documents.
make_documents() {
  mkdir -p "$dist/documents/man" "$dist/documents/completions"
  "$1" man --out "$dist/documents/man"
  "$1" completion bash >"$dist/documents/completions/kopsform.bash"
  "$1" completion zsh >"$dist/documents/completions/_kopsform"
  "$1" completion fish >"$dist/documents/completions/kopsform.fish"
  "$1" completion powershell >"$dist/documents/completions/kopsform.ps1"
}

# pack ARCHIVE DIRECTORY: a compressed archive of a directory next to it, with the same bytes for the same files.
pack() {
  tar --create --directory "$(dirname "$2")" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode='u+rwX,go+rX,go-w' "$(basename "$2")" | gzip -9 -n >"$1"
}

make_archive() {
  local name="kopsform-$version-$1" work
  work=$(mktemp -d)
  mkdir "$work/$name"
  install_file 755 "$(program "$1")" "$work/$name/kopsform"
  cp LICENSE README.md CHANGELOG.md "$work/$name/"
  cp -r "$dist/documents/man" "$dist/documents/completions" "$work/$name/"
  pack "$dist/$name.tar.gz" "$work/$name"
  rm -rf "$work"
}

# install_file MODE FROM TO
install_file() { command install -D -m "$1" "$2" "$3"; }

make_debian_package() {
  local work architecture page size
  architecture=$(debian_architecture "$1")
  work=$(mktemp -d)
  install_file 755 "$(program "$1")" "$work/usr/bin/kopsform"
  install_file 644 "$dist/documents/completions/kopsform.bash" "$work/usr/share/bash-completion/completions/kopsform"
  install_file 644 "$dist/documents/completions/_kopsform" "$work/usr/share/zsh/vendor-completions/_kopsform"
  install_file 644 "$dist/documents/completions/kopsform.fish" "$work/usr/share/fish/vendor_completions.d/kopsform.fish"
  for page in "$dist"/documents/man/*.1; do
    install_file 644 "$page" "$work/usr/share/man/man1/$(basename "$page")"
  done
  gzip -9 -n "$work"/usr/share/man/man1/*.1
  mkdir -p "$work/usr/share/doc/kopsform" "$work/DEBIAN"
  gzip -9 -n <CHANGELOG.md >"$work/usr/share/doc/kopsform/changelog.gz"
  cat >"$work/usr/share/doc/kopsform/copyright" <<EOF
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: kopsform

Files: *
Copyright: the kopsform authors
License: Apache-2.0
 On Debian systems, the full text is in /usr/share/common-licenses/Apache-2.0.
EOF
  size=$(du -sk --apparent-size "$work/usr" | cut -f1)
  cat >"$work/DEBIAN/control" <<EOF
Package: kopsform
Version: $version-1
Architecture: $architecture
Maintainer: the kopsform authors <kopsform@example.com>
Installed-Size: $size
Recommends: ca-certificates
Suggests: terraform, kubectl
Section: admin
Priority: optional
Description: Kubernetes clusters on AWS and Google Cloud from kops specs
 kopsform validates kops cluster specs, keeps them in kops' state store,
 generates Terraform, and replaces instances without losing workloads.
 It takes the commands, flags and environment variables of kops.
EOF
  find "$work" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz --build "$work" "$dist/kopsform_$version-1_$architecture.deb" >/dev/null
  rm -rf "$work"
}

# A CycloneDX document of the program's dependencies, as cargo resolves them for the first target.
make_sbom() {
  local stamp="$release_tools/cargo-cyclonedx-$cargo_cyclonedx"
  if [ ! -e "$stamp" ]; then
    "${CARGO:-cargo}" install --quiet --locked --force --debug --root "$release_tools" cargo-cyclonedx --version "$cargo_cyclonedx"
    touch "$stamp"
  fi
  # It writes a file next to each Cargo.toml of the workspace; only the program's is released.
  "${CARGO:-cargo}" cyclonedx --quiet --format json --spec-version 1.5 --target "${targets[0]}" --override-filename "kopsform.cdx"
  mv kopsform.cdx.json "$dist/kopsform-$version.cdx.json"
  find crates -name kopsform.cdx.json -delete
}

# The build context of the image: the Dockerfile and the program of each architecture, by Docker's name of it.
make_container() {
  local target
  install_file 644 Dockerfile "$dist/container/Dockerfile"
  for target in "${targets[@]}"; do
    install_file 755 "$(program "$target")" "$dist/container/linux/$(debian_architecture "$target")/kopsform"
  done
  pack "$dist/kopsform-$version-container.tar.gz" "$dist/container"
}
