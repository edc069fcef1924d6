# What the cluster requires besides the network: the state store and the hosted zone.

resource "aws_s3_bucket" "state" {
  bucket = var.state_bucket
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_route53_zone" "this" {
  name = var.domain
  vpc {
    vpc_id = aws_vpc.this.id
  }
}
