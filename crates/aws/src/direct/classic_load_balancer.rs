//! Classic load balancers.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancing::types as elb;

use super::network_load_balancer::set_of;
use super::support::{id_of, ids_in, int, internal, sent, unchanged, wanted_tags, with_id};
use super::{DirectCloud, Search};
use crate::error::{ErrorClass, class_of, failed};
use kopsform_direct::desired::{access_log, health_text};
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, TaskKind, Value};
use kopsform_model::aws::resources::{AccessLog, ClassicHealthCheck, ClassicLoadBalancer};
use kopsform_rolling::ports::ApiError;

/// A classic load balancer is found by its name.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let client = search.cloud.clients.elb();
    for (task, balancer) in search.of::<ClassicLoadBalancer>(TaskKind::ClassicLoadBalancer) {
        let name = balancer.name.as_str();
        let described = match client.describe_load_balancers().load_balancer_names(name).send().await {
            Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => continue,
            other => other.map_err(failed(format!("DescribeLoadBalancers {name}")))?,
        };
        let Some(existing) = described.load_balancer_descriptions().first() else { continue };
        let (tags, attributes) = futures::try_join!(
            async {
                let call = client.describe_tags().load_balancer_names(name);
                call.send().await.map_err(failed(format!("DescribeTags {name}")))
            },
            async {
                let call = client.describe_load_balancer_attributes().load_balancer_name(name);
                call.send().await.map_err(failed(format!("DescribeLoadBalancerAttributes {name}")))
            },
        )?;
        let tags = tags.tag_descriptions().iter().flat_map(|description| description.tags());
        let tags = tags.map(|tag| (tag.key().to_owned(), tag.value().unwrap_or_default().to_owned())).collect();
        found.objects.insert(task.id.clone(), object(balancer, existing, attributes.load_balancer_attributes(), tags));
    }
    Ok(found)
}

/// Deletes the one whose place a network load balancer took.
pub(super) async fn remove(cloud: &DirectCloud, name: &str) -> Result<(), CloudError> {
    let call = cloud.clients.elb().delete_load_balancer().load_balancer_name(name);
    sent!(call, "DeleteLoadBalancer {name}").map(|_| ())
}

fn object(
    wanted: &ClassicLoadBalancer,
    balancer: &elb::LoadBalancerDescription,
    attributes: Option<&elb::LoadBalancerAttributes>,
    tags: BTreeMap<String, String>,
) -> Object {
    let listeners = balancer.listener_descriptions().iter().filter_map(|description| description.listener());
    let mut of_port = listeners.filter(|listener| listener.load_balancer_port() == i32::from(wanted.listener.port));
    let certificate = of_port.next().and_then(|listener| listener.ssl_certificate_id());
    let health = balancer.health_check().map(|check| {
        health_text(&ClassicHealthCheck {
            target: check.target().to_owned(),
            interval: check.interval().into(),
            timeout: check.timeout().into(),
            healthy_threshold: check.healthy_threshold().into(),
            unhealthy_threshold: check.unhealthy_threshold().into(),
        })
    });
    let log = attributes.and_then(|a| a.access_log()).filter(|log| log.enabled()).map(|log| AccessLog {
        bucket: log.s3_bucket_name().unwrap_or_default().to_owned(),
        prefix: log.s3_bucket_prefix().map(str::to_owned),
        interval: log.emit_interval().unwrap_or_default().into(),
    });
    let draining = attributes.and_then(|a| a.connection_draining()).filter(|draining| draining.enabled());
    let idle = attributes.and_then(|a| a.connection_settings()).map(|settings| i64::from(settings.idle_timeout()));
    let cross_zone = attributes.and_then(|a| a.cross_zone_load_balancing()).is_some_and(|zones| zones.enabled());
    Object::new(balancer.load_balancer_name().unwrap_or_default())
        .attribute(Attribute::DnsName, balancer.dns_name().unwrap_or_default().to_lowercase())
        .attribute(Attribute::DnsZone, balancer.canonical_hosted_zone_name_id().unwrap_or_default())
        .field("AccessLog", access_log(log.as_ref()))
        .field("ConnectionDraining", draining.and_then(|draining| draining.timeout()).map(i64::from))
        .field("ConnectionSettings", idle)
        .field("CrossZoneLoadBalancing", cross_zone)
        .field("HealthCheck", health)
        .field("SSLCertificateID", certificate)
        .field("Scheme", balancer.scheme())
        .field("SecurityGroups", Value::set(balancer.security_groups()))
        .field("Subnets", Value::set(balancer.subnets()))
        .field("Tags", Value::Map(tags))
}

