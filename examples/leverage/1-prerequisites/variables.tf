variable "region" {
  description = "Region of the cluster"
  type        = string
  default     = "us-east-1"
}

variable "zones" {
  description = "Availability zones, with one control-plane instance in each; use an odd number"
  type        = list(string)
  default     = ["us-east-1a", "us-east-1b", "us-east-1c"]
}

variable "cluster_name" {
  description = "Name of the cluster; a name under k8s.local needs no hosted zone"
  type        = string
  default     = "k1.devstg.aws.example.com"
}

variable "domain" {
  description = "Private hosted zone for the DNS records of the cluster"
  type        = string
  default     = "aws.example.com"
}

variable "state_bucket" {
  description = "S3 bucket of the kops state store"
  type        = string
  default     = "kopsform-example-state"
}

variable "image" {
  description = "Image (AMI) of all instances"
  type        = string
}
