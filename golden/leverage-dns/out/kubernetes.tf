locals {
  cluster_name                                       = "k1.devstg.aws.binbash-demo.com.ar"
  iam_openid_connect_provider_arn                    = aws_iam_openid_connect_provider.k1-devstg-aws-binbash-demo-com-ar.arn
  iam_openid_connect_provider_issuer                 = "kops-discovery.s3.us-east-1.amazonaws.com"
  kube-system-aws-cloud-controller-manager_role_arn  = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-k1-devstg-aws-ih6gk9.arn
  kube-system-aws-cloud-controller-manager_role_name = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-k1-devstg-aws-ih6gk9.name
  kube-system-aws-node-termination-handler_role_arn  = aws_iam_role.aws-node-termination-handler-kube-system-sa-k1-devstg-aws-hrb9rr.arn
  kube-system-aws-node-termination-handler_role_name = aws_iam_role.aws-node-termination-handler-kube-system-sa-k1-devstg-aws-hrb9rr.name
  kube-system-cluster-autoscaler_role_arn            = aws_iam_role.cluster-autoscaler-kube-system-sa-k1-devstg-aws-binbash-d-t83r9e.arn
  kube-system-cluster-autoscaler_role_name           = aws_iam_role.cluster-autoscaler-kube-system-sa-k1-devstg-aws-binbash-d-t83r9e.name
  kube-system-dns-controller_role_arn                = aws_iam_role.dns-controller-kube-system-sa-k1-devstg-aws-binbash-demo-com-ar.arn
  kube-system-dns-controller_role_name               = aws_iam_role.dns-controller-kube-system-sa-k1-devstg-aws-binbash-demo-com-ar.name
  kube-system-ebs-csi-controller-sa_role_arn         = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-k1-devstg-aws-binbas-p448qj.arn
  kube-system-ebs-csi-controller-sa_role_name        = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-k1-devstg-aws-binbas-p448qj.name
  master_autoscaling_group_ids                       = [aws_autoscaling_group.master-us-east-1a-masters-k1-devstg-aws-binbash-demo-com-ar.id, aws_autoscaling_group.master-us-east-1b-masters-k1-devstg-aws-binbash-demo-com-ar.id, aws_autoscaling_group.master-us-east-1c-masters-k1-devstg-aws-binbash-demo-com-ar.id]
  master_security_group_ids                          = [aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id]
  masters_role_arn                                   = aws_iam_role.masters-k1-devstg-aws-binbash-demo-com-ar.arn
  masters_role_name                                  = aws_iam_role.masters-k1-devstg-aws-binbash-demo-com-ar.name
  node_autoscaling_group_ids                         = [aws_autoscaling_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id]
  node_security_group_ids                            = [aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id]
  node_subnet_ids                                    = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000"]
  nodes_role_arn                                     = aws_iam_role.nodes-k1-devstg-aws-binbash-demo-com-ar.arn
  nodes_role_name                                    = aws_iam_role.nodes-k1-devstg-aws-binbash-demo-com-ar.name
  region                                             = "us-east-1"
  subnet_ids                                         = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000", "subnet-0pub00000000000", "subnet-0pub10000000000", "subnet-0pub20000000000"]
  subnet_us-east-1a_id                               = "subnet-0prv00000000000"
  subnet_us-east-1b_id                               = "subnet-0prv10000000000"
  subnet_us-east-1c_id                               = "subnet-0prv20000000000"
  subnet_utility-us-east-1a_id                       = "subnet-0pub00000000000"
  subnet_utility-us-east-1b_id                       = "subnet-0pub10000000000"
  subnet_utility-us-east-1c_id                       = "subnet-0pub20000000000"
  vpc_cidr_block                                     = data.aws_vpc.k1-devstg-aws-binbash-demo-com-ar.cidr_block
  vpc_id                                             = "vpc-0a1b2c3d4e5f60001"
  vpc_ipv6_cidr_block                                = data.aws_vpc.k1-devstg-aws-binbash-demo-com-ar.ipv6_cidr_block
  vpc_ipv6_cidr_length                               = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

output "cluster_name" {
  value = "k1.devstg.aws.binbash-demo.com.ar"
}

output "iam_openid_connect_provider_arn" {
  value = aws_iam_openid_connect_provider.k1-devstg-aws-binbash-demo-com-ar.arn
}

output "iam_openid_connect_provider_issuer" {
  value = "kops-discovery.s3.us-east-1.amazonaws.com"
}

output "kube-system-aws-cloud-controller-manager_role_arn" {
  value = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-k1-devstg-aws-ih6gk9.arn
}

output "kube-system-aws-cloud-controller-manager_role_name" {
  value = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-k1-devstg-aws-ih6gk9.name
}

output "kube-system-aws-node-termination-handler_role_arn" {
  value = aws_iam_role.aws-node-termination-handler-kube-system-sa-k1-devstg-aws-hrb9rr.arn
}

output "kube-system-aws-node-termination-handler_role_name" {
  value = aws_iam_role.aws-node-termination-handler-kube-system-sa-k1-devstg-aws-hrb9rr.name
}

output "kube-system-cluster-autoscaler_role_arn" {
  value = aws_iam_role.cluster-autoscaler-kube-system-sa-k1-devstg-aws-binbash-d-t83r9e.arn
}

output "kube-system-cluster-autoscaler_role_name" {
  value = aws_iam_role.cluster-autoscaler-kube-system-sa-k1-devstg-aws-binbash-d-t83r9e.name
}

output "kube-system-dns-controller_role_arn" {
  value = aws_iam_role.dns-controller-kube-system-sa-k1-devstg-aws-binbash-demo-com-ar.arn
}

output "kube-system-dns-controller_role_name" {
  value = aws_iam_role.dns-controller-kube-system-sa-k1-devstg-aws-binbash-demo-com-ar.name
}

output "kube-system-ebs-csi-controller-sa_role_arn" {
  value = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-k1-devstg-aws-binbas-p448qj.arn
}

output "kube-system-ebs-csi-controller-sa_role_name" {
  value = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-k1-devstg-aws-binbas-p448qj.name
}

output "master_autoscaling_group_ids" {
  value = [aws_autoscaling_group.master-us-east-1a-masters-k1-devstg-aws-binbash-demo-com-ar.id, aws_autoscaling_group.master-us-east-1b-masters-k1-devstg-aws-binbash-demo-com-ar.id, aws_autoscaling_group.master-us-east-1c-masters-k1-devstg-aws-binbash-demo-com-ar.id]
}

output "master_security_group_ids" {
  value = [aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id]
}

output "masters_role_arn" {
  value = aws_iam_role.masters-k1-devstg-aws-binbash-demo-com-ar.arn
}

output "masters_role_name" {
  value = aws_iam_role.masters-k1-devstg-aws-binbash-demo-com-ar.name
}

output "node_autoscaling_group_ids" {
  value = [aws_autoscaling_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id]
}

output "node_security_group_ids" {
  value = [aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id]
}

output "node_subnet_ids" {
  value = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000"]
}

output "nodes_role_arn" {
  value = aws_iam_role.nodes-k1-devstg-aws-binbash-demo-com-ar.arn
}

output "nodes_role_name" {
  value = aws_iam_role.nodes-k1-devstg-aws-binbash-demo-com-ar.name
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
  value = data.aws_vpc.k1-devstg-aws-binbash-demo-com-ar.cidr_block
}

output "vpc_id" {
  value = "vpc-0a1b2c3d4e5f60001"
}

output "vpc_ipv6_cidr_block" {
  value = data.aws_vpc.k1-devstg-aws-binbash-demo-com-ar.ipv6_cidr_block
}

output "vpc_ipv6_cidr_length" {
  value = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "files"
  region = "us-east-1"
}

resource "aws_autoscaling_group" "master-us-east-1a-masters-k1-devstg-aws-binbash-demo-com-ar" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.master-us-east-1a-masters-k1-devstg-aws-binbash-demo-com-ar.id
    version = aws_launch_template.master-us-east-1a-masters-k1-devstg-aws-binbash-demo-com-ar.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "master-us-east-1a.masters.k1.devstg.aws.binbash-demo.com.ar"
  protect_from_scale_in = false
  tag {
    key                 = "Backup"
    propagate_at_launch = true
    value               = "True"
  }
  tag {
    key                 = "Environment"
    propagate_at_launch = true
    value               = "apps-devstg"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "k1.devstg.aws.binbash-demo.com.ar"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "master-us-east-1a.masters.k1.devstg.aws.binbash-demo.com.ar"
  }
  tag {
    key                 = "Provisioner"
    propagate_at_launch = true
    value               = "kops"
  }
  tag {
    key                 = "Service"
    propagate_at_launch = true
    value               = "kubernetes"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/role/control-plane"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "k8s.io/role/master"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "master-us-east-1a"
  }
  tag {
    key                 = "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.tcp-k1-devstg-aws-binbash-jbjurt.id]
  vpc_zone_identifier = ["subnet-0prv00000000000"]
}

resource "aws_autoscaling_group" "master-us-east-1b-masters-k1-devstg-aws-binbash-demo-com-ar" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.master-us-east-1b-masters-k1-devstg-aws-binbash-demo-com-ar.id
    version = aws_launch_template.master-us-east-1b-masters-k1-devstg-aws-binbash-demo-com-ar.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "master-us-east-1b.masters.k1.devstg.aws.binbash-demo.com.ar"
  protect_from_scale_in = false
  tag {
    key                 = "Backup"
    propagate_at_launch = true
    value               = "True"
  }
  tag {
    key                 = "Environment"
    propagate_at_launch = true
    value               = "apps-devstg"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "k1.devstg.aws.binbash-demo.com.ar"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "master-us-east-1b.masters.k1.devstg.aws.binbash-demo.com.ar"
  }
  tag {
    key                 = "Provisioner"
    propagate_at_launch = true
    value               = "kops"
  }
  tag {
    key                 = "Service"
    propagate_at_launch = true
    value               = "kubernetes"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/role/control-plane"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "k8s.io/role/master"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "master-us-east-1b"
  }
  tag {
    key                 = "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.tcp-k1-devstg-aws-binbash-jbjurt.id]
  vpc_zone_identifier = ["subnet-0prv10000000000"]
}

resource "aws_autoscaling_group" "master-us-east-1c-masters-k1-devstg-aws-binbash-demo-com-ar" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.master-us-east-1c-masters-k1-devstg-aws-binbash-demo-com-ar.id
    version = aws_launch_template.master-us-east-1c-masters-k1-devstg-aws-binbash-demo-com-ar.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "master-us-east-1c.masters.k1.devstg.aws.binbash-demo.com.ar"
  protect_from_scale_in = false
  tag {
    key                 = "Backup"
    propagate_at_launch = true
    value               = "True"
  }
  tag {
    key                 = "Environment"
    propagate_at_launch = true
    value               = "apps-devstg"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "k1.devstg.aws.binbash-demo.com.ar"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "master-us-east-1c.masters.k1.devstg.aws.binbash-demo.com.ar"
  }
  tag {
    key                 = "Provisioner"
    propagate_at_launch = true
    value               = "kops"
  }
  tag {
    key                 = "Service"
    propagate_at_launch = true
    value               = "kubernetes"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/role/control-plane"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "k8s.io/role/master"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "master-us-east-1c"
  }
  tag {
    key                 = "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.tcp-k1-devstg-aws-binbash-jbjurt.id]
  vpc_zone_identifier = ["subnet-0prv20000000000"]
}

resource "aws_autoscaling_group" "nodes-k1-devstg-aws-binbash-demo-com-ar" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.nodes-k1-devstg-aws-binbash-demo-com-ar.id
    version = aws_launch_template.nodes-k1-devstg-aws-binbash-demo-com-ar.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 5
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "nodes.k1.devstg.aws.binbash-demo.com.ar"
  protect_from_scale_in = false
  tag {
    key                 = "Backup"
    propagate_at_launch = true
    value               = "True"
  }
  tag {
    key                 = "Environment"
    propagate_at_launch = true
    value               = "apps-devstg"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "k1.devstg.aws.binbash-demo.com.ar"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "nodes.k1.devstg.aws.binbash-demo.com.ar"
  }
  tag {
    key                 = "Provisioner"
    propagate_at_launch = true
    value               = "kops"
  }
  tag {
    key                 = "Service"
    propagate_at_launch = true
    value               = "kubernetes"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/role/node"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "nodes"
  }
  tag {
    key                 = "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000"]
}

