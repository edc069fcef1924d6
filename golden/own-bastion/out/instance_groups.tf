resource "aws_autoscaling_group" "bastions" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.bastions.id
    version = aws_launch_template.bastions.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "bastions.${var.cluster_name}"
  protect_from_scale_in = false
  tag {
    key                 = "CostCenter"
    propagate_at_launch = true
    value               = "4711"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = var.cluster_name
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "bastions.${var.cluster_name}"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/role/bastion"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "bastions"
  }
  tag {
    key                 = "kubernetes.io/cluster/${var.cluster_name}"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.bastion.id]
  vpc_zone_identifier = [aws_subnet.utility-eu-central-1a.id, aws_subnet.utility-eu-central-1b.id, aws_subnet.utility-eu-central-1c.id]
}

resource "aws_autoscaling_group" "control-plane-eu-central-1a-masters" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.control-plane-eu-central-1a-masters.id
    version = aws_launch_template.control-plane-eu-central-1a-masters.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "control-plane-eu-central-1a.masters.${var.cluster_name}"
  protect_from_scale_in = false
  tag {
    key                 = "CostCenter"
    propagate_at_launch = true
    value               = "4711"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = var.cluster_name
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "control-plane-eu-central-1a.masters.${var.cluster_name}"
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
    value               = "control-plane-eu-central-1a"
  }
  tag {
    key                 = "kubernetes.io/cluster/${var.cluster_name}"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.tcp.id]
  vpc_zone_identifier = [aws_subnet.eu-central-1a.id]
}

resource "aws_autoscaling_group" "control-plane-eu-central-1b-masters" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.control-plane-eu-central-1b-masters.id
    version = aws_launch_template.control-plane-eu-central-1b-masters.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "control-plane-eu-central-1b.masters.${var.cluster_name}"
  protect_from_scale_in = false
  tag {
    key                 = "CostCenter"
    propagate_at_launch = true
    value               = "4711"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = var.cluster_name
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "control-plane-eu-central-1b.masters.${var.cluster_name}"
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
    value               = "control-plane-eu-central-1b"
  }
  tag {
    key                 = "kubernetes.io/cluster/${var.cluster_name}"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.tcp.id]
  vpc_zone_identifier = [aws_subnet.eu-central-1b.id]
}

resource "aws_autoscaling_group" "control-plane-eu-central-1c-masters" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.control-plane-eu-central-1c-masters.id
    version = aws_launch_template.control-plane-eu-central-1c-masters.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "control-plane-eu-central-1c.masters.${var.cluster_name}"
  protect_from_scale_in = false
  tag {
    key                 = "CostCenter"
    propagate_at_launch = true
    value               = "4711"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = var.cluster_name
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "control-plane-eu-central-1c.masters.${var.cluster_name}"
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
    value               = "control-plane-eu-central-1c"
  }
  tag {
    key                 = "kubernetes.io/cluster/${var.cluster_name}"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.tcp.id]
  vpc_zone_identifier = [aws_subnet.eu-central-1c.id]
}

resource "aws_autoscaling_group" "spot" {
  enabled_metrics       = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  max_instance_lifetime = 0
  max_size              = 10
  metrics_granularity   = "1Minute"
  min_size              = 0
  mixed_instances_policy {
    instances_distribution {
      on_demand_base_capacity                  = 1
      on_demand_percentage_above_base_capacity = 0
      spot_allocation_strategy                 = "capacity-optimized"
      spot_max_price                           = "0.08"
    }
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.spot.id
        version            = aws_launch_template.spot.latest_version
      }
      override {
        instance_type = "m6i.large"
      }
      override {
        instance_type = "m5.large"
      }
      override {
        instance_type = "m5a.large"
      }
    }
  }
  name                  = "spot.${var.cluster_name}"
  protect_from_scale_in = false
  tag {
    key                 = "CostCenter"
    propagate_at_launch = true
    value               = "4711"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = var.cluster_name
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "spot.${var.cluster_name}"
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
    key                 = "k8s.io/cluster-autoscaler/node-template/taint/example.com/spot"
    propagate_at_launch = true
    value               = "true:PreferNoSchedule"
  }
  tag {
    key                 = "k8s.io/role/node"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "spot"
  }
  tag {
    key                 = "kubernetes.io/cluster/${var.cluster_name}"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = [aws_subnet.eu-central-1a.id, aws_subnet.eu-central-1b.id, aws_subnet.eu-central-1c.id]
}

