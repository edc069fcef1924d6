terraform {
  required_version = ">= 0.15.0"
  required_providers {
    aws = {
      configuration_aliases = [aws.files]
      source                = "hashicorp/aws"
      version               = ">= 5.0.0"
    }
  }
}
