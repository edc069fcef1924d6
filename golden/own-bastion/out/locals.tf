locals {
  data_dir             = coalesce(var.data_dir, "${path.module}/data")
  names                = jsondecode(file("${local.data_dir}/names.json"))
  vpc_ipv6_cidr_block  = aws_vpc.cluster.ipv6_cidr_block
  vpc_ipv6_cidr_length = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}
