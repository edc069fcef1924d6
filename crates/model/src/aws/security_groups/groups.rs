//! The security groups of a role's instances.

use crate::aws::resources::{SecurityGroup, Tags};
use crate::{Context, Graph, GraphError, In, Layer, Ref, Text, text};
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// A security group as rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name in rules: the group's own, or `<id>-<role>` for one that exists already.
    pub name: Text,
    /// Distinguishes rules without generated names: empty for the role's own group, else `-<id>`.
    pub suffix: String,
    /// The group itself.
    pub group: In<SecurityGroup>,
    /// What it is for; `None` for one that exists already, of which nothing is written.
    pub description: Option<&'static str>,
    /// The tags of its rules, without names. As in kops, those of an existing group of instances have none.
    pub rule_tags: Tags,
}

impl Group {
    /// A group of the cluster.
    pub fn own(context: &Context<'_>, name: Text, description: &'static str) -> Self {
        Self {
            group: Ref::new(&name).into(),
            name,
            suffix: String::new(),
            description: Some(description),
            rule_tags: context.owned_tags_without_name(),
        }
    }
}

/// The groups that instances of a role are in: those that instance groups bring along with `securityGroupOverride`,
/// and the role's own if any instance group has none. API servers are in the control plane's.
pub fn of_role(context: &Context<'_>, role: InstanceGroupRole) -> Vec<Group> {
    let (role, description, word) = match role {
        InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer => {
            (InstanceGroupRole::ControlPlane, "Security group for masters", "ControlPlane")
        }
        InstanceGroupRole::Node => (role, "Security group for nodes", "Node"),
        InstanceGroupRole::Bastion => (role, "Security group for bastion", "Bastion"),
    };
    let mut groups: Vec<Group> = Vec::new();
    let mut needs_own = false;
    for instance_group in context.groups_of(role) {
        let Some(id) = &instance_group.spec.security_group_override else {
            needs_own = true;
            continue;
        };
        let group = Group {
            name: text![id, "-", word],
            suffix: format!("-{id}"),
            group: id.as_str().into(),
            description: None,
            rule_tags: Tags::new(),
        };
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    if needs_own {
        groups.push(Group::own(context, context.security_group_name(role), description));
    }
    groups
}

/// Adds those of some groups that are the cluster's own.
pub fn add(context: &Context<'_>, graph: &mut Graph, groups: &[Group]) -> Result<(), GraphError> {
    for group in groups {
        let Some(description) = group.description else { continue };
        let resource = SecurityGroup {
            vpc: context.vpc(),
            name: group.name.clone(),
            description: description.to_owned(),
            tags: context.owned_tags(&group.name),
        };
        graph.add(Layer::Security, &group.name, resource)?;
    }
    Ok(())
}
