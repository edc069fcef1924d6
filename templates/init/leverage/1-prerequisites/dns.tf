{{- if .dns.zone -}}
# The hosted zone for the records of the cluster, which exists.

data "aws_route53_zone" "this" {
{{- if eq .dns.type "Private" }}
  zone_id      = {{ .dns.zone | toJson }}
  private_zone = true
{{- else }}
  zone_id = {{ .dns.zone | toJson }}
{{- end }}
}

locals {
  hosted_zone_id = data.aws_route53_zone.this.zone_id
}
{{- else if eq .dns.type "Private" -}}
# The hosted zone for the records of the cluster. It has the cluster's own name, so that it hides no other name of the domain from
# the VPC, and goes with the cluster.

resource "aws_route53_zone" "this" {
  name    = local.cluster_name
  comment = "Kubernetes cluster ${local.cluster_name}"

  vpc {
    vpc_id     = local.vpc_id
    vpc_region = local.region
  }
{{- if .shared.vpc }}

  # Associations with other VPCs are resources of their own.
  lifecycle {
    ignore_changes = [vpc]
  }
{{- end }}
}
{{- if .shared.vpc }}
{{- if .shared.profile }}

# The shared VPC is in another account: this account permits the association, that account makes it.
resource "aws_route53_vpc_association_authorization" "shared" {
  zone_id = aws_route53_zone.this.zone_id
  vpc_id  = {{ .shared.vpc | toJson }}
}

resource "aws_route53_zone_association" "shared" {
  provider = aws.shared

  zone_id = aws_route53_vpc_association_authorization.shared.zone_id
  vpc_id  = aws_route53_vpc_association_authorization.shared.vpc_id
}
{{- else }}

# Names of the cluster are resolved in the shared VPC, too.
resource "aws_route53_zone_association" "shared" {
  zone_id = aws_route53_zone.this.zone_id
  vpc_id  = {{ .shared.vpc | toJson }}
}
{{- end }}
{{- end }}

locals {
  hosted_zone_id = aws_route53_zone.this.zone_id
}
{{- else -}}
# The public hosted zone for the records of the cluster. Delegate it from the zone of the domain above: the output name_servers
# lists what its NS record holds.

resource "aws_route53_zone" "this" {
  name    = local.cluster_name
  comment = "Kubernetes cluster ${local.cluster_name}"
}

output "name_servers" {
  description = "Name servers of the hosted zone, for its delegation"
  value       = aws_route53_zone.this.name_servers
}

locals {
  hosted_zone_id = aws_route53_zone.this.zone_id
}
{{- end }}
