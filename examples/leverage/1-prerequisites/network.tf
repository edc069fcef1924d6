# The network of the cluster. Each zone has a public subnet for load balancers and the NAT gateway, and a private subnet for
# instances.

locals {
  vpc_cidr = "10.20.0.0/16"
  # Subnets are numbered by the position of their zone: append zones, and do not reorder them.
  zone_index = { for i, zone in local.availability_zones : zone => i }

  cluster_tag = { "kubernetes.io/cluster/${local.cluster_name}" = "shared" }
}

resource "aws_vpc" "this" {
  cidr_block           = local.vpc_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = { Name = local.cluster_name }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = local.cluster_name }
}

# Load balancers of services are created in subnets with the role elb or internal-elb.
resource "aws_subnet" "public" {
  for_each          = local.zone_index
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(local.vpc_cidr, 6, each.value)
  tags              = merge(local.cluster_tag, { Name = "public-${each.key}", "kubernetes.io/role/elb" = "1" })
}

resource "aws_subnet" "private" {
  for_each          = local.zone_index
  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(local.vpc_cidr, 3, 1 + each.value)
  tags              = merge(local.cluster_tag, { Name = "private-${each.key}", "kubernetes.io/role/internal-elb" = "1" })
}

resource "aws_eip" "nat" {
  for_each = local.zone_index
  domain   = "vpc"
  tags     = { Name = "nat-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each      = local.zone_index
  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = { Name = each.key }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "public" }
}

resource "aws_route" "public" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each       = local.zone_index
  route_table_id = aws_route_table.public.id
  subnet_id      = aws_subnet.public[each.key].id
}

resource "aws_route_table" "private" {
  for_each = local.zone_index
  vpc_id   = aws_vpc.this.id
  tags     = { Name = "private-${each.key}" }
}

resource "aws_route" "private" {
  for_each               = local.zone_index
  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.key].id
}

resource "aws_route_table_association" "private" {
  for_each       = local.zone_index
  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = aws_subnet.private[each.key].id
}

# Nodes read their configuration and pull images from S3: this traffic need not pass the NAT gateways.
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.${local.region}.s3"
  route_table_ids = [for table in aws_route_table.private : table.id]
  tags            = { Name = "${local.cluster_name}-s3" }
}

# The shared VPC resolves the names of the cluster (dns.tf). Routes to and from it, by peering or a transit gateway, are part of
# the layer of the shared network.

locals {
  vpc_id             = aws_vpc.this.id
  vpc_cidr_block     = aws_vpc.this.cidr_block
  public_subnet_ids  = { for zone, subnet in aws_subnet.public : zone => subnet.id }
  private_subnet_ids = { for zone, subnet in aws_subnet.private : zone => subnet.id }
  nat_gateway_ids    = { for zone, gateway in aws_nat_gateway.this : zone => gateway.id }
}
