# The settings that all layers of a team share: Terraform version, providers and backend.

terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }

  backend "s3" {
    bucket = "example-terraform-state"
    key    = "devstg/k8s-kops/2-kops/terraform.tfstate"
    region = "us-east-1"
  }
}

variable "region" {
  description = "Region of the cluster"
  type        = string
  default     = "us-east-1"
}

provider "aws" {
  region = var.region
}

# The provider for the objects in the state store that nodes read.
provider "aws" {
  alias  = "files"
  region = var.region
}
