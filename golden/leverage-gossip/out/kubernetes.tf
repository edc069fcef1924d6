locals {
  cluster_name                                       = "demo01-kops.devstg.k8s.local"
  iam_openid_connect_provider_arn                    = aws_iam_openid_connect_provider.demo01-kops-devstg-k8s-local.arn
  iam_openid_connect_provider_issuer                 = "kops-discovery.s3.us-east-1.amazonaws.com"
  kube-system-aws-cloud-controller-manager_role_arn  = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo01-kops-d-njo9qh.arn
  kube-system-aws-cloud-controller-manager_role_name = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo01-kops-d-njo9qh.name
  kube-system-aws-node-termination-handler_role_arn  = aws_iam_role.aws-node-termination-handler-kube-system-sa-demo01-kops-d-eim9cj.arn
  kube-system-aws-node-termination-handler_role_name = aws_iam_role.aws-node-termination-handler-kube-system-sa-demo01-kops-d-eim9cj.name
  kube-system-cluster-autoscaler_role_arn            = aws_iam_role.cluster-autoscaler-kube-system-sa-demo01-kops-devstg-k8s-local.arn
  kube-system-cluster-autoscaler_role_name           = aws_iam_role.cluster-autoscaler-kube-system-sa-demo01-kops-devstg-k8s-local.name
  kube-system-ebs-csi-controller-sa_role_arn         = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo01-kops-devstg-k-25tfcf.arn
  kube-system-ebs-csi-controller-sa_role_name        = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo01-kops-devstg-k-25tfcf.name
  master_autoscaling_group_ids                       = [aws_autoscaling_group.master-us-east-1a-masters-demo01-kops-devstg-k8s-local.id]
  master_security_group_ids                          = [aws_security_group.masters-demo01-kops-devstg-k8s-local.id]
  masters_role_arn                                   = aws_iam_role.masters-demo01-kops-devstg-k8s-local.arn
  masters_role_name                                  = aws_iam_role.masters-demo01-kops-devstg-k8s-local.name
  node_autoscaling_group_ids                         = [aws_autoscaling_group.nodes-demo01-kops-devstg-k8s-local.id]
  node_security_group_ids                            = [aws_security_group.nodes-demo01-kops-devstg-k8s-local.id]
  node_subnet_ids                                    = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000"]
  nodes_role_arn                                     = aws_iam_role.nodes-demo01-kops-devstg-k8s-local.arn
  nodes_role_name                                    = aws_iam_role.nodes-demo01-kops-devstg-k8s-local.name
  region                                             = "us-east-1"
  subnet_ids                                         = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000", "subnet-0pub00000000000", "subnet-0pub10000000000", "subnet-0pub20000000000"]
  subnet_us-east-1a_id                               = "subnet-0prv00000000000"
  subnet_us-east-1b_id                               = "subnet-0prv10000000000"
  subnet_us-east-1c_id                               = "subnet-0prv20000000000"
  subnet_utility-us-east-1a_id                       = "subnet-0pub00000000000"
  subnet_utility-us-east-1b_id                       = "subnet-0pub10000000000"
  subnet_utility-us-east-1c_id                       = "subnet-0pub20000000000"
  vpc_cidr_block                                     = data.aws_vpc.demo01-kops-devstg-k8s-local.cidr_block
  vpc_id                                             = "vpc-0a1b2c3d4e5f60001"
  vpc_ipv6_cidr_block                                = data.aws_vpc.demo01-kops-devstg-k8s-local.ipv6_cidr_block
  vpc_ipv6_cidr_length                               = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

output "cluster_name" {
  value = "demo01-kops.devstg.k8s.local"
}

output "iam_openid_connect_provider_arn" {
  value = aws_iam_openid_connect_provider.demo01-kops-devstg-k8s-local.arn
}

output "iam_openid_connect_provider_issuer" {
  value = "kops-discovery.s3.us-east-1.amazonaws.com"
}

output "kube-system-aws-cloud-controller-manager_role_arn" {
  value = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo01-kops-d-njo9qh.arn
}

output "kube-system-aws-cloud-controller-manager_role_name" {
  value = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo01-kops-d-njo9qh.name
}

output "kube-system-aws-node-termination-handler_role_arn" {
  value = aws_iam_role.aws-node-termination-handler-kube-system-sa-demo01-kops-d-eim9cj.arn
}

output "kube-system-aws-node-termination-handler_role_name" {
  value = aws_iam_role.aws-node-termination-handler-kube-system-sa-demo01-kops-d-eim9cj.name
}

output "kube-system-cluster-autoscaler_role_arn" {
  value = aws_iam_role.cluster-autoscaler-kube-system-sa-demo01-kops-devstg-k8s-local.arn
}

output "kube-system-cluster-autoscaler_role_name" {
  value = aws_iam_role.cluster-autoscaler-kube-system-sa-demo01-kops-devstg-k8s-local.name
}

output "kube-system-ebs-csi-controller-sa_role_arn" {
  value = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo01-kops-devstg-k-25tfcf.arn
}

output "kube-system-ebs-csi-controller-sa_role_name" {
  value = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo01-kops-devstg-k-25tfcf.name
}

output "master_autoscaling_group_ids" {
  value = [aws_autoscaling_group.master-us-east-1a-masters-demo01-kops-devstg-k8s-local.id]
}

output "master_security_group_ids" {
  value = [aws_security_group.masters-demo01-kops-devstg-k8s-local.id]
}

output "masters_role_arn" {
  value = aws_iam_role.masters-demo01-kops-devstg-k8s-local.arn
}

output "masters_role_name" {
  value = aws_iam_role.masters-demo01-kops-devstg-k8s-local.name
}

output "node_autoscaling_group_ids" {
  value = [aws_autoscaling_group.nodes-demo01-kops-devstg-k8s-local.id]
}

output "node_security_group_ids" {
  value = [aws_security_group.nodes-demo01-kops-devstg-k8s-local.id]
}

output "node_subnet_ids" {
  value = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000"]
}

output "nodes_role_arn" {
  value = aws_iam_role.nodes-demo01-kops-devstg-k8s-local.arn
}

output "nodes_role_name" {
  value = aws_iam_role.nodes-demo01-kops-devstg-k8s-local.name
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
  value = data.aws_vpc.demo01-kops-devstg-k8s-local.cidr_block
}

output "vpc_id" {
  value = "vpc-0a1b2c3d4e5f60001"
}

output "vpc_ipv6_cidr_block" {
  value = data.aws_vpc.demo01-kops-devstg-k8s-local.ipv6_cidr_block
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

resource "aws_autoscaling_group" "master-us-east-1a-masters-demo01-kops-devstg-k8s-local" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.master-us-east-1a-masters-demo01-kops-devstg-k8s-local.id
    version = aws_launch_template.master-us-east-1a-masters-demo01-kops-devstg-k8s-local.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "master-us-east-1a.masters.demo01-kops.devstg.k8s.local"
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
    value               = "demo01-kops.devstg.k8s.local"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "master-us-east-1a.masters.demo01-kops.devstg.k8s.local"
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
    key                 = "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.kops-controller-demo01-ko-p9ihjl.id, aws_lb_target_group.tcp-demo01-kops-devstg-k8-fu97qs.id]
  vpc_zone_identifier = ["subnet-0prv00000000000"]
}

resource "aws_autoscaling_group" "nodes-demo01-kops-devstg-k8s-local" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.nodes-demo01-kops-devstg-k8s-local.id
    version = aws_launch_template.nodes-demo01-kops-devstg-k8s-local.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 5
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "nodes.demo01-kops.devstg.k8s.local"
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
    value               = "demo01-kops.devstg.k8s.local"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "nodes.demo01-kops.devstg.k8s.local"
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
    key                 = "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = ["subnet-0prv00000000000", "subnet-0prv10000000000", "subnet-0prv20000000000"]
}