resource "aws_autoscaling_lifecycle_hook" "master-us-east-1a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.master-us-east-1a-masters-k1-devstg-aws-binbash-demo-com-ar.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "master-us-east-1a-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "master-us-east-1b-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.master-us-east-1b-masters-k1-devstg-aws-binbash-demo-com-ar.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "master-us-east-1b-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "master-us-east-1c-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.master-us-east-1c-masters-k1-devstg-aws-binbash-demo-com-ar.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "master-us-east-1c-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "nodes-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "nodes-NTHLifecycleHook"
}

resource "aws_cloudwatch_event_rule" "k1-devstg-aws-binbash-demo-com-ar-ASGLifecycle" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_k1.devstg.aws.binbash-demo.com.ar-ASGLifecycle_event_pattern")
  name          = "k1.devstg.aws.binbash-demo.com.ar-ASGLifecycle"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "k1.devstg.aws.binbash-demo.com.ar-ASGLifecycle"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "k1-devstg-aws-binbash-demo-com-ar-InstanceScheduledChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_k1.devstg.aws.binbash-demo.com.ar-InstanceScheduledChange_event_pattern")
  name          = "k1.devstg.aws.binbash-demo.com.ar-InstanceScheduledChange"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "k1.devstg.aws.binbash-demo.com.ar-InstanceScheduledChange"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "k1-devstg-aws-binbash-demo-com-ar-InstanceStateChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_k1.devstg.aws.binbash-demo.com.ar-InstanceStateChange_event_pattern")
  name          = "k1.devstg.aws.binbash-demo.com.ar-InstanceStateChange"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "k1.devstg.aws.binbash-demo.com.ar-InstanceStateChange"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "k1-devstg-aws-binbash-demo-com-ar-SpotInterruption" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_k1.devstg.aws.binbash-demo.com.ar-SpotInterruption_event_pattern")
  name          = "k1.devstg.aws.binbash-demo.com.ar-SpotInterruption"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "k1.devstg.aws.binbash-demo.com.ar-SpotInterruption"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_cloudwatch_event_target" "k1-devstg-aws-binbash-demo-com-ar-ASGLifecycle-Target" {
  arn  = aws_sqs_queue.k1-devstg-aws-binbash-demo-com-ar-nth.arn
  rule = aws_cloudwatch_event_rule.k1-devstg-aws-binbash-demo-com-ar-ASGLifecycle.id
}

