# The decisions about this cluster. The outputs hand them to ../2-kops, where `make cluster-update` applies them to the cluster.

locals {
  region      = "us-east-1"
  environment = "devstg"

  # The name and the state bucket below are in ../2-kops/kopsform.yaml, too. Nodes of a cluster under k8s.local find each other by
  # gossip, without DNS.
  cluster_name   = "k1.devstg.aws.example.com"
  gossip_cluster = endswith(local.cluster_name, ".k8s.local")

  kubernetes_version = "1.34.8"

  # Zones of the nodes, and of the control plane: one instance in each, an odd number.
  availability_zones  = ["us-east-1a", "us-east-1b", "us-east-1c"]
  control_plane_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]

  # The image of all instances, as OWNER/NAME or an ID. A new image reaches instances with the next rolling update.
  image = "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260218"

  control_plane_machine_type = "t3.medium"

  node_machine_type = "t3.large"
  node_min_size     = 1
  node_max_size     = 5
  # Tags of the worker nodes, besides those of the cluster.
  node_tags = {}

  # Karpenter starts worker nodes of these types instead of an Auto Scaling group. It requires irsa_enabled.
  karpenter_enabled       = false
  karpenter_machine_types = ["t3.large"]

  # IAM roles for service accounts: the cluster publishes its keys in the discovery bucket.
  irsa_enabled = true

  # Where the API and SSH are reached from.
  admin_access = ["172.18.0.0/20"]
  # Internal: from networks that are connected to the VPC. Public: from the internet, limited to admin_access.
  api_load_balancer_type = "Internal"

  # The kops state store. Names of buckets are unique in all of AWS.
  state_bucket     = "k1-devstg-aws-example-com-kops-state"
  discovery_bucket = "k1-devstg-aws-example-com-discovery"

  # The SSH public key of the instances, relative to ../2-kops; an empty string for none.
  ssh_public_key = "../1-prerequisites/ssh-key.pub"

  tags = {
    Environment = local.environment
    Cluster     = local.cluster_name
    ManagedBy   = "terraform"
  }
}
