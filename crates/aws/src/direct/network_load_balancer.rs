//! Network load balancers and their listeners' ports.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::types as elb;

use super::support::{id_of, ids_in, own_id, plain, sent, unchanged, wanted_tags, with_id};
use super::{DirectCloud, Search, listener, revision};
use crate::error::{ErrorClass, class_of, failed};
use kopsform_direct::{
    Attribute, Attributes, CloudError, Found, Object, Operation, Residue, Task, TaskKind, Value, When,
};
use kopsform_model::In;
use kopsform_model::aws::resources::NetworkLoadBalancer;
use kopsform_model::aws::tags::{KUBERNETES_CLUSTER, NAME};
use kopsform_rolling::ports::ApiError;

/// kops' name of a load balancer of an older revision.
pub(super) const RESIDUE: &str = "network-load-balancer";
/// kops' name of the classic load balancer whose place another took.
pub(super) const CLASSIC_RESIDUE: &str = "ClassicLoadBalancer";
/// How many load balancers or target groups one call describes the tags of.
const TAGS_PER_CALL: usize = 20;
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
const LOG_ENABLED: &str = "access_logs.s3.enabled";
const LOG_BUCKET: &str = "access_logs.s3.bucket";
const LOG_PREFIX: &str = "access_logs.s3.prefix";

/// Finds load balancers by their tags, and their listeners.
pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<NetworkLoadBalancer>(TaskKind::NetworkLoadBalancer);
    if wanted.is_empty() {
        return Ok(found);
    }
    let client = search.cloud.clients.elbv2();
    let all: Vec<elb::LoadBalancer> = super::support::all!(client.describe_load_balancers(), "DescribeLoadBalancers")?;
    let network = all.iter().filter(|balancer| balancer.r#type() == Some(&elb::LoadBalancerTypeEnum::Network));
    let network: Vec<&elb::LoadBalancer> = network.collect();
    let arns = network.iter().filter_map(|balancer| balancer.load_balancer_arn().map(str::to_owned)).collect();
    let tags = search.cloud.elbv2_tags(arns).await?;
    for (task, wanted_balancer) in &wanted {
        let wanted = wanted_tags(task);
        let is_meant = |balancer: &&&elb::LoadBalancer| {
            let tags = balancer.load_balancer_arn().and_then(|arn| tags.get(arn));
            tags.is_some_and(|tags| [NAME, KUBERNETES_CLUSTER].iter().all(|key| tags.get(*key) == wanted.get(*key)))
        };
        let none = BTreeMap::new();
        let candidates = network.iter().filter(is_meant).copied();
        let tagged = candidates.map(|b| (b, b.load_balancer_arn().and_then(|arn| tags.get(arn)).unwrap_or(&none)));
        let (newest, others) = revision::newest(tagged.collect());
        let others = others.into_iter().filter_map(|other| other.load_balancer_arn());
        found.residue.extend(others.map(|arn| residue(RESIDUE, arn, arn)));
        found.residue.extend(find_classic(search, task).await?);
        let Some(balancer) = newest else { continue };
        if balancer.security_groups().is_empty() && !wanted_balancer.security_groups.is_empty() {
            // AWS adds none to it.
            search.cloud.revise(&task.id);
            continue;
        }
        let arn = balancer.load_balancer_arn().unwrap_or_default();
        let call = client.describe_load_balancer_attributes().load_balancer_arn(arn);
        let described = call.send().await.map_err(failed(format!("DescribeLoadBalancerAttributes {arn}")))?;
        let attributes = described.attributes();
        let attributes = attributes.iter().filter_map(|a| Some((a.key()?.to_owned(), a.value()?.to_owned()))).collect();
        let object = object(balancer, &attributes, tags.get(arn).cloned().unwrap_or_default());
        found.objects.insert(task.id.clone(), object);
        listener::find(search, &task.id, arn, &mut found).await?;
    }
    Ok(found)
}

/// The classic load balancer whose place a network load balancer took, if it has the cluster's tag. Its name in AWS is made of the name
/// in the plan.
async fn find_classic(search: &Search<'_>, task: &Task) -> Result<Option<Residue>, ApiError> {
    let cloud = search.cloud;
    let Some(prefix) = task.id.name.strip_suffix(&format!(".{}", cloud.cluster())) else { return Ok(None) };
    let name = kopsform_spec::names::load_balancer_name(cloud.cluster(), prefix);
    match cloud.clients.elb().describe_load_balancers().load_balancer_names(&name).send().await {
        Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => return Ok(None),
        Err(error) => return Err(failed(format!("DescribeLoadBalancers {name}"))(error)),
        Ok(described) if described.load_balancer_descriptions().is_empty() => return Ok(None),
        Ok(_) => {}
    }
    let described = cloud.clients.elb().describe_tags().load_balancer_names(&name).send().await;
    let described = described.map_err(failed(format!("DescribeTags {name}")))?;
    let mut tags = described.tag_descriptions().iter().flat_map(|of| of.tags());
    let is_own = tags.any(|tag| tag.key() == KUBERNETES_CLUSTER && tag.value() == Some(cloud.cluster()));
    Ok(is_own.then(|| residue(CLASSIC_RESIDUE, &task.id.name, &name)))
}

