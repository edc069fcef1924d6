resource "aws_lb" "api-demo02-kops-devstg-k8s-local" {
  enable_cross_zone_load_balancing = true
  internal                         = true
  load_balancer_type               = "network"
  name                             = "api-demo02-kops-devstg-k8-4rnfuf"
  security_groups                  = [aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id]
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
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "api.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
}

resource "aws_lb_listener" "api-demo02-kops-devstg-k8s-local-3988" {
  default_action {
    target_group_arn = aws_lb_target_group.kops-controller-demo02-ko-3cpl77.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-demo02-kops-devstg-k8s-local.id
  port              = 3988
  protocol          = "TCP"
}

resource "aws_lb_listener" "api-demo02-kops-devstg-k8s-local-443" {
  default_action {
    target_group_arn = aws_lb_target_group.tcp-demo02-kops-devstg-k8-li7t9l.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-demo02-kops-devstg-k8s-local.id
  port              = 443
  protocol          = "TCP"
}

resource "aws_lb_target_group" "kops-controller-demo02-ko-3cpl77" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    path                = "/healthz"
    protocol            = "HTTPS"
    unhealthy_threshold = 2
  }
  name     = "kops-controller-demo02-ko-3cpl77"
  port     = 3988
  protocol = "TCP"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "kops-controller-demo02-ko-3cpl77"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_lb_target_group" "tcp-demo02-kops-devstg-k8-li7t9l" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    protocol            = "TCP"
    unhealthy_threshold = 2
  }
  name     = "tcp-demo02-kops-devstg-k8-li7t9l"
  port     = 443
  protocol = "TCP"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "tcp-demo02-kops-devstg-k8-li7t9l"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}
