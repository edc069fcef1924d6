//! Where the connections of network load balancers go.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types as elb;
use futures::{StreamExt as _, TryStreamExt as _};

use super::network_load_balancer::{self, tags};
use super::support::{CONCURRENT_CALLS, change_failed, id_of, int, own_id, plain, sent, unchanged, with_id};
use super::{DirectCloud, Search, revision};
use crate::error::{ErrorClass, class_of, failed};
use kopsform_direct::desired::task_of;
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, TaskId, TaskKind, Value};
use kopsform_model::aws::resources::{Listener, TargetGroup};
use kopsform_model::aws::tags::NAME;
use kopsform_rolling::ports::ApiError;

const TERMINATION: &str = "deregistration_delay.connection_termination.enabled";
const DELAY: &str = "deregistration_delay.timeout_seconds";

/// kops' name of a target group of an older revision.
pub(super) const RESIDUE: &str = "target-group";

/// The load balancer whose connections a target group gets.
fn balancer_of(cloud: &DirectCloud, group: &TaskId) -> Option<TaskId> {
    let is_meant = |listener: &&Listener| task_of(TaskKind::TargetGroup, &listener.target_group) == *group;
    let listener = cloud.graph.all::<Listener>().map(|(_, listener)| listener).find(is_meant)?;
    Some(task_of(TaskKind::NetworkLoadBalancer, &listener.load_balancer))
}

/// Finds target groups by their names, and their tags and attributes; those of another revision than their load balancer are older.
pub(super) async fn find(search: &Search<'_>, found: &mut Found) -> Result<(), ApiError> {
    let wanted = search.of::<TargetGroup>(TaskKind::TargetGroup);
    if wanted.is_empty() {
        return Ok(());
    }
    let cloud = search.cloud;
    let client = &cloud.clients.elbv2();
    let all: Vec<elb::TargetGroup> = super::support::all!(client.describe_target_groups(), "DescribeTargetGroups")?;
    let revision_of = |task: &TaskId| {
        let balancer = balancer_of(cloud, task)?;
        let existing = found.objects.get(&balancer).and_then(|object| object.attributes.get(&Attribute::Revision));
        Some(existing.cloned().unwrap_or_else(|| cloud.revision(&balancer)))
    };
    // Only groups of later revisions have other names than that of the graph.
    let revised = found.residue.iter().any(|residue| residue.kind == network_load_balancer::RESIDUE)
        || wanted.iter().any(|(task, _)| revision_of(&task.id).is_some_and(|revision| !revision.is_empty()));
    let names: BTreeSet<&str> = wanted.iter().map(|(_, group)| group.name.as_str()).collect();
    let candidates = all.iter().filter(|g| revised || g.target_group_name().is_some_and(|name| names.contains(name)));
    let candidates: Vec<&elb::TargetGroup> = candidates.collect();
    let arns = candidates.iter().filter_map(|group| group.target_group_arn().map(str::to_owned)).collect();
    let mut tags = cloud.elbv2_tags(arns).await?;
    let none = BTreeMap::new();
    let mut existing = Vec::new();
    let mut older = Vec::new();
    for (task, group) in &wanted {
        let name = group.name.as_str();
        let tagged =
            candidates.iter().map(|g| (*g, g.target_group_arn().and_then(|arn| tags.get(arn)).unwrap_or(&none)));
        let named = tagged.filter(|(candidate, tags)| {
            candidate.target_group_name() == Some(name) || tags.get(NAME).is_some_and(|tag| tag == name)
        });
        let (newest, mut others) = revision::newest(named.collect());
        let revision = revision_of(&task.id);
        let is_current = |candidate: &&elb::TargetGroup| {
            let tags = candidate.target_group_arn().and_then(|arn| tags.get(arn));
            let own = tags.and_then(|tags| tags.get(revision::TAG)).map(String::as_str).unwrap_or_default();
            revision.as_ref().is_none_or(|revision| own == revision)
        };
        match newest {
            Some(newest) if is_current(&newest) => existing.push((*task, newest)),
            other => others.extend(other),
        }
        older.extend(others.into_iter().filter_map(|group| group.target_group_arn().map(str::to_owned)));
    }
    found.residue.extend(older.iter().map(|arn| network_load_balancer::residue(RESIDUE, arn, arn)));
    tags.values_mut().for_each(|tags| {
        tags.remove(revision::TAG);
    });
    let existing = existing.into_iter().filter_map(|(task, group)| Some((task, group, group.target_group_arn()?)));
    let calls: Vec<_> = existing
        .into_iter()
        .map(|(task, group, arn)| async move {
            let call = client.describe_target_group_attributes().target_group_arn(arn);
            let described = call.send().await.map_err(failed(format!("DescribeTargetGroupAttributes {arn}")))?;
            let attributes = described.attributes().iter();
            let attributes: BTreeMap<String, String> =
                attributes.filter_map(|a| Some((a.key()?.to_owned(), a.value()?.to_owned()))).collect();
            Ok::<_, ApiError>((task.id.clone(), group, arn, attributes))
        })
        .collect();
    let described: Vec<_> = futures::stream::iter(calls).buffer_unordered(CONCURRENT_CALLS).try_collect().await?;
    for (task, group, arn, attributes) in described {
        let object = Object::new(arn)
            .field("Attributes", Value::Map(attributes))
            .field("HealthCheckPath", group.health_check_path())
            .field("HealthCheckProtocol", group.health_check_protocol().map(elb::ProtocolEnum::as_str))
            .field("HealthyThreshold", group.healthy_threshold_count().map(i64::from))
            .field("Port", group.port().map(i64::from))
            .field("Protocol", group.protocol().map(elb::ProtocolEnum::as_str))
            .field("Tags", Value::Map(tags.get(arn).cloned().unwrap_or_default()))
            .field("UnhealthyThreshold", group.unhealthy_threshold_count().map(i64::from))
            .field("VPC", group.vpc_id());
        found.objects.insert(task, object);
    }
    Ok(())
}