fn malformed(error: aws_smithy_types::error::operation::BuildError) -> CloudError {
    internal(error.to_string())
}

fn listener(balancer: &ClassicLoadBalancer) -> Result<elb::Listener, CloudError> {
    let port = i32::from(balancer.listener.port);
    let protocol = if balancer.listener.certificate.is_some() { "SSL" } else { "TCP" };
    elb::Listener::builder()
        .load_balancer_port(port)
        .instance_port(port)
        .protocol(protocol)
        .instance_protocol(protocol)
        .set_ssl_certificate_id(balancer.listener.certificate.clone())
        .build()
        .map_err(malformed)
}

fn tags(tags: &BTreeMap<String, String>) -> Result<Vec<elb::Tag>, CloudError> {
    tags.iter().map(|(key, value)| elb::Tag::builder().key(key).value(value).build().map_err(malformed)).collect()
}

fn subnets(operation: &Operation<'_>, balancer: &ClassicLoadBalancer) -> Result<BTreeSet<String>, CloudError> {
    let ids = balancer.subnets.iter();
    ids.map(|subnet| id_of(operation, TaskKind::Subnet, subnet).map(str::to_owned)).collect()
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let balancer = cloud.resource::<ClassicLoadBalancer>(operation.task)?;
    let (name, client) = (balancer.name.as_str(), cloud.clients.elb());
    let call = client
        .create_load_balancer()
        .load_balancer_name(name)
        .listeners(listener(balancer)?)
        .set_scheme(balancer.internal.then(|| "internal".to_owned()))
        .set_security_groups(Some(ids_in(operation, TaskKind::SecurityGroup, &balancer.security_groups)?))
        .set_subnets(Some(subnets(operation, balancer)?.into_iter().collect()))
        .set_tags(Some(tags(&wanted_tags(operation.task))?));
    sent!(call, "CreateLoadBalancer {name}")?;
    check_health(cloud, balancer).await?;
    set_attributes(cloud, balancer).await?;
    // The response has no hosted zone.
    let described = sent!(client.describe_load_balancers().load_balancer_names(name), "DescribeLoadBalancers {name}")?;
    let created = described.load_balancer_descriptions().first();
    let mut attributes = with_id(name);
    if let Some(created) = created {
        attributes.insert(Attribute::DnsName, created.dns_name().unwrap_or_default().to_lowercase());
        let zone = created.canonical_hosted_zone_name_id().unwrap_or_default();
        attributes.insert(Attribute::DnsZone, zone.to_owned());
    }
    Ok(attributes)
}

async fn check_health(cloud: &DirectCloud, balancer: &ClassicLoadBalancer) -> Result<(), CloudError> {
    let check = &balancer.health_check;
    let check = elb::HealthCheck::builder()
        .target(&check.target)
        .interval(int(check.interval))
        .timeout(int(check.timeout))
        .healthy_threshold(int(check.healthy_threshold))
        .unhealthy_threshold(int(check.unhealthy_threshold))
        .build()
        .map_err(malformed)?;
    let name = balancer.name.as_str();
    let call = cloud.clients.elb().configure_health_check().load_balancer_name(name).health_check(check);
    sent!(call, "ConfigureHealthCheck {name}").map(|_| ())
}

