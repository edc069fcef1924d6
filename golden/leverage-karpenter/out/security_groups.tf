resource "aws_security_group" "api-elb-demo02-kops-devstg-k8s-local" {
  description = "Security group for api ELB"
  name        = "api-elb.demo02-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "api-elb.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group" "masters-demo02-kops-devstg-k8s-local" {
  description = "Security group for masters"
  name        = "masters.demo02-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "masters.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group" "nodes-demo02-kops-devstg-k8s-local" {
  description = "Security group for nodes"
  name        = "nodes.demo02-kops.devstg.k8s.local"
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "nodes.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  vpc_id = "vpc-0a1b2c3d4e5f60001"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-22to22-masters-demo02-kops-devstg-k8s-local" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-22to22-nodes-demo02-kops-devstg-k8s-local" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-172-18-0-0--20-ingress-tcp-443to443-api-elb-demo02-kops-devstg-k8s-local" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-api-elb-demo02-kops-devstg-k8s-local-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-api-elb-demo02-kops-devstg-k8s-local-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-demo02-kops-devstg-k8s-local-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-demo02-kops-devstg-k8s-local-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-demo02-kops-devstg-k8s-local-ingress-all-0to0-masters-demo02-kops-devstg-k8s-local" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-demo02-kops-devstg-k8s-local-ingress-all-0to0-nodes-demo02-kops-devstg-k8s-local" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo02-kops-devstg-k8s-local-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-demo02-kops-devstg-k8s-local-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-demo02-kops-devstg-k8s-local-ingress-4-0to0-masters-demo02-kops-devstg-k8s-local" {
  from_port                = 0
  protocol                 = "4"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo02-kops-devstg-k8s-local-ingress-all-0to0-nodes-demo02-kops-devstg-k8s-local" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo02-kops-devstg-k8s-local-ingress-tcp-1to2379-masters-demo02-kops-devstg-k8s-local" {
  from_port                = 1
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port                  = 2379
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo02-kops-devstg-k8s-local-ingress-tcp-2382to4000-masters-demo02-kops-devstg-k8s-local" {
  from_port                = 2382
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port                  = 4000
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo02-kops-devstg-k8s-local-ingress-tcp-4003to65535-masters-demo02-kops-devstg-k8s-local" {
  from_port                = 4003
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-demo02-kops-devstg-k8s-local-ingress-udp-1to65535-masters-demo02-kops-devstg-k8s-local" {
  from_port                = 1
  protocol                 = "udp"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "https-elb-to-master" {
  from_port                = 443
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  to_port                  = 443
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-api-elb-172-18-0-0--20" {
  cidr_blocks       = ["172.18.0.0/20"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-cp-to-elb" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-elb-to-cp" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "kops-controller-elb-to-cp" {
  from_port                = 3988
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  to_port                  = 3988
  type                     = "ingress"
}

resource "aws_security_group_rule" "node-to-elb" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.api-elb-demo02-kops-devstg-k8s-local.id
  source_security_group_id = aws_security_group.nodes-demo02-kops-devstg-k8s-local.id
  to_port                  = 0
  type                     = "ingress"
}
