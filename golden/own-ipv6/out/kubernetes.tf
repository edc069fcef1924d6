locals {
  cluster_name                      = "v6.example.com"
  master_autoscaling_group_ids      = [aws_autoscaling_group.control-plane-a-masters-v6-example-com.id]
  master_security_group_ids         = [aws_security_group.masters-v6-example-com.id]
  masters_role_arn                  = aws_iam_role.masters-v6-example-com.arn
  masters_role_name                 = aws_iam_role.masters-v6-example-com.name
  node_autoscaling_group_ids        = [aws_autoscaling_group.nodes-a-v6-example-com.id, aws_autoscaling_group.nodes-b-v6-example-com.id]
  node_security_group_ids           = [aws_security_group.nodes-v6-example-com.id]
  node_subnet_ids                   = [aws_subnet.a-v6-example-com.id, aws_subnet.b-v6-example-com.id]
  nodes_role_arn                    = aws_iam_role.nodes-v6-example-com.arn
  nodes_role_name                   = aws_iam_role.nodes-v6-example-com.name
  region                            = "eu-west-1"
  route_table_private-eu-west-1a_id = aws_route_table.private-eu-west-1a-v6-example-com.id
  route_table_private-eu-west-1b_id = aws_route_table.private-eu-west-1b-v6-example-com.id
  route_table_public_id             = aws_route_table.v6-example-com.id
  subnet_a_id                       = aws_subnet.a-v6-example-com.id
  subnet_b_id                       = aws_subnet.b-v6-example-com.id
  subnet_dualstack-a_id             = aws_subnet.dualstack-a-v6-example-com.id
  subnet_dualstack-b_id             = aws_subnet.dualstack-b-v6-example-com.id
  subnet_utility-a_id               = aws_subnet.utility-a-v6-example-com.id
  subnet_utility-b_id               = aws_subnet.utility-b-v6-example-com.id
  vpc_cidr_block                    = aws_vpc.v6-example-com.cidr_block
  vpc_id                            = aws_vpc.v6-example-com.id
  vpc_ipv6_cidr_block               = aws_vpc.v6-example-com.ipv6_cidr_block
  vpc_ipv6_cidr_length              = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

output "cluster_name" {
  value = "v6.example.com"
}

output "master_autoscaling_group_ids" {
  value = [aws_autoscaling_group.control-plane-a-masters-v6-example-com.id]
}

output "master_security_group_ids" {
  value = [aws_security_group.masters-v6-example-com.id]
}

output "masters_role_arn" {
  value = aws_iam_role.masters-v6-example-com.arn
}

output "masters_role_name" {
  value = aws_iam_role.masters-v6-example-com.name
}

output "node_autoscaling_group_ids" {
  value = [aws_autoscaling_group.nodes-a-v6-example-com.id, aws_autoscaling_group.nodes-b-v6-example-com.id]
}

output "node_security_group_ids" {
  value = [aws_security_group.nodes-v6-example-com.id]
}

output "node_subnet_ids" {
  value = [aws_subnet.a-v6-example-com.id, aws_subnet.b-v6-example-com.id]
}

output "nodes_role_arn" {
  value = aws_iam_role.nodes-v6-example-com.arn
}

output "nodes_role_name" {
  value = aws_iam_role.nodes-v6-example-com.name
}

output "region" {
  value = "eu-west-1"
}

output "route_table_private-eu-west-1a_id" {
  value = aws_route_table.private-eu-west-1a-v6-example-com.id
}

output "route_table_private-eu-west-1b_id" {
  value = aws_route_table.private-eu-west-1b-v6-example-com.id
}

output "route_table_public_id" {
  value = aws_route_table.v6-example-com.id
}

output "subnet_a_id" {
  value = aws_subnet.a-v6-example-com.id
}

output "subnet_b_id" {
  value = aws_subnet.b-v6-example-com.id
}

output "subnet_dualstack-a_id" {
  value = aws_subnet.dualstack-a-v6-example-com.id
}

output "subnet_dualstack-b_id" {
  value = aws_subnet.dualstack-b-v6-example-com.id
}

output "subnet_utility-a_id" {
  value = aws_subnet.utility-a-v6-example-com.id
}

output "subnet_utility-b_id" {
  value = aws_subnet.utility-b-v6-example-com.id
}

output "vpc_cidr_block" {
  value = aws_vpc.v6-example-com.cidr_block
}

output "vpc_id" {
  value = aws_vpc.v6-example-com.id
}

output "vpc_ipv6_cidr_block" {
  value = aws_vpc.v6-example-com.ipv6_cidr_block
}

output "vpc_ipv6_cidr_length" {
  value = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

resource "aws_autoscaling_group" "control-plane-a-masters-v6-example-com" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.control-plane-a-masters-v6-example-com.id
    version = aws_launch_template.control-plane-a-masters-v6-example-com.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "control-plane-a.masters.v6.example.com"
  protect_from_scale_in = false
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "v6.example.com"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "control-plane-a.masters.v6.example.com"
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
    value               = "control-plane-a"
  }
  tag {
    key                 = "kubernetes.io/cluster/v6.example.com"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.kops-controller-v6-exampl-23ebrd.id, aws_lb_target_group.tcp-v6-example-com-nde7jp.id]
  vpc_zone_identifier = [aws_subnet.dualstack-a-v6-example-com.id]
}

