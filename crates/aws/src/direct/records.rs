//! DNS records, and which VPCs see a private zone.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_route53::types as route53;

use super::support::{attribute_of, change_failed, has_code, id_of, internal, with_id};
use super::{DirectCloud, Search};
use crate::error::failed;
use kopsform_direct::desired::record_target;
use kopsform_direct::placeholders::{Placeholder, TTL};
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::aws::resources::{DnsRecord, HostedZone, HostedZoneAssociation};
use kopsform_model::{Presence, Ref};
use kopsform_rolling::ports::ApiError;

impl DirectCloud {
    /// The id of a zone, which always exists.
    fn zone_id(&self, zone: &Ref<HostedZone>) -> Option<&str> {
        match &self.graph.node(&zone.node())?.presence {
            Presence::Existing { id } => id.as_deref(),
            Presence::Managed => None,
        }
    }

    /// Some records of a zone, from a name on: those of the name come first.
    async fn records_from(&self, zone: &str, name: &str) -> Result<Vec<route53::ResourceRecordSet>, ApiError> {
        let call = self.clients.route53().list_resource_record_sets().hosted_zone_id(zone).start_record_name(name);
        let listed = call.max_items(10).send().await.map_err(failed(format!("ListResourceRecordSets {zone}")))?;
        Ok(listed.resource_record_sets)
    }
}

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    find_associations(search, &mut found).await?;
    let wanted = search.of::<DnsRecord>(TaskKind::DnsRecord);
    let mut names: BTreeMap<(String, String), Vec<route53::ResourceRecordSet>> = BTreeMap::new();
    for (_, record) in &wanted {
        if let Some(zone) = search.cloud.zone_id(&record.zone) {
            names.entry((zone.to_owned(), record.name.to_string())).or_default();
        }
    }
    let keys: Vec<(String, String)> = names.keys().cloned().collect();
    let calls = keys.iter().map(|(zone, name)| search.cloud.records_from(zone, name));
    for (key, records) in keys.iter().zip(futures::future::try_join_all(calls).await?) {
        names.insert(key.clone(), records);
    }
    for (task, record) in wanted {
        let Some(zone) = search.cloud.zone_id(&record.zone) else { continue };
        let records = names.get(&(zone.to_owned(), record.name.to_string())).into_iter().flatten();
        let mut records = records.filter(|existing| is_named(existing, &record.name));
        let existing = records.find(|existing| existing.r#type().as_str() == record.record_type.as_str());
        if let Some(existing) = existing {
            // A record that is no alias has no target, such as a placeholder.
            let target = existing.alias_target().map(|alias| bare(alias.dns_name()));
            found
                .objects
                .insert(task.id.clone(), Object::new(record.name.as_str()).field("TargetLoadBalancer", target));
        }
    }
    Ok(found)
}

/// A name without the dot at its end and without what AWS adds for both IP versions, in lower case.
fn bare(name: &str) -> String {
    let name = name.trim_end_matches('.').to_lowercase();
    name.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(name)
}

fn is_named(record: &route53::ResourceRecordSet, name: &str) -> bool {
    record.name().trim_end_matches('.').eq_ignore_ascii_case(name)
}

async fn find_associations(search: &Search<'_>, found: &mut Found) -> Result<(), ApiError> {
    for (task, association) in search.of::<HostedZoneAssociation>(TaskKind::HostedZone) {
        let Some(zone) = search.cloud.zone_id(&association.zone) else { continue };
        let call = search.cloud.clients.route53().get_hosted_zone().id(zone).send().await;
        let zone_found = call.map_err(failed(format!("GetHostedZone {zone}")))?;
        let vpcs: Vec<&str> = zone_found.vpcs().iter().filter_map(|vpc| vpc.vpc_id()).collect();
        let object = Object::new(zone).field("PrivateVPC", Value::set(vpcs));
        found.objects.insert(task.id.clone(), object);
    }
    Ok(())
}

