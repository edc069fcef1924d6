//! Roles, policies and instance profiles as resources.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{PolicyDocument, Principal, Statement, Values};
use super::service_accounts::{self, Component, SYSTEM_NAMESPACE};
use super::{IamError, Scope, oidc_provider, roles};
use crate::aws::resources::{IamPolicyAttachment, IamRole, IamRolePolicy, InstanceProfile, Tags};
use crate::aws::tags::{SERVICE_ACCOUNT_NAME, SERVICE_ACCOUNT_NAMESPACE};
use crate::{Context, Graph, GraphError, In, Layer, Ref, Text, text};
use kopsform_spec::names::fnv1a32;
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, ServiceAccountExternalPermission};

/// Adds the roles of instances and of service accounts, and the OIDC provider.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    let scope = Scope::of(context)?;
    for role in managed_roles(context)? {
        build_node_role(context, &scope, graph, role)?;
    }
    if let Some(iam) = &context.cluster.spec.iam {
        for permission in &iam.service_account_external_permissions {
            build_external_permission(context, &scope, graph, permission)?;
        }
    }
    for program in Component::with_roles(context.cluster) {
        let name = program.service_account();
        let policy = program.policy(&scope);
        // These belong to the add-ons, which are part of the cluster layer.
        build_service_account_role(context, &scope, graph, Layer::Cluster, SYSTEM_NAMESPACE, name, policy)?;
    }
    oidc_provider::build(context, graph)
}

/// The instance profile of a group as its launch template refers to it: one that is given, or its role's.
pub fn instance_profile(context: &Context<'_>, group: &InstanceGroup) -> Result<In<InstanceProfile>, IamError> {
    match given_profile(group) {
        Some(profile) => profile_name(group, profile).map(In::from),
        None => Ok(Ref::new(context.iam_name(group.role())).into()),
    }
}

fn given_profile(group: &InstanceGroup) -> Option<&str> {
    group.spec.iam.as_ref()?.profile.as_deref()
}

/// The name of the instance profile that a group is given.
fn profile_name<'a>(group: &'a InstanceGroup, profile: &str) -> Result<&'a str, IamError> {
    group
        .own_instance_profile()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| IamError::ProfileWithoutName { group: group.metadata.name.clone(), profile: profile.to_owned() })
}

/// The roles of groups that bring no instance profile with them.
fn managed_roles(context: &Context<'_>) -> Result<BTreeSet<InstanceGroupRole>, IamError> {
    let mut managed = BTreeSet::new();
    let mut given: BTreeMap<&str, InstanceGroupRole> = BTreeMap::new();
    for group in context.all_groups {
        let second = group.role();
        let Some(profile) = given_profile(group) else {
            managed.insert(second);
            continue;
        };
        profile_name(group, profile)?;
        let first = *given.entry(profile).or_insert(second);
        if first != second {
            return Err(IamError::ProfileOfSeveralRoles { profile: profile.to_owned(), first, second });
        }
    }
    Ok(managed)
}

fn build_node_role(
    context: &Context<'_>,
    scope: &Scope<'_>,
    graph: &mut Graph,
    role: InstanceGroupRole,
) -> Result<(), GraphError> {
    let name = context.iam_name(role);
    let key = role_key(role);
    let completes_hooks = context.groups_of(role).any(|group| group.has_warm_pool_hook(context.cluster));
    let tags = || context.owned_tags(&name);
    let node = build_role(context, graph, Layer::Security, &name, &format!("{key}s"), tags(), ec2_trust(scope))?;
    build_policy(graph, Layer::Security, &name, &node, roles::policy(scope, role, completes_hooks)?)?;
    let profile = InstanceProfile { name: name.clone(), role: node.clone(), tags: tags() };
    graph.add(Layer::Security, &name, profile)?;
    let spec = &context.cluster.spec;
    let external = policies_of(&spec.external_policies, role).map(Vec::as_slice).unwrap_or_default();
    attach(graph, &format!("{key}-policyoverride").into(), &node, external)?;
    if let Some(statements) = policies_of(&spec.additional_policies, role).filter(|text| !text.is_empty()) {
        let path = format!("spec.additionalPolicies[{}]", role.key_name());
        let document = parse(statements, path)?;
        build_policy(graph, Layer::Security, &text!["additional.", &name], &node, Some(document))?;
    }
    Ok(())
}

