//! Roles of service accounts: components in the cluster that take an AWS role of their own by their token.

use super::document::{PolicyDocument, Principal, Statement, Values};
use super::{IamError, Scope};
use crate::Text;
use crate::aws::names;
use kopsform_spec::v1alpha2::{Cluster, DnsType, InstanceManager};

/// The namespace of all components kops installs.
pub const SYSTEM_NAMESPACE: &str = "kube-system";

/// A program kops installs that talks to AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// Writes the records of the API and of services.
    DnsController,
    /// Writes the records of services and ingresses.
    ExternalDns,
    /// Resizes auto scaling groups.
    ClusterAutoscaler,
    /// Obtains certificates; needs AWS where it solves DNS challenges.
    CertManager,
    /// Drains nodes that AWS takes away.
    NodeTerminationHandler,
    /// Makes load balancers of ingresses.
    LoadBalancerController,
    /// A network plugin.
    KubeRouter,
    /// Knows the nodes and makes load balancers of services.
    CloudControllerManager,
    /// Makes volumes.
    EbsCsiDriver,
    /// Starts and stops instances.
    Karpenter,
}

impl Component {
    const ALL: [Component; 10] = [
        Component::DnsController,
        Component::ExternalDns,
        Component::ClusterAutoscaler,
        Component::CertManager,
        Component::NodeTerminationHandler,
        Component::LoadBalancerController,
        Component::KubeRouter,
        Component::CloudControllerManager,
        Component::EbsCsiDriver,
        Component::Karpenter,
    ];

    /// The components of a cluster that have a role of their own.
    pub fn with_roles(cluster: &Cluster) -> impl Iterator<Item = Component> {
        let issuer = cluster.service_account_issuer().is_some();
        Self::ALL.into_iter().filter(move |program| issuer && program.has_role(cluster))
    }

    /// The name of its service account in `kube-system`.
    pub fn service_account(self) -> &'static str {
        match self {
            Self::DnsController => "dns-controller",
            Self::ExternalDns => "external-dns",
            Self::ClusterAutoscaler => "cluster-autoscaler",
            Self::CertManager => "cert-manager",
            Self::NodeTerminationHandler => "aws-node-termination-handler",
            Self::LoadBalancerController => "aws-load-balancer-controller",
            Self::KubeRouter => "kube-router",
            Self::CloudControllerManager => "aws-cloud-controller-manager",
            Self::EbsCsiDriver => "ebs-csi-controller-sa",
            Self::Karpenter => "karpenter",
        }
    }

    fn has_role(self, cluster: &Cluster) -> bool {
        let spec = &cluster.spec;
        let external_dns = spec.external_dns.as_ref().map(|dns| dns.provider.as_str());
        let installed = match self {
            Self::DnsController => {
                cluster.publishes_dns_records() && matches!(external_dns, None | Some("dns-controller"))
            }
            Self::ExternalDns => cluster.dns_type() != DnsType::None && external_dns == Some("external-dns"),
            Self::ClusterAutoscaler => spec.cluster_autoscaler.as_ref().is_some_and(|a| a.enabled == Some(true)),
            Self::CertManager => {
                return spec.cert_manager.as_ref().is_some_and(|manager| {
                    manager.enabled == Some(true)
                        && manager.managed != Some(false)
                        && !manager.hosted_zone_ids.is_empty()
                });
            }
            Self::NodeTerminationHandler => {
                spec.node_termination_handler.as_ref().is_some_and(|handler| handler.enabled == Some(true))
            }
            Self::LoadBalancerController => {
                spec.aws_load_balancer_controller.as_ref().is_some_and(|c| c.enabled == Some(true))
            }
            Self::KubeRouter => cluster.networking().is_some_and(|n| n.kuberouter.is_some()),
            Self::CloudControllerManager => true,
            Self::EbsCsiDriver => {
                let driver = spec.cloud_config.as_ref().and_then(|config| config.aws_ebs_csi_driver.as_ref());
                driver.is_none_or(|driver| driver.managed != Some(false))
            }
            Self::Karpenter => spec.karpenter.as_ref().is_some_and(|karpenter| karpenter.enabled),
        };
        installed && cluster.uses_service_account_roles()
    }

    /// What it may do.
    pub fn policy(self, scope: &Scope<'_>) -> Option<PolicyDocument> {
        let (cluster, spec) = (scope.cluster, &scope.cluster.spec);
        let mut permissions = scope.permissions();
        match self {
            Self::DnsController | Self::ExternalDns => {
                if let Some(zone) = scope.hosted_zone {
                    permissions.allow_dns_records(zone);
                }
            }
            Self::ClusterAutoscaler => permissions.allow_cluster_autoscaler(),
            Self::CertManager => {
                let zones = spec.cert_manager.as_ref().map(|manager| manager.hosted_zone_ids.as_slice());
                permissions.allow_dns_challenges(zones.unwrap_or_default());
            }
            Self::NodeTerminationHandler => permissions.allow_node_termination_handler(),
            Self::LoadBalancerController => {
                let (waf, waf_v2, shield) = spec
                    .aws_load_balancer_controller
                    .as_ref()
                    .map_or((false, false, false), |c| (c.enable_waf, c.enable_wafv2, c.enable_shield));
                permissions.allow_load_balancer_controller(waf, waf_v2, shield);
            }
            Self::KubeRouter => permissions.allow_kube_router(),
            Self::CloudControllerManager => permissions
                .allow_cloud_controller_manager(cluster.has_cloud_routes(), cluster.manages_nlb_security_groups()),
            Self::EbsCsiDriver => permissions.allow_ebs_csi_driver(cluster.has_snapshot_controller()),
            Self::Karpenter => permissions.allow_karpenter(karpenter_uses_customer_keys(scope)),
        }
        permissions.into_document()
    }
}

