resource "aws_autoscaling_group" "master-us-east-1a-masters-demo02-kops-devstg-k8s-local" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.master-us-east-1a-masters-demo02-kops-devstg-k8s-local.id
    version = aws_launch_template.master-us-east-1a-masters-demo02-kops-devstg-k8s-local.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "master-us-east-1a.masters.demo02-kops.devstg.k8s.local"
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
    value               = "demo02-kops.devstg.k8s.local"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "master-us-east-1a.masters.demo02-kops.devstg.k8s.local"
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
    key                 = "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.kops-controller-demo02-ko-3cpl77.id, aws_lb_target_group.tcp-demo02-kops-devstg-k8-li7t9l.id]
  vpc_zone_identifier = ["subnet-0prv00000000000"]
}

resource "aws_autoscaling_group" "master-us-east-1b-masters-demo02-kops-devstg-k8s-local" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.master-us-east-1b-masters-demo02-kops-devstg-k8s-local.id
    version = aws_launch_template.master-us-east-1b-masters-demo02-kops-devstg-k8s-local.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "master-us-east-1b.masters.demo02-kops.devstg.k8s.local"
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
    value               = "demo02-kops.devstg.k8s.local"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "master-us-east-1b.masters.demo02-kops.devstg.k8s.local"
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
    key                 = "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.kops-controller-demo02-ko-3cpl77.id, aws_lb_target_group.tcp-demo02-kops-devstg-k8-li7t9l.id]
  vpc_zone_identifier = ["subnet-0prv10000000000"]
}

resource "aws_autoscaling_group" "master-us-east-1c-masters-demo02-kops-devstg-k8s-local" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.master-us-east-1c-masters-demo02-kops-devstg-k8s-local.id
    version = aws_launch_template.master-us-east-1c-masters-demo02-kops-devstg-k8s-local.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "master-us-east-1c.masters.demo02-kops.devstg.k8s.local"
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
    value               = "demo02-kops.devstg.k8s.local"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "master-us-east-1c.masters.demo02-kops.devstg.k8s.local"
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
    key                 = "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.kops-controller-demo02-ko-3cpl77.id, aws_lb_target_group.tcp-demo02-kops-devstg-k8-li7t9l.id]
  vpc_zone_identifier = ["subnet-0prv20000000000"]
}

resource "aws_key_pair" "kubernetes-demo02-kops-devstg-k8s-local-c4a3cf5efc73fe099985a2f840ef47bb" {
  key_name   = "kubernetes.demo02-kops.devstg.k8s.local-c4:a3:cf:5e:fc:73:fe:09:99:85:a2:f8:40:ef:47:bb"
  public_key = file("${path.module}/data/aws_key_pair_kubernetes.demo02-kops.devstg.k8s.local-c4a3cf5efc73fe099985a2f840ef47bb_public_key")
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_launch_template" "master-us-east-1a-masters-demo02-kops-devstg-k8s-local" {
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
    name = aws_iam_instance_profile.masters-demo02-kops-devstg-k8s-local.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-demo02-kops-devstg-k8s-local-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "master-us-east-1a.masters.demo02-kops.devstg.k8s.local"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-demo02-kops-devstg-k8s-local.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1a.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1a.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1a.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tags = {
    "Backup"                                                                                                = "True"
    "Environment"                                                                                           = "apps-devstg"
    "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
    "Name"                                                                                                  = "master-us-east-1a.masters.demo02-kops.devstg.k8s.local"
    "Provisioner"                                                                                           = "kops"
    "Service"                                                                                               = "kubernetes"
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1a"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_master-us-east-1a.masters.demo02-kops.devstg.k8s.local_user_data")
}

resource "aws_launch_template" "master-us-east-1b-masters-demo02-kops-devstg-k8s-local" {
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
    name = aws_iam_instance_profile.masters-demo02-kops-devstg-k8s-local.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-demo02-kops-devstg-k8s-local-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "master-us-east-1b.masters.demo02-kops.devstg.k8s.local"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-demo02-kops-devstg-k8s-local.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1b.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1b"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1b.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1b"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1b.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1b"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tags = {
    "Backup"                                                                                                = "True"
    "Environment"                                                                                           = "apps-devstg"
    "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
    "Name"                                                                                                  = "master-us-east-1b.masters.demo02-kops.devstg.k8s.local"
    "Provisioner"                                                                                           = "kops"
    "Service"                                                                                               = "kubernetes"
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1b"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_master-us-east-1b.masters.demo02-kops.devstg.k8s.local_user_data")
}

resource "aws_launch_template" "master-us-east-1c-masters-demo02-kops-devstg-k8s-local" {
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
    name = aws_iam_instance_profile.masters-demo02-kops-devstg-k8s-local.id
  }
  image_id      = "ami-12345678"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-demo02-kops-devstg-k8s-local-c4a3cf5efc73fe099985a2f840ef47bb.id
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
  name = "master-us-east-1c.masters.demo02-kops.devstg.k8s.local"
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-demo02-kops-devstg-k8s-local.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1c.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1c"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1c.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1c"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "Backup"                                                                                                = "True"
      "Environment"                                                                                           = "apps-devstg"
      "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
      "Name"                                                                                                  = "master-us-east-1c.masters.demo02-kops.devstg.k8s.local"
      "Provisioner"                                                                                           = "kops"
      "Service"                                                                                               = "kubernetes"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1c"
      "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
    }
  }
  tags = {
    "Backup"                                                                                                = "True"
    "Environment"                                                                                           = "apps-devstg"
    "KubernetesCluster"                                                                                     = "demo02-kops.devstg.k8s.local"
    "Name"                                                                                                  = "master-us-east-1c.masters.demo02-kops.devstg.k8s.local"
    "Provisioner"                                                                                           = "kops"
    "Service"                                                                                               = "kubernetes"
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "master-us-east-1c"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local"                                                    = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_master-us-east-1c.masters.demo02-kops.devstg.k8s.local_user_data")
}
