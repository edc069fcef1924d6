output "region" {
  description = "Region of the cluster"
  value       = var.region
}

output "cluster_name" {
  description = "Name of the cluster"
  value       = var.cluster_name
}

output "availability_zones" {
  description = "Zones of the instances"
  value       = var.zones
}

output "vpc_id" {
  description = "VPC the cluster is put into"
  value       = aws_vpc.this.id
}

output "vpc_cidr_block" {
  description = "CIDR of that VPC"
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "Zone to public subnet"
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "private_subnet_ids" {
  description = "Zone to private subnet"
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}

output "nat_gateway_ids" {
  description = "Zone to NAT gateway"
  value       = { for zone, gateway in aws_nat_gateway.this : zone => gateway.id }
}

output "hosted_zone_id" {
  description = "Hosted zone of the cluster's records"
  value       = aws_route53_zone.this.zone_id
}

output "state_bucket" {
  description = "Bucket of the state store"
  value       = aws_s3_bucket.state.id
}

output "api_security_group" {
  description = "Security group with extra access to the API"
  value       = aws_security_group.api.id
}

output "image" {
  description = "Machine image of all instances"
  value       = var.image
}