resource "aws_cloudwatch_event_target" "k1-devstg-aws-binbash-demo-com-ar-InstanceScheduledChange-Target" {
  arn  = aws_sqs_queue.k1-devstg-aws-binbash-demo-com-ar-nth.arn
  rule = aws_cloudwatch_event_rule.k1-devstg-aws-binbash-demo-com-ar-InstanceScheduledChange.id
}

resource "aws_cloudwatch_event_target" "k1-devstg-aws-binbash-demo-com-ar-InstanceStateChange-Target" {
  arn  = aws_sqs_queue.k1-devstg-aws-binbash-demo-com-ar-nth.arn
  rule = aws_cloudwatch_event_rule.k1-devstg-aws-binbash-demo-com-ar-InstanceStateChange.id
}

resource "aws_cloudwatch_event_target" "k1-devstg-aws-binbash-demo-com-ar-SpotInterruption-Target" {
  arn  = aws_sqs_queue.k1-devstg-aws-binbash-demo-com-ar-nth.arn
  rule = aws_cloudwatch_event_rule.k1-devstg-aws-binbash-demo-com-ar-SpotInterruption.id
}

resource "aws_ebs_volume" "a-etcd-events-k1-devstg-aws-binbash-demo-com-ar" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "a.etcd-events.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "k8s.io/etcd/events"                                      = "a/a,b,c"
    "k8s.io/role/control-plane"                               = "1"
    "k8s.io/role/master"                                      = "1"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "a-etcd-main-k1-devstg-aws-binbash-demo-com-ar" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "a.etcd-main.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "k8s.io/etcd/main"                                        = "a/a,b,c"
    "k8s.io/role/control-plane"                               = "1"
    "k8s.io/role/master"                                      = "1"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "b-etcd-events-k1-devstg-aws-binbash-demo-com-ar" {
  availability_zone = "us-east-1b"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "b.etcd-events.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "k8s.io/etcd/events"                                      = "b/a,b,c"
    "k8s.io/role/control-plane"                               = "1"
    "k8s.io/role/master"                                      = "1"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "b-etcd-main-k1-devstg-aws-binbash-demo-com-ar" {
  availability_zone = "us-east-1b"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "b.etcd-main.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "k8s.io/etcd/main"                                        = "b/a,b,c"
    "k8s.io/role/control-plane"                               = "1"
    "k8s.io/role/master"                                      = "1"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "c-etcd-events-k1-devstg-aws-binbash-demo-com-ar" {
  availability_zone = "us-east-1c"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "c.etcd-events.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "k8s.io/etcd/events"                                      = "c/a,b,c"
    "k8s.io/role/control-plane"                               = "1"
    "k8s.io/role/master"                                      = "1"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "c-etcd-main-k1-devstg-aws-binbash-demo-com-ar" {
  availability_zone = "us-east-1c"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "c.etcd-main.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "k8s.io/etcd/main"                                        = "c/a,b,c"
    "k8s.io/role/control-plane"                               = "1"
    "k8s.io/role/master"                                      = "1"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_iam_instance_profile" "masters-k1-devstg-aws-binbash-demo-com-ar" {
  name = "masters.k1.devstg.aws.binbash-demo.com.ar"
  role = aws_iam_role.masters-k1-devstg-aws-binbash-demo-com-ar.name
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "masters.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_iam_instance_profile" "nodes-k1-devstg-aws-binbash-demo-com-ar" {
  name = "nodes.k1.devstg.aws.binbash-demo.com.ar"
  role = aws_iam_role.nodes-k1-devstg-aws-binbash-demo-com-ar.name
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "nodes.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_iam_openid_connect_provider" "k1-devstg-aws-binbash-demo-com-ar" {
  client_id_list = ["amazonaws.com"]
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280", "a9d53002e97e00e043244f3d170d6f4c414104fd"]
  url             = "https://kops-discovery.s3.us-east-1.amazonaws.com"
}

resource "aws_iam_role" "aws-cloud-controller-manager-kube-system-sa-k1-devstg-aws-ih6gk9" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_aws-cloud-controller-manager.kube-system.sa.k1.devstg.aws-ih6gk9_policy")
  name               = "aws-cloud-controller-manager.kube-system.sa.k1.devstg.aws-ih6gk9"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "aws-cloud-controller-manager.kube-system.sa.k1.devstg.aws-ih6gk9"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
    "service-account.kops.k8s.io/name"                        = "aws-cloud-controller-manager"
    "service-account.kops.k8s.io/namespace"                   = "kube-system"
  }
}

resource "aws_iam_role" "aws-node-termination-handler-kube-system-sa-k1-devstg-aws-hrb9rr" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_aws-node-termination-handler.kube-system.sa.k1.devstg.aws-hrb9rr_policy")
  name               = "aws-node-termination-handler.kube-system.sa.k1.devstg.aws-hrb9rr"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "aws-node-termination-handler.kube-system.sa.k1.devstg.aws-hrb9rr"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
    "service-account.kops.k8s.io/name"                        = "aws-node-termination-handler"
    "service-account.kops.k8s.io/namespace"                   = "kube-system"
  }
}

resource "aws_iam_role" "cluster-autoscaler-kube-system-sa-k1-devstg-aws-binbash-d-t83r9e" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_cluster-autoscaler.kube-system.sa.k1.devstg.aws.binbash-d-t83r9e_policy")
  name               = "cluster-autoscaler.kube-system.sa.k1.devstg.aws.binbash-d-t83r9e"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "cluster-autoscaler.kube-system.sa.k1.devstg.aws.binbash-d-t83r9e"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
    "service-account.kops.k8s.io/name"                        = "cluster-autoscaler"
    "service-account.kops.k8s.io/namespace"                   = "kube-system"
  }
}

