resource "aws_ebs_volume" "a-etcd-events" {
  availability_zone = "eu-central-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "a.etcd-events.${var.cluster_name}"
    "k8s.io/etcd/events"                        = "a/a,b,c"
    "k8s.io/role/control-plane"                 = "1"
    "k8s.io/role/master"                        = "1"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "a-etcd-main" {
  availability_zone = "eu-central-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "a.etcd-main.${var.cluster_name}"
    "k8s.io/etcd/main"                          = "a/a,b,c"
    "k8s.io/role/control-plane"                 = "1"
    "k8s.io/role/master"                        = "1"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "b-etcd-events" {
  availability_zone = "eu-central-1b"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "b.etcd-events.${var.cluster_name}"
    "k8s.io/etcd/events"                        = "b/a,b,c"
    "k8s.io/role/control-plane"                 = "1"
    "k8s.io/role/master"                        = "1"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "b-etcd-main" {
  availability_zone = "eu-central-1b"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "b.etcd-main.${var.cluster_name}"
    "k8s.io/etcd/main"                          = "b/a,b,c"
    "k8s.io/role/control-plane"                 = "1"
    "k8s.io/role/master"                        = "1"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "c-etcd-events" {
  availability_zone = "eu-central-1c"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "c.etcd-events.${var.cluster_name}"
    "k8s.io/etcd/events"                        = "c/a,b,c"
    "k8s.io/role/control-plane"                 = "1"
    "k8s.io/role/master"                        = "1"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "c-etcd-main" {
  availability_zone = "eu-central-1c"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "c.etcd-main.${var.cluster_name}"
    "k8s.io/etcd/main"                          = "c/a,b,c"
    "k8s.io/role/control-plane"                 = "1"
    "k8s.io/role/master"                        = "1"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
  throughput = 125
  type       = "gp3"
}