/// What is deleted when the user prunes.
pub(super) fn residue(kind: &'static str, item: &str, handle: &str) -> Residue {
    Residue { when: When::Pruned, kind, item: item.to_owned(), handle: handle.to_owned() }
}

pub(super) async fn remove(cloud: &DirectCloud, arn: &str) -> Result<(), CloudError> {
    let call = cloud.clients.elbv2().delete_load_balancer().load_balancer_arn(arn);
    sent!(call, "DeleteLoadBalancer {arn}").map(|_| ())
}

fn object(
    balancer: &elb::LoadBalancer,
    attributes: &BTreeMap<String, String>,
    mut tags: BTreeMap<String, String>,
) -> Object {
    let revision = tags.remove(revision::TAG).unwrap_or_default();
    let is = |key: &str| attributes.get(key).is_some_and(|value| value == "true");
    let text = |key: &str| attributes.get(key).map(String::as_str).unwrap_or_default();
    let log = is(LOG_ENABLED).then(|| format!("{}/{}", text(LOG_BUCKET), text(LOG_PREFIX)));
    let subnets = balancer.availability_zones().iter().filter_map(|zone| zone.subnet_id());
    let object = Object::new(balancer.load_balancer_arn().unwrap_or_default())
        .attribute(Attribute::Revision, revision)
        .attribute(Attribute::DnsName, balancer.dns_name().unwrap_or_default().to_lowercase())
        .attribute(Attribute::DnsZone, balancer.canonical_hosted_zone_id().unwrap_or_default())
        .field("AccessLog", log)
        .field("CrossZoneLoadBalancing", is(CROSS_ZONE))
        .field("SecurityGroups", Value::set(balancer.security_groups()))
        .field("SubnetMappings", Value::set(subnets))
        .field("Tags", Value::Map(tags));
    let is_internal = balancer.scheme() == Some(&elb::LoadBalancerSchemeEnum::Internal);
    match balancer.ip_address_type() {
        // AWS gives no IPv6 addresses to an internal one that has none.
        Some(elb::IpAddressType::Ipv4) if is_internal => object,
        other => object.field("IpAddressType", other.map(elb::IpAddressType::as_str)),
    }
}

