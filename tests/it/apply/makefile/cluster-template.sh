#!/bin/bash
set -e -o pipefail
# shellcheck source=tests/it/apply/makefile/cluster-config.sh
source ./cluster-config.sh

kops toolbox template \
  --name "${CLUSTER_NAME}" \
  --values "${VALUES_FILE}" \
  --template "${CLUSTER_TEMPLATE}" \
  --format-yaml >"${CLUSTER_FILE}"
