# Terraform version, providers and backend. kubernetes.tf, which kopsform writes next to this file, has none of them.

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
    key          = {{ printf "%s/%s/2-kops/terraform.tfstate" .environment .name | toJson }}
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
  region  = {{ .region | toJson }}
  profile = {{ .profile | toJson }}
{{- else }}
  region = {{ .region | toJson }}
{{- end }}
}

# For the objects in the state store that nodes read: the region of its bucket.
provider "aws" {
{{- if .profile }}
  alias   = "files"
  region  = {{ .region | toJson }}
  profile = {{ .profile | toJson }}
{{- else }}
  alias  = "files"
  region = {{ .region | toJson }}
{{- end }}
}
