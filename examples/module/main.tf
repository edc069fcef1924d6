# Two clusters of the same shape. `kopsform sync --project blue` and `--project green` each write a directory. Their Terraform
# files are identical apart from the defaults in variables.tf, so one of them serves as the module, with the data of each cluster.

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

# The provider for the objects in the state store that nodes read.
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
  description = "IAM role of the control plane of each cluster"
  value       = { for name, cluster in module.cluster : name => cluster.masters_role_arn }
}