resource "aws_autoscaling_lifecycle_hook" "master-us-east-1a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.master-us-east-1a-masters-demo01-kops-devstg-k8s-local.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "master-us-east-1a-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "nodes-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.nodes-demo01-kops-devstg-k8s-local.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "nodes-NTHLifecycleHook"
}

resource "aws_cloudwatch_event_rule" "demo01-kops-devstg-k8s-local-ASGLifecycle" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_demo01-kops.devstg.k8s.local-ASGLifecycle_event_pattern")
  name          = "demo01-kops.devstg.k8s.local-ASGLifecycle"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "demo01-kops.devstg.k8s.local-ASGLifecycle"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "demo01-kops-devstg-k8s-local-InstanceScheduledChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_demo01-kops.devstg.k8s.local-InstanceScheduledChange_event_pattern")
  name          = "demo01-kops.devstg.k8s.local-InstanceScheduledChange"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "demo01-kops.devstg.k8s.local-InstanceScheduledChange"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "demo01-kops-devstg-k8s-local-InstanceStateChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_demo01-kops.devstg.k8s.local-InstanceStateChange_event_pattern")
  name          = "demo01-kops.devstg.k8s.local-InstanceStateChange"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "demo01-kops.devstg.k8s.local-InstanceStateChange"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "demo01-kops-devstg-k8s-local-SpotInterruption" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_demo01-kops.devstg.k8s.local-SpotInterruption_event_pattern")
  name          = "demo01-kops.devstg.k8s.local-SpotInterruption"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "demo01-kops.devstg.k8s.local-SpotInterruption"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_cloudwatch_event_target" "demo01-kops-devstg-k8s-local-ASGLifecycle-Target" {
  arn  = aws_sqs_queue.demo01-kops-devstg-k8s-local-nth.arn
  rule = aws_cloudwatch_event_rule.demo01-kops-devstg-k8s-local-ASGLifecycle.id
}

