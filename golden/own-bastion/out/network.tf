resource "aws_eip" "eu-central-1a" {
  domain = "vpc"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1a.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_eip" "eu-central-1b" {
  domain = "vpc"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1b.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_eip" "eu-central-1c" {
  domain = "vpc"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1c.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_internet_gateway" "cluster" {
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = var.cluster_name
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_nat_gateway" "eu-central-1a" {
  allocation_id = aws_eip.eu-central-1a.id
  subnet_id     = aws_subnet.utility-eu-central-1a.id
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1a.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_nat_gateway" "eu-central-1b" {
  allocation_id = aws_eip.eu-central-1b.id
  subnet_id     = aws_subnet.utility-eu-central-1b.id
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1b.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_nat_gateway" "eu-central-1c" {
  allocation_id = aws_eip.eu-central-1c.id
  subnet_id     = aws_subnet.utility-eu-central-1c.id
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1c.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_route" "route-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.cluster.id
  route_table_id         = aws_route_table.cluster.id
}

resource "aws_route" "route-__--0" {
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.cluster.id
  route_table_id              = aws_route_table.cluster.id
}

resource "aws_route" "route-private-eu-central-1a-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.eu-central-1a.id
  route_table_id         = aws_route_table.private-eu-central-1a.id
}

resource "aws_route" "route-private-eu-central-1b-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.eu-central-1b.id
  route_table_id         = aws_route_table.private-eu-central-1b.id
}

resource "aws_route" "route-private-eu-central-1c-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.eu-central-1c.id
  route_table_id         = aws_route_table.private-eu-central-1c.id
}

resource "aws_route_table" "cluster" {
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = var.cluster_name
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/kops/role"                   = "public"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_route_table" "private-eu-central-1a" {
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "private-eu-central-1a.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/kops/role"                   = "private-eu-central-1a"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_route_table" "private-eu-central-1b" {
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "private-eu-central-1b.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/kops/role"                   = "private-eu-central-1b"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_route_table" "private-eu-central-1c" {
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "private-eu-central-1c.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/kops/role"                   = "private-eu-central-1c"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_route_table_association" "private-eu-central-1a" {
  route_table_id = aws_route_table.private-eu-central-1a.id
  subnet_id      = aws_subnet.eu-central-1a.id
}

resource "aws_route_table_association" "private-eu-central-1b" {
  route_table_id = aws_route_table.private-eu-central-1b.id
  subnet_id      = aws_subnet.eu-central-1b.id
}

resource "aws_route_table_association" "private-eu-central-1c" {
  route_table_id = aws_route_table.private-eu-central-1c.id
  subnet_id      = aws_subnet.eu-central-1c.id
}

resource "aws_route_table_association" "utility-eu-central-1a" {
  route_table_id = aws_route_table.cluster.id
  subnet_id      = aws_subnet.utility-eu-central-1a.id
}

resource "aws_route_table_association" "utility-eu-central-1b" {
  route_table_id = aws_route_table.cluster.id
  subnet_id      = aws_subnet.utility-eu-central-1b.id
}

resource "aws_route_table_association" "utility-eu-central-1c" {
  route_table_id = aws_route_table.cluster.id
  subnet_id      = aws_subnet.utility-eu-central-1c.id
}

resource "aws_subnet" "eu-central-1a" {
  availability_zone                           = "eu-central-1a"
  cidr_block                                  = "10.80.32.0/19"
  enable_resource_name_dns_a_record_on_launch = true
  private_dns_hostname_type_on_launch         = "resource-name"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1a.${var.cluster_name}"
    "SubnetType"                                = "Private"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/role/internal-elb"           = "1"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_subnet" "eu-central-1b" {
  availability_zone                           = "eu-central-1b"
  cidr_block                                  = "10.80.64.0/19"
  enable_resource_name_dns_a_record_on_launch = true
  private_dns_hostname_type_on_launch         = "resource-name"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1b.${var.cluster_name}"
    "SubnetType"                                = "Private"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/role/internal-elb"           = "1"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_subnet" "eu-central-1c" {
  availability_zone                           = "eu-central-1c"
  cidr_block                                  = "10.80.96.0/19"
  enable_resource_name_dns_a_record_on_launch = true
  private_dns_hostname_type_on_launch         = "resource-name"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "eu-central-1c.${var.cluster_name}"
    "SubnetType"                                = "Private"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/role/internal-elb"           = "1"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_subnet" "utility-eu-central-1a" {
  availability_zone                           = "eu-central-1a"
  cidr_block                                  = "10.80.0.0/22"
  enable_resource_name_dns_a_record_on_launch = true
  private_dns_hostname_type_on_launch         = "resource-name"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "utility-eu-central-1a.${var.cluster_name}"
    "SubnetType"                                = "Utility"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/role/elb"                    = "1"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_subnet" "utility-eu-central-1b" {
  availability_zone                           = "eu-central-1b"
  cidr_block                                  = "10.80.4.0/22"
  enable_resource_name_dns_a_record_on_launch = true
  private_dns_hostname_type_on_launch         = "resource-name"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "utility-eu-central-1b.${var.cluster_name}"
    "SubnetType"                                = "Utility"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/role/elb"                    = "1"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_subnet" "utility-eu-central-1c" {
  availability_zone                           = "eu-central-1c"
  cidr_block                                  = "10.80.8.0/22"
  enable_resource_name_dns_a_record_on_launch = true
  private_dns_hostname_type_on_launch         = "resource-name"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "utility-eu-central-1c.${var.cluster_name}"
    "SubnetType"                                = "Utility"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
    "kubernetes.io/role/elb"                    = "1"
  }
  vpc_id = aws_vpc.cluster.id
}

resource "aws_vpc" "cluster" {
  assign_generated_ipv6_cidr_block = true
  cidr_block                       = "10.80.0.0/16"
  enable_dns_hostnames             = true
  enable_dns_support               = true
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = var.cluster_name
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_vpc_dhcp_options" "cluster" {
  domain_name         = "eu-central-1.compute.internal"
  domain_name_servers = ["AmazonProvidedDNS"]
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = var.cluster_name
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_vpc_dhcp_options_association" "cluster" {
  dhcp_options_id = aws_vpc_dhcp_options.cluster.id
  vpc_id          = aws_vpc.cluster.id
}