resource "aws_autoscaling_group" "warm" {
  enabled_metrics = ["GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances", "WarmPoolDesiredCapacity", "WarmPoolMinSize", "WarmPoolPendingCapacity", "WarmPoolTerminatingCapacity", "WarmPoolTotalCapacity", "WarmPoolWarmedCapacity"]
  launch_template {
    id      = aws_launch_template.warm.id
    version = aws_launch_template.warm.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 6
  metrics_granularity   = "1Minute"
  min_size              = 2
  name                  = "warm.${var.cluster_name}"
  protect_from_scale_in = false
  tag {
    key                 = "CostCenter"
    propagate_at_launch = true
    value               = "4711"
  }
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = var.cluster_name
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "warm.${var.cluster_name}"
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
    value               = "warm"
  }
  tag {
    key                 = "kubernetes.io/cluster/${var.cluster_name}"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = [aws_subnet.eu-central-1a.id, aws_subnet.eu-central-1b.id, aws_subnet.eu-central-1c.id]
  warm_pool {
    min_size = 1
  }
}

resource "aws_autoscaling_lifecycle_hook" "bastions-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.bastions.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "bastions-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "control-plane-eu-central-1a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.control-plane-eu-central-1a-masters.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "control-plane-eu-central-1a-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "control-plane-eu-central-1b-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.control-plane-eu-central-1b-masters.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "control-plane-eu-central-1b-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "control-plane-eu-central-1c-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.control-plane-eu-central-1c-masters.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "control-plane-eu-central-1c-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "spot-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.spot.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "spot-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "warm-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.warm.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "warm-NTHLifecycleHook"
}

resource "aws_key_pair" "kubernetes-c4a3cf5efc73fe099985a2f840ef47bb" {
  key_name   = "kubernetes.${var.cluster_name}-c4:a3:cf:5e:fc:73:fe:09:99:85:a2:f8:40:ef:47:bb"
  public_key = file("${local.data_dir}/aws_key_pair_kubernetes-c4a3cf5efc73fe099985a2f840ef47bb_public_key")
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = var.cluster_name
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_launch_template" "bastions" {
  block_device_mappings {
    device_name = "/dev/sda1"
    ebs {
      delete_on_termination = true
      encrypted             = true
      iops                  = 3000
      throughput            = 125
      volume_size           = 32
      volume_type           = "gp3"
    }
  }
  iam_instance_profile {
    name = aws_iam_instance_profile.bastions.id
  }
  image_id      = "ami-0b0b0b0b0b0b0b0b0"
  instance_type = "t3.micro"
  key_name      = aws_key_pair.kubernetes-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "bastions.${var.cluster_name}"
  network_interfaces {
    associate_public_ip_address = true
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.bastion.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "CostCenter"                                = "4711"
      "KubernetesCluster"                         = var.cluster_name
      "Name"                                      = "bastions.${var.cluster_name}"
      "aws-node-termination-handler/managed"      = ""
      "k8s.io/role/bastion"                       = "1"
      "kops.k8s.io/instancegroup"                 = "bastions"
      "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "CostCenter"                                = "4711"
      "KubernetesCluster"                         = var.cluster_name
      "Name"                                      = "bastions.${var.cluster_name}"
      "aws-node-termination-handler/managed"      = ""
      "k8s.io/role/bastion"                       = "1"
      "kops.k8s.io/instancegroup"                 = "bastions"
      "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "CostCenter"                                = "4711"
      "KubernetesCluster"                         = var.cluster_name
      "Name"                                      = "bastions.${var.cluster_name}"
      "aws-node-termination-handler/managed"      = ""
      "k8s.io/role/bastion"                       = "1"
      "kops.k8s.io/instancegroup"                 = "bastions"
      "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    }
  }
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "bastions.${var.cluster_name}"
    "aws-node-termination-handler/managed"      = ""
    "k8s.io/role/bastion"                       = "1"
    "kops.k8s.io/instancegroup"                 = "bastions"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_launch_template" "control-plane-eu-central-1a-masters" {
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
    name = aws_iam_instance_profile.masters.id
  }
  image_id      = "ami-0b0b0b0b0b0b0b0b0"
  instance_type = "m6i.large"
  key_name      = aws_key_pair.kubernetes-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "control-plane-eu-central-1a.masters.${var.cluster_name}"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1a.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1a"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1a.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1a"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1a.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1a"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tags = {
    "CostCenter"                                                                                            = "4711"
    "KubernetesCluster"                                                                                     = var.cluster_name
    "Name"                                                                                                  = "control-plane-eu-central-1a.masters.${var.cluster_name}"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1a"
    "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
  }
  user_data = filebase64("${local.data_dir}/aws_launch_template_control-plane-eu-central-1a-masters_user_data")
}

resource "aws_launch_template" "control-plane-eu-central-1b-masters" {
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
    name = aws_iam_instance_profile.masters.id
  }
  image_id      = "ami-0b0b0b0b0b0b0b0b0"
  instance_type = "m6i.large"
  key_name      = aws_key_pair.kubernetes-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "control-plane-eu-central-1b.masters.${var.cluster_name}"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1b.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1b"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1b.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1b"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1b.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1b"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tags = {
    "CostCenter"                                                                                            = "4711"
    "KubernetesCluster"                                                                                     = var.cluster_name
    "Name"                                                                                                  = "control-plane-eu-central-1b.masters.${var.cluster_name}"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1b"
    "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
  }
  user_data = filebase64("${local.data_dir}/aws_launch_template_control-plane-eu-central-1b-masters_user_data")
}