fn build_external_permission(
    context: &Context<'_>,
    scope: &Scope<'_>,
    graph: &mut Graph,
    permission: &ServiceAccountExternalPermission,
) -> Result<(), GraphError> {
    let (namespace, name) = (&permission.namespace, &permission.name);
    let Some(aws) = &permission.aws else { return Ok(()) };
    let path = || format!("spec.iam.serviceAccountExternalPermissions[{namespace}/{name}].aws.inlinePolicy");
    let policy = match aws.inline_policy.as_str() {
        "" => None,
        text => Some(parse(text, path())?),
    };
    let role = build_service_account_role(context, scope, graph, Layer::Security, namespace, name, policy)?;
    attach(graph, &text!["external-", role.name()], &role, &aws.policy_arns)
}

fn build_service_account_role(
    context: &Context<'_>,
    scope: &Scope<'_>,
    graph: &mut Graph,
    layer: Layer,
    namespace: &str,
    name: &str,
    policy: Option<PolicyDocument>,
) -> Result<Ref<IamRole>, GraphError> {
    let role = service_accounts::role_name(context.cluster, namespace, name);
    let namespace_text = namespace.replace('*', "wildcard");
    let mut tags = context.owned_tags(&role);
    tags.insert(SERVICE_ACCOUNT_NAME.into(), name.into());
    tags.insert(SERVICE_ACCOUNT_NAMESPACE.into(), namespace_text.as_str().into());
    let output = format!("{namespace_text}-{name}").to_lowercase();
    let trust = service_accounts::trust(scope, namespace, name)?;
    let node = build_role(context, graph, layer, &role, &output, tags, trust)?;
    build_policy(graph, layer, &role, &node, policy)?;
    Ok(node)
}

fn build_role(
    context: &Context<'_>,
    graph: &mut Graph,
    layer: Layer,
    name: &Text,
    export: &str,
    tags: Tags,
    trust: PolicyDocument,
) -> Result<Ref<IamRole>, GraphError> {
    let role = IamRole {
        name: name.clone(),
        trust,
        permissions_boundary: context.cluster.spec.iam.as_ref().and_then(|iam| iam.permissions_boundary.clone()),
        tags,
    };
    let node = graph.add(layer, name, role)?;
    graph.export(&node, format!("{export}_role_arn"), node.arn())?;
    graph.export(&node, format!("{export}_role_name"), node.role_name())?;
    Ok(node)
}

fn build_policy(
    graph: &mut Graph,
    layer: Layer,
    name: &Text,
    role: &Ref<IamRole>,
    document: Option<PolicyDocument>,
) -> Result<(), GraphError> {
    let Some(document) = document else { return Ok(()) };
    let policy = IamRolePolicy { role: role.clone(), name: name.clone(), document };
    graph.add(layer, name, policy).map(|_| ())
}

/// Attaches existing policies to a role. A hash of the ARN distinguishes their nodes.
fn attach(graph: &mut Graph, prefix: &Text, role: &Ref<IamRole>, arns: &[String]) -> Result<(), GraphError> {
    for arn in arns {
        let name = text![prefix, format!("-{}", fnv1a32(arn.as_bytes()))];
        let attachment = IamPolicyAttachment { role: role.clone(), policy: arn.clone() };
        graph.add(Layer::Security, name, attachment)?;
    }
    Ok(())
}

/// The name of a role in outputs and in attachments; it predates the term "control plane".
fn role_key(role: InstanceGroupRole) -> &'static str {
    match role {
        InstanceGroupRole::ControlPlane => "master",
        InstanceGroupRole::ApiServer | InstanceGroupRole::Node | InstanceGroupRole::Bastion => role.key_name(),
    }
}

/// What a map by role holds for a role; the control plane goes by its old name as well.
fn policies_of<T>(by_role: &BTreeMap<String, T>, role: InstanceGroupRole) -> Option<&T> {
    by_role.get(role_key(role)).or_else(|| by_role.get(role.key_name()))
}

fn parse(statements: &str, path: String) -> Result<PolicyDocument, IamError> {
    PolicyDocument::parse_statements(statements).map_err(|source| IamError::Statements { path, source })
}