resource "aws_cloudwatch_event_target" "demo01-kops-devstg-k8s-local-InstanceScheduledChange-Target" {
  arn  = aws_sqs_queue.demo01-kops-devstg-k8s-local-nth.arn
  rule = aws_cloudwatch_event_rule.demo01-kops-devstg-k8s-local-InstanceScheduledChange.id
}

resource "aws_cloudwatch_event_target" "demo01-kops-devstg-k8s-local-InstanceStateChange-Target" {
  arn  = aws_sqs_queue.demo01-kops-devstg-k8s-local-nth.arn
  rule = aws_cloudwatch_event_rule.demo01-kops-devstg-k8s-local-InstanceStateChange.id
}

resource "aws_cloudwatch_event_target" "demo01-kops-devstg-k8s-local-SpotInterruption-Target" {
  arn  = aws_sqs_queue.demo01-kops-devstg-k8s-local-nth.arn
  rule = aws_cloudwatch_event_rule.demo01-kops-devstg-k8s-local-SpotInterruption.id
}

resource "aws_ebs_volume" "a-etcd-events-demo01-kops-devstg-k8s-local" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "a.etcd-events.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "k8s.io/etcd/events"                                 = "a/a"
    "k8s.io/role/control-plane"                          = "1"
    "k8s.io/role/master"                                 = "1"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "a-etcd-main-demo01-kops-devstg-k8s-local" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "a.etcd-main.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "k8s.io/etcd/main"                                   = "a/a"
    "k8s.io/role/control-plane"                          = "1"
    "k8s.io/role/master"                                 = "1"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_iam_instance_profile" "masters-demo01-kops-devstg-k8s-local" {
  name = "masters.demo01-kops.devstg.k8s.local"
  role = aws_iam_role.masters-demo01-kops-devstg-k8s-local.name
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "masters.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_iam_instance_profile" "nodes-demo01-kops-devstg-k8s-local" {
  name = "nodes.demo01-kops.devstg.k8s.local"
  role = aws_iam_role.nodes-demo01-kops-devstg-k8s-local.name
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "nodes.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_iam_openid_connect_provider" "demo01-kops-devstg-k8s-local" {
  client_id_list = ["amazonaws.com"]
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280", "a9d53002e97e00e043244f3d170d6f4c414104fd"]
  url             = "https://kops-discovery.s3.us-east-1.amazonaws.com"
}

resource "aws_iam_role" "aws-cloud-controller-manager-kube-system-sa-demo01-kops-d-njo9qh" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_aws-cloud-controller-manager.kube-system.sa.demo01-kops.d-njo9qh_policy")
  name               = "aws-cloud-controller-manager.kube-system.sa.demo01-kops.d-njo9qh"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "aws-cloud-controller-manager.kube-system.sa.demo01-kops.d-njo9qh"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
    "service-account.kops.k8s.io/name"                   = "aws-cloud-controller-manager"
    "service-account.kops.k8s.io/namespace"              = "kube-system"
  }
}