resource "aws_iam_role" "dns-controller-kube-system-sa-k1-devstg-aws-binbash-demo-com-ar" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_dns-controller.kube-system.sa.k1.devstg.aws.binbash-demo.com.ar_policy")
  name               = "dns-controller.kube-system.sa.k1.devstg.aws.binbash-demo.com.ar"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "dns-controller.kube-system.sa.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
    "service-account.kops.k8s.io/name"                        = "dns-controller"
    "service-account.kops.k8s.io/namespace"                   = "kube-system"
  }
}

resource "aws_iam_role" "ebs-csi-controller-sa-kube-system-sa-k1-devstg-aws-binbas-p448qj" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_ebs-csi-controller-sa.kube-system.sa.k1.devstg.aws.binbas-p448qj_policy")
  name               = "ebs-csi-controller-sa.kube-system.sa.k1.devstg.aws.binbas-p448qj"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "ebs-csi-controller-sa.kube-system.sa.k1.devstg.aws.binbas-p448qj"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
    "service-account.kops.k8s.io/name"                        = "ebs-csi-controller-sa"
    "service-account.kops.k8s.io/namespace"                   = "kube-system"
  }
}

resource "aws_iam_role" "masters-k1-devstg-aws-binbash-demo-com-ar" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_masters.k1.devstg.aws.binbash-demo.com.ar_policy")
  name               = "masters.k1.devstg.aws.binbash-demo.com.ar"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "masters.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_iam_role" "nodes-k1-devstg-aws-binbash-demo-com-ar" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_nodes.k1.devstg.aws.binbash-demo.com.ar_policy")
  name               = "nodes.k1.devstg.aws.binbash-demo.com.ar"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "nodes.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_iam_role_policy" "aws-cloud-controller-manager-kube-system-sa-k1-devstg-aws-ih6gk9" {
  name   = "aws-cloud-controller-manager.kube-system.sa.k1.devstg.aws-ih6gk9"
  policy = file("${path.module}/data/aws_iam_role_policy_aws-cloud-controller-manager.kube-system.sa.k1.devstg.aws-ih6gk9_policy")
  role   = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-k1-devstg-aws-ih6gk9.name
}