resource "aws_launch_template" "control-plane-eu-central-1c-masters" {
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
    name = aws_iam_instance_profile.masters.id
  }
  image_id      = "ami-0b0b0b0b0b0b0b0b0"
  instance_type = "m6i.large"
  key_name      = aws_key_pair.kubernetes-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "control-plane-eu-central-1c.masters.${var.cluster_name}"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1c.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1c"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1c.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1c"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "CostCenter"                                                                                            = "4711"
      "KubernetesCluster"                                                                                     = var.cluster_name
      "Name"                                                                                                  = "control-plane-eu-central-1c.masters.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1c"
      "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
    }
  }
  tags = {
    "CostCenter"                                                                                            = "4711"
    "KubernetesCluster"                                                                                     = var.cluster_name
    "Name"                                                                                                  = "control-plane-eu-central-1c.masters.${var.cluster_name}"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "control-plane-eu-central-1c"
    "kubernetes.io/cluster/${var.cluster_name}"                                                             = "owned"
  }
  user_data = filebase64("${local.data_dir}/aws_launch_template_control-plane-eu-central-1c-masters_user_data")
}

resource "aws_launch_template" "spot" {
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
    name = aws_iam_instance_profile.nodes.id
  }
  image_id      = "ami-0b0b0b0b0b0b0b0b0"
  instance_type = "m6i.large"
  key_name      = aws_key_pair.kubernetes-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "spot.${var.cluster_name}"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.nodes.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "CostCenter"                                                                 = "4711"
      "KubernetesCluster"                                                          = var.cluster_name
      "Name"                                                                       = "spot.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/cluster-autoscaler/node-template/taint/example.com/spot"             = "true:PreferNoSchedule"
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "spot"
      "kubernetes.io/cluster/${var.cluster_name}"                                  = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "CostCenter"                                                                 = "4711"
      "KubernetesCluster"                                                          = var.cluster_name
      "Name"                                                                       = "spot.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/cluster-autoscaler/node-template/taint/example.com/spot"             = "true:PreferNoSchedule"
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "spot"
      "kubernetes.io/cluster/${var.cluster_name}"                                  = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "CostCenter"                                                                 = "4711"
      "KubernetesCluster"                                                          = var.cluster_name
      "Name"                                                                       = "spot.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/cluster-autoscaler/node-template/taint/example.com/spot"             = "true:PreferNoSchedule"
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "spot"
      "kubernetes.io/cluster/${var.cluster_name}"                                  = "owned"
    }
  }
  tags = {
    "CostCenter"                                                                 = "4711"
    "KubernetesCluster"                                                          = var.cluster_name
    "Name"                                                                       = "spot.${var.cluster_name}"
    "aws-node-termination-handler/managed"                                       = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
    "k8s.io/cluster-autoscaler/node-template/taint/example.com/spot"             = "true:PreferNoSchedule"
    "k8s.io/role/node"                                                           = "1"
    "kops.k8s.io/instancegroup"                                                  = "spot"
    "kubernetes.io/cluster/${var.cluster_name}"                                  = "owned"
  }
  user_data = filebase64("${local.data_dir}/aws_launch_template_spot_user_data")
}

resource "aws_launch_template" "warm" {
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
    name = aws_iam_instance_profile.nodes.id
  }
  image_id      = "ami-0b0b0b0b0b0b0b0b0"
  instance_type = "m6i.large"
  key_name      = aws_key_pair.kubernetes-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "warm.${var.cluster_name}"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.nodes.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "CostCenter"                                                                 = "4711"
      "KubernetesCluster"                                                          = var.cluster_name
      "Name"                                                                       = "warm.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "warm"
      "kubernetes.io/cluster/${var.cluster_name}"                                  = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "CostCenter"                                                                 = "4711"
      "KubernetesCluster"                                                          = var.cluster_name
      "Name"                                                                       = "warm.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "warm"
      "kubernetes.io/cluster/${var.cluster_name}"                                  = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "CostCenter"                                                                 = "4711"
      "KubernetesCluster"                                                          = var.cluster_name
      "Name"                                                                       = "warm.${var.cluster_name}"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "warm"
      "kubernetes.io/cluster/${var.cluster_name}"                                  = "owned"
    }
  }
  tags = {
    "CostCenter"                                                                 = "4711"
    "KubernetesCluster"                                                          = var.cluster_name
    "Name"                                                                       = "warm.${var.cluster_name}"
    "aws-node-termination-handler/managed"                                       = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
    "k8s.io/role/node"                                                           = "1"
    "kops.k8s.io/instancegroup"                                                  = "warm"
    "kubernetes.io/cluster/${var.cluster_name}"                                  = "owned"
  }
  user_data = filebase64("${local.data_dir}/aws_launch_template_warm_user_data")
}
