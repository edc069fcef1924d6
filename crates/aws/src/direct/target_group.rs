//! Where the connections of network load balancers go.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types as elb;
use futures::{StreamExt as _, TryStreamExt as _};

use super::network_load_balancer::tags;
use super::support::{CONCURRENT_CALLS, id_of, int, own_id, plain, sent, unchanged, with_id};
use super::{DirectCloud, Search};
use crate::error::failed;
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::aws::resources::TargetGroup;
use kopsform_rolling::ports::ApiError;

const TERMINATION: &str = "deregistration_delay.connection_termination.enabled";
const DELAY: &str = "deregistration_delay.timeout_seconds";

/// Finds target groups by their names, and their tags and attributes.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<TargetGroup>(TaskKind::TargetGroup);
    if wanted.is_empty() {
        return Ok(found);
    }
    let client = &search.cloud.clients.elbv2();
    let all: Vec<elb::TargetGroup> = super::support::all!(client.describe_target_groups(), "DescribeTargetGroups")?;
    let existing = wanted.iter().filter_map(|(task, group)| {
        let named = all.iter().find(|existing| existing.target_group_name() == Some(group.name.as_str()))?;
        Some((*task, named, named.target_group_arn()?))
    });
    let existing: Vec<_> = existing.collect();
    let tags = search.cloud.elbv2_tags(existing.iter().map(|(_, _, arn)| (*arn).to_owned()).collect()).await?;
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
    Ok(found)
}

fn check_protocol(group: &TargetGroup) -> elb::ProtocolEnum {
    if group.health_check.https_path.is_some() { elb::ProtocolEnum::Https } else { elb::ProtocolEnum::Tcp }
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let group = cloud.resource::<TargetGroup>(operation.task)?;
    let check = &group.health_check;
    let call = cloud
        .clients
        .elbv2()
        .create_target_group()
        .name(group.name.as_str())
        .port(group.port.into())
        .protocol(elb::ProtocolEnum::from(group.protocol.as_str()))
        .vpc_id(id_of(operation, TaskKind::Vpc, &group.vpc)?)
        .health_check_interval_seconds(int(check.interval))
        .healthy_threshold_count(int(check.healthy_threshold))
        .unhealthy_threshold_count(int(check.unhealthy_threshold))
        .health_check_protocol(check_protocol(group))
        .set_health_check_path(check.https_path.clone())
        .set_tags(Some(tags(&plain(&group.tags))));
    let created = sent!(call, "CreateTargetGroup {}", group.name)?;
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
