# Sourced by the other scripts: the release of kops that is expected, and the outputs of the prerequisites.
set -e -o pipefail

KOPS_VER=1.36.2
if [[ $(kops version | grep "$KOPS_VER") != *$KOPS_VER* ]]; then
  echo "kops $KOPS_VER is not on the path" >&2
  exit 1
fi

TF_OUTPUT=$(cd ../1-prerequisites && terraform output -json)
VALUES_FILE=values.yaml
echo "$TF_OUTPUT" >"$VALUES_FILE"
CLUSTER_TEMPLATE=cluster-template.yml
CLUSTER_FILE=cluster.yml
SSH_PUBLIC_KEY=$(echo "$TF_OUTPUT" | jq -r .ssh_pub_key_path.value)
CLUSTER_NAME=$(echo "$TF_OUTPUT" | jq -r .cluster_name.value)
CLUSTER_STATE=s3://$(echo "$TF_OUTPUT" | jq -r .kops_s3_bucket.value)
export CLUSTER_TEMPLATE CLUSTER_FILE SSH_PUBLIC_KEY CLUSTER_NAME CLUSTER_STATE
