# The checks of `scripts/release --check`, which sets $dist, $version, $profile and $root.
# shellcheck shell=bash
# shellcheck disable=SC2154  # set by scripts/release

fail() {
  printf 'release: %s\n' "$*" >&2
  exit 1
}

check_release() {
  local work host archive
  [ -f "$dist/SHA256SUMS" ] || fail "nothing is in $dist: run scripts/release first"
  need readelf 'install binutils'
  need openssl 'install openssl'
  need unshare 'install util-linux'
  say "checksums"
  (cd "$dist" && sha256sum --check --strict --quiet SHA256SUMS)

  work=$(mktemp -d)
  # shellcheck disable=SC2064  # the directory of now
  trap "rm -rf '$work'" EXIT
  host="$(uname -m)-unknown-linux-musl"
  for archive in "$dist"/kopsform-"$version"-*-musl.tar.gz; do
    say "$(basename "$archive")"
    tar --extract --gzip --file "$archive" --directory "$work"
  done
  for archive in "$work"/*-musl; do
    check_static "$archive/kopsform"
  done
  check_packages "$work"
  check_sbom
  [ -x "$work/kopsform-$version-$host/kopsform" ] || fail "there is no program for $host, which could be started here"
  check_archive "$work/kopsform-$version-$host"
  check_bare "$work/kopsform-$version-$host/kopsform" "$work/bare"
  say "everything is as expected"
}

# check_static PROGRAM: it needs no interpreter and no library.
check_static() {
  local program=$1
  if readelf --program-headers "$program" | grep -q INTERP || readelf --dynamic "$program" | grep -q NEEDED; then
    fail "$program is not static"
  fi
  printf '%s: static, %d MB\n' "$(basename "$(dirname "$program")")" "$(($(stat -c %s "$program") / 1000000))"
}

# check_archive DIRECTORY: the program has the version of the archive, and its documents.
check_archive() {
  local page
  [ "$("$1/kopsform" --version)" = "kopsform $version (kops 1.36.2)" ] || fail "$("$1/kopsform" --version) in the archive of $version"
  for page in LICENSE README.md CHANGELOG.md man/kopsform.1 man/kopsform-sync.1 completions/kopsform.bash completions/_kopsform; do
    [ -s "$1/$page" ] || fail "the archive has no $page"
  done
}

# check_packages WORK: the Debian packages have the files of the archives.
check_packages() {
  local package directory
  for package in "$dist"/*.deb; do
    say "$(basename "$package")"
    directory="$1/deb"
    dpkg-deb --raw-extract "$package" "$directory"
    [ "$(dpkg-deb --field "$package" Version)" = "$version-1" ] || fail "$package is of another version"
    case $(dpkg-deb --field "$package" Architecture) in
      amd64) cmp "$directory/usr/bin/kopsform" "$1/kopsform-$version-x86_64-unknown-linux-musl/kopsform" ;;
      arm64) cmp "$directory/usr/bin/kopsform" "$1/kopsform-$version-aarch64-unknown-linux-musl/kopsform" ;;
      *) fail "$package is for an unknown architecture" ;;
    esac
    [ -s "$directory/usr/share/man/man1/kopsform.1.gz" ] || fail "$package has no manual page"
    dpkg-deb --info "$package" | sed -n '/^ Package/,$p'
    rm -rf "$directory"
  done
}

# The bill of materials is CycloneDX, and each reference in it resolves.
check_sbom() {
  say "bill of materials"
  python3 - "$dist/kopsform-$version.cdx.json" <<'EOF'
import json, sys
bom = json.load(open(sys.argv[1]))
components = {part["bom-ref"]: part for part in [bom["metadata"]["component"], *bom["components"]]}
missing = {ref for entry in bom["dependencies"] for ref in [entry["ref"], *entry.get("dependsOn", [])]} - components.keys()
names = {part["name"] for part in components.values()}
if bom["bomFormat"] != "CycloneDX" or missing or not {"kopsform", "aws-lc-sys", "rustls"} <= names:
    sys.exit(f"the bill of materials is incomplete: {sorted(missing)[:5]}")
print(f"{len(bom['components'])} components")
EOF
}

# bare DIRECTORY [NAME=VALUE…] ARGUMENT…: runs the program in a directory that is the whole file system, with this environment only.
bare() {
  local directory=$1 settings=()
  shift
  while [[ ${1:-} == *=* ]]; do
    settings+=("$1")
    shift
  done
  env -i "${settings[@]}" "$(command -v unshare)" --map-root-user --root="$directory" --wd=/project /kopsform "$@"
}

# check_bare PROGRAM DIRECTORY: the main workflow with only the program and its inputs, and TLS without CA certificates.
check_bare() {
  local directory=$2 found
  say "in a directory with nothing else"
  mkdir "$directory"
  cp "$1" "$directory/kopsform"
  cp -r tests/project "$directory/project"
  rm -rf "$directory/project/out" "$directory/project/state"
  bare "$directory" --version
  bare "$directory" sync --offline
  [ -s "$directory/project/out/kubernetes.tf" ] || fail "no kubernetes.tf was written"
  bare "$directory" validate spec -f cluster.rendered.yml --strict
  bare "$directory" sync --offline --check
  (cd "$directory" && find . -maxdepth 1 -mindepth 1 -printf '%P ' && wc -l project/out/kubernetes.tf)

  if [ "$profile" = dev ]; then
    say "TLS without CA certificates: not checked, the program of --quick has no clouds"
    return
  fi
  say "TLS in a directory without CA certificates"
  make_certificates "$directory/tls"
  cp "$directory/tls/ca.pem" "$directory/project/ca.pem"
  openssl s_server -accept 127.0.0.1:5473 -cert "$directory/tls/server.pem" -key "$directory/tls/server.key" -www -quiet \
    >/dev/null 2>&1 &
  local server=$!
  local settings=(AWS_ENDPOINT_URL=https://127.0.0.1:5473 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-east-1)
  sleep 1
  found=$(bare "$directory" "${settings[@]}" get clusters --state s3://bucket 2>&1 || true)
  printf '%s\n' "$found" | tail -2
  [[ $found == *"this system has no CA certificates"* ]] || fail "the missing CA certificates are not reported"
  found=$(bare "$directory" "${settings[@]}" SSL_CERT_FILE=/project/ca.pem get clusters --state s3://bucket 2>&1 || true)
  kill "$server"
  printf '%s\n' "$found" | tail -2
  [[ $found != *certificate* ]] || fail "the certificates that SSL_CERT_FILE names are not used"
}

# make_certificates DIRECTORY: an authority, and a certificate for 127.0.0.1.
make_certificates() {
  mkdir "$1"
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2)
  openssl req -x509 "${key[@]}" -keyout "$1/ca.key" -out "$1/ca.pem" -subj /CN=test \
    -addext 'basicConstraints=critical,CA:TRUE' 2>/dev/null
  openssl req -new "${key[@]}" -keyout "$1/server.key" -out "$1/server.csr" -subj /CN=server 2>/dev/null
  openssl x509 -req -in "$1/server.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -CAcreateserial -days 2 -out "$1/server.pem" \
    -extfile <(printf 'basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n') 2>/dev/null
}
