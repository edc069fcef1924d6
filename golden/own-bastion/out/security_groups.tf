resource "aws_security_group" "api-elb" {
  description = "Security group for api ELB"
  name        = "api-elb.${var.cluster_name}"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "api-elb.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_security_group" "bastion" {
  description = "Security group for bastion"
  name        = "bastion.${var.cluster_name}"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "bastion.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_security_group" "bastion-elb" {
  description = "Security group for bastion ELB"
  name        = "bastion-elb.${var.cluster_name}"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "bastion-elb.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_security_group" "masters" {
  description = "Security group for masters"
  name        = "masters.${var.cluster_name}"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "masters.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_security_group" "nodes" {
  description = "Security group for nodes"
  name        = "nodes.${var.cluster_name}"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "nodes.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_security_group_rule" "from-10-80-0-0--22-ingress-tcp-22to22-bastion-elb" {
  cidr_blocks       = ["10.80.0.0/22"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-10-80-4-0--22-ingress-tcp-22to22-bastion-elb" {
  cidr_blocks       = ["10.80.4.0/22"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-10-80-8-0--22-ingress-tcp-22to22-bastion-elb" {
  cidr_blocks       = ["10.80.8.0/22"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-203-0-113-0--24-ingress-tcp-22to22-bastion-elb" {
  cidr_blocks       = ["203.0.113.0/24"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-203-0-113-0--24-ingress-tcp-443to443-api-elb" {
  cidr_blocks       = ["203.0.113.0/24"]
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-api-elb-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-api-elb-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-bastion-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.bastion.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-bastion-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.bastion.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-bastion-elb-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-bastion-elb-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-bastion-elb-ingress-icmp-3to4-bastion" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.bastion.id
  source_security_group_id = aws_security_group.bastion-elb.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-bastion-elb-ingress-tcp-22to22-bastion" {
  from_port                = 22
  protocol                 = "tcp"
  security_group_id        = aws_security_group.bastion.id
  source_security_group_id = aws_security_group.bastion-elb.id
  to_port                  = 22
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-bastion-ingress-icmp-3to4-bastion-elb" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.bastion-elb.id
  source_security_group_id = aws_security_group.bastion.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-bastion-ingress-tcp-22to22-masters" {
  from_port                = 22
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.bastion.id
  to_port                  = 22
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-bastion-ingress-tcp-22to22-nodes" {
  from_port                = 22
  protocol                 = "tcp"
  security_group_id        = aws_security_group.nodes.id
  source_security_group_id = aws_security_group.bastion.id
  to_port                  = 22
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.masters.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.masters.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-ingress-all-0to0-masters" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.masters.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-ingress-all-0to0-nodes" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes.id
  source_security_group_id = aws_security_group.masters.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.nodes.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.nodes.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-ingress-4-0to0-masters" {
  from_port                = 0
  protocol                 = "4"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.nodes.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-ingress-all-0to0-nodes" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes.id
  source_security_group_id = aws_security_group.nodes.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-ingress-tcp-1to2379-masters" {
  from_port                = 1
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.nodes.id
  to_port                  = 2379
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-ingress-tcp-2382to4000-masters" {
  from_port                = 2382
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.nodes.id
  to_port                  = 4000
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-ingress-tcp-4003to65535-masters" {
  from_port                = 4003
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.nodes.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-ingress-udp-1to65535-masters" {
  from_port                = 1
  protocol                 = "udp"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.nodes.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "https-elb-to-master" {
  from_port                = 443
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.api-elb.id
  to_port                  = 443
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-api-elb-203-0-113-0--24" {
  cidr_blocks       = ["203.0.113.0/24"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.api-elb.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-cp-to-elb" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.api-elb.id
  source_security_group_id = aws_security_group.masters.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-elb-to-cp" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.masters.id
  source_security_group_id = aws_security_group.api-elb.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-ssh-nlb-10-80-0-0--22" {
  cidr_blocks       = ["10.80.0.0/22"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-ssh-nlb-10-80-4-0--22" {
  cidr_blocks       = ["10.80.4.0/22"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-ssh-nlb-10-80-8-0--22" {
  cidr_blocks       = ["10.80.8.0/22"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-ssh-nlb-203-0-113-0--24" {
  cidr_blocks       = ["203.0.113.0/24"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.bastion-elb.id
  to_port           = 4
  type              = "ingress"
}
