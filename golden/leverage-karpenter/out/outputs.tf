locals {
  cluster_name                                       = "demo02-kops.devstg.k8s.local"
  iam_openid_connect_provider_arn                    = aws_iam_openid_connect_provider.demo02-kops-devstg-k8s-local.arn
  iam_openid_connect_provider_issuer                 = "kops-discovery.s3.us-east-1.amazonaws.com"
  kube-system-aws-cloud-controller-manager_role_arn  = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo02-kops-d-1a0ean.arn
  kube-system-aws-cloud-controller-manager_role_name = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo02-kops-d-1a0ean.name
  kube-system-cluster-autoscaler_role_arn            = aws_iam_role.cluster-autoscaler-kube-system-sa-demo02-kops-devstg-k8s-local.arn
  kube-system-cluster-autoscaler_role_name           = aws_iam_role.cluster-autoscaler-kube-system-sa-demo02-kops-devstg-k8s-local.name
  kube-system-ebs-csi-controller-sa_role_arn         = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo02-kops-devstg-k-j3k9cs.arn
  kube-system-ebs-csi-controller-sa_role_name        = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo02-kops-devstg-k-j3k9cs.name
  kube-system-karpenter_role_arn                     = aws_iam_role.karpenter-kube-system-sa-demo02-kops-devstg-k8s-local.arn
  kube-system-karpenter_role_name                    = aws_iam_role.karpenter-kube-system-sa-demo02-kops-devstg-k8s-local.name
  master_autoscaling_group_ids                       = [aws_autoscaling_group.master-us-east-1a-masters-demo02-kops-devstg-k8s-local.id, aws_autoscaling_group.master-us-east-1b-masters-demo02-kops-devstg-k8s-local.id, aws_autoscaling_group.master-us-east-1c-masters-demo02-kops-devstg-k8s-local.id]
  master_security_group_ids                          = [aws_security_group.masters-demo02-kops-devstg-k8s-local.id]
  masters_role_arn                                   = aws_iam_role.masters-demo02-kops-devstg-k8s-local.arn
  masters_role_name                                  = aws_iam_role.masters-demo02-kops-devstg-k8s-local.name
  nodes_role_arn                                     = aws_iam_role.nodes-demo02-kops-devstg-k8s-local.arn
  nodes_role_name                                    = aws_iam_role.nodes-demo02-kops-devstg-k8s-local.name
  region                                             = "us-east-1"
  subnet_ids                                         = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000", "subnet-0pub00000000000", "subnet-0pub10000000000", "subnet-0pub20000000000"]
  subnet_us-east-1a_id                               = "subnet-0prv00000000000"
  subnet_us-east-1b_id                               = "subnet-0prv10000000000"
  subnet_us-east-1c_id                               = "subnet-0prv20000000000"
  subnet_utility-us-east-1a_id                       = "subnet-0pub00000000000"
  subnet_utility-us-east-1b_id                       = "subnet-0pub10000000000"
  subnet_utility-us-east-1c_id                       = "subnet-0pub20000000000"
  vpc_cidr_block                                     = data.aws_vpc.demo02-kops-devstg-k8s-local.cidr_block
  vpc_id                                             = "vpc-0a1b2c3d4e5f60001"
  vpc_ipv6_cidr_block                                = data.aws_vpc.demo02-kops-devstg-k8s-local.ipv6_cidr_block
  vpc_ipv6_cidr_length                               = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

output "cluster_name" {
  value = "demo02-kops.devstg.k8s.local"
}

output "iam_openid_connect_provider_arn" {
  value = aws_iam_openid_connect_provider.demo02-kops-devstg-k8s-local.arn
}

output "iam_openid_connect_provider_issuer" {
  value = "kops-discovery.s3.us-east-1.amazonaws.com"
}

output "kube-system-aws-cloud-controller-manager_role_arn" {
  value = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo02-kops-d-1a0ean.arn
}

output "kube-system-aws-cloud-controller-manager_role_name" {
  value = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo02-kops-d-1a0ean.name
}

output "kube-system-cluster-autoscaler_role_arn" {
  value = aws_iam_role.cluster-autoscaler-kube-system-sa-demo02-kops-devstg-k8s-local.arn
}

output "kube-system-cluster-autoscaler_role_name" {
  value = aws_iam_role.cluster-autoscaler-kube-system-sa-demo02-kops-devstg-k8s-local.name
}

output "kube-system-ebs-csi-controller-sa_role_arn" {
  value = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo02-kops-devstg-k-j3k9cs.arn
}

output "kube-system-ebs-csi-controller-sa_role_name" {
  value = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo02-kops-devstg-k-j3k9cs.name
}

output "kube-system-karpenter_role_arn" {
  value = aws_iam_role.karpenter-kube-system-sa-demo02-kops-devstg-k8s-local.arn
}

output "kube-system-karpenter_role_name" {
  value = aws_iam_role.karpenter-kube-system-sa-demo02-kops-devstg-k8s-local.name
}

output "master_autoscaling_group_ids" {
  value = [aws_autoscaling_group.master-us-east-1a-masters-demo02-kops-devstg-k8s-local.id, aws_autoscaling_group.master-us-east-1b-masters-demo02-kops-devstg-k8s-local.id, aws_autoscaling_group.master-us-east-1c-masters-demo02-kops-devstg-k8s-local.id]
}

output "master_security_group_ids" {
  value = [aws_security_group.masters-demo02-kops-devstg-k8s-local.id]
}

output "masters_role_arn" {
  value = aws_iam_role.masters-demo02-kops-devstg-k8s-local.arn
}

output "masters_role_name" {
  value = aws_iam_role.masters-demo02-kops-devstg-k8s-local.name
}

output "nodes_role_arn" {
  value = aws_iam_role.nodes-demo02-kops-devstg-k8s-local.arn
}

output "nodes_role_name" {
  value = aws_iam_role.nodes-demo02-kops-devstg-k8s-local.name
}

output "region" {
  value = "us-east-1"
}

output "subnet_ids" {
  value = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000", "subnet-0pub00000000000", "subnet-0pub10000000000", "subnet-0pub20000000000"]
}

output "subnet_us-east-1a_id" {
  value = "subnet-0prv00000000000"
}

output "subnet_us-east-1b_id" {
  value = "subnet-0prv10000000000"
}

output "subnet_us-east-1c_id" {
  value = "subnet-0prv20000000000"
}

output "subnet_utility-us-east-1a_id" {
  value = "subnet-0pub00000000000"
}

output "subnet_utility-us-east-1b_id" {
  value = "subnet-0pub10000000000"
}

output "subnet_utility-us-east-1c_id" {
  value = "subnet-0pub20000000000"
}

output "vpc_cidr_block" {
  value = data.aws_vpc.demo02-kops-devstg-k8s-local.cidr_block
}

output "vpc_id" {
  value = "vpc-0a1b2c3d4e5f60001"
}

output "vpc_ipv6_cidr_block" {
  value = data.aws_vpc.demo02-kops-devstg-k8s-local.ipv6_cidr_block
}

output "vpc_ipv6_cidr_length" {
  value = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}