impl DirectCloud {
    /// Tags of load balancers or target groups, by ARN.
    pub(super) async fn elbv2_tags(
        &self,
        arns: Vec<String>,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, ApiError> {
        let client = self.clients.elbv2();
        let pages = arns.chunks(TAGS_PER_CALL).map(|page| {
            let call = client.describe_tags().set_resource_arns(Some(page.to_vec()));
            async { call.send().await.map_err(failed("DescribeTags")) }
        });
        let mut tags = BTreeMap::new();
        for page in futures::future::try_join_all(pages).await? {
            for described in page.tag_descriptions() {
                let of_resource = described.tags().iter();
                let pairs = of_resource
                    .map(|tag| (tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned()));
                tags.insert(described.resource_arn().unwrap_or_default().to_owned(), pairs.collect());
            }
        }
        Ok(tags)
    }

    /// Makes a load balancer or target group have these tags.
    pub(super) async fn elbv2_retag(
        &self,
        arn: &str,
        operation: &Operation<'_>,
        remove_surplus: bool,
    ) -> Result<(), CloudError> {
        let client = self.clients.elbv2();
        let (missing, surplus) = super::iam_role::tag_changes(operation);
        let surplus: Vec<String> = surplus.into_iter().filter(|key| !key.starts_with("aws:")).collect();
        if !missing.is_empty() {
            sent!(client.add_tags().resource_arns(arn).set_tags(Some(tags(&missing))), "AddTags {arn}")?;
        }
        if remove_surplus && !surplus.is_empty() {
            sent!(client.remove_tags().resource_arns(arn).set_tag_keys(Some(surplus)), "RemoveTags {arn}")?;
        }
        Ok(())
    }

    /// Whether a load balancer is that of the API.
    fn is_of_api(&self, operation: &Operation<'_>) -> bool {
        operation.task.id.name == format!("api.{}", self.cluster())
    }
}

pub(super) fn tags(tags: &BTreeMap<String, String>) -> Vec<elb::Tag> {
    tags.iter().map(|(key, value)| elb::Tag::builder().key(key).value(value).build()).collect()
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let balancer = cloud.resource::<NetworkLoadBalancer>(operation.task)?;
    let scheme = match balancer.internal {
        true => elb::LoadBalancerSchemeEnum::Internal,
        false => elb::LoadBalancerSchemeEnum::InternetFacing,
    };
    let groups = ids_in(operation, TaskKind::SecurityGroup, &balancer.security_groups)?;
    let revised = cloud.revision(&operation.task.id);
    let name = revision::name(&balancer.name, "-", &revised);
    let call = cloud
        .clients
        .elbv2()
        .create_load_balancer()
        .name(&name)
        .r#type(elb::LoadBalancerTypeEnum::Network)
        .scheme(scheme)
        .ip_address_type(ip_type(balancer))
        .set_security_groups(Some(groups).filter(|groups| !groups.is_empty()))
        .set_subnet_mappings(Some(mappings(operation, balancer)?))
        .set_tags(Some(tags(&revision::tagged(plain(&balancer.tags), &revised))));
    let created = sent!(call, "CreateLoadBalancer {name}")?;
    let first = created.load_balancers().first();
    let arn = first.and_then(|balancer| balancer.load_balancer_arn()).unwrap_or_default();
    let mut attributes = with_id(arn);
    attributes.insert(Attribute::Revision, revised);
    if let Some(first) = first {
        let dns_name = first.dns_name().unwrap_or_default().to_lowercase();
        attributes.insert(Attribute::DnsName, dns_name);
        attributes.insert(Attribute::DnsZone, first.canonical_hosted_zone_id().unwrap_or_default().to_owned());
    }
    // For the API, kops also says that nothing is logged.
    let fields = ["AccessLog", "CrossZoneLoadBalancing"];
    let is_default = balancer.access_log.is_none() && !balancer.cross_zone;
    if !is_default || cloud.is_of_api(operation) {
        set_attributes(cloud, arn, balancer, |field| fields.contains(&field)).await?;
    }
    Ok(attributes)
}

fn ip_type(balancer: &NetworkLoadBalancer) -> elb::IpAddressType {
    if balancer.dual_stack { elb::IpAddressType::Dualstack } else { elb::IpAddressType::Ipv4 }
}

fn mappings(operation: &Operation<'_>, balancer: &NetworkLoadBalancer) -> Result<Vec<elb::SubnetMapping>, CloudError> {
    balancer
        .subnets
        .iter()
        .map(|mapping| {
            let address = match &mapping.address {
                None => None,
                Some(In::Existing(id)) => Some(id.clone()),
                Some(In::Node(node)) => Some(id_of(operation, TaskKind::ElasticIp, node)?.to_owned()),
            };
            Ok(elb::SubnetMapping::builder()
                .subnet_id(id_of(operation, TaskKind::Subnet, &mapping.subnet)?)
                .set_allocation_id(address)
                .set_private_ipv4_address(mapping.private_ipv4.clone())
                .build())
        })
        .collect()
}

async fn set_attributes(
    cloud: &DirectCloud,
    arn: &str,
    balancer: &NetworkLoadBalancer,
    changes: impl Fn(&str) -> bool,
) -> Result<(), CloudError> {
    let mut attributes: Vec<(&str, String)> = Vec::new();
    if changes("CrossZoneLoadBalancing") {
        attributes.push((CROSS_ZONE, balancer.cross_zone.to_string()));
    }
    if changes("AccessLog") {
        attributes.push((LOG_ENABLED, balancer.access_log.is_some().to_string()));
        if let Some(log) = &balancer.access_log {
            attributes.push((LOG_BUCKET, log.bucket.clone()));
            if let Some(prefix) = &log.prefix {
                attributes.push((LOG_PREFIX, prefix.clone()));
            }
        }
    }
    let attributes = attributes.into_iter();
    let attributes =
        attributes.map(|(key, value)| elb::LoadBalancerAttribute::builder().key(key).value(value).build()).collect();
    let call = cloud.clients.elbv2().modify_load_balancer_attributes().load_balancer_arn(arn);
    sent!(call.set_attributes(Some(attributes)), "ModifyLoadBalancerAttributes {arn}").map(|_| ())
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let balancer = cloud.resource::<NetworkLoadBalancer>(operation.task)?;
    let (arn, client) = (own_id(operation)?, cloud.clients.elbv2());
    let changes = |field: &str| operation.changes(field);
    if changes("IpAddressType") {
        let call = client.set_ip_address_type().load_balancer_arn(arn).ip_address_type(ip_type(balancer));
        sent!(call, "SetIpAddressType {arn}")?;
    }
    if changes("SubnetMappings") {
        let call = client.set_subnets().load_balancer_arn(arn);
        sent!(call.set_subnet_mappings(Some(mappings(operation, balancer)?)), "SetSubnets {arn}")?;
    }
    if changes("SecurityGroups") {
        let groups = ids_in(operation, TaskKind::SecurityGroup, &balancer.security_groups)?;
        let call = client.set_security_groups().load_balancer_arn(arn).set_security_groups(Some(groups));
        sent!(call, "SetSecurityGroups {arn}")?;
    }
    if changes("AccessLog") || changes("CrossZoneLoadBalancing") {
        // Those of the API's are set together, as when it is created: an update may end between its creation and its attributes.
        let is_of_api = cloud.is_of_api(operation);
        set_attributes(cloud, arn, balancer, |field| is_of_api || changes(field)).await?;
    }
    if changes("Tags") {
        cloud.elbv2_retag(arn, operation, true).await?;
    }
    unchanged(operation)
}

/// The strings of a set of a found object.
pub(super) fn set_of(object: Option<&Object>, field: &str) -> BTreeSet<String> {
    match object.and_then(|object| object.fields.get(field)) {
        Some(Value::Set(items) | Value::List(items)) => items.iter().map(ToString::to_string).collect(),
        _ => BTreeSet::new(),
    }
}
