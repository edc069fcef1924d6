//! Security groups.

use aws_sdk_ec2::types as ec2;

use super::support::{all, id_of, plain, sent, tagged, tags_value, with_id};
use super::{DirectCloud, Search, security_group_rule};
use kopsform_direct::desired::task_of;
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, TaskKind};
use kopsform_model::aws::resources::SecurityGroup;
use kopsform_rolling::ports::ApiError;

/// Finds the groups, and their rules.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<SecurityGroup>(TaskKind::SecurityGroup);
    if !wanted.is_empty() {
        let call = search.cloud.clients.ec2().describe_security_groups().set_filters(Some(search.cloud.of_cluster()));
        let groups: Vec<ec2::SecurityGroup> = all!(call, "DescribeSecurityGroups")?;
        for (task, resource) in wanted {
            // The name identifies it in its VPC; another group may have its tags, in another VPC as well.
            let named: Vec<ec2::SecurityGroup> =
                groups.iter().filter(|group| group.group_name() == Some(resource.name.as_str())).cloned().collect();
            let group = super::support::matching(task, &named, ec2::SecurityGroup::group_id, ec2::SecurityGroup::tags)?;
            if let Some(group) = group {
                let object = Object::new(group.group_id().unwrap_or_default())
                    .field("Description", group.description())
                    .field("Tags", tags_value(group.tags()))
                    .field("VPC", group.vpc_id());
                found.objects.insert(task.id.clone(), object);
            }
        }
    }
    security_group_rule::find(search, &mut found).await?;
    Ok(found)
}

/// Creates a group, and remembers the rule that AWS gives each: everything may leave to any IPv4 address.
pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let group = cloud.resource::<SecurityGroup>(operation.task)?;
    let vpc = id_of(operation, TaskKind::Vpc, &group.vpc)?;
    let call = cloud
        .clients
        .ec2()
        .create_security_group()
        .group_name(group.name.as_str())
        .description(&group.description)
        .vpc_id(vpc)
        .set_tag_specifications(tagged(ec2::ResourceType::SecurityGroup, &plain(&group.tags)));
    let created = sent!(call, "CreateSecurityGroup {}", group.name)?;
    let id = created.group_id().unwrap_or_default();
    let mut attributes = with_id(id);
    let rules = security_group_rule::describe(cloud, &[id.to_owned()]).await?;
    let egress = rules.iter().find(|rule| security_group_rule::is_default_egress(rule));
    if let Some(rule) = egress.and_then(|rule| rule.security_group_rule_id()) {
        attributes.insert(Attribute::DefaultEgressRule, rule.to_owned());
    }
    Ok(attributes)
}

/// The task of a group of the graph.
pub(super) fn task(group: &kopsform_model::Ref<SecurityGroup>) -> kopsform_direct::TaskId {
    task_of(TaskKind::SecurityGroup, group)
}
