resource "aws_lb" "api" {
  enable_cross_zone_load_balancing = false
  internal                         = false
  load_balancer_type               = "network"
  name                             = local.names["api"]
  security_groups                  = [aws_security_group.api-elb.id]
  subnet_mapping {
    subnet_id = aws_subnet.utility-eu-central-1a.id
  }
  subnet_mapping {
    subnet_id = aws_subnet.utility-eu-central-1b.id
  }
  subnet_mapping {
    subnet_id = aws_subnet.utility-eu-central-1c.id
  }
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "api.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_lb" "bastion" {
  enable_cross_zone_load_balancing = false
  internal                         = false
  load_balancer_type               = "network"
  name                             = local.names["bastion"]
  security_groups                  = [aws_security_group.bastion-elb.id]
  subnet_mapping {
    subnet_id = aws_subnet.utility-eu-central-1a.id
  }
  subnet_mapping {
    subnet_id = aws_subnet.utility-eu-central-1b.id
  }
  subnet_mapping {
    subnet_id = aws_subnet.utility-eu-central-1c.id
  }
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "bastion.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_lb_listener" "api-443" {
  default_action {
    target_group_arn = aws_lb_target_group.tcp.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api.id
  port              = 443
  protocol          = "TCP"
}

resource "aws_lb_listener" "bastion-22" {
  default_action {
    target_group_arn = aws_lb_target_group.bastion.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.bastion.id
  port              = 22
  protocol          = "TCP"
}

resource "aws_lb_target_group" "bastion" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    protocol            = "TCP"
    unhealthy_threshold = 2
  }
  name     = local.names["bastion"]
  port     = 22
  protocol = "TCP"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = local.names["bastion"]
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_lb_target_group" "tcp" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    protocol            = "TCP"
    unhealthy_threshold = 2
  }
  name     = local.names["tcp"]
  port     = 443
  protocol = "TCP"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = local.names["tcp"]
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  vpc_id = aws_vpc.cluster.id
}
