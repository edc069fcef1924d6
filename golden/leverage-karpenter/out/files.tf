resource "aws_s3_object" "cluster-completed-spec" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_cluster-completed.spec_content")
  key                    = "demo02-kops.devstg.k8s.local/cluster-completed.spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-authentication-aws-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-authentication.aws-k8s-1.12_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/authentication.aws/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-aws-cloud-controller-addons-k8s-io-k8s-1-18" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-aws-cloud-controller.addons.k8s.io-k8s-1.18_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/aws-cloud-controller.addons.k8s.io/k8s-1.18.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-aws-ebs-csi-driver.addons.k8s.io-k8s-1.17_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-bootstrap" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-bootstrap_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/bootstrap-channel.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-cluster-autoscaler-addons-k8s-io-k8s-1-15" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-cluster-autoscaler.addons.k8s.io-k8s-1.15_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/cluster-autoscaler.addons.k8s.io/k8s-1.15.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-dns-controller-addons-k8s-io-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-dns-controller.addons.k8s.io-k8s-1.12_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/dns-controller.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-karpenter-sh-k8s-1-19" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-karpenter.sh-k8s-1.19_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/karpenter.sh/k8s-1.19.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-kops-controller-addons-k8s-io-k8s-1-16" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-kops-controller.addons.k8s.io-k8s-1.16_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-kube-dns-addons-k8s-io-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-kube-dns.addons.k8s.io-k8s-1.12_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/kube-dns.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-kubelet-api.rbac.addons.k8s.io-k8s-1.9_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/kubelet-api.rbac.addons.k8s.io/k8s-1.9.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-limit-range-addons-k8s-io" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-limit-range.addons.k8s.io_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/limit-range.addons.k8s.io/v1.5.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-metrics-server-addons-k8s-io-k8s-1-11" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-metrics-server.addons.k8s.io-k8s-1.11_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/metrics-server.addons.k8s.io/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-networking-projectcalico-org-k8s-1-25" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-networking.projectcalico.org-k8s-1.25_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/networking.projectcalico.org/k8s-1.25.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo02-kops-devstg-k8s-local-addons-storage-aws-addons-k8s-io-v1-15-0" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo02-kops.devstg.k8s.local-addons-storage-aws.addons.k8s.io-v1.15.0_content")
  key                    = "demo02-kops.devstg.k8s.local/addons/storage-aws.addons.k8s.io/v1.15.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "discovery-json" {
  acl                    = "public-read"
  bucket                 = "kops-discovery"
  content                = file("${path.module}/data/aws_s3_object_discovery.json_content")
  key                    = ".well-known/openid-configuration"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-events" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-events_content")
  key                    = "demo02-kops.devstg.k8s.local/backups/etcd/events/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-main" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-main_content")
  key                    = "demo02-kops.devstg.k8s.local/backups/etcd/main/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "keys-json" {
  acl                    = "public-read"
  bucket                 = "kops-discovery"
  content                = file("${path.module}/data/aws_s3_object_keys.json_content")
  key                    = "openid/v1/jwks"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "kops-version-txt" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_kops-version.txt_content")
  key                    = "demo02-kops.devstg.k8s.local/kops-version.txt"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-channels-kops-channels" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-channels-kops-channels_content")
  key                    = "demo02-kops.devstg.k8s.local/manifests/channels/kops-channels.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-master-us-east-1a_content")
  key                    = "demo02-kops.devstg.k8s.local/manifests/etcd/events-master-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-master-us-east-1b" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-master-us-east-1b_content")
  key                    = "demo02-kops.devstg.k8s.local/manifests/etcd/events-master-us-east-1b.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-master-us-east-1c" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-master-us-east-1c_content")
  key                    = "demo02-kops.devstg.k8s.local/manifests/etcd/events-master-us-east-1c.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-master-us-east-1a_content")
  key                    = "demo02-kops.devstg.k8s.local/manifests/etcd/main-master-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-master-us-east-1b" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-master-us-east-1b_content")
  key                    = "demo02-kops.devstg.k8s.local/manifests/etcd/main-master-us-east-1b.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-master-us-east-1c" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-master-us-east-1c_content")
  key                    = "demo02-kops.devstg.k8s.local/manifests/etcd/main-master-us-east-1c.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-static-kube-apiserver-healthcheck" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-static-kube-apiserver-healthcheck_content")
  key                    = "demo02-kops.devstg.k8s.local/manifests/static/kube-apiserver-healthcheck.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-master-us-east-1a_content")
  key                    = "demo02-kops.devstg.k8s.local/igconfig/control-plane/master-us-east-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-master-us-east-1b" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-master-us-east-1b_content")
  key                    = "demo02-kops.devstg.k8s.local/igconfig/control-plane/master-us-east-1b/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-master-us-east-1c" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-master-us-east-1c_content")
  key                    = "demo02-kops.devstg.k8s.local/igconfig/control-plane/master-us-east-1c/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-nodes" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-nodes_content")
  key                    = "demo02-kops.devstg.k8s.local/igconfig/node/nodes/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupscript-nodes" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupscript-nodes_content")
  key                    = "demo02-kops.devstg.k8s.local/igconfig/node/nodes/nodeupscript.sh"
  provider               = aws.files
  server_side_encryption = "AES256"
}
