variable "cluster_name" {
  default     = "prod.corp.example.com"
  description = "The name of the cluster, a DNS name. Clusters of one shape can share this module: each gives its name, and the folder of files that was made for it."
  type        = string
}

variable "data_dir" {
  default     = null
  description = "The folder with the cluster's policies, boot scripts, manifests and names; that of the module when null."
  type        = string
}