resource "aws_iam_role_policy" "aws-node-termination-handler-kube-system-sa-k1-devstg-aws-hrb9rr" {
  name   = "aws-node-termination-handler.kube-system.sa.k1.devstg.aws-hrb9rr"
  policy = file("${path.module}/data/aws_iam_role_policy_aws-node-termination-handler.kube-system.sa.k1.devstg.aws-hrb9rr_policy")
  role   = aws_iam_role.aws-node-termination-handler-kube-system-sa-k1-devstg-aws-hrb9rr.name
}

resource "aws_iam_role_policy" "cluster-autoscaler-kube-system-sa-k1-devstg-aws-binbash-d-t83r9e" {
  name   = "cluster-autoscaler.kube-system.sa.k1.devstg.aws.binbash-d-t83r9e"
  policy = file("${path.module}/data/aws_iam_role_policy_cluster-autoscaler.kube-system.sa.k1.devstg.aws.binbash-d-t83r9e_policy")
  role   = aws_iam_role.cluster-autoscaler-kube-system-sa-k1-devstg-aws-binbash-d-t83r9e.name
}

resource "aws_iam_role_policy" "dns-controller-kube-system-sa-k1-devstg-aws-binbash-demo-com-ar" {
  name   = "dns-controller.kube-system.sa.k1.devstg.aws.binbash-demo.com.ar"
  policy = file("${path.module}/data/aws_iam_role_policy_dns-controller.kube-system.sa.k1.devstg.aws.binbash-demo.com.ar_policy")
  role   = aws_iam_role.dns-controller-kube-system-sa-k1-devstg-aws-binbash-demo-com-ar.name
}

resource "aws_iam_role_policy" "ebs-csi-controller-sa-kube-system-sa-k1-devstg-aws-binbas-p448qj" {
  name   = "ebs-csi-controller-sa.kube-system.sa.k1.devstg.aws.binbas-p448qj"
  policy = file("${path.module}/data/aws_iam_role_policy_ebs-csi-controller-sa.kube-system.sa.k1.devstg.aws.binbas-p448qj_policy")
  role   = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-k1-devstg-aws-binbas-p448qj.name
}

resource "aws_iam_role_policy" "masters-k1-devstg-aws-binbash-demo-com-ar" {
  name   = "masters.k1.devstg.aws.binbash-demo.com.ar"
  policy = file("${path.module}/data/aws_iam_role_policy_masters.k1.devstg.aws.binbash-demo.com.ar_policy")
  role   = aws_iam_role.masters-k1-devstg-aws-binbash-demo-com-ar.name
}

resource "aws_iam_role_policy" "nodes-k1-devstg-aws-binbash-demo-com-ar" {
  name   = "nodes.k1.devstg.aws.binbash-demo.com.ar"
  policy = file("${path.module}/data/aws_iam_role_policy_nodes.k1.devstg.aws.binbash-demo.com.ar_policy")
  role   = aws_iam_role.nodes-k1-devstg-aws-binbash-demo-com-ar.name
}

