terraform {
  required_version = "{{ if .backend }}>= 1.10{{ else }}>= 1.3{{ end }}"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
{{ if .backend }}
  backend "s3" {
    bucket       = {{ .backend | toJson }}
    key          = {{ printf "%s/%s/1-prerequisites/terraform.tfstate" .environment .name | toJson }}
    region       = {{ .region | toJson }}
{{- if .profile }}
    profile      = {{ .profile | toJson }}
{{- end }}
    encrypt      = true
    use_lockfile = true
  }
{{ else }}
  # The state is in this directory. Before others work on the cluster, move it to a bucket: replace this block with
  # `backend "s3" { … }` and run `terraform init -migrate-state`.
  backend "local" {}
{{ end -}}
}

provider "aws" {
{{- if .profile }}
  region  = local.region
  profile = {{ .profile | toJson }}
{{- else }}
  region = local.region
{{- end }}

  default_tags {
    tags = local.tags
  }
}
{{- if .shared.profile }}

# The account of the shared VPC.
provider "aws" {
  alias   = "shared"
  region  = local.region
  profile = {{ .shared.profile | toJson }}
}
{{- end }}
