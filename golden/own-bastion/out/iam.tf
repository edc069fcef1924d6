resource "aws_iam_instance_profile" "bastions" {
  name = "bastions.${var.cluster_name}"
  role = aws_iam_role.bastions.name
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "bastions.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_iam_instance_profile" "masters" {
  name = "masters.${var.cluster_name}"
  role = aws_iam_role.masters.name
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "masters.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_iam_instance_profile" "nodes" {
  name = "nodes.${var.cluster_name}"
  role = aws_iam_role.nodes.name
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "nodes.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_iam_role" "bastions" {
  assume_role_policy = file("${local.data_dir}/aws_iam_role_bastions_policy")
  name               = "bastions.${var.cluster_name}"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "bastions.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_iam_role" "masters" {
  assume_role_policy = file("${local.data_dir}/aws_iam_role_masters_policy")
  name               = "masters.${var.cluster_name}"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "masters.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_iam_role" "nodes" {
  assume_role_policy = file("${local.data_dir}/aws_iam_role_nodes_policy")
  name               = "nodes.${var.cluster_name}"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "nodes.${var.cluster_name}"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_iam_role_policy" "bastions" {
  name   = "bastions.${var.cluster_name}"
  policy = file("${local.data_dir}/aws_iam_role_policy_bastions_policy")
  role   = aws_iam_role.bastions.name
}

resource "aws_iam_role_policy" "masters" {
  name   = "masters.${var.cluster_name}"
  policy = file("${local.data_dir}/aws_iam_role_policy_masters_policy")
  role   = aws_iam_role.masters.name
}

resource "aws_iam_role_policy" "nodes" {
  name   = "nodes.${var.cluster_name}"
  policy = file("${local.data_dir}/aws_iam_role_policy_nodes_policy")
  role   = aws_iam_role.nodes.name
}
