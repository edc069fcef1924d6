output "region" {
  description = "Region of the cluster"
  value       = var.region
}

output "cluster_name" {
  description = "Name of the cluster"
  value       = var.cluster_name
}

output "availability_zones" {
  description = "Availability zones of the instances"
  value       = var.zones
}

output "vpc_id" {
  description = "VPC of the cluster"
  value       = aws_vpc.this.id
}

output "vpc_cidr_block" {
  description = "IPv4 CIDR block of the VPC"
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "Public subnet IDs by zone"
  value       = { for zone, subnet in aws_subnet.public : zone => subnet.id }
}

output "private_subnet_ids" {
  description = "Private subnet IDs by zone"
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
}

output "nat_gateway_ids" {
  description = "NAT gateway IDs by zone"
  value       = { for zone, gateway in aws_nat_gateway.this : zone => gateway.id }
}

output "hosted_zone_id" {
  description = "Hosted zone for the DNS records of the cluster"
  value       = aws_route53_zone.this.zone_id
}

output "state_bucket" {
  description = "S3 bucket of the state store"
  value       = aws_s3_bucket.state.id
}

output "api_security_group" {
  description = "Security group with additional access to the API"
  value       = aws_security_group.api.id
}

output "image" {
  description = "Image (AMI) of all instances"
  value       = var.image
}