/// Whether a group that Karpenter manages has a root volume with a key of the customer.
fn karpenter_uses_customer_keys(scope: &Scope<'_>) -> bool {
    scope.groups.iter().map(|group| &group.spec).any(|spec| {
        spec.manager == Some(InstanceManager::Karpenter)
            && spec.root_volume_encryption == Some(true)
            && spec.root_volume_encryption_key.as_ref().is_some_and(|key| !key.is_empty())
    })
}

/// The name of the role of a service account, cut to IAM's 64 characters.
pub fn role_name(cluster: &Cluster, namespace: &str, name: &str) -> Text {
    let namespace = namespace.replace('*', "wildcard");
    names::role_name(&cluster.metadata.name, &format!("{name}.{namespace}.sa"))
}

/// The ARN of the role that pods of a service account in `kube-system` take; `None` where they have none.
pub fn role_arn(scope: &Scope<'_>, namespace: &str, name: &str) -> Option<String> {
    let program = Component::with_roles(scope.cluster).find(|program| program.service_account() == name)?;
    (namespace == SYSTEM_NAMESPACE).then(|| {
        let role = role_name(scope.cluster, namespace, program.service_account());
        format!("arn:{}:iam::{}:role/{role}", scope.partition, scope.account)
    })
}

/// Who may take the role of a service account: the bearer of its token. The namespace may hold wildcards.
pub fn trust(scope: &Scope<'_>, namespace: &str, name: &str) -> Result<PolicyDocument, IamError> {
    if name.contains('*') {
        return Err(IamError::ServiceAccountWildcard { name: name.to_owned() });
    }
    let issuer = scope.cluster.service_account_issuer().ok_or(IamError::NoIssuer)?;
    let provider = issuer.strip_prefix("https://").unwrap_or(issuer);
    let arn = format!("arn:{}:iam::{}:oidc-provider/{provider}", scope.partition, scope.account);
    let operator = if namespace.contains('*') { "StringLike" } else { "StringEquals" };
    Ok(PolicyDocument::new(vec![
        Statement {
            principal: Some(Principal::Federated(arn)),
            action: Values::one("sts:AssumeRoleWithWebIdentity"),
            ..Statement::default()
        }
        .when(operator, format!("{provider}:sub"), format!("system:serviceaccount:{namespace}:{name}")),
    ]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::fixture::Fixture;
    use kopsform_spec::v1alpha2::{CertManagerConfig, Iam, KubeApiServerConfig};

    fn fixture() -> Fixture {
        let mut fixture = Fixture::default();
        let issuer = Some("https://discovery.s3.us-east-1.amazonaws.com/a".to_owned());
        let api_server = KubeApiServerConfig { service_account_issuer: issuer, ..KubeApiServerConfig::default() };
        fixture.cluster.spec.kube_api_server = Some(api_server);
        let external = Some(true);
        fixture.cluster.spec.iam = Some(Iam { use_service_account_external_permissions: external, ..Iam::default() });
        fixture
    }

    #[test]
    fn programs_have_roles_where_tokens_have_an_issuer() {
        let mut fixture = fixture();
        let components: Vec<Component> = Component::with_roles(&fixture.cluster).collect();
        assert_eq!(components, [Component::DnsController, Component::CloudControllerManager, Component::EbsCsiDriver]);
        fixture.cluster.spec.kube_api_server = None;
        assert_eq!(Component::with_roles(&fixture.cluster).count(), 0);
    }

    #[test]
    fn cert_manager_has_a_role_for_its_zones_only() {
        let mut fixture = fixture();
        let mut manager = CertManagerConfig { enabled: Some(true), ..CertManagerConfig::default() };
        fixture.cluster.spec.cert_manager = Some(manager.clone());
        assert!(Component::with_roles(&fixture.cluster).all(|program| program != Component::CertManager));
        manager.hosted_zone_ids = vec!["Z2".to_owned()];
        fixture.cluster.spec.cert_manager = Some(manager);
        assert!(Component::with_roles(&fixture.cluster).any(|program| program == Component::CertManager));
        let context = fixture.context();
        let policy = Component::CertManager.policy(&Scope::of(&context).unwrap()).unwrap().to_json();
        assert!(policy.contains("arn:aws:route53:::hostedzone/Z2"), "{policy}");
    }

    #[test]
    fn the_token_of_the_service_account_opens_the_role() {
        let fixture = fixture();
        let context = fixture.context();
        let scope = Scope::of(&context).unwrap();
        let value = |namespace| serde_json::to_value(trust(&scope, namespace, "app").unwrap()).unwrap();
        assert_eq!(
            value("web")["Statement"][0],
            serde_json::json!({
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {
                    "discovery.s3.us-east-1.amazonaws.com/a:sub": "system:serviceaccount:web:app",
                }},
                "Effect": "Allow",
                "Principal": {"Federated":
                    "arn:aws:iam::123456789012:oidc-provider/discovery.s3.us-east-1.amazonaws.com/a"},
            })
        );
        assert!(value("web-*")["Statement"][0]["Condition"].get("StringLike").is_some());
        assert!(matches!(trust(&scope, "web", "app*"), Err(IamError::ServiceAccountWildcard { .. })));
    }

    #[test]
    fn role_names_hold_no_wildcards_and_fit() {
        let fixture = fixture();
        assert_eq!(role_name(&fixture.cluster, "web-*", "app"), "app.web-wildcard.sa.a.example.com");
        let long = role_name(&fixture.cluster, &"n".repeat(60), "app");
        assert_eq!(long.len(), 64);
        let context = fixture.context();
        let scope = Scope::of(&context).unwrap();
        assert_eq!(
            role_arn(&scope, "kube-system", "dns-controller").as_deref(),
            Some("arn:aws:iam::123456789012:role/dns-controller.kube-system.sa.a.example.com")
        );
        assert_eq!(role_arn(&scope, "kube-system", "coredns"), None);
        assert_eq!(role_arn(&scope, "default", "dns-controller"), None);
    }
}