/// Deletes a group that is no longer used; as long as its load balancer is being deleted, it is.
pub(super) async fn remove(cloud: &DirectCloud, arn: &str) -> Result<(), CloudError> {
    match cloud.clients.elbv2().delete_target_group().target_group_arn(arn).send().await {
        Err(error) if class_of(&error) == Some(ErrorClass::InUse) => {
            Err(CloudError::NotYet(failed(format!("DeleteTargetGroup {arn}"))(error)))
        }
        other => other.map(|_| ()).map_err(change_failed(format!("DeleteTargetGroup {arn}"))),
    }
}

fn check_protocol(group: &TargetGroup) -> elb::ProtocolEnum {
    if group.health_check.https_path.is_some() { elb::ProtocolEnum::Https } else { elb::ProtocolEnum::Tcp }
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let group = cloud.resource::<TargetGroup>(operation.task)?;
    let check = &group.health_check;
    let balancer = balancer_of(cloud, &operation.task.id);
    let revised = balancer.and_then(|balancer| operation.ids.get(&balancer, Attribute::Revision)).unwrap_or_default();
    let name = revision::name(&group.name, "", revised);
    let call = cloud
        .clients
        .elbv2()
        .create_target_group()
        .name(&name)
        .port(group.port.into())
        .protocol(elb::ProtocolEnum::from(group.protocol.as_str()))
        .vpc_id(id_of(operation, TaskKind::Vpc, &group.vpc)?)
        .health_check_interval_seconds(int(check.interval))
        .healthy_threshold_count(int(check.healthy_threshold))
        .unhealthy_threshold_count(int(check.unhealthy_threshold))
        .health_check_protocol(check_protocol(group))
        .set_health_check_path(check.https_path.clone())
        .set_tags(Some(tags(&revision::tagged(plain(&group.tags), revised))));
    let created = sent!(call, "CreateTargetGroup {name}")?;
    let arn = created.target_groups().first().and_then(|group| group.target_group_arn()).unwrap_or_default();
    set_attributes(cloud, arn, group).await?;
    Ok(with_id(arn))
}

async fn set_attributes(cloud: &DirectCloud, arn: &str, group: &TargetGroup) -> Result<(), CloudError> {
    let attribute = |key: &str, value: String| elb::TargetGroupAttribute::builder().key(key).value(value).build();
    let call = cloud
        .clients
        .elbv2()
        .modify_target_group_attributes()
        .target_group_arn(arn)
        .attributes(attribute(TERMINATION, group.connection_termination.to_string()))
        .attributes(attribute(DELAY, group.deregistration_delay.to_string()));
    sent!(call, "ModifyTargetGroupAttributes {arn}").map(|_| ())
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let group = cloud.resource::<TargetGroup>(operation.task)?;
    let arn = own_id(operation)?;
    let check = ["HealthCheckPath", "HealthCheckProtocol", "HealthyThreshold", "UnhealthyThreshold"];
    if check.iter().any(|field| operation.changes(field)) {
        let call = cloud
            .clients
            .elbv2()
            .modify_target_group()
            .target_group_arn(arn)
            .health_check_protocol(check_protocol(group))
            .set_health_check_path(group.health_check.https_path.clone())
            .healthy_threshold_count(int(group.health_check.healthy_threshold))
            .unhealthy_threshold_count(int(group.health_check.unhealthy_threshold));
        sent!(call, "ModifyTargetGroup {arn}")?;
    }
    if operation.changes("Attributes") {
        set_attributes(cloud, arn, group).await?;
    }
    if operation.changes("Tags") {
        cloud.elbv2_retag(arn, operation, false).await?;
    }
    unchanged(operation)
}