async fn set_attributes(cloud: &DirectCloud, balancer: &ClassicLoadBalancer) -> Result<(), CloudError> {
    let log = match &balancer.access_log {
        None => elb::AccessLog::builder().enabled(false),
        Some(log) => elb::AccessLog::builder()
            .enabled(true)
            .s3_bucket_name(&log.bucket)
            .set_s3_bucket_prefix(log.prefix.clone())
            .set_emit_interval(Some(int(log.interval)).filter(|minutes| *minutes > 0)),
    };
    let attributes = elb::LoadBalancerAttributes::builder()
        .access_log(log.build())
        .connection_draining(
            elb::ConnectionDraining::builder().enabled(true).timeout(int(balancer.connection_draining_timeout)).build(),
        )
        .connection_settings(
            elb::ConnectionSettings::builder().idle_timeout(int(balancer.idle_timeout)).build().map_err(malformed)?,
        )
        .cross_zone_load_balancing(elb::CrossZoneLoadBalancing::builder().enabled(balancer.cross_zone).build())
        .build();
    let name = balancer.name.as_str();
    let call = cloud.clients.elb().modify_load_balancer_attributes().load_balancer_name(name);
    sent!(call.load_balancer_attributes(attributes), "ModifyLoadBalancerAttributes {name}").map(|_| ())
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let balancer = cloud.resource::<ClassicLoadBalancer>(operation.task)?;
    let (name, client) = (balancer.name.as_str(), cloud.clients.elb());
    if operation.changes("Subnets") {
        let (wanted, found) = (subnets(operation, balancer)?, set_of(operation.found, "Subnets"));
        let missing: Vec<String> = wanted.difference(&found).cloned().collect();
        let surplus: Vec<String> = found.difference(&wanted).cloned().collect();
        if !missing.is_empty() {
            let call = client.attach_load_balancer_to_subnets().load_balancer_name(name);
            sent!(call.set_subnets(Some(missing)), "AttachLoadBalancerToSubnets {name}")?;
        }
        if !surplus.is_empty() {
            let call = client.detach_load_balancer_from_subnets().load_balancer_name(name);
            sent!(call.set_subnets(Some(surplus)), "DetachLoadBalancerFromSubnets {name}")?;
        }
    }
    if operation.changes("SecurityGroups") {
        let groups = ids_in(operation, TaskKind::SecurityGroup, &balancer.security_groups)?;
        let call = client.apply_security_groups_to_load_balancer().load_balancer_name(name);
        sent!(call.set_security_groups(Some(groups)), "ApplySecurityGroupsToLoadBalancer {name}")?;
    }
    if operation.changes("SSLCertificateID") {
        // The protocol changes with the certificate, so the listener is replaced.
        let port = i32::from(balancer.listener.port);
        let call = client.delete_load_balancer_listeners().load_balancer_name(name).load_balancer_ports(port);
        sent!(call, "DeleteLoadBalancerListeners {name}")?;
        let call = client.create_load_balancer_listeners().load_balancer_name(name).listeners(listener(balancer)?);
        sent!(call, "CreateLoadBalancerListeners {name}")?;
    }
    if operation.changes("HealthCheck") {
        check_health(cloud, balancer).await?;
    }
    let attributes = ["AccessLog", "ConnectionDraining", "ConnectionSettings", "CrossZoneLoadBalancing"];
    if attributes.iter().any(|field| operation.changes(field)) {
        set_attributes(cloud, balancer).await?;
    }
    if operation.changes("Tags") {
        let (missing, surplus) = super::iam_role::tag_changes(operation);
        if !missing.is_empty() {
            let call = client.add_tags().load_balancer_names(name).set_tags(Some(tags(&missing)?));
            sent!(call, "AddTags {name}")?;
        }
        let surplus: Vec<elb::TagKeyOnly> = surplus
            .iter()
            .filter(|key| !key.starts_with("aws:"))
            .map(|key| elb::TagKeyOnly::builder().key(key).build())
            .collect();
        if !surplus.is_empty() {
            let call = client.remove_tags().load_balancer_names(name).set_tags(Some(surplus));
            sent!(call, "RemoveTags {name}")?;
        }
    }
    unchanged(operation)
}
