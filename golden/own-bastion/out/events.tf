resource "aws_cloudwatch_event_rule" "ASGLifecycle" {
  event_pattern = file("${local.data_dir}/aws_cloudwatch_event_rule_ASGLifecycle_event_pattern")
  name          = "${var.cluster_name}-ASGLifecycle"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "${var.cluster_name}-ASGLifecycle"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "InstanceScheduledChange" {
  event_pattern = file("${local.data_dir}/aws_cloudwatch_event_rule_InstanceScheduledChange_event_pattern")
  name          = "${var.cluster_name}-InstanceScheduledChange"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "${var.cluster_name}-InstanceScheduledChange"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "InstanceStateChange" {
  event_pattern = file("${local.data_dir}/aws_cloudwatch_event_rule_InstanceStateChange_event_pattern")
  name          = "${var.cluster_name}-InstanceStateChange"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "${var.cluster_name}-InstanceStateChange"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "SpotInterruption" {
  event_pattern = file("${local.data_dir}/aws_cloudwatch_event_rule_SpotInterruption_event_pattern")
  name          = "${var.cluster_name}-SpotInterruption"
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "${var.cluster_name}-SpotInterruption"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}

resource "aws_cloudwatch_event_target" "ASGLifecycle-Target" {
  arn  = aws_sqs_queue.nth.arn
  rule = aws_cloudwatch_event_rule.ASGLifecycle.id
}

resource "aws_cloudwatch_event_target" "InstanceScheduledChange-Target" {
  arn  = aws_sqs_queue.nth.arn
  rule = aws_cloudwatch_event_rule.InstanceScheduledChange.id
}

resource "aws_cloudwatch_event_target" "InstanceStateChange-Target" {
  arn  = aws_sqs_queue.nth.arn
  rule = aws_cloudwatch_event_rule.InstanceStateChange.id
}

resource "aws_cloudwatch_event_target" "SpotInterruption-Target" {
  arn  = aws_sqs_queue.nth.arn
  rule = aws_cloudwatch_event_rule.SpotInterruption.id
}

resource "aws_sqs_queue" "nth" {
  message_retention_seconds = 300
  name                      = "${replace(var.cluster_name, ".", "-")}-nth"
  policy                    = file("${local.data_dir}/aws_sqs_queue_nth_policy")
  tags = {
    "CostCenter"                                = "4711"
    "KubernetesCluster"                         = var.cluster_name
    "Name"                                      = "${replace(var.cluster_name, ".", "-")}-nth"
    "kubernetes.io/cluster/${var.cluster_name}" = "owned"
  }
}