resource "aws_iam_role" "aws-node-termination-handler-kube-system-sa-demo01-kops-d-eim9cj" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_aws-node-termination-handler.kube-system.sa.demo01-kops.d-eim9cj_policy")
  name               = "aws-node-termination-handler.kube-system.sa.demo01-kops.d-eim9cj"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "aws-node-termination-handler.kube-system.sa.demo01-kops.d-eim9cj"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
    "service-account.kops.k8s.io/name"                   = "aws-node-termination-handler"
    "service-account.kops.k8s.io/namespace"              = "kube-system"
  }
}

resource "aws_iam_role" "cluster-autoscaler-kube-system-sa-demo01-kops-devstg-k8s-local" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_cluster-autoscaler.kube-system.sa.demo01-kops.devstg.k8s.local_policy")
  name               = "cluster-autoscaler.kube-system.sa.demo01-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "cluster-autoscaler.kube-system.sa.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
    "service-account.kops.k8s.io/name"                   = "cluster-autoscaler"
    "service-account.kops.k8s.io/namespace"              = "kube-system"
  }
}

resource "aws_iam_role" "ebs-csi-controller-sa-kube-system-sa-demo01-kops-devstg-k-25tfcf" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_ebs-csi-controller-sa.kube-system.sa.demo01-kops.devstg.k-25tfcf_policy")
  name               = "ebs-csi-controller-sa.kube-system.sa.demo01-kops.devstg.k-25tfcf"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "ebs-csi-controller-sa.kube-system.sa.demo01-kops.devstg.k-25tfcf"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
    "service-account.kops.k8s.io/name"                   = "ebs-csi-controller-sa"
    "service-account.kops.k8s.io/namespace"              = "kube-system"
  }
}

resource "aws_iam_role" "masters-demo01-kops-devstg-k8s-local" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_masters.demo01-kops.devstg.k8s.local_policy")
  name               = "masters.demo01-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "masters.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_iam_role" "nodes-demo01-kops-devstg-k8s-local" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_nodes.demo01-kops.devstg.k8s.local_policy")
  name               = "nodes.demo01-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "nodes.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_iam_role_policy" "aws-cloud-controller-manager-kube-system-sa-demo01-kops-d-njo9qh" {
  name   = "aws-cloud-controller-manager.kube-system.sa.demo01-kops.d-njo9qh"
  policy = file("${path.module}/data/aws_iam_role_policy_aws-cloud-controller-manager.kube-system.sa.demo01-kops.d-njo9qh_policy")
  role   = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-demo01-kops-d-njo9qh.name
}

resource "aws_iam_role_policy" "aws-node-termination-handler-kube-system-sa-demo01-kops-d-eim9cj" {
  name   = "aws-node-termination-handler.kube-system.sa.demo01-kops.d-eim9cj"
  policy = file("${path.module}/data/aws_iam_role_policy_aws-node-termination-handler.kube-system.sa.demo01-kops.d-eim9cj_policy")
  role   = aws_iam_role.aws-node-termination-handler-kube-system-sa-demo01-kops-d-eim9cj.name
}

resource "aws_iam_role_policy" "cluster-autoscaler-kube-system-sa-demo01-kops-devstg-k8s-local" {
  name   = "cluster-autoscaler.kube-system.sa.demo01-kops.devstg.k8s.local"
  policy = file("${path.module}/data/aws_iam_role_policy_cluster-autoscaler.kube-system.sa.demo01-kops.devstg.k8s.local_policy")
  role   = aws_iam_role.cluster-autoscaler-kube-system-sa-demo01-kops-devstg-k8s-local.name
}

resource "aws_iam_role_policy" "ebs-csi-controller-sa-kube-system-sa-demo01-kops-devstg-k-25tfcf" {
  name   = "ebs-csi-controller-sa.kube-system.sa.demo01-kops.devstg.k-25tfcf"
  policy = file("${path.module}/data/aws_iam_role_policy_ebs-csi-controller-sa.kube-system.sa.demo01-kops.devstg.k-25tfcf_policy")
  role   = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-demo01-kops-devstg-k-25tfcf.name
}

