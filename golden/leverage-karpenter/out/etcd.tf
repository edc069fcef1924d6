resource "aws_ebs_volume" "a-etcd-events-demo02-kops-devstg-k8s-local" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "a.etcd-events.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "k8s.io/etcd/events"                                 = "a/a,b,c"
    "k8s.io/role/control-plane"                          = "1"
    "k8s.io/role/master"                                 = "1"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "a-etcd-main-demo02-kops-devstg-k8s-local" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "a.etcd-main.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "k8s.io/etcd/main"                                   = "a/a,b,c"
    "k8s.io/role/control-plane"                          = "1"
    "k8s.io/role/master"                                 = "1"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "b-etcd-events-demo02-kops-devstg-k8s-local" {
  availability_zone = "us-east-1b"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "b.etcd-events.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "k8s.io/etcd/events"                                 = "b/a,b,c"
    "k8s.io/role/control-plane"                          = "1"
    "k8s.io/role/master"                                 = "1"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "b-etcd-main-demo02-kops-devstg-k8s-local" {
  availability_zone = "us-east-1b"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "b.etcd-main.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "k8s.io/etcd/main"                                   = "b/a,b,c"
    "k8s.io/role/control-plane"                          = "1"
    "k8s.io/role/master"                                 = "1"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "c-etcd-events-demo02-kops-devstg-k8s-local" {
  availability_zone = "us-east-1c"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "c.etcd-events.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "k8s.io/etcd/events"                                 = "c/a,b,c"
    "k8s.io/role/control-plane"                          = "1"
    "k8s.io/role/master"                                 = "1"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "c-etcd-main-demo02-kops-devstg-k8s-local" {
  availability_zone = "us-east-1c"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "Backup"                                             = "True"
    "Environment"                                        = "apps-devstg"
    "KubernetesCluster"                                  = "demo02-kops.devstg.k8s.local"
    "Name"                                               = "c.etcd-main.demo02-kops.devstg.k8s.local"
    "Provisioner"                                        = "kops"
    "Service"                                            = "kubernetes"
    "k8s.io/etcd/main"                                   = "c/a,b,c"
    "k8s.io/role/control-plane"                          = "1"
    "k8s.io/role/master"                                 = "1"
    "kubernetes.io/cluster/demo02-kops.devstg.k8s.local" = "owned"
  }
  throughput = 125
  type       = "gp3"
}
