# The decisions about this cluster. The outputs hand them to ../2-kops, where `make cluster-update` applies them to the cluster.

locals {
  region      = {{ .region | toJson }}
  environment = {{ .environment | toJson }}

  # The name and the state bucket below are in ../2-kops/kopsform.yaml, too. Nodes of a cluster under k8s.local find each other by
  # gossip, without DNS.
  cluster_name   = {{ .name | toJson }}
  gossip_cluster = endswith(local.cluster_name, ".k8s.local")

  kubernetes_version = {{ .kubernetesVersion | toJson }}

  # Zones of the nodes, and of the control plane: one instance in each, an odd number.
  availability_zones  = {{ template "list" .zones }}
  control_plane_zones = {{ template "list" .controlPlaneZones }}

  # The image of all instances, as OWNER/NAME or an ID. A new image reaches instances with the next rolling update.
  image = {{ .image | toJson }}

  control_plane_machine_type = {{ .controlPlaneSize | toJson }}

  node_machine_type = {{ .nodeSize | toJson }}
  node_min_size     = 1
  node_max_size     = 5
  # Tags of the worker nodes, besides those of the cluster.
  node_tags = {}

  # Karpenter starts worker nodes of these types instead of an Auto Scaling group. It requires irsa_enabled.
  karpenter_enabled       = false
  karpenter_machine_types = [{{ .nodeSize | toJson }}]

  # IAM roles for service accounts: the cluster publishes its keys in the discovery bucket.
  irsa_enabled = true

  # Where the API and SSH are reached from.
  admin_access = {{ template "access" . }}
  # Internal: from networks that are connected to the VPC. Public: from the internet, limited to admin_access.
  api_load_balancer_type = {{ .apiLoadBalancer | toJson }}

  # The kops state store. Names of buckets are unique in all of AWS.
  state_bucket     = {{ .stateBucket | toJson }}
  discovery_bucket = {{ .discoveryBucket | toJson }}

  # The SSH public key of the instances, relative to ../2-kops; an empty string for none.
  ssh_public_key = {{ if .sshKey }}"../1-prerequisites/ssh-key.pub"{{ else }}""{{ end }}

  tags = {
    Environment = local.environment
    Cluster     = local.cluster_name
    ManagedBy   = "terraform"
  }
}
{{- define "list" }}[{{ range $i, $item := . }}{{ if $i }}, {{ end }}{{ $item | toJson }}{{ end }}]{{ end }}
{{- define "access" }}
{{- if .adminAccess }}{{ template "list" .adminAccess }}
{{- else if .shared.cidr }}[{{ .shared.cidr | toJson }}]
{{- else if .network.vpc }}[data.aws_vpc.this.cidr_block]
{{- else }}[local.vpc_cidr]{{ end }}{{ end }}
