resource "aws_s3_object" "addons-aws-cloud-controller-addons-k8s-io-k8s-1-18" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-aws-cloud-controller-addons-k8s-io-k8s-1-18_content")
  key                    = "${var.cluster_name}/addons/aws-cloud-controller.addons.k8s.io/k8s-1.18.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17_content")
  key                    = "${var.cluster_name}/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-bootstrap" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-bootstrap_content")
  key                    = "${var.cluster_name}/addons/bootstrap-channel.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-coredns-addons-k8s-io-k8s-1-12" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-coredns-addons-k8s-io-k8s-1-12_content")
  key                    = "${var.cluster_name}/addons/coredns.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-dns-controller-addons-k8s-io-k8s-1-12" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-dns-controller-addons-k8s-io-k8s-1-12_content")
  key                    = "${var.cluster_name}/addons/dns-controller.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-kops-controller-addons-k8s-io-k8s-1-16" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-kops-controller-addons-k8s-io-k8s-1-16_content")
  key                    = "${var.cluster_name}/addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9_content")
  key                    = "${var.cluster_name}/addons/kubelet-api.rbac.addons.k8s.io/k8s-1.9.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-limit-range-addons-k8s-io" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-limit-range-addons-k8s-io_content")
  key                    = "${var.cluster_name}/addons/limit-range.addons.k8s.io/v1.5.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-networking-projectcalico-org-k8s-1-25" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-networking-projectcalico-org-k8s-1-25_content")
  key                    = "${var.cluster_name}/addons/networking.projectcalico.org/k8s-1.25.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-node-termination-handler-aws-k8s-1-11" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-node-termination-handler-aws-k8s-1-11_content")
  key                    = "${var.cluster_name}/addons/node-termination-handler.aws/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "addons-storage-aws-addons-k8s-io-v1-15-0" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_addons-storage-aws-addons-k8s-io-v1-15-0_content")
  key                    = "${var.cluster_name}/addons/storage-aws.addons.k8s.io/v1.15.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "cluster-completed-spec" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_cluster-completed-spec_content")
  key                    = "${var.cluster_name}/cluster-completed.spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-events" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_etcd-cluster-spec-events_content")
  key                    = "${var.cluster_name}/backups/etcd/events/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-main" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_etcd-cluster-spec-main_content")
  key                    = "${var.cluster_name}/backups/etcd/main/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "kops-version-txt" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_kops-version-txt_content")
  key                    = "${var.cluster_name}/kops-version.txt"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-channels-kops-channels" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_manifests-channels-kops-channels_content")
  key                    = "${var.cluster_name}/manifests/channels/kops-channels.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-control-plane-eu-central-1a" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_manifests-etcdmanager-events-control-plane-eu-central-1a_content")
  key                    = "${var.cluster_name}/manifests/etcd/events-control-plane-eu-central-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-control-plane-eu-central-1b" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_manifests-etcdmanager-events-control-plane-eu-central-1b_content")
  key                    = "${var.cluster_name}/manifests/etcd/events-control-plane-eu-central-1b.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-control-plane-eu-central-1c" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_manifests-etcdmanager-events-control-plane-eu-central-1c_content")
  key                    = "${var.cluster_name}/manifests/etcd/events-control-plane-eu-central-1c.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-control-plane-eu-central-1a" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_manifests-etcdmanager-main-control-plane-eu-central-1a_content")
  key                    = "${var.cluster_name}/manifests/etcd/main-control-plane-eu-central-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-control-plane-eu-central-1b" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_manifests-etcdmanager-main-control-plane-eu-central-1b_content")
  key                    = "${var.cluster_name}/manifests/etcd/main-control-plane-eu-central-1b.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-control-plane-eu-central-1c" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_manifests-etcdmanager-main-control-plane-eu-central-1c_content")
  key                    = "${var.cluster_name}/manifests/etcd/main-control-plane-eu-central-1c.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-static-kube-apiserver-healthcheck" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_manifests-static-kube-apiserver-healthcheck_content")
  key                    = "${var.cluster_name}/manifests/static/kube-apiserver-healthcheck.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-control-plane-eu-central-1a" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_nodeupconfig-control-plane-eu-central-1a_content")
  key                    = "${var.cluster_name}/igconfig/control-plane/control-plane-eu-central-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-control-plane-eu-central-1b" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_nodeupconfig-control-plane-eu-central-1b_content")
  key                    = "${var.cluster_name}/igconfig/control-plane/control-plane-eu-central-1b/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-control-plane-eu-central-1c" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_nodeupconfig-control-plane-eu-central-1c_content")
  key                    = "${var.cluster_name}/igconfig/control-plane/control-plane-eu-central-1c/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-spot" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_nodeupconfig-spot_content")
  key                    = "${var.cluster_name}/igconfig/node/spot/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-warm" {
  bucket                 = "corp-kops-state"
  content                = file("${local.data_dir}/aws_s3_object_nodeupconfig-warm_content")
  key                    = "${var.cluster_name}/igconfig/node/warm/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}