resource "aws_iam_role_policy" "masters-demo01-kops-devstg-k8s-local" {
  name   = "masters.demo01-kops.devstg.k8s.local"
  policy = file("${path.module}/data/aws_iam_role_policy_masters.demo01-kops.devstg.k8s.local_policy")
  role   = aws_iam_role.masters-demo01-kops-devstg-k8s-local.name
}

resource "aws_iam_role_policy" "nodes-demo01-kops-devstg-k8s-local" {
  name   = "nodes.demo01-kops.devstg.k8s.local"
  policy = file("${path.module}/data/aws_iam_role_policy_nodes.demo01-kops.devstg.k8s.local_policy")
  role   = aws_iam_role.nodes-demo01-kops-devstg-k8s-local.name
}

resource "aws_key_pair" "kubernetes-demo01-kops-devstg-k8s-local-c4a3cf5efc73fe099985a2f840ef47bb" {
  key_name   = "kubernetes.demo01-kops.devstg.k8s.local-c4:a3:cf:5e:fc:73:fe:09:99:85:a2:f8:40:ef:47:bb"
  public_key = file("${path.module}/data/aws_key_pair_kubernetes.demo01-kops.devstg.k8s.local-c4a3cf5efc73fe099985a2f840ef47bb_public_key")
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_launch_template" "master-us-east-1a-masters-demo01-kops-devstg-k8s-local" {
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
    name = aws_iam_instance_profile.masters-demo01-kops-devstg-k8s-local.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-demo01-kops-devstg-k8s-local-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "master-us-east-1a.masters.demo01-kops.devstg.k8s.local"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-demo01-kops-devstg-k8s-local.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo01-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1a.masters.demo01-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo01-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1a.masters.demo01-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo01-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1a.masters.demo01-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tags = {
    "Backup"                                                                                                = "True"
    "Environment"                                                                                           = "apps-devstg"
    "KubernetesCluster"                                                                                     = "demo01-kops.devstg.k8s.local"
    "Name"                                                                                                  = "master-us-east-1a.masters.demo01-kops.devstg.k8s.local"
    "Provisioner"                                                                                           = "kops"
    "Service"                                                                                               = "kubernetes"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"                                                    = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_master-us-east-1a.masters.demo01-kops.devstg.k8s.local_user_data")
}

resource "aws_launch_template" "nodes-demo01-kops-devstg-k8s-local" {
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
    name = aws_iam_instance_profile.nodes-demo01-kops-devstg-k8s-local.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.large"
  key_name      = aws_key_pair.kubernetes-demo01-kops-devstg-k8s-local-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "nodes.demo01-kops.devstg.k8s.local"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.nodes-demo01-kops-devstg-k8s-local.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                     = "True"
      "Environment"                                                                = "apps-devstg"
      "KubernetesCluster"                                                          = "demo01-kops.devstg.k8s.local"
      "Name"                                                                       = "nodes.demo01-kops.devstg.k8s.local"
      "Provisioner"                                                                = "kops"
      "Service"                                                                    = "kubernetes"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes"
      "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"                         = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                     = "True"
      "Environment"                                                                = "apps-devstg"
      "KubernetesCluster"                                                          = "demo01-kops.devstg.k8s.local"
      "Name"                                                                       = "nodes.demo01-kops.devstg.k8s.local"
      "Provisioner"                                                                = "kops"
      "Service"                                                                    = "kubernetes"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes"
      "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"                         = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                     = "True"
      "Environment"                                                                = "apps-devstg"
      "KubernetesCluster"                                                          = "demo01-kops.devstg.k8s.local"
      "Name"                                                                       = "nodes.demo01-kops.devstg.k8s.local"
      "Provisioner"                                                                = "kops"
      "Service"                                                                    = "kubernetes"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes"
      "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"                         = "owned"
    }
  }
  tags = {
    "Backup"                                                                     = "True"
    "Environment"                                                                = "apps-devstg"
    "KubernetesCluster"                                                          = "demo01-kops.devstg.k8s.local"
    "Name"                                                                       = "nodes.demo01-kops.devstg.k8s.local"
    "Provisioner"                                                                = "kops"
    "Service"                                                                    = "kubernetes"
    "aws-node-termination-handler/managed"                                       = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
    "k8s.io/role/node"                                                           = "1"
    "kops.k8s.io/instancegroup"                                                  = "nodes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local"                         = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_nodes.demo01-kops.devstg.k8s.local_user_data")
}

