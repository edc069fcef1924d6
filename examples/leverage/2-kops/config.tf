# Terraform version, providers and backend. kubernetes.tf, which kopsform writes next to this file, has none of them.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }

  backend "s3" {
    bucket       = "example-terraform-state"
    key          = "devstg/k1.devstg.aws.example.com/2-kops/terraform.tfstate"
    region       = "us-east-1"
    profile      = "example-devstg-devops"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region  = "us-east-1"
  profile = "example-devstg-devops"
}

# For the objects in the state store that nodes read: the region of its bucket.
provider "aws" {
  alias   = "files"
  region  = "us-east-1"
  profile = "example-devstg-devops"
}