/// EC2 may give the role to instances.
fn ec2_trust(scope: &Scope<'_>) -> PolicyDocument {
    let suffix = match scope.partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        _ => "amazonaws.com",
    };
    PolicyDocument::new(vec![Statement {
        principal: Some(Principal::Service(Values::one(format!("ec2.{suffix}")))),
        action: Values::one("sts:AssumeRole"),
        ..Statement::default()
    }])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::fixture::{Fixture, group};
    use kopsform_spec::v1alpha2::{AwsPermission, Iam, IamProfile, KubeApiServerConfig};

    #[test]
    fn a_role_has_policy_profile_and_outputs() {
        let graph = Fixture::default().build(build).unwrap();
        let both = ["masters.a.example.com", "nodes.a.example.com"];
        assert_eq!(graph.names_of::<IamRole>(), both);
        assert_eq!(graph.names_of::<IamRolePolicy>(), both);
        assert_eq!(graph.names_of::<InstanceProfile>(), both);
        let outputs: Vec<&str> = graph.exports().keys().map(String::as_str).collect();
        assert_eq!(outputs, ["masters_role_arn", "masters_role_name", "nodes_role_arn", "nodes_role_name"]);
    }

    #[test]
    fn groups_with_a_profile_of_their_own_need_no_role() {
        let mut fixture = Fixture::default();
        let arn = "arn:aws:iam::123456789012:instance-profile/custom/nodes".to_owned();
        fixture.groups[1].spec.iam = Some(IamProfile { profile: Some(arn) });
        let graph = fixture.build(build).unwrap();
        assert_eq!(graph.names_of::<IamRole>(), ["masters.a.example.com"]);
        assert_eq!(instance_profile(&fixture.context(), &fixture.groups[1]).unwrap(), In::from("nodes"));
        // A second group of the role without a profile brings the role back.
        fixture.groups.push(group("other", InstanceGroupRole::Node));
        assert_eq!(fixture.build(build).unwrap().names_of::<IamRole>().len(), 2);
    }

    #[test]
    fn one_profile_is_for_one_role() {
        let mut fixture = Fixture::default();
        for group in &mut fixture.groups {
            group.spec.iam = Some(IamProfile { profile: Some("shared".to_owned()) });
        }
        assert_eq!(
            fixture.build(build).unwrap_err().to_string(),
            "instance profile \"shared\" is given to groups of role ControlPlane and of role Node"
        );
    }

    #[test]
    fn policies_of_the_user_are_added() {
        let mut fixture = Fixture::default();
        let spec = &mut fixture.cluster.spec;
        let statements = r#"[{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]"#;
        spec.additional_policies.insert("master".to_owned(), statements.to_owned());
        spec.external_policies.insert("node".to_owned(), vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()]);
        spec.iam = Some(Iam { permissions_boundary: Some("arn:boundary".to_owned()), ..Iam::default() });
        let graph = fixture.build(build).unwrap();
        assert_eq!(graph.names_of::<IamRolePolicy>()[0], "additional.masters.a.example.com");
        let hash = fnv1a32(b"arn:aws:iam::aws:policy/ReadOnlyAccess");
        assert_eq!(graph.names_of::<IamPolicyAttachment>(), [format!("node-policyoverride-{hash}")]);
        let role = graph.get(&Ref::<IamRole>::new("nodes.a.example.com")).unwrap();
        assert_eq!(role.permissions_boundary.as_deref(), Some("arn:boundary"));
    }

    #[test]
    fn a_bad_policy_names_its_field() {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.additional_policies.insert("node".to_owned(), "[]".to_owned());
        assert_eq!(
            fixture.build(build).unwrap_err().to_string(),
            "spec.additionalPolicies[node]: contains no statement"
        );
    }

    #[test]
    fn service_accounts_get_inline_and_existing_policies() {
        let mut fixture = Fixture::default();
        let api_server =
            KubeApiServerConfig { service_account_issuer: Some("https://i".to_owned()), ..Default::default() };
        fixture.cluster.spec.kube_api_server = Some(api_server);
        let permission = |name: &str, aws| ServiceAccountExternalPermission {
            name: name.to_owned(),
            namespace: "web".to_owned(),
            aws: Some(aws),
        };
        let statements = r#"[{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]"#.to_owned();
        let inline = AwsPermission { inline_policy: statements, ..AwsPermission::default() };
        let existing = AwsPermission { policy_arns: vec!["arn:p".to_owned()], ..AwsPermission::default() };
        fixture.cluster.spec.iam = Some(Iam {
            service_account_external_permissions: vec![permission("a", inline), permission("b", existing)],
            ..Iam::default()
        });
        let graph = fixture.build(build).unwrap();
        let roles = graph.names_of::<IamRole>();
        assert!(roles.contains(&"a.web.sa.a.example.com") && roles.contains(&"b.web.sa.a.example.com"), "{roles:?}");
        let policies = graph.names_of::<IamRolePolicy>();
        assert!(policies.contains(&"a.web.sa.a.example.com"), "{policies:?}");
        assert!(!policies.contains(&"b.web.sa.a.example.com"), "{policies:?}");
        let attachment = format!("external-b.web.sa.a.example.com-{}", fnv1a32(b"arn:p"));
        assert_eq!(graph.names_of::<IamPolicyAttachment>(), [attachment]);
        assert!(graph.exports().contains_key("web-a_role_arn"));
    }
}