resource "aws_lb" "api-demo01-kops-devstg-k8s-local" {
  enable_cross_zone_load_balancing = true
  internal                         = true
  load_balancer_type               = "network"
  name                             = "api-demo01-kops-devstg-k8-jo2k9k"
  security_groups                  = [aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id]
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
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "api.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_lb_listener" "api-demo01-kops-devstg-k8s-local-3988" {
  default_action {
    target_group_arn = aws_lb_target_group.kops-controller-demo01-ko-p9ihjl.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-demo01-kops-devstg-k8s-local.id
  port              = 3988
  protocol          = "TCP"
}

resource "aws_lb_listener" "api-demo01-kops-devstg-k8s-local-443" {
  default_action {
    target_group_arn = aws_lb_target_group.tcp-demo01-kops-devstg-k8-fu97qs.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-demo01-kops-devstg-k8s-local.id
  port              = 443
  protocol          = "TCP"
}

resource "aws_lb_target_group" "kops-controller-demo01-ko-p9ihjl" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    path                = "/healthz"
    protocol            = "HTTPS"
    unhealthy_threshold = 2
  }
  name     = "kops-controller-demo01-ko-p9ihjl"
  port     = 3988
  protocol = "TCP"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "kops-controller-demo01-ko-p9ihjl"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_lb_target_group" "tcp-demo01-kops-devstg-k8-fu97qs" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    protocol            = "TCP"
    unhealthy_threshold = 2
  }
  name     = "tcp-demo01-kops-devstg-k8-fu97qs"
  port     = 443
  protocol = "TCP"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "tcp-demo01-kops-devstg-k8-fu97qs"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_s3_object" "cluster-completed-spec" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_cluster-completed.spec_content")
  key                    = "demo01-kops.devstg.k8s.local/cluster-completed.spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-authentication-aws-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-authentication.aws-k8s-1.12_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/authentication.aws/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-aws-cloud-controller-addons-k8s-io-k8s-1-18" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-aws-cloud-controller.addons.k8s.io-k8s-1.18_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/aws-cloud-controller.addons.k8s.io/k8s-1.18.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-aws-ebs-csi-driver.addons.k8s.io-k8s-1.17_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-bootstrap" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-bootstrap_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/bootstrap-channel.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-cluster-autoscaler-addons-k8s-io-k8s-1-15" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-cluster-autoscaler.addons.k8s.io-k8s-1.15_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/cluster-autoscaler.addons.k8s.io/k8s-1.15.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-dns-controller-addons-k8s-io-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-dns-controller.addons.k8s.io-k8s-1.12_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/dns-controller.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-kops-controller-addons-k8s-io-k8s-1-16" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-kops-controller.addons.k8s.io-k8s-1.16_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-kube-dns-addons-k8s-io-k8s-1-12" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-kube-dns.addons.k8s.io-k8s-1.12_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/kube-dns.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-kubelet-api.rbac.addons.k8s.io-k8s-1.9_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/kubelet-api.rbac.addons.k8s.io/k8s-1.9.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-limit-range-addons-k8s-io" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-limit-range.addons.k8s.io_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/limit-range.addons.k8s.io/v1.5.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-metrics-server-addons-k8s-io-k8s-1-11" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-metrics-server.addons.k8s.io-k8s-1.11_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/metrics-server.addons.k8s.io/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-networking-projectcalico-org-k8s-1-25" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-networking.projectcalico.org-k8s-1.25_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/networking.projectcalico.org/k8s-1.25.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-node-termination-handler-aws-k8s-1-11" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-node-termination-handler.aws-k8s-1.11_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/node-termination-handler.aws/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "demo01-kops-devstg-k8s-local-addons-storage-aws-addons-k8s-io-v1-15-0" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_demo01-kops.devstg.k8s.local-addons-storage-aws.addons.k8s.io-v1.15.0_content")
  key                    = "demo01-kops.devstg.k8s.local/addons/storage-aws.addons.k8s.io/v1.15.0.yaml"
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
  key                    = "demo01-kops.devstg.k8s.local/backups/etcd/events/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-main" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-main_content")
  key                    = "demo01-kops.devstg.k8s.local/backups/etcd/main/control/etcd-cluster-spec"
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
  key                    = "demo01-kops.devstg.k8s.local/kops-version.txt"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-channels-kops-channels" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-channels-kops-channels_content")
  key                    = "demo01-kops.devstg.k8s.local/manifests/channels/kops-channels.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-master-us-east-1a_content")
  key                    = "demo01-kops.devstg.k8s.local/manifests/etcd/events-master-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-master-us-east-1a_content")
  key                    = "demo01-kops.devstg.k8s.local/manifests/etcd/main-master-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-static-kube-apiserver-healthcheck" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-static-kube-apiserver-healthcheck_content")
  key                    = "demo01-kops.devstg.k8s.local/manifests/static/kube-apiserver-healthcheck.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-master-us-east-1a" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-master-us-east-1a_content")
  key                    = "demo01-kops.devstg.k8s.local/igconfig/control-plane/master-us-east-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-nodes" {
  bucket                 = "kops-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-nodes_content")
  key                    = "demo01-kops.devstg.k8s.local/igconfig/node/nodes/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_security_group" "api-elb-demo01-kops-devstg-k8s-local" {
  description = "Security group for api ELB"
  name        = "api-elb.demo01-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "api-elb.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group" "masters-demo01-kops-devstg-k8s-local" {
  description = "Security group for masters"
  name        = "masters.demo01-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "masters.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group" "nodes-demo01-kops-devstg-k8s-local" {
  description = "Security group for nodes"
  name        = "nodes.demo01-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "nodes.demo01-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-22to22-masters-demo01-kops-devstg-k8s-local" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-22to22-nodes-demo01-kops-devstg-k8s-local" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-443to443-api-elb-demo01-kops-devstg-k8s-local" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-api-elb-demo01-kops-devstg-k8s-local-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-api-elb-demo01-kops-devstg-k8s-local-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-demo01-kops-devstg-k8s-local-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-demo01-kops-devstg-k8s-local-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-demo01-kops-devstg-k8s-local-ingress-all-0to0-masters-demo01-kops-devstg-k8s-local" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-demo01-kops-devstg-k8s-local-ingress-all-0to0-nodes-demo01-kops-devstg-k8s-local" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo01-kops-devstg-k8s-local-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-demo01-kops-devstg-k8s-local-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-demo01-kops-devstg-k8s-local-ingress-4-0to0-masters-demo01-kops-devstg-k8s-local" {
  from_port                = 0
  protocol                 = "4"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo01-kops-devstg-k8s-local-ingress-all-0to0-nodes-demo01-kops-devstg-k8s-local" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo01-kops-devstg-k8s-local-ingress-tcp-1to2379-masters-demo01-kops-devstg-k8s-local" {
  from_port                = 1
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port                  = 2379
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo01-kops-devstg-k8s-local-ingress-tcp-2382to4000-masters-demo01-kops-devstg-k8s-local" {
  from_port                = 2382
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port                  = 4000
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo01-kops-devstg-k8s-local-ingress-tcp-4003to65535-masters-demo01-kops-devstg-k8s-local" {
  from_port                = 4003
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo01-kops-devstg-k8s-local-ingress-udp-1to65535-masters-demo01-kops-devstg-k8s-local" {
  from_port                = 1
  protocol                 = "udp"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "https-elb-to-master" {
  from_port                = 443
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  to_port                  = 443
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-api-elb-172-18-0-0--20" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-cp-to-elb" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-elb-to-cp" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "kops-controller-elb-to-cp" {
  from_port                = 3988
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  to_port                  = 3988
  type                     = "ingress"
}

resource "aws_security_group_rule" "node-to-elb" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.api-elb-demo01-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo01-kops-devstg-k8s-local.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_sqs_queue" "demo01-kops-devstg-k8s-local-nth" {
  message_retention_seconds = 300
  name                      = "demo01-kops-devstg-k8s-local-nth"
  policy                    = file("${path.module}/data/aws_sqs_queue_demo01-kops-devstg-k8s-local-nth_policy")
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo01-kops.devstg.k8s.local"
    "Name"                                               = "demo01-kops-devstg-k8s-local-nth"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo01-kops.devstg.k8s.local" = "owned"
  }
}

data "aws_vpc" "demo01-kops-devstg-k8s-local" {
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