resource "aws_key_pair" "kubernetes-k1-devstg-aws-binbash-demo-com-ar-c4a3cf5efc73fe099985a2f840ef47bb" {
  key_name   = "kubernetes.k1.devstg.aws.binbash-demo.com.ar-c4:a3:cf:5e:fc:73:fe:09:99:85:a2:f8:40:ef:47:bb"
  public_key = file("${path.module}/data/aws_key_pair_kubernetes.k1.devstg.aws.binbash-demo.com.ar-c4a3cf5efc73fe099985a2f840ef47bb_public_key")
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_launch_template" "master-us-east-1a-masters-k1-devstg-aws-binbash-demo-com-ar" {
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      delete_on_termination = true
      encrypted             = true
      iops                  = 3000
      throughput            = 125
      volume_size           = 64
      volume_type           = "gp3"
    }
  }
  iam_instance_profile {
    name = aws_iam_instance_profile.masters-k1-devstg-aws-binbash-demo-com-ar.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-k1-devstg-aws-binbash-demo-com-ar-c4a3cf5efc73fe099985a2f840ef47bb.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "disabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "master-us-east-1a.masters.k1.devstg.aws.binbash-demo.com.ar"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1a.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1a.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1a.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tags = {
    "Backup"                                                                                                = "True"
    "Environment"                                                                                           = "apps-devstg"
    "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                                                                  = "master-us-east-1a.masters.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                                                                           = "kops"
    "Service"                                                                                               = "kubernetes"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_master-us-east-1a.masters.k1.devstg.aws.binbash-demo.com.ar_user_data")
}

resource "aws_launch_template" "master-us-east-1b-masters-k1-devstg-aws-binbash-demo-com-ar" {
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      delete_on_termination = true
      encrypted             = true
      iops                  = 3000
      throughput            = 125
      volume_size           = 64
      volume_type           = "gp3"
    }
  }
  iam_instance_profile {
    name = aws_iam_instance_profile.masters-k1-devstg-aws-binbash-demo-com-ar.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-k1-devstg-aws-binbash-demo-com-ar-c4a3cf5efc73fe099985a2f840ef47bb.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "disabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "master-us-east-1b.masters.k1.devstg.aws.binbash-demo.com.ar"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1b.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1b"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1b.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1b"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1b.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1b"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tags = {
    "Backup"                                                                                                = "True"
    "Environment"                                                                                           = "apps-devstg"
    "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                                                                  = "master-us-east-1b.masters.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                                                                           = "kops"
    "Service"                                                                                               = "kubernetes"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1b"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_master-us-east-1b.masters.k1.devstg.aws.binbash-demo.com.ar_user_data")
}

resource "aws_launch_template" "master-us-east-1c-masters-k1-devstg-aws-binbash-demo-com-ar" {
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      delete_on_termination = true
      encrypted             = true
      iops                  = 3000
      throughput            = 125
      volume_size           = 64
      volume_type           = "gp3"
    }
  }
  iam_instance_profile {
    name = aws_iam_instance_profile.masters-k1-devstg-aws-binbash-demo-com-ar.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-k1-devstg-aws-binbash-demo-com-ar-c4a3cf5efc73fe099985a2f840ef47bb.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "disabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "master-us-east-1c.masters.k1.devstg.aws.binbash-demo.com.ar"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1c.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1c"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1c.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1c"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                                                  = "master-us-east-1c.masters.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1c"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
    }
  }
  tags = {
    "Backup"                                                                                                = "True"
    "Environment"                                                                                           = "apps-devstg"
    "KubernetesCluster"                                                                                     = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                                                                  = "master-us-east-1c.masters.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                                                                           = "kops"
    "Service"                                                                                               = "kubernetes"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1c"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                                               = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_master-us-east-1c.masters.k1.devstg.aws.binbash-demo.com.ar_user_data")
}

resource "aws_launch_template" "nodes-k1-devstg-aws-binbash-demo-com-ar" {
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      delete_on_termination = true
      encrypted             = true
      iops                  = 3000
      throughput            = 125
      volume_size           = 128
      volume_type           = "gp3"
    }
  }
  iam_instance_profile {
    name = aws_iam_instance_profile.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.large"
  key_name      = aws_key_pair.kubernetes-k1-devstg-aws-binbash-demo-com-ar-c4a3cf5efc73fe099985a2f840ef47bb.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "disabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "nodes.k1.devstg.aws.binbash-demo.com.ar"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                     = "True"
      "Environment"                                                                = "apps-devstg"
      "KubernetesCluster"                                                          = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                       = "nodes.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                = "kops"
      "Service"                                                                    = "kubernetes"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                     = "True"
      "Environment"                                                                = "apps-devstg"
      "KubernetesCluster"                                                          = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                       = "nodes.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                = "kops"
      "Service"                                                                    = "kubernetes"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                     = "True"
      "Environment"                                                                = "apps-devstg"
      "KubernetesCluster"                                                          = "k1.devstg.aws.binbash-demo.com.ar"
      "Name"                                                                       = "nodes.k1.devstg.aws.binbash-demo.com.ar"
      "Provisioner"                                                                = "kops"
      "Service"                                                                    = "kubernetes"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes"
      "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                    = "owned"
    }
  }
  tags = {
    "Backup"                                                                     = "True"
    "Environment"                                                                = "apps-devstg"
    "KubernetesCluster"                                                          = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                                       = "nodes.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                                                = "kops"
    "Service"                                                                    = "kubernetes"
    "aws-node-termination-handler/managed"                                       = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
    "k8s.io/role/node"                                                           = "1"
    "kops.k8s.io/instancegroup"                                                  = "nodes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar"                    = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_nodes.k1.devstg.aws.binbash-demo.com.ar_user_data")
}

