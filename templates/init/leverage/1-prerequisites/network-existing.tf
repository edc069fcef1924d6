# The network of the cluster, which exists. Its routes are not changed; its subnets get the tags by which Kubernetes finds them.

data "aws_vpc" "this" {
  id = {{ .network.vpc | toJson }}
}

locals {
  # Subnets by zone: private ones for instances, public ones for load balancers.
  private_subnet_ids = {
{{- range .network.private }}
    {{ .zone | toJson }} = {{ .id | toJson }}
{{- end }}
  }
  public_subnet_ids = {
{{- range .network.public }}
    {{ .zone | toJson }} = {{ .id | toJson }}
{{- end }}
  }
}

data "aws_subnet" "private" {
  for_each = local.private_subnet_ids
  id       = each.value
  vpc_id   = data.aws_vpc.this.id

  lifecycle {
    postcondition {
      condition     = self.availability_zone == each.key
      error_message = "Subnet ${each.value} is in zone ${self.availability_zone}, not in ${each.key}."
    }
  }
}

data "aws_subnet" "public" {
  for_each = local.public_subnet_ids
  id       = each.value
  vpc_id   = data.aws_vpc.this.id

  lifecycle {
    postcondition {
      condition     = self.availability_zone == each.key
      error_message = "Subnet ${each.value} is in zone ${self.availability_zone}, not in ${each.key}."
    }
  }
}

# The route table of each private subnet, which says how instances reach the internet. A subnet without a table of its own has the
# main one of the VPC.
data "aws_route_table" "main" {
  vpc_id = data.aws_vpc.this.id

  filter {
    name   = "association.main"
    values = ["true"]
  }
}

data "aws_route_tables" "private" {
  for_each = data.aws_subnet.private
  vpc_id   = data.aws_vpc.this.id

  filter {
    name   = "association.subnet-id"
    values = [each.value.id]
  }
}

data "aws_route_table" "private" {
  for_each       = data.aws_route_tables.private
  route_table_id = try(each.value.ids[0], data.aws_route_table.main.id)
}

resource "aws_ec2_tag" "private_cluster" {
  for_each    = local.private_subnet_ids
  resource_id = each.value
  key         = "kubernetes.io/cluster/${local.cluster_name}"
  value       = "shared"
}

resource "aws_ec2_tag" "private_role" {
  for_each    = local.private_subnet_ids
  resource_id = each.value
  key         = "kubernetes.io/role/internal-elb"
  value       = "1"
}

resource "aws_ec2_tag" "public_cluster" {
  for_each    = local.public_subnet_ids
  resource_id = each.value
  key         = "kubernetes.io/cluster/${local.cluster_name}"
  value       = "shared"
}

resource "aws_ec2_tag" "public_role" {
  for_each    = local.public_subnet_ids
  resource_id = each.value
  key         = "kubernetes.io/role/elb"
  value       = "1"
}

locals {
  vpc_id         = data.aws_vpc.this.id
  vpc_cidr_block = data.aws_vpc.this.cidr_block
  # A zone without a NAT gateway in its routes is left out: its egress is another one, such as a transit gateway.
  nat_gateway_ids = {
    for zone, table in data.aws_route_table.private : zone => [
      for route in table.routes : route.nat_gateway_id if try(length(route.nat_gateway_id), 0) > 0
    ][0] if anytrue([for route in table.routes : try(length(route.nat_gateway_id), 0) > 0])
  }
}
