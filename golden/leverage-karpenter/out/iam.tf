resource "aws_iam_instance_profile" "masters-demo02-kops-devstg-k8s-local" {
  name = "masters.demo02-kops.devstg.k8s.local"
  role = aws_iam_role.masters-demo02-kops-devstg-k8s-local.name
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "masters.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_iam_instance_profile" "nodes-demo02-kops-devstg-k8s-local" {
  name = "nodes.demo02-kops.devstg.k8s.local"
  role = aws_iam_role.nodes-demo02-kops-devstg-k8s-local.name
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "nodes.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_iam_openid_connect_provider" "demo02-kops-devstg-k8s-local" {
  client_id_list = ["amazonaws.com"]
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280", "a9d53002e97e00e043244f3d170d6f4c414104fd"]
  url             = "https://kops-discovery.s3.us-east-1.amazonaws.com"
}

resource "aws_iam_role" "aws-cloud-controller-manager-kube-system-sa-demo02-kops-d-1a0ean" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_aws-cloud-controller-manager.kube-system.sa.demo02-kops.d-1a0ean_policy")
  name               = "aws-cloud-controller-manager.kube-system.sa.demo02-kops.d-1a0ean"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "aws-cloud-controller-manager.kube-system.sa.demo02-kops.d-1a0ean"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
    "service-account.kops.k8s.io/name"                   = "aws-cloud-controller-manager"
    "service-account.kops.k8s.io/namespace"              = "kube-system"
  }
}

resource "aws_iam_role" "cluster-autoscaler-kube-system-sa-demo02-kops-devstg-k8s-local" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_cluster-autoscaler.kube-system.sa.demo02-kops.devstg.k8s.local_policy")
  name               = "cluster-autoscaler.kube-system.sa.demo02-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "cluster-autoscaler.kube-system.sa.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
    "service-account.kops.k8s.io/name"                   = "cluster-autoscaler"
    "service-account.kops.k8s.io/namespace"              = "kube-system"
  }
}

resource "aws_iam_role" "ebs-csi-controller-sa-kube-system-sa-demo02-kops-devstg-k-j3k9cs" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_ebs-csi-controller-sa.kube-system.sa.demo02-kops.devstg.k-j3k9cs_policy")
  name               = "ebs-csi-controller-sa.kube-system.sa.demo02-kops.devstg.k-j3k9cs"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "ebs-csi-controller-sa.kube-system.sa.demo02-kops.devstg.k-j3k9cs"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
    "service-account.kops.k8s.io/name"                   = "ebs-csi-controller-sa"
    "service-account.kops.k8s.io/namespace"              = "kube-system"
  }
}

resource "aws_iam_role" "karpenter-kube-system-sa-demo02-kops-devstg-k8s-local" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_karpenter.kube-system.sa.demo02-kops.devstg.k8s.local_policy")
  name               = "karpenter.kube-system.sa.demo02-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "karpenter.kube-system.sa.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
    "service-account.kops.k8s.io/name"                   = "karpenter"
    "service-account.kops.k8s.io/namespace"              = "kube-system"
  }
}

resource "aws_iam_role" "masters-demo02-kops-devstg-k8s-local" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_masters.demo02-kops.devstg.k8s.local_policy")
  name               = "masters.demo02-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "masters.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_iam_role" "nodes-demo02-kops-devstg-k8s-local" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_nodes.demo02-kops.devstg.k8s.local_policy")
  name               = "nodes.demo02-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "nodes.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_iam_role_policy" "aws-cloud-controller-manager-kube-system-sa-demo02-kops-d-1a0ean" {
  name   = "aws-cloud-controller-manager.kube-system.sa.demo02-kops.d-1a0ean"
  policy = file("${path.module}/data/aws_iam_role_policy_aws-cloud-controller-manager.kube-system.sa.demo02-kops.d-1a0ean_policy")
  role   = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo02-kops-d-1a0ean.name
}

resource "aws_iam_role_policy" "cluster-autoscaler-kube-system-sa-demo02-kops-devstg-k8s-local" {
  name   = "cluster-autoscaler.kube-system.sa.demo02-kops.devstg.k8s.local"
  policy = file("${path.module}/data/aws_iam_role_policy_cluster-autoscaler.kube-system.sa.demo02-kops.devstg.k8s.local_policy")
  role   = aws_iam_role.cluster-autoscaler-kube-system-sa-demo02-kops-devstg-k8s-local.name
}

resource "aws_iam_role_policy" "ebs-csi-controller-sa-kube-system-sa-demo02-kops-devstg-k-j3k9cs" {
  name   = "ebs-csi-controller-sa.kube-system.sa.demo02-kops.devstg.k-j3k9cs"
  policy = file("${path.module}/data/aws_iam_role_policy_ebs-csi-controller-sa.kube-system.sa.demo02-kops.devstg.k-j3k9cs_policy")
  role   = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo02-kops-devstg-k-j3k9cs.name
}

resource "aws_iam_role_policy" "karpenter-kube-system-sa-demo02-kops-devstg-k8s-local" {
  name   = "karpenter.kube-system.sa.demo02-kops.devstg.k8s.local"
  policy = file("${path.module}/data/aws_iam_role_policy_karpenter.kube-system.sa.demo02-kops.devstg.k8s.local_policy")
  role   = aws_iam_role.karpenter-kube-system-sa-demo02-kops-devstg-k8s-local.name
}

resource "aws_iam_role_policy" "masters-demo02-kops-devstg-k8s-local" {
  name   = "masters.demo02-kops.devstg.k8s.local"
  policy = file("${path.module}/data/aws_iam_role_policy_masters.demo02-kops.devstg.k8s.local_policy")
  role   = aws_iam_role.masters-demo02-kops-devstg-k8s-local.name
}

resource "aws_iam_role_policy" "nodes-demo02-kops-devstg-k8s-local" {
  name   = "nodes.demo02-kops.devstg.k8s.local"
  policy = file("${path.module}/data/aws_iam_role_policy_nodes.demo02-kops.devstg.k8s.local_policy")
  role   = aws_iam_role.nodes-demo02-kops-devstg-k8s-local.name
}
