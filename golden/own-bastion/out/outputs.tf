output "bastion_autoscaling_group_ids" {
  description = "The ids of the auto scaling groups of the bastions."
  value       = [aws_autoscaling_group.bastions.id]
}

output "bastion_security_group_ids" {
  description = "The ids of the security groups of the bastions."
  value       = [aws_security_group.bastion.id]
}

output "bastions_role_arn" {
  description = "The ARN of the IAM role of the bastions."
  value       = aws_iam_role.bastions.arn
}

output "bastions_role_name" {
  description = "The name of the IAM role of the bastions."
  value       = aws_iam_role.bastions.name
}

output "cluster_name" {
  description = "The name of the cluster."
  value       = var.cluster_name
}

output "master_autoscaling_group_ids" {
  description = "The ids of the auto scaling groups of the control plane."
  value       = [aws_autoscaling_group.control-plane-eu-central-1a-masters.id, aws_autoscaling_group.control-plane-eu-central-1b-masters.id, aws_autoscaling_group.control-plane-eu-central-1c-masters.id]
}

output "master_security_group_ids" {
  description = "The ids of the security groups of the control plane."
  value       = [aws_security_group.masters.id]
}

output "masters_role_arn" {
  description = "The ARN of the IAM role of the control plane."
  value       = aws_iam_role.masters.arn
}

output "masters_role_name" {
  description = "The name of the IAM role of the control plane."
  value       = aws_iam_role.masters.name
}

output "node_autoscaling_group_ids" {
  description = "The ids of the auto scaling groups of the nodes."
  value       = [aws_autoscaling_group.spot.id, aws_autoscaling_group.warm.id]
}

output "node_security_group_ids" {
  description = "The ids of the security groups of the nodes."
  value       = [aws_security_group.nodes.id]
}

output "node_subnet_ids" {
  description = "The ids of the subnets of the nodes."
  value       = [aws_subnet.eu-central-1a.id, aws_subnet.eu-central-1b.id, aws_subnet.eu-central-1c.id]
}

output "nodes_role_arn" {
  description = "The ARN of the IAM role of the nodes."
  value       = aws_iam_role.nodes.arn
}

output "nodes_role_name" {
  description = "The name of the IAM role of the nodes."
  value       = aws_iam_role.nodes.name
}

output "region" {
  description = "The region the cluster is in."
  value       = "eu-central-1"
}

output "route_table_private-eu-central-1a_id" {
  description = "The id of the private eu-central-1a route table."
  value       = aws_route_table.private-eu-central-1a.id
}

output "route_table_private-eu-central-1b_id" {
  description = "The id of the private eu-central-1b route table."
  value       = aws_route_table.private-eu-central-1b.id
}

output "route_table_private-eu-central-1c_id" {
  description = "The id of the private eu-central-1c route table."
  value       = aws_route_table.private-eu-central-1c.id
}

output "route_table_public_id" {
  description = "The id of the public route table."
  value       = aws_route_table.cluster.id
}

output "subnet_eu-central-1a_id" {
  description = "The id of the subnet eu-central-1a."
  value       = aws_subnet.eu-central-1a.id
}

output "subnet_eu-central-1b_id" {
  description = "The id of the subnet eu-central-1b."
  value       = aws_subnet.eu-central-1b.id
}

output "subnet_eu-central-1c_id" {
  description = "The id of the subnet eu-central-1c."
  value       = aws_subnet.eu-central-1c.id
}

output "subnet_utility-eu-central-1a_id" {
  description = "The id of the subnet utility-eu-central-1a."
  value       = aws_subnet.utility-eu-central-1a.id
}

output "subnet_utility-eu-central-1b_id" {
  description = "The id of the subnet utility-eu-central-1b."
  value       = aws_subnet.utility-eu-central-1b.id
}

output "subnet_utility-eu-central-1c_id" {
  description = "The id of the subnet utility-eu-central-1c."
  value       = aws_subnet.utility-eu-central-1c.id
}

output "vpc_cidr_block" {
  description = "The IPv4 network of the VPC."
  value       = aws_vpc.cluster.cidr_block
}

output "vpc_id" {
  description = "The id of the VPC."
  value       = aws_vpc.cluster.id
}

output "vpc_ipv6_cidr_block" {
  description = "The IPv6 network of the VPC."
  value       = aws_vpc.cluster.ipv6_cidr_block
}

output "vpc_ipv6_cidr_length" {
  description = "The prefix length of the VPC's IPv6 network, null without one."
  value       = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}
