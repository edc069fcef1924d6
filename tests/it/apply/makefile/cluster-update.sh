#!/bin/bash
set -e -o pipefail
# shellcheck source=tests/it/apply/makefile/cluster-config.sh
source ./cluster-config.sh

kops toolbox template \
  --name "${CLUSTER_NAME}" \
  --values "${VALUES_FILE}" \
  --template "${CLUSTER_TEMPLATE}" \
  --format-yaml >"${CLUSTER_FILE}"

kops replace \
  -f "${CLUSTER_FILE}" \
  --state "${CLUSTER_STATE}" \
  --name "${CLUSTER_NAME}" \
  --force

kops create \
  --state "${CLUSTER_STATE}" \
  --name "${CLUSTER_NAME}" \
  sshpublickey \
  --ssh-public-key "${SSH_PUBLIC_KEY}"

kops update cluster \
  --target terraform \
  --state "${CLUSTER_STATE}" \
  --name "${CLUSTER_NAME}" \
  --create-kube-config=true \
  --out .

# config.tf has the providers and the backend: their blocks are cut out of kubernetes.tf.
for block in '^provider "aws" {' '^terraform {'; do
  awk -v start="$block" '$0 ~ start { inside = 1; next } !inside { print } /^}/ { inside = 0 }' kubernetes.tf >kubernetes.tf.bak
  mv kubernetes.tf.bak kubernetes.tf
done
