data "aws_vpc" "demo02-kops-devstg-k8s-local" {
  id = "vpc-0a1b2c3d4e5f60001"
}
