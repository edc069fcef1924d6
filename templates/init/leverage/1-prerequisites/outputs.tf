# The values of ../2-kops/cluster-template.yml.

output "region" {
  description = "Region of the cluster"
  value       = local.region
}

output "environment" {
  description = "Environment of the cluster"
  value       = local.environment
}

output "cluster_name" {
  description = "Name of the cluster"
  value       = local.cluster_name
}

output "cluster_version" {
  description = "Kubernetes version"
  value       = local.kubernetes_version
}

output "gossip_cluster" {
  description = "Whether nodes find each other by gossip, without DNS"
  value       = local.gossip_cluster
}

output "dns_type" {
  description = "Whether the records of the cluster are Private or Public"
  value       = {{ .dns.type | toJson }}
}

output "hosted_zone_id" {
  description = "Hosted zone of the cluster; empty with gossip"
  value       = {{ if .gossip }}""{{ else }}local.hosted_zone_id{{ end }}
}

output "availability_zones" {
  description = "Zones of the worker nodes"
  value       = local.availability_zones
}

output "cluster_master_azs" {
  description = "Zones of the control plane"
  value       = local.control_plane_zones
}

output "vpc_id" {
  description = "VPC of the cluster"
  value       = local.vpc_id
}

output "vpc_cidr_block" {
  description = "IPv4 CIDR of the VPC"
  value       = local.vpc_cidr_block
}

output "public_subnet_ids" {
  description = "Public subnets by zone"
  value       = local.public_subnet_ids
}

output "private_subnet_ids" {
  description = "Private subnets by zone"
  value       = local.private_subnet_ids
}

output "nat_gateway_ids" {
  description = "NAT gateways of the private subnets by zone"
  value       = local.nat_gateway_ids
}

output "admin_access" {
  description = "CIDRs with access to the API and to SSH"
  value       = local.admin_access
}

output "api_load_balancer_type" {
  description = "Internal or Public"
  value       = local.api_load_balancer_type
}

output "kops_s3_bucket" {
  description = "Bucket of the kops state store"
  value       = aws_s3_bucket.state.id
}

output "irsa_enabled" {
  description = "Whether service accounts can have IAM roles"
  value       = local.irsa_enabled
}

output "irsa_bucket_name" {
  description = "Bucket of the OIDC discovery documents; empty without IAM roles for service accounts"
  value       = local.irsa_enabled ? aws_s3_bucket.discovery[0].id : ""
}

output "karpenter_enabled" {
  description = "Whether Karpenter manages the worker nodes"
  value       = local.karpenter_enabled && local.irsa_enabled
}

output "kops_ami_id" {
  description = "Image of all instances"
  value       = local.image
}

output "kops_master_machine_type" {
  description = "Instance type of the control plane"
  value       = local.control_plane_machine_type
}

output "kops_worker_machine_type" {
  description = "Instance type of the worker nodes"
  value       = local.node_machine_type
}

output "kops_worker_machine_types_karpenter" {
  description = "Instance types that Karpenter chooses from"
  value       = local.karpenter_machine_types
}

output "kops_worker_machine_min_size" {
  description = "Smallest number of worker nodes"
  value       = local.node_min_size
}

output "kops_worker_machine_max_size" {
  description = "Largest number of worker nodes"
  value       = local.node_max_size
}

output "node_cloud_labels" {
  description = "Tags of the worker nodes"
  value       = local.node_tags
}

output "ssh_pub_key_path" {
  description = "SSH public key of the instances, relative to 2-kops; empty without one"
  value       = local.ssh_public_key
}