resource "aws_autoscaling_group" "nodes-a-v6-example-com" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.nodes-a-v6-example-com.id
    version = aws_launch_template.nodes-a-v6-example-com.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 3
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "nodes-a.v6.example.com"
  protect_from_scale_in = false
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "v6.example.com"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "nodes-a.v6.example.com"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"
    propagate_at_launch = true
    value               = "a"
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
    value               = "nodes-a"
  }
  tag {
    key                 = "kubernetes.io/cluster/v6.example.com"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = [aws_subnet.a-v6-example-com.id]
}

resource "aws_autoscaling_group" "nodes-b-v6-example-com" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.nodes-b-v6-example-com.id
    version = aws_launch_template.nodes-b-v6-example-com.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 3
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "nodes-b.v6.example.com"
  protect_from_scale_in = false
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "v6.example.com"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "nodes-b.v6.example.com"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"
    propagate_at_launch = true
    value               = "b"
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
    value               = "nodes-b"
  }
  tag {
    key                 = "kubernetes.io/cluster/v6.example.com"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = [aws_subnet.b-v6-example-com.id]
}

resource "aws_autoscaling_lifecycle_hook" "control-plane-a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.control-plane-a-masters-v6-example-com.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "control-plane-a-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "nodes-a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.nodes-a-v6-example-com.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "nodes-a-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "nodes-b-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.nodes-b-v6-example-com.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "nodes-b-NTHLifecycleHook"
}

resource "aws_cloudwatch_event_rule" "v6-example-com-ASGLifecycle" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_v6.example.com-ASGLifecycle_event_pattern")
  name          = "v6.example.com-ASGLifecycle"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com-ASGLifecycle"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "v6-example-com-InstanceScheduledChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_v6.example.com-InstanceScheduledChange_event_pattern")
  name          = "v6.example.com-InstanceScheduledChange"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com-InstanceScheduledChange"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "v6-example-com-InstanceStateChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_v6.example.com-InstanceStateChange_event_pattern")
  name          = "v6.example.com-InstanceStateChange"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com-InstanceStateChange"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "v6-example-com-SpotInterruption" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_v6.example.com-SpotInterruption_event_pattern")
  name          = "v6.example.com-SpotInterruption"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com-SpotInterruption"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_cloudwatch_event_target" "v6-example-com-ASGLifecycle-Target" {
  arn  = aws_sqs_queue.v6-example-com-nth.arn
  rule = aws_cloudwatch_event_rule.v6-example-com-ASGLifecycle.id
}

resource "aws_cloudwatch_event_target" "v6-example-com-InstanceScheduledChange-Target" {
  arn  = aws_sqs_queue.v6-example-com-nth.arn
  rule = aws_cloudwatch_event_rule.v6-example-com-InstanceScheduledChange.id
}

resource "aws_cloudwatch_event_target" "v6-example-com-InstanceStateChange-Target" {
  arn  = aws_sqs_queue.v6-example-com-nth.arn
  rule = aws_cloudwatch_event_rule.v6-example-com-InstanceStateChange.id
}

