# The hosted zone for the records of the cluster. It has the cluster's own name, so that it hides no other name of the domain from
# the VPC, and goes with the cluster.

resource "aws_route53_zone" "this" {
  name    = local.cluster_name
  comment = "Kubernetes cluster ${local.cluster_name}"

  vpc {
    vpc_id     = local.vpc_id
    vpc_region = local.region
  }

  # Associations with other VPCs are resources of their own.
  lifecycle {
    ignore_changes = [vpc]
  }
}

# The shared VPC is in another account: this account permits the association, that account makes it.
resource "aws_route53_vpc_association_authorization" "shared" {
  zone_id = aws_route53_zone.this.zone_id
  vpc_id  = "vpc-0a1b2c3d4e5f60718"
}

resource "aws_route53_zone_association" "shared" {
  provider = aws.shared

  zone_id = aws_route53_vpc_association_authorization.shared.zone_id
  vpc_id  = aws_route53_vpc_association_authorization.shared.vpc_id
}

locals {
  hosted_zone_id = aws_route53_zone.this.zone_id
}