resource "aws_lb" "api-k1-devstg-aws-binbash-demo-com-ar" {
  enable_cross_zone_load_balancing = false
  internal                         = true
  load_balancer_type               = "network"
  name                             = "api-k1-devstg-aws-binbash-ghup9c"
  security_groups                  = [aws_security_group.api-elb-k1-devstg-aws-binbash-demo-com-ar.id]
  subnet_mapping {
    subnet_id = "subnet-0prv00000000000"
  }
  subnet_mapping {
    subnet_id = "subnet-0prv10000000000"
  }
  subnet_mapping {
    subnet_id = "subnet-0prv20000000000"
  }
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "api.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

resource "aws_lb_listener" "api-k1-devstg-aws-binbash-demo-com-ar-443" {
  default_action {
    target_group_arn = aws_lb_target_group.tcp-k1-devstg-aws-binbash-jbjurt.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-k1-devstg-aws-binbash-demo-com-ar.id
  port              = 443
  protocol          = "TCP"
}

resource "aws_lb_target_group" "tcp-k1-devstg-aws-binbash-jbjurt" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    protocol            = "TCP"
    unhealthy_threshold = 2
  }
  name     = "tcp-k1-devstg-aws-binbash-jbjurt"
  port     = 443
  protocol = "TCP"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "tcp-k1-devstg-aws-binbash-jbjurt"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_route53_record" "api-k1-devstg-aws-binbash-demo-com-ar" {
  alias {
    evaluate_target_health = false
    name                   = aws_lb.api-k1-devstg-aws-binbash-demo-com-ar.dns_name
    zone_id                = aws_lb.api-k1-devstg-aws-binbash-demo-com-ar.zone_id
  }
  name    = "api.k1.devstg.aws.binbash-demo.com.ar"
  type    = "A"
  zone_id = "/hostedzone/Z4LEVERAGE00DEV"
}

resource "aws_route53_record" "api-k1-devstg-aws-binbash-demo-com-ar-AAAA" {
  alias {
    evaluate_target_health = false
    name                   = aws_lb.api-k1-devstg-aws-binbash-demo-com-ar.dns_name
    zone_id                = aws_lb.api-k1-devstg-aws-binbash-demo-com-ar.zone_id
  }
  name    = "api.k1.devstg.aws.binbash-demo.com.ar"
  type    = "AAAA"
  zone_id = "/hostedzone/Z4LEVERAGE00DEV"
}

