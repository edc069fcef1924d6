# The OIDC discovery bucket: AWS reads the public keys of the cluster from it when a service account takes an IAM role.

resource "aws_s3_bucket" "discovery" {
  count = local.irsa_enabled ? 1 : 0

  bucket        = local.discovery_bucket
  force_destroy = var.empty_buckets
}

resource "aws_s3_bucket_server_side_encryption_configuration" "discovery" {
  count  = local.irsa_enabled ? 1 : 0
  bucket = aws_s3_bucket.discovery[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "discovery" {
  count  = local.irsa_enabled ? 1 : 0
  bucket = aws_s3_bucket.discovery[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# The bucket is public by its policy, which permits reading only; never by access control lists.
resource "aws_s3_bucket_public_access_block" "discovery" {
  count = local.irsa_enabled ? 1 : 0

  bucket                  = aws_s3_bucket.discovery[0].id
  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
  restrict_public_buckets = false
}

data "aws_iam_policy_document" "discovery" {
  count = local.irsa_enabled ? 1 : 0

  statement {
    sid       = "PublicRead"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.discovery[0].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.discovery[0].arn, "${aws_s3_bucket.discovery[0].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "discovery" {
  count  = local.irsa_enabled ? 1 : 0
  bucket = aws_s3_bucket.discovery[0].id
  policy = data.aws_iam_policy_document.discovery[0].json

  depends_on = [aws_s3_bucket_public_access_block.discovery]
}

resource "aws_s3_bucket_lifecycle_configuration" "discovery" {
  count  = local.irsa_enabled ? 1 : 0
  bucket = aws_s3_bucket.discovery[0].id

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}
