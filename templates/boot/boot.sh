#!/bin/bash
# Makes this instance a node of {{ .cluster }}: fetches nodeup, checks it, and lets it do the rest.
set -o errexit -o nounset -o pipefail
{{ range .nodeup }}
NODEUP_URL_{{ .suffix }}={{ .urls }}
NODEUP_HASH_{{ .suffix }}={{ .hash }}
{{- end }}
{{ range .exports }}
export {{ .name }}={{ .value }}
{{- end }}
{{- if .proxy }}

# Everything on this machine goes through the proxy: shells, package managers and services.
use_proxy() {
  local -r proxy={{ .proxy.url }} excludes={{ .proxy.excludes }}
  local setting settings=("http_proxy=${proxy}" "https_proxy=${proxy}" "no_proxy=${excludes}" "NO_PROXY=${excludes}")
  printf '%s\n' "${settings[@]}" >> /etc/environment
  for setting in "${settings[@]}"; do
    export "${setting?}"
  done
  if [[ -d /etc/apt/apt.conf.d ]]; then
    printf 'Acquire::http::Proxy "%s";\n' "${proxy}" > /etc/apt/apt.conf.d/30proxy
  elif [[ -f /etc/yum.conf ]]; then
    printf 'proxy=%s\n' "${proxy}" >> /etc/yum.conf
  fi
  {
    printf 'DefaultEnvironment='
    printf '"%s" ' "${settings[@]}"
    printf '\n'
  } >> /etc/systemd/system.conf
  systemctl daemon-reload
  systemctl daemon-reexec
}
use_proxy
{{- end }}

# Small socket buffers let large downloads stall.
sysctl -w net.core.rmem_max=16777216 || true
sysctl -w net.core.wmem_max=16777216 || true
sysctl -w net.ipv4.tcp_rmem='4096 87380 16777216' || true
sysctl -w net.ipv4.tcp_wmem='4096 87380 16777216' || true

say() {
  echo "boot: $*"
}

# fetch WAY URL FILE: one attempt. Some servers compress what they send, some only claim to.
fetch() {
  local -r limits=(--connect-timeout 20 --retry 5 --retry-delay 5)
  case "$1" in
    compressed) curl --fail --silent --show-error --location --compressed "${limits[@]}" --output "$3" "$2" ;;
    plain) curl --fail --silent --show-error --location "${limits[@]}" --output "$3" "$2" ;;
    wget) wget --no-verbose --connect-timeout=20 --tries=5 --wait=5 --output-document="$3" "$2" ;;
  esac
}

# is_intact FILE HASH
is_intact() {
  [[ -f "$1" ]] && echo "$2  $1" | sha256sum --check --status
}

# download FILE HASH URL,URL: does not come back before the right file is there.
download() {
  local -r file="$1" hash="$2"
  local -a urls
  local url way
  IFS=, read -r -a urls <<< "$3"
  if is_intact "${file}" "${hash}"; then
    return
  fi
  while true; do
    for url in "${urls[@]}"; do
      for way in compressed plain wget; do
        say "downloading ${url} (${way})"
        if ! fetch "${way}" "${url}" "${file}"; then
          say "cannot download ${url}"
        elif is_intact "${file}" "${hash}"; then
          return
        else
          say "${url} does not have the hash ${hash}"
        fi
        rm -f "${file}"
      done
    done
    say "no place has ${file}, trying again in ${BOOT_RETRY_SECONDS:-60} s"
    sleep "${BOOT_RETRY_SECONDS:-60}"
  done
}

case "$(uname -m)" in
  x86_64 | amd64)
    nodeup_url="${NODEUP_URL_AMD64}"
    nodeup_hash="${NODEUP_HASH_AMD64}"
    ;;
  aarch64 | arm64)
    nodeup_url="${NODEUP_URL_ARM64}"
    nodeup_hash="${NODEUP_HASH_ARM64}"
    ;;
  *)
    say "there is no nodeup for $(uname -m)" >&2
    exit 1
    ;;
esac

systemd-machine-id-setup || say "cannot set up the machine id, it should be there already"

# Container-Optimized OS runs programs from below /var/lib/toolbox only.
folder=/opt/kops
if [[ -d /var/lib/toolbox ]]; then
  folder=/var/lib/toolbox/kops
fi
folder="${BOOT_FOLDER:-${folder}}"
mkdir -p "${folder}/bin" "${folder}/conf"
cd "${folder}"
{{ if .compressed }}
echo "{{ .compressed }}" | base64 -d | gzip -d > conf/kube_env.yaml
{{- else }}
cat > conf/kube_env.yaml << 'KUBE_ENV'
{{ .kube_env }}
KUBE_ENV
{{- end }}

download "${folder}/bin/nodeup" "${nodeup_hash}" "${nodeup_url}"
chmod +x bin/nodeup
say "starting nodeup"
cd bin
./nodeup --install-systemd-unit "--conf=${folder}/conf/kube_env.yaml" --v=8
say "done"