pub(super) async fn associate_zone(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let association = cloud.resource::<HostedZoneAssociation>(operation.task)?;
    let zone = cloud.zone_id(&association.zone).ok_or_else(|| internal("the id of the hosted zone is not known"))?;
    let vpc = id_of(operation, TaskKind::Vpc, &association.vpc)?;
    let region = route53::VpcRegion::from(cloud.graph.region.as_str());
    let call = cloud.clients.route53().associate_vpc_with_hosted_zone().hosted_zone_id(zone);
    match call.vpc(route53::Vpc::builder().vpc_id(vpc).vpc_region(region).build()).send().await {
        // Another zone of the name is visible in the VPC, or this one by an earlier request.
        Err(error) if has_code(&error, "ConflictingDomainExists") => {}
        other => {
            other.map_err(change_failed(format!("AssociateVPCWithHostedZone {zone} {vpc}")))?;
        }
    }
    Ok(with_id(zone))
}

pub(super) async fn upsert(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let record = cloud.resource::<DnsRecord>(operation.task)?;
    let zone = cloud.zone_id(&record.zone).ok_or_else(|| internal("the id of the hosted zone is not known"))?;
    let balancer = record_target(&record.target);
    let alias = route53::AliasTarget::builder()
        .dns_name(attribute_of(operation, &balancer, Attribute::DnsName)?)
        .hosted_zone_id(attribute_of(operation, &balancer, Attribute::DnsZone)?)
        .evaluate_target_health(false)
        .build()
        .map_err(|error| internal(error.to_string()))?;
    let set = route53::ResourceRecordSet::builder()
        .name(record.name.as_str())
        .r#type(route53::RrType::from(record.record_type.as_str()))
        .alias_target(alias)
        .build()
        .map_err(|error| internal(error.to_string()))?;
    let batch = batch(vec![(route53::ChangeAction::Upsert, set)])?;
    let call = cloud.clients.route53().change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    call.send().await.map_err(change_failed(format!("ChangeResourceRecordSets {zone} {}", record.name)))?;
    Ok(with_id(record.name.as_str()))
}

fn batch(
    changes: Vec<(route53::ChangeAction, route53::ResourceRecordSet)>,
) -> Result<route53::ChangeBatch, CloudError> {
    let malformed = |error: aws_smithy_types::error::operation::BuildError| internal(error.to_string());
    let changes: Result<Vec<_>, _> = changes
        .into_iter()
        .map(|(action, set)| route53::Change::builder().action(action).resource_record_set(set).build())
        .collect();
    let changes = changes.map_err(malformed)?;
    route53::ChangeBatch::builder().set_changes(Some(changes)).build().map_err(malformed)
}

/// Creates the records of names that have none of the type.
pub(super) async fn create_placeholders(
    cloud: &DirectCloud,
    zone: &str,
    records: &[Placeholder],
) -> Result<Vec<String>, ApiError> {
    let names: BTreeSet<&str> = records.iter().map(|record| record.name.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let calls = names.iter().map(|name| cloud.records_from(zone, name));
    let existing: Vec<route53::ResourceRecordSet> =
        futures::future::try_join_all(calls).await?.into_iter().flatten().collect();
    let is_missing = |record: &&Placeholder| {
        !existing.iter().any(|set| is_named(set, &record.name) && set.r#type().as_str() == record.record_type)
    };
    let missing: Vec<&Placeholder> = records.iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let malformed = |error: aws_smithy_types::error::operation::BuildError| {
        ApiError::permanent("ChangeResourceRecordSets", error.to_string())
    };
    let mut changes = Vec::new();
    for record in &missing {
        let value = route53::ResourceRecord::builder().value(&record.value).build().map_err(malformed)?;
        let set = route53::ResourceRecordSet::builder()
            .name(&record.name)
            .r#type(route53::RrType::from(record.record_type))
            .ttl(TTL)
            .resource_records(value)
            .build()
            .map_err(malformed)?;
        changes.push((route53::ChangeAction::Create, set));
    }
    let batch = batch(changes).map_err(|error| error.error().clone())?;
    let call = cloud.clients.route53().change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    call.send().await.map_err(failed(format!("ChangeResourceRecordSets {zone}")))?;
    Ok(missing.into_iter().map(|record| record.name.clone()).collect())
}