resource "aws_cloudwatch_event_target" "v6-example-com-SpotInterruption-Target" {
  arn  = aws_sqs_queue.v6-example-com-nth.arn
  rule = aws_cloudwatch_event_rule.v6-example-com-SpotInterruption.id
}

resource "aws_ebs_volume" "a-etcd-events-v6-example-com" {
  availability_zone = "eu-west-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "a.etcd-events.v6.example.com"
    "k8s.io/etcd/events"                   = "a/a"
    "k8s.io/role/control-plane"            = "1"
    "k8s.io/role/master"                   = "1"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "a-etcd-main-v6-example-com" {
  availability_zone = "eu-west-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "a.etcd-main.v6.example.com"
    "k8s.io/etcd/main"                     = "a/a"
    "k8s.io/role/control-plane"            = "1"
    "k8s.io/role/master"                   = "1"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_egress_only_internet_gateway" "v6-example-com" {
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_eip" "eu-west-1a-v6-example-com" {
  domain = "vpc"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "eu-west-1a.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_eip" "eu-west-1b-v6-example-com" {
  domain = "vpc"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "eu-west-1b.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_iam_instance_profile" "masters-v6-example-com" {
  name = "masters.v6.example.com"
  role = aws_iam_role.masters-v6-example-com.name
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "masters.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_iam_instance_profile" "nodes-v6-example-com" {
  name = "nodes.v6.example.com"
  role = aws_iam_role.nodes-v6-example-com.name
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "nodes.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_iam_role" "masters-v6-example-com" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_masters.v6.example.com_policy")
  name               = "masters.v6.example.com"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "masters.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_iam_role" "nodes-v6-example-com" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_nodes.v6.example.com_policy")
  name               = "nodes.v6.example.com"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "nodes.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_iam_role_policy" "masters-v6-example-com" {
  name   = "masters.v6.example.com"
  policy = file("${path.module}/data/aws_iam_role_policy_masters.v6.example.com_policy")
  role   = aws_iam_role.masters-v6-example-com.name
}

resource "aws_iam_role_policy" "nodes-v6-example-com" {
  name   = "nodes.v6.example.com"
  policy = file("${path.module}/data/aws_iam_role_policy_nodes.v6.example.com_policy")
  role   = aws_iam_role.nodes-v6-example-com.name
}

resource "aws_internet_gateway" "v6-example-com" {
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_key_pair" "kubernetes-v6-example-com-c4a3cf5efc73fe099985a2f840ef47bb" {
  key_name   = "kubernetes.v6.example.com-c4:a3:cf:5e:fc:73:fe:09:99:85:a2:f8:40:ef:47:bb"
  public_key = file("${path.module}/data/aws_key_pair_kubernetes.v6.example.com-c4a3cf5efc73fe099985a2f840ef47bb_public_key")
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_launch_template" "control-plane-a-masters-v6-example-com" {
  block_device_mappings {
    device_name = "/dev/sda1"
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
    name = aws_iam_instance_profile.masters-v6-example-com.id
  }
  image_id      = "ami-0e0e0e0e0e0e0e0e0"
  instance_type = "t4g.medium"
  key_name      = aws_key_pair.kubernetes-v6-example-com-c4a3cf5efc73fe099985a2f840ef47bb.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "enabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "control-plane-a.masters.v6.example.com"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 1
    security_groups             = [aws_security_group.masters-v6-example-com.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "KubernetesCluster"                                                                                     = "v6.example.com"
      "Name"                                                                                                  = "control-plane-a.masters.v6.example.com"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-a"
      "kubernetes.io/cluster/v6.example.com"                                                                  = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "KubernetesCluster"                                                                                     = "v6.example.com"
      "Name"                                                                                                  = "control-plane-a.masters.v6.example.com"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-a"
      "kubernetes.io/cluster/v6.example.com"                                                                  = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "KubernetesCluster"                                                                                     = "v6.example.com"
      "Name"                                                                                                  = "control-plane-a.masters.v6.example.com"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-a"
      "kubernetes.io/cluster/v6.example.com"                                                                  = "owned"
    }
  }
  tags = {
    "KubernetesCluster"                                                                                     = "v6.example.com"
    "Name"                                                                                                  = "control-plane-a.masters.v6.example.com"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "control-plane-a"
    "kubernetes.io/cluster/v6.example.com"                                                                  = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_control-plane-a.masters.v6.example.com_user_data")
}

resource "aws_launch_template" "nodes-a-v6-example-com" {
  block_device_mappings {
    device_name = "/dev/sda1"
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
    name = aws_iam_instance_profile.nodes-v6-example-com.id
  }
  image_id      = "ami-0e0e0e0e0e0e0e0e0"
  instance_type = "t4g.medium"
  key_name      = aws_key_pair.kubernetes-v6-example-com-c4a3cf5efc73fe099985a2f840ef47bb.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "enabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "nodes-a.v6.example.com"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 1
    security_groups             = [aws_security_group.nodes-v6-example-com.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "KubernetesCluster"                                                          = "v6.example.com"
      "Name"                                                                       = "nodes-a.v6.example.com"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"             = "a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-a"
      "kubernetes.io/cluster/v6.example.com"                                       = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "KubernetesCluster"                                                          = "v6.example.com"
      "Name"                                                                       = "nodes-a.v6.example.com"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"             = "a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-a"
      "kubernetes.io/cluster/v6.example.com"                                       = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "KubernetesCluster"                                                          = "v6.example.com"
      "Name"                                                                       = "nodes-a.v6.example.com"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"             = "a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-a"
      "kubernetes.io/cluster/v6.example.com"                                       = "owned"
    }
  }
  tags = {
    "KubernetesCluster"                                                          = "v6.example.com"
    "Name"                                                                       = "nodes-a.v6.example.com"
    "aws-node-termination-handler/managed"                                       = ""
    "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"             = "a"
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
    "k8s.io/role/node"                                                           = "1"
    "kops.k8s.io/instancegroup"                                                  = "nodes-a"
    "kubernetes.io/cluster/v6.example.com"                                       = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_nodes-a.v6.example.com_user_data")
}

resource "aws_launch_template" "nodes-b-v6-example-com" {
  block_device_mappings {
    device_name = "/dev/sda1"
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
    name = aws_iam_instance_profile.nodes-v6-example-com.id
  }
  image_id      = "ami-0e0e0e0e0e0e0e0e0"
  instance_type = "t4g.medium"
  key_name      = aws_key_pair.kubernetes-v6-example-com-c4a3cf5efc73fe099985a2f840ef47bb.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "enabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "nodes-b.v6.example.com"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 1
    security_groups             = [aws_security_group.nodes-v6-example-com.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "KubernetesCluster"                                                          = "v6.example.com"
      "Name"                                                                       = "nodes-b.v6.example.com"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"             = "b"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-b"
      "kubernetes.io/cluster/v6.example.com"                                       = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "KubernetesCluster"                                                          = "v6.example.com"
      "Name"                                                                       = "nodes-b.v6.example.com"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"             = "b"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-b"
      "kubernetes.io/cluster/v6.example.com"                                       = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "KubernetesCluster"                                                          = "v6.example.com"
      "Name"                                                                       = "nodes-b.v6.example.com"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"             = "b"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-b"
      "kubernetes.io/cluster/v6.example.com"                                       = "owned"
    }
  }
  tags = {
    "KubernetesCluster"                                                          = "v6.example.com"
    "Name"                                                                       = "nodes-b.v6.example.com"
    "aws-node-termination-handler/managed"                                       = ""
    "k8s.io/cluster-autoscaler/node-template/label/example.com/zone"             = "b"
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
    "k8s.io/role/node"                                                           = "1"
    "kops.k8s.io/instancegroup"                                                  = "nodes-b"
    "kubernetes.io/cluster/v6.example.com"                                       = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_nodes-b.v6.example.com_user_data")
}

resource "aws_lb" "api-v6-example-com" {
  enable_cross_zone_load_balancing = true
  internal                         = false
  ip_address_type                  = "dualstack"
  load_balancer_type               = "network"
  name                             = "api-v6-example-com-ge4eaq"
  security_groups                  = [aws_security_group.api-elb-v6-example-com.id]
  subnet_mapping {
    subnet_id = aws_subnet.utility-a-v6-example-com.id
  }
  subnet_mapping {
    subnet_id = aws_subnet.utility-b-v6-example-com.id
  }
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "api.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_lb_listener" "api-v6-example-com-3988" {
  default_action {
    target_group_arn = aws_lb_target_group.kops-controller-v6-exampl-23ebrd.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-v6-example-com.id
  port              = 3988
  protocol          = "TCP"
}

resource "aws_lb_listener" "api-v6-example-com-443" {
  default_action {
    target_group_arn = aws_lb_target_group.tcp-v6-example-com-nde7jp.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-v6-example-com.id
  port              = 443
  protocol          = "TCP"
}

resource "aws_lb_target_group" "kops-controller-v6-exampl-23ebrd" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    path                = "/healthz"
    protocol            = "HTTPS"
    unhealthy_threshold = 2
  }
  name     = "kops-controller-v6-exampl-23ebrd"
  port     = 3988
  protocol = "TCP"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "kops-controller-v6-exampl-23ebrd"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_lb_target_group" "tcp-v6-example-com-nde7jp" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    protocol            = "TCP"
    unhealthy_threshold = 2
  }
  name     = "tcp-v6-example-com-nde7jp"
  port     = 443
  protocol = "TCP"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "tcp-v6-example-com-nde7jp"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_nat_gateway" "eu-west-1a-v6-example-com" {
  allocation_id = aws_eip.eu-west-1a-v6-example-com.id
  subnet_id     = aws_subnet.utility-a-v6-example-com.id
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "eu-west-1a.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_nat_gateway" "eu-west-1b-v6-example-com" {
  allocation_id = aws_eip.eu-west-1b-v6-example-com.id
  subnet_id     = aws_subnet.utility-b-v6-example-com.id
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "eu-west-1b.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_route" "route-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.v6-example-com.id
  route_table_id         = aws_route_table.v6-example-com.id
}

resource "aws_route" "route-__--0" {
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.v6-example-com.id
  route_table_id              = aws_route_table.v6-example-com.id
}

resource "aws_route" "route-private-eu-west-1a-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.eu-west-1a-v6-example-com.id
  route_table_id         = aws_route_table.private-eu-west-1a-v6-example-com.id
}

resource "aws_route" "route-private-eu-west-1a-64_ff9b__--96" {
  destination_ipv6_cidr_block = "64:ff9b::/96"
  nat_gateway_id              = aws_nat_gateway.eu-west-1a-v6-example-com.id
  route_table_id              = aws_route_table.private-eu-west-1a-v6-example-com.id
}

resource "aws_route" "route-private-eu-west-1a-__--0" {
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.v6-example-com.id
  route_table_id              = aws_route_table.private-eu-west-1a-v6-example-com.id
}

resource "aws_route" "route-private-eu-west-1b-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.eu-west-1b-v6-example-com.id
  route_table_id         = aws_route_table.private-eu-west-1b-v6-example-com.id
}

resource "aws_route" "route-private-eu-west-1b-64_ff9b__--96" {
  destination_ipv6_cidr_block = "64:ff9b::/96"
  nat_gateway_id              = aws_nat_gateway.eu-west-1b-v6-example-com.id
  route_table_id              = aws_route_table.private-eu-west-1b-v6-example-com.id
}

resource "aws_route" "route-private-eu-west-1b-__--0" {
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.v6-example-com.id
  route_table_id              = aws_route_table.private-eu-west-1b-v6-example-com.id
}

resource "aws_route_table" "private-eu-west-1a-v6-example-com" {
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "private-eu-west-1a.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
    "kubernetes.io/kops/role"              = "private-eu-west-1a"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_route_table" "private-eu-west-1b-v6-example-com" {
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "private-eu-west-1b.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
    "kubernetes.io/kops/role"              = "private-eu-west-1b"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_route_table" "v6-example-com" {
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
    "kubernetes.io/kops/role"              = "public"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_route_table_association" "private-a-v6-example-com" {
  route_table_id = aws_route_table.private-eu-west-1a-v6-example-com.id
  subnet_id      = aws_subnet.a-v6-example-com.id
}

resource "aws_route_table_association" "private-b-v6-example-com" {
  route_table_id = aws_route_table.private-eu-west-1b-v6-example-com.id
  subnet_id      = aws_subnet.b-v6-example-com.id
}

resource "aws_route_table_association" "private-dualstack-a-v6-example-com" {
  route_table_id = aws_route_table.private-eu-west-1a-v6-example-com.id
  subnet_id      = aws_subnet.dualstack-a-v6-example-com.id
}

resource "aws_route_table_association" "private-dualstack-b-v6-example-com" {
  route_table_id = aws_route_table.private-eu-west-1b-v6-example-com.id
  subnet_id      = aws_subnet.dualstack-b-v6-example-com.id
}

resource "aws_route_table_association" "utility-a-v6-example-com" {
  route_table_id = aws_route_table.v6-example-com.id
  subnet_id      = aws_subnet.utility-a-v6-example-com.id
}

resource "aws_route_table_association" "utility-b-v6-example-com" {
  route_table_id = aws_route_table.v6-example-com.id
  subnet_id      = aws_subnet.utility-b-v6-example-com.id
}

resource "aws_s3_object" "cluster-completed-spec" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_cluster-completed.spec_content")
  key                    = "v6.example.com/cluster-completed.spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-events" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-events_content")
  key                    = "v6.example.com/backups/etcd/events/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-main" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-main_content")
  key                    = "v6.example.com/backups/etcd/main/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "kops-version-txt" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_kops-version.txt_content")
  key                    = "v6.example.com/kops-version.txt"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-channels-kops-channels" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_manifests-channels-kops-channels_content")
  key                    = "v6.example.com/manifests/channels/kops-channels.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-control-plane-a" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-control-plane-a_content")
  key                    = "v6.example.com/manifests/etcd/events-control-plane-a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-control-plane-a" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-control-plane-a_content")
  key                    = "v6.example.com/manifests/etcd/main-control-plane-a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-static-kube-apiserver-healthcheck" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_manifests-static-kube-apiserver-healthcheck_content")
  key                    = "v6.example.com/manifests/static/kube-apiserver-healthcheck.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-control-plane-a" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-control-plane-a_content")
  key                    = "v6.example.com/igconfig/control-plane/control-plane-a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-nodes-a" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-nodes-a_content")
  key                    = "v6.example.com/igconfig/node/nodes-a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-nodes-b" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-nodes-b_content")
  key                    = "v6.example.com/igconfig/node/nodes-b/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-aws-cloud-controller-addons-k8s-io-k8s-1-18" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-aws-cloud-controller.addons.k8s.io-k8s-1.18_content")
  key                    = "v6.example.com/addons/aws-cloud-controller.addons.k8s.io/k8s-1.18.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-aws-ebs-csi-driver.addons.k8s.io-k8s-1.17_content")
  key                    = "v6.example.com/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-bootstrap" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-bootstrap_content")
  key                    = "v6.example.com/addons/bootstrap-channel.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-coredns-addons-k8s-io-k8s-1-12" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-coredns.addons.k8s.io-k8s-1.12_content")
  key                    = "v6.example.com/addons/coredns.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-dns-controller-addons-k8s-io-k8s-1-12" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-dns-controller.addons.k8s.io-k8s-1.12_content")
  key                    = "v6.example.com/addons/dns-controller.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-kops-controller-addons-k8s-io-k8s-1-16" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-kops-controller.addons.k8s.io-k8s-1.16_content")
  key                    = "v6.example.com/addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-kubelet-api.rbac.addons.k8s.io-k8s-1.9_content")
  key                    = "v6.example.com/addons/kubelet-api.rbac.addons.k8s.io/k8s-1.9.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-limit-range-addons-k8s-io" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-limit-range.addons.k8s.io_content")
  key                    = "v6.example.com/addons/limit-range.addons.k8s.io/v1.5.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-networking-cilium-io-k8s-1-16" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-networking.cilium.io-k8s-1.16_content")
  key                    = "v6.example.com/addons/networking.cilium.io/k8s-1.16-v1.15.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-node-termination-handler-aws-k8s-1-11" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-node-termination-handler.aws-k8s-1.11_content")
  key                    = "v6.example.com/addons/node-termination-handler.aws/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "v6-example-com-addons-storage-aws-addons-k8s-io-v1-15-0" {
  bucket                 = "state-of-clusters"
  content                = file("${path.module}/data/aws_s3_object_v6.example.com-addons-storage-aws.addons.k8s.io-v1.15.0_content")
  key                    = "v6.example.com/addons/storage-aws.addons.k8s.io/v1.15.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_security_group" "api-elb-v6-example-com" {
  description = "Security group for api ELB"
  name        = "api-elb.v6.example.com"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "api-elb.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_security_group" "masters-v6-example-com" {
  description = "Security group for masters"
  name        = "masters.v6.example.com"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "masters.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_security_group" "nodes-v6-example-com" {
  description = "Security group for nodes"
  name        = "nodes.v6.example.com"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "nodes.v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-443to443-api-elb-v6-example-com" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-192-0-2-0--24-ingress-tcp-22to22-masters-v6-example-com" {
  cidr_blocks       = ["192.0.2.0/24"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-v6-example-com.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-192-0-2-0--24-ingress-tcp-22to22-nodes-v6-example-com" {
  cidr_blocks       = ["192.0.2.0/24"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-443to443-api-elb-v6-example-com" {
  from_port         = 443
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-api-elb-v6-example-com-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-api-elb-v6-example-com-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-v6-example-com-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.masters-v6-example-com.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-v6-example-com-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.masters-v6-example-com.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-v6-example-com-ingress-all-0to0-masters-v6-example-com" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.masters-v6-example-com.id
  source_security_group_id = aws_security_group.masters-v6-example-com.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-v6-example-com-ingress-all-0to0-nodes-v6-example-com" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-v6-example-com.id
  source_security_group_id = aws_security_group.masters-v6-example-com.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-v6-example-com-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-v6-example-com-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-v6-example-com-ingress-all-0to0-nodes-v6-example-com" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-v6-example-com.id
  source_security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-v6-example-com-ingress-tcp-1to2379-masters-v6-example-com" {
  from_port                = 1
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-v6-example-com.id
  source_security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port                  = 2379
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-v6-example-com-ingress-tcp-2382to4000-masters-v6-example-com" {
  from_port                = 2382
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-v6-example-com.id
  source_security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port                  = 4000
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-v6-example-com-ingress-tcp-4003to65535-masters-v6-example-com" {
  from_port                = 4003
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-v6-example-com.id
  source_security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-v6-example-com-ingress-udp-1to65535-masters-v6-example-com" {
  from_port                = 1
  protocol                 = "udp"
  security_group_id        = aws_security_group.masters-v6-example-com.id
  source_security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "https-elb-to-master" {
  from_port                = 443
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-v6-example-com.id
  source_security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port                  = 443
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-api-elb-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-cp-to-elb" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.api-elb-v6-example-com.id
  source_security_group_id = aws_security_group.masters-v6-example-com.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-elb-to-cp" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.masters-v6-example-com.id
  source_security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmpv6-pmtu-api-elb-__--0" {
  from_port         = -1
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "icmpv6"
  security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port           = -1
  type              = "ingress"
}

resource "aws_security_group_rule" "kops-controller-elb-to-cp" {
  from_port                = 3988
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-v6-example-com.id
  source_security_group_id = aws_security_group.api-elb-v6-example-com.id
  to_port                  = 3988
  type                     = "ingress"
}

resource "aws_security_group_rule" "node-to-elb" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.api-elb-v6-example-com.id
  source_security_group_id = aws_security_group.nodes-v6-example-com.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_sqs_queue" "v6-example-com-nth" {
  message_retention_seconds = 300
  name                      = "v6-example-com-nth"
  policy                    = file("${path.module}/data/aws_sqs_queue_v6-example-com-nth_policy")
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6-example-com-nth"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_subnet" "a-v6-example-com" {
  assign_ipv6_address_on_creation                = true
  availability_zone                              = "eu-west-1a"
  cidr_block                                     = "10.64.32.0/19"
  enable_resource_name_dns_a_record_on_launch    = true
  enable_resource_name_dns_aaaa_record_on_launch = true
  ipv6_cidr_block                                = cidrsubnet(local.vpc_ipv6_cidr_block, 64 - local.vpc_ipv6_cidr_length, 0)
  private_dns_hostname_type_on_launch            = "resource-name"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "a.v6.example.com"
    "SubnetType"                           = "Private"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_subnet" "b-v6-example-com" {
  assign_ipv6_address_on_creation                = true
  availability_zone                              = "eu-west-1b"
  cidr_block                                     = "10.64.64.0/19"
  enable_resource_name_dns_a_record_on_launch    = true
  enable_resource_name_dns_aaaa_record_on_launch = true
  ipv6_cidr_block                                = cidrsubnet(local.vpc_ipv6_cidr_block, 64 - local.vpc_ipv6_cidr_length, 2)
  private_dns_hostname_type_on_launch            = "resource-name"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "b.v6.example.com"
    "SubnetType"                           = "Private"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_subnet" "dualstack-a-v6-example-com" {
  assign_ipv6_address_on_creation                = true
  availability_zone                              = "eu-west-1a"
  cidr_block                                     = "10.64.128.0/19"
  enable_resource_name_dns_a_record_on_launch    = true
  enable_resource_name_dns_aaaa_record_on_launch = true
  ipv6_cidr_block                                = cidrsubnet(local.vpc_ipv6_cidr_block, 64 - local.vpc_ipv6_cidr_length, 1)
  private_dns_hostname_type_on_launch            = "resource-name"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "dualstack-a.v6.example.com"
    "SubnetType"                           = "DualStack"
    "kubernetes.io/cluster/v6.example.com" = "owned"
    "kubernetes.io/role/internal-elb"      = "1"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_subnet" "dualstack-b-v6-example-com" {
  assign_ipv6_address_on_creation                = true
  availability_zone                              = "eu-west-1b"
  cidr_block                                     = "10.64.160.0/19"
  enable_resource_name_dns_a_record_on_launch    = true
  enable_resource_name_dns_aaaa_record_on_launch = true
  ipv6_cidr_block                                = cidrsubnet(local.vpc_ipv6_cidr_block, 64 - local.vpc_ipv6_cidr_length, 3)
  private_dns_hostname_type_on_launch            = "resource-name"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "dualstack-b.v6.example.com"
    "SubnetType"                           = "DualStack"
    "kubernetes.io/cluster/v6.example.com" = "owned"
    "kubernetes.io/role/internal-elb"      = "1"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_subnet" "utility-a-v6-example-com" {
  assign_ipv6_address_on_creation                = true
  availability_zone                              = "eu-west-1a"
  cidr_block                                     = "10.64.0.0/22"
  enable_resource_name_dns_a_record_on_launch    = true
  enable_resource_name_dns_aaaa_record_on_launch = true
  ipv6_cidr_block                                = cidrsubnet(local.vpc_ipv6_cidr_block, 64 - local.vpc_ipv6_cidr_length, 22)
  private_dns_hostname_type_on_launch            = "resource-name"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "utility-a.v6.example.com"
    "SubnetType"                           = "Utility"
    "kubernetes.io/cluster/v6.example.com" = "owned"
    "kubernetes.io/role/elb"               = "1"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_subnet" "utility-b-v6-example-com" {
  assign_ipv6_address_on_creation                = true
  availability_zone                              = "eu-west-1b"
  cidr_block                                     = "10.64.4.0/22"
  enable_resource_name_dns_a_record_on_launch    = true
  enable_resource_name_dns_aaaa_record_on_launch = true
  ipv6_cidr_block                                = cidrsubnet(local.vpc_ipv6_cidr_block, 64 - local.vpc_ipv6_cidr_length, 23)
  private_dns_hostname_type_on_launch            = "resource-name"
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "utility-b.v6.example.com"
    "SubnetType"                           = "Utility"
    "kubernetes.io/cluster/v6.example.com" = "owned"
    "kubernetes.io/role/elb"               = "1"
  }
  vpc_id = aws_vpc.v6-example-com.id
}

resource "aws_vpc" "v6-example-com" {
  assign_generated_ipv6_cidr_block = true
  cidr_block                       = "10.64.0.0/16"
  enable_dns_hostnames             = true
  enable_dns_support               = true
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_vpc_dhcp_options" "v6-example-com" {
  domain_name         = "eu-west-1.compute.internal"
  domain_name_servers = ["AmazonProvidedDNS"]
  tags = {
    "KubernetesCluster"                    = "v6.example.com"
    "Name"                                 = "v6.example.com"
    "kubernetes.io/cluster/v6.example.com" = "owned"
  }
}

resource "aws_vpc_dhcp_options_association" "v6-example-com" {
  dhcp_options_id = aws_vpc_dhcp_options.v6-example-com.id
  vpc_id          = aws_vpc.v6-example-com.id
}