resource "aws_s3_object" "cluster-completed-spec" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_cluster-completed.spec_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/cluster-completed.spec"
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
  key                    = "k1.devstg.aws.binbash-demo.com.ar/backups/etcd/events/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-main" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-main_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/backups/etcd/main/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-authentication-aws-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-authentication.aws-k8s-1.12_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/authentication.aws/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-aws-cloud-controller-addons-k8s-io-k8s-1-18" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-aws-cloud-controller.addons.k8s.io-k8s-1.18_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/aws-cloud-controller.addons.k8s.io/k8s-1.18.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-aws-ebs-csi-driver.addons.k8s.io-k8s-1.17_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-bootstrap" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-bootstrap_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/bootstrap-channel.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-cluster-autoscaler-addons-k8s-io-k8s-1-15" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-cluster-autoscaler.addons.k8s.io-k8s-1.15_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/cluster-autoscaler.addons.k8s.io/k8s-1.15.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-dns-controller-addons-k8s-io-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-dns-controller.addons.k8s.io-k8s-1.12_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/dns-controller.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-kops-controller-addons-k8s-io-k8s-1-16" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-kops-controller.addons.k8s.io-k8s-1.16_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-kube-dns-addons-k8s-io-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-kube-dns.addons.k8s.io-k8s-1.12_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/kube-dns.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-kubelet-api.rbac.addons.k8s.io-k8s-1.9_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/kubelet-api.rbac.addons.k8s.io/k8s-1.9.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-limit-range-addons-k8s-io" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-limit-range.addons.k8s.io_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/limit-range.addons.k8s.io/v1.5.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-metrics-server-addons-k8s-io-k8s-1-11" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-metrics-server.addons.k8s.io-k8s-1.11_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/metrics-server.addons.k8s.io/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-networking-projectcalico-org-k8s-1-25" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-networking.projectcalico.org-k8s-1.25_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/networking.projectcalico.org/k8s-1.25.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-node-termination-handler-aws-k8s-1-11" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-node-termination-handler.aws-k8s-1.11_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/node-termination-handler.aws/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "k1-devstg-aws-binbash-demo-com-ar-addons-storage-aws-addons-k8s-io-v1-15-0" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_k1.devstg.aws.binbash-demo.com.ar-addons-storage-aws.addons.k8s.io-v1.15.0_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/addons/storage-aws.addons.k8s.io/v1.15.0.yaml"
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
  key                    = "k1.devstg.aws.binbash-demo.com.ar/kops-version.txt"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-channels-kops-channels" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-channels-kops-channels_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/manifests/channels/kops-channels.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-master-us-east-1a_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/manifests/etcd/events-master-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-master-us-east-1b" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-master-us-east-1b_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/manifests/etcd/events-master-us-east-1b.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-master-us-east-1c" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-master-us-east-1c_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/manifests/etcd/events-master-us-east-1c.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-master-us-east-1a_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/manifests/etcd/main-master-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-master-us-east-1b" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-master-us-east-1b_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/manifests/etcd/main-master-us-east-1b.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-master-us-east-1c" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-master-us-east-1c_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/manifests/etcd/main-master-us-east-1c.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-static-kube-apiserver-healthcheck" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-static-kube-apiserver-healthcheck_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/manifests/static/kube-apiserver-healthcheck.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-master-us-east-1a_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/igconfig/control-plane/master-us-east-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-master-us-east-1b" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-master-us-east-1b_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/igconfig/control-plane/master-us-east-1b/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-master-us-east-1c" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-master-us-east-1c_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/igconfig/control-plane/master-us-east-1c/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-nodes" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-nodes_content")
  key                    = "k1.devstg.aws.binbash-demo.com.ar/igconfig/node/nodes/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_security_group" "api-elb-k1-devstg-aws-binbash-demo-com-ar" {
  description = "Security group for api ELB"
  name        = "api-elb.k1.devstg.aws.binbash-demo.com.ar"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "api-elb.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group" "masters-k1-devstg-aws-binbash-demo-com-ar" {
  description = "Security group for masters"
  name        = "masters.k1.devstg.aws.binbash-demo.com.ar"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "masters.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group" "nodes-k1-devstg-aws-binbash-demo-com-ar" {
  description = "Security group for nodes"
  name        = "nodes.k1.devstg.aws.binbash-demo.com.ar"
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "nodes.k1.devstg.aws.binbash-demo.com.ar"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-22to22-masters-k1-devstg-aws-binbash-demo-com-ar" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-22to22-nodes-k1-devstg-aws-binbash-demo-com-ar" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-443to443-api-elb-k1-devstg-aws-binbash-demo-com-ar" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-api-elb-k1-devstg-aws-binbash-demo-com-ar-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-api-elb-k1-devstg-aws-binbash-demo-com-ar-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-k1-devstg-aws-binbash-demo-com-ar-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-k1-devstg-aws-binbash-demo-com-ar-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-k1-devstg-aws-binbash-demo-com-ar-ingress-all-0to0-masters-k1-devstg-aws-binbash-demo-com-ar" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-k1-devstg-aws-binbash-demo-com-ar-ingress-all-0to0-nodes-k1-devstg-aws-binbash-demo-com-ar" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-k1-devstg-aws-binbash-demo-com-ar-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-k1-devstg-aws-binbash-demo-com-ar-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-k1-devstg-aws-binbash-demo-com-ar-ingress-4-0to0-masters-k1-devstg-aws-binbash-demo-com-ar" {
  from_port                = 0
  protocol                 = "4"
  security_group_id        = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-k1-devstg-aws-binbash-demo-com-ar-ingress-all-0to0-nodes-k1-devstg-aws-binbash-demo-com-ar" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-k1-devstg-aws-binbash-demo-com-ar-ingress-tcp-1to2379-masters-k1-devstg-aws-binbash-demo-com-ar" {
  from_port                = 1
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 2379
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-k1-devstg-aws-binbash-demo-com-ar-ingress-tcp-2382to4000-masters-k1-devstg-aws-binbash-demo-com-ar" {
  from_port                = 2382
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 4000
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-k1-devstg-aws-binbash-demo-com-ar-ingress-tcp-4003to65535-masters-k1-devstg-aws-binbash-demo-com-ar" {
  from_port                = 4003
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-k1-devstg-aws-binbash-demo-com-ar-ingress-udp-1to65535-masters-k1-devstg-aws-binbash-demo-com-ar" {
  from_port                = 1
  protocol                 = "udp"
  security_group_id        = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.nodes-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "https-elb-to-master" {
  from_port                = 443
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.api-elb-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 443
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-api-elb-172-18-0-0--20" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.api-elb-k1-devstg-aws-binbash-demo-com-ar.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-cp-to-elb" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.api-elb-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-elb-to-cp" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.masters-k1-devstg-aws-binbash-demo-com-ar.id
  source_security_group_id = aws_security_group.api-elb-k1-devstg-aws-binbash-demo-com-ar.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_sqs_queue" "k1-devstg-aws-binbash-demo-com-ar-nth" {
  message_retention_seconds = 300
  name                      = "k1-devstg-aws-binbash-demo-com-ar-nth"
  policy                    = file("${path.module}/data/aws_sqs_queue_k1-devstg-aws-binbash-demo-com-ar-nth_policy")
  tags = {
    "Backup"                                                  = "True"
    "Environment"                                             = "apps-devstg"
    "KubernetesCluster"                                       = "k1.devstg.aws.binbash-demo.com.ar"
    "Name"                                                    = "k1-devstg-aws-binbash-demo-com-ar-nth"
    "Provisioner"                                             = "kops"
    "Service"                                                 = "kubernetes"
    "kubernetes.io/cluster/k1.devstg.aws.binbash-demo.com.ar" = "owned"
  }
}

data "aws_vpc" "k1-devstg-aws-binbash-demo-com-ar" {
  id = "vpc-0a1b2c3d4e5f60001"
}

terraform {
  required_version = ">= 0.12.26"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0.0"
    }
  }
}
