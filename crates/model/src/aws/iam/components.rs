//! What each program of a cluster may do in AWS, whether it has it from its node's role or from a role of its own.

use super::document::{Statement, Values};
use super::permissions::Permissions;
use crate::aws::tags::KUBERNETES_CLUSTER;

impl Permissions<'_> {
    /// nodeup on every instance; with a warm pool's lifecycle hook it completes the hook when an instance is ready.
    pub fn allow_nodeup(&mut self, completes_lifecycle_hooks: bool, assigns_ipv6: bool) {
        if completes_lifecycle_hooks {
            self.allow_on_cluster(&["autoscaling:CompleteLifecycleAction"]);
            self.allow(&["autoscaling:DescribeLifecycleHooks"]);
        }
        self.allow(&["ec2:DescribeInstanceTypes"]);
        if assigns_ipv6 {
            self.allow(&["ec2:AssignIpv6Addresses"]);
        }
    }

    /// etcd-manager, which attaches the volumes of the control plane.
    pub fn allow_etcd_manager(&mut self) {
        self.allow(&["ec2:DescribeInstances", "ec2:DescribeRegions", "ec2:DescribeVolumes"]);
        let cluster = self.cluster();
        self.push(
            Statement {
                action: Values::one("ec2:AttachVolume"),
                resource: Values::array(["*"]),
                ..Statement::default()
            }
            .when("StringEquals", format!("aws:ResourceTag/{KUBERNETES_CLUSTER}"), cluster)
            .when("StringEquals", "aws:ResourceTag/k8s.io/role/master", "1"),
        );
    }

    /// kops-controller where it hands IPv6 prefixes to nodes.
    pub fn allow_ipv6_address_management(&mut self) {
        self.allow(&["ec2:DescribeNetworkInterfaces"]);
    }

    /// protokube on nodes that find the control plane by gossip.
    pub fn allow_gossip_seeding(&mut self) {
        self.allow(&["ec2:DescribeInstances"]);
    }

    /// The AWS cloud controller manager.
    pub fn allow_cloud_controller_manager(&mut self, manages_routes: bool, manages_nlb_security_groups: bool) {
        self.allow(&[
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeTags",
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeInstanceTopology",
            "ec2:DescribeInstances",
            "ec2:DescribeRegions",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancerPolicies",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "iam:CreateServiceLinkedRole",
            "kms:DescribeKey",
        ]);
        self.allow_on_cluster(&[
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:DeleteSecurityGroup",
            "ec2:ModifyInstanceAttribute",
            "ec2:RevokeSecurityGroupIngress",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer",
            "elasticloadbalancing:AttachLoadBalancerToSubnets",
            "elasticloadbalancing:ConfigureHealthCheck",
            "elasticloadbalancing:CreateLoadBalancerListeners",
            "elasticloadbalancing:CreateLoadBalancerPolicy",
            "elasticloadbalancing:DeleteListener",
            "elasticloadbalancing:DeleteLoadBalancer",
            "elasticloadbalancing:DeleteLoadBalancerListeners",
            "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:DetachLoadBalancerFromSubnets",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
            "elasticloadbalancing:RegisterTargets",
            "elasticloadbalancing:SetLoadBalancerPoliciesForBackendServer",
            "elasticloadbalancing:SetLoadBalancerPoliciesOfListener",
        ]);
        if manages_nlb_security_groups {
            self.allow_on_cluster(&["elasticloadbalancing:SetSecurityGroups"]);
        }
        if manages_routes {
            self.allow_on_cluster(&["ec2:CreateRoute", "ec2:DeleteRoute"]);
        }
        self.allow_creating(&[
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateTargetGroup",
        ]);
        self.allow_creating_ec2(&["CreateSecurityGroup"], &["security-group"]);
    }

    /// The AWS load balancer controller, with the firewalls it may attach.
    pub fn allow_load_balancer_controller(&mut self, waf: bool, waf_v2: bool, shield: bool) {
        self.allow(&[
            "acm:DescribeCertificate",
            "acm:ListCertificates",
            "cognito-idp:DescribeUserPoolClient",
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeInstances",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcPeeringConnections",
            "ec2:DescribeVpcs",
            "ec2:GetSecurityGroupsForVpc",
            "elasticloadbalancing:DescribeCapacityReservation",
            "elasticloadbalancing:DescribeListenerAttributes",
            "elasticloadbalancing:DescribeListenerCertificates",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "elasticloadbalancing:DescribeTrustStores",
            "elasticloadbalancing:SetRulePriorities",
        ]);
        if waf {
            self.allow(&[
                "elasticloadbalancing:SetWebACL",
                "waf-regional:AssociateWebACL",
                "waf-regional:DisassociateWebACL",
                "waf-regional:GetWebACL",
                "waf-regional:GetWebACLForResource",
            ]);
        }
        if waf_v2 {
            self.allow(&[
                "elasticloadbalancing:SetWebACL",
                "wafv2:AssociateWebACL",
                "wafv2:DisassociateWebACL",
                "wafv2:GetWebACL",
                "wafv2:GetWebACLForResource",
            ]);
        }
        if shield {
            self.allow(&[
                "shield:CreateProtection",
                "shield:DeleteProtection",
                "shield:DescribeProtection",
                "shield:GetSubscriptionState",
            ]);
        }
        self.allow_on_cluster(&[
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:DeleteSecurityGroup",
            "ec2:RevokeSecurityGroupIngress",
            "elasticloadbalancing:AddListenerCertificates",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:DeleteListener",
            "elasticloadbalancing:DeleteLoadBalancer",
            "elasticloadbalancing:DeleteRule",
            "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:ModifyCapacityReservation",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyListenerAttributes",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:RegisterTargets",
            "elasticloadbalancing:RemoveListenerCertificates",
            "elasticloadbalancing:RemoveTags",
            "elasticloadbalancing:SetIpAddressType",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetSubnets",
        ]);
        self.allow_creating(&[
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateRule",
            "elasticloadbalancing:CreateTargetGroup",
        ]);
        self.allow_creating_ec2(&["CreateSecurityGroup"], &["security-group"]);
    }

    /// The cluster autoscaler. Instance types are described whether or not it has a static list of them: it sizes
    /// groups with instance requirements by that.
    pub fn allow_cluster_autoscaler(&mut self) {
        self.allow_on_cluster(&["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]);
        self.allow(&[
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeAutoScalingInstances",
            "autoscaling:DescribeLaunchConfigurations",
            "autoscaling:DescribeScalingActivities",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeLaunchTemplateVersions",
            "ec2:GetInstanceTypesFromInstanceRequirements",
        ]);
    }

    /// The EBS CSI driver, with the snapshots of the snapshot controller.
    pub fn allow_ebs_csi_driver(&mut self, snapshots: bool) {
        self.allow_kms(false);
        if snapshots {
            self.allow_snapshots();
        }
        self.allow(&[
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstances",
            "ec2:DescribeTags",
            "ec2:DescribeVolumeStatus",
            "ec2:DescribeVolumes",
            "ec2:DescribeVolumesModifications",
        ]);
        self.allow_on_cluster(&["ec2:AttachVolume", "ec2:DeleteVolume", "ec2:DetachVolume", "ec2:ModifyVolume"]);
        self.allow_creating_ec2(&["CopyVolumes", "CreateVolume"], &["volume", "snapshot"]);
    }

    fn allow_snapshots(&mut self) {
        self.allow(&["ec2:CreateSnapshot", "ec2:DescribeAvailabilityZones", "ec2:DescribeSnapshots"]);
        self.allow_on_cluster(&["ec2:DeleteSnapshot", "ec2:EnableFastSnapshotRestores"]);
        self.allow_creating_ec2(&["CreateSnapshot"], &["volume", "snapshot"]);
        let (resource, cluster) = (Values::array([self.ec2_arn("snapshot")]), self.cluster());
        self.push(Statement { action: Values::one("ec2:CreateVolume"), resource, ..Statement::default() }.when(
            "StringEquals",
            format!("aws:ResourceTag/{KUBERNETES_CLUSTER}"),
            cluster,
        ));
    }

    /// Whoever writes the records of a hosted zone: dns-controller, external-dns. The id comes without a prefix.
    pub fn allow_dns_records(&mut self, hosted_zone_id: &str) {
        self.push(Statement {
            action: Values::of([
                "route53:ChangeResourceRecordSets",
                "route53:GetHostedZone",
                "route53:ListResourceRecordSets",
            ]),
            resource: Values::array([self.arn("route53", &format!("hostedzone/{hosted_zone_id}"))]),
            ..Statement::default()
        });
        self.push_watching_dns_changes();
        self.push(Statement {
            action: Values::array(["route53:ListHostedZones", "route53:ListTagsForResource"]),
            resource: Values::array(["*"]),
            ..Statement::default()
        });
    }

    /// cert-manager, which proves that it holds a domain by a record below `_acme-challenge`.
    pub fn allow_dns_challenges(&mut self, hosted_zone_ids: &[String]) {
        let zones =
            Values::array(hosted_zone_ids.iter().map(|zone| self.arn("route53", &format!("hostedzone/{zone}"))));
        self.push(Statement {
            action: Values::one("route53:ListResourceRecordSets"),
            resource: zones.clone(),
            ..Statement::default()
        });
        self.push(
            Statement {
                action: Values::one("route53:ChangeResourceRecordSets"),
                resource: zones,
                ..Statement::default()
            }
            .when(
                "ForAllValues:StringLike",
                "route53:ChangeResourceRecordSetsNormalizedRecordNames",
                vec!["_acme-challenge.*"],
            )
            .when("ForAllValues:StringEquals", "route53:ChangeResourceRecordSetsRecordTypes", vec!["TXT"]),
        );
        self.push_watching_dns_changes();
        self.push(Statement {
            action: Values::array(["route53:ListHostedZonesByName"]),
            resource: Values::array(["*"]),
            ..Statement::default()
        });
    }

    fn push_watching_dns_changes(&mut self) {
        self.push(Statement {
            action: Values::array(["route53:GetChange"]),
            resource: Values::array([self.arn("route53", "change/*")]),
            ..Statement::default()
        });
    }

    /// The node termination handler where it reads a queue.
    pub fn allow_node_termination_handler(&mut self) {
        self.allow(&[
            "autoscaling:DescribeAutoScalingInstances",
            "autoscaling:DescribeTags",
            "ec2:DescribeInstances",
            // SQS knows no conditions on these.
            "sqs:DeleteMessage",
            "sqs:ReceiveMessage",
        ]);
        self.allow_on_cluster(&["autoscaling:CompleteLifecycleAction"]);
    }

    /// Karpenter, which starts instances itself; with customer-managed keys on their volumes it uses these too.
    pub fn allow_karpenter(&mut self, customer_managed_keys: bool) {
        self.allow(&[
            "ec2:CreateFleet",
            "ec2:CreateLaunchTemplate",
            "ec2:CreateTags",
            "ec2:DeleteLaunchTemplate",
            "ec2:DescribeCapacityReservations",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeInstanceTypeOfferings",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstances",
            "ec2:DescribeLaunchTemplates",
            "ec2:DescribePlacementGroups",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSpotPriceHistory",
            "ec2:DescribeSubnets",
            "ec2:RunInstances",
            "ec2:TerminateInstances",
            "iam:AddRoleToInstanceProfile",
            "iam:DeleteInstanceProfile",
            "iam:GetInstanceProfile",
            "iam:ListInstanceProfiles",
            "iam:PassRole",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:TagInstanceProfile",
            "pricing:GetProducts",
            "ssm:GetParameter",
        ]);
        if customer_managed_keys {
            self.allow_kms(false);
        }
    }

    /// kube-router with a role of its own.
    pub fn allow_kube_router(&mut self) {
        self.allow_on_cluster(&["ec2:ModifyInstanceAttribute"]);
    }

    /// Pulling images from ECR, in every region.
    pub fn allow_container_registry(&mut self) {
        self.allow(&[
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:DescribeRepositories",
            "ecr:GetAuthorizationToken",
            "ecr:GetDownloadUrlForLayer",
            "ecr:GetRepositoryPolicy",
            "ecr:ListImages",
        ]);
    }

    /// Pulling through ECR's cache, which makes repositories as images are asked for.
    pub fn allow_container_registry_cache(&mut self) {
        self.allow(&["ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"]);
    }

    /// The Amazon VPC CNI, which gives pods addresses of the VPC.
    pub fn allow_amazon_vpc_cni(&mut self) {
        self.allow(&[
            "ec2:AssignPrivateIpAddresses",
            "ec2:AttachNetworkInterface",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DescribeTags",
            "ec2:DetachNetworkInterface",
            "ec2:ModifyNetworkInterfaceAttribute",
            "ec2:UnassignPrivateIpAddresses",
        ]);
        self.push(Statement {
            action: Values::array(["ec2:CreateTags"]),
            resource: Values::array([self.ec2_arn("network-interface")]),
            ..Statement::default()
        });
    }

    /// The Cilium operator where pods get addresses of the VPC.
    pub fn allow_cilium_eni(&mut self) {
        self.allow(&[
            "ec2:AssignPrivateIpAddresses",
            "ec2:AttachNetworkInterface",
            "ec2:CreateNetworkInterface",
            "ec2:CreateTags",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeTags",
            "ec2:DescribeVpcs",
            "ec2:ModifyNetworkInterfaceAttribute",
            "ec2:UnassignPrivateIpAddresses",
        ]);
    }

    /// A network plugin that switches off the source and destination check of an interface (Calico).
    pub fn allow_interface_source_check(&mut self) {
        self.allow(&["ec2:DescribeInstances", "ec2:ModifyNetworkInterfaceAttribute"]);
    }

    /// A network plugin that switches off the source and destination check of an instance (kube-router, kindnet).
    pub fn allow_instance_source_check(&mut self) {
        self.allow(&["ec2:ModifyInstanceAttribute"]);
    }
}
