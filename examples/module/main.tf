# Two clusters of one shape. `kopsform sync --project blue` and `--project green` write a folder each; the Terraform files
# of both say the same, so one of them is the module, and each cluster brings its own data.

locals {
  clusters = {
    blue  = "blue.k8s.local"
    green = "green.k8s.local"
  }
}

terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

# The provider that uploads what nodes read from the state store.
provider "aws" {
  alias  = "files"
  region = "us-east-1"
}

module "cluster" {
  source   = "./clusters/blue"
  for_each = local.clusters

  cluster_name = each.value
  data_dir     = "${path.module}/clusters/${each.key}/data"

  providers = {
    aws       = aws
    aws.files = aws.files
  }
}

output "control_plane_roles" {
  description = "The IAM role of each cluster's control plane"
  value       = { for name, cluster in module.cluster : name => cluster.masters_role_arn }
}
