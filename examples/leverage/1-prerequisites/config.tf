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
    key          = "devstg/k1.devstg.aws.example.com/1-prerequisites/terraform.tfstate"
    region       = "us-east-1"
    profile      = "example-devstg-devops"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region  = local.region
  profile = "example-devstg-devops"

  default_tags {
    tags = local.tags
  }
}

# The account of the shared VPC.
provider "aws" {
  alias   = "shared"
  region  = local.region
  profile = "example-shared-devops"
}
