//! Facts from AWS: all missing ones concurrently, each at most once.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::Filter;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancer as NetworkBalancer;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::clients::Clients;
use crate::direct::revision;
use crate::error::{ErrorClass, FailureStage, class_of, classify_sdk_error, sdk_hint};
use crate::ssm;
use kopsform_model::facts::{
    AccountFact, BucketFact, Facts, HostedZoneFact, ImageFact, InstanceTypeFact, LoadBalancerFact, LoadBalancerNeed,
    LookupError, Needs, SubnetFact, VpcFact, image_owner,
};

/// Requests of one kind in flight at once.
const CONCURRENT_CALLS: usize = 8;

/// Looks up all needs of AWS that the facts do not hold and adds them.
pub async fn resolve(clients: &Clients, needs: &Needs, facts: &mut Facts) -> Result<(), LookupError> {
    let missing = needs.missing(facts);
    let types_wanted = &missing.instance_types | &missing.candidate_types;
    let (account, zones, images, types, vpcs, subnets, hosted, profiles, buckets, load_balancers) = futures::try_join!(
        account(clients, missing.account),
        zones(clients, missing.zones),
        images(clients, &missing.images),
        instance_types(clients, &types_wanted),
        vpcs(clients, &missing.vpcs),
        subnets(clients, &missing.subnets),
        hosted_zones(clients, &missing.hosted_zones),
        instance_profiles(clients, &missing.instance_profiles),
        buckets(clients, &missing.buckets, &missing.published_buckets),
        load_balancers(clients, &missing.load_balancers),
    )?;
    facts.account = facts.account.take().or(account);
    if let Some(zones) = zones {
        facts.zones.insert(missing.region.clone(), zones);
    }
    facts.images.extend(images);
    facts.instance_types.extend(types);
    facts.vpcs.extend(vpcs);
    facts.subnets.extend(subnets);
    facts.hosted_zones.extend(hosted);
    facts.instance_profiles.extend(profiles);
    facts.buckets.extend(buckets);
    facts.load_balancers.extend(load_balancers);
    Ok(())
}

/// Turns an SDK error into one that names what was looked up and, where known, a fix.
fn failed<E, R>(what: impl Into<String>) -> impl FnOnce(SdkError<E, R>) -> LookupError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let what = what.into();
    move |error| {
        let (stage, reason) = classify_sdk_error(&error);
        let hint = match stage {
            FailureStage::Response(ErrorClass::AccessDenied) => "the credentials lack the permission for this call",
            FailureStage::Response(ErrorClass::Credentials | ErrorClass::ClockSkew) => {
                "check the AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, SSO login) and the clock"
            }
            FailureStage::Response(ErrorClass::NotFound | ErrorClass::BadReference) => {
                "check the id or name, the region and the account"
            }
            FailureStage::Response(_) => return LookupError::Failed { what, reason, hint: None },
            _ => "check the network and the AWS credentials, or use a lock file with --offline",
        };
        LookupError::Failed { what, reason, hint: Some(sdk_hint(&error).unwrap_or_else(|| hint.to_owned())) }
    }
}

fn absent(what: impl Into<String>, reason: &str) -> LookupError {
    LookupError::Failed {
        what: what.into(),
        reason: reason.to_owned(),
        hint: Some("check the id or name, the region and the account".to_owned()),
    }
}

async fn account(clients: &Clients, wanted: bool) -> Result<Option<AccountFact>, LookupError> {
    if !wanted {
        return Ok(None);
    }
    let response = clients.sts().get_caller_identity().send().await.map_err(failed("the AWS account"))?;
    let partition = response.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
    Ok(Some(AccountFact { id: response.account().unwrap_or_default().to_owned(), partition }))
}

async fn zones(clients: &Clients, wanted: bool) -> Result<Option<Vec<String>>, LookupError> {
    if !wanted {
        return Ok(None);
    }
    let response =
        clients.ec2().describe_availability_zones().send().await.map_err(failed("the availability zones"))?;
    let mut names: Vec<String> =
        response.availability_zones().iter().filter_map(|z| z.zone_name().map(str::to_owned)).collect();
    names.sort();
    Ok(Some(names))
}

async fn images(clients: &Clients, names: &BTreeSet<String>) -> Result<BTreeMap<String, ImageFact>, LookupError> {
    stream::iter(names.iter().cloned())
        .map(|name| async move { image(clients, &name).await.map(|fact| (name, fact)) })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect()
        .await
}

/// The newest image of a name: `ami-…`, `ssm:<parameter>`, `<owner>/<name>` or the account's own `<name>`.
async fn image(clients: &Clients, name: &str) -> Result<ImageFact, LookupError> {
    let what = || format!("image {name}");
    let mut request = clients.ec2().describe_images();
    if name.starts_with("ami-") {
        request = request.image_ids(name);
    } else if let Some(parameter) = name.strip_prefix("ssm:") {
        let id = ssm::get_parameter(clients.sdk_config(), parameter).await.map_err(failed(what()))?;
        let id = id.ok_or_else(|| absent(what(), "the SSM parameter has no value"))?;
        request = request.image_ids(id);
    } else {
        let (owner, image) = name.split_once('/').map_or(("self", name), |(owner, image)| (image_owner(owner), image));
        request = request.owners(owner).filters(Filter::builder().name("name").values(image).build());
    }
    let found: Vec<_> = request.into_paginator().items().send().try_collect().await.map_err(failed(what()))?;
    let newest = found
        .into_iter()
        .max_by(|a, b| a.creation_date().cmp(&b.creation_date()))
        .ok_or_else(|| absent(what(), "no image of that name"))?;
    Ok(ImageFact {
        id: newest.image_id().unwrap_or_default().to_owned(),
        architecture: newest.architecture().map(|a| a.as_str().to_owned()).unwrap_or_default(),
        root_device_name: newest.root_device_name().unwrap_or_default().to_owned(),
    })
}

async fn instance_types(
    clients: &Clients,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, InstanceTypeFact>, LookupError> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    // With a filter, types that the region lacks are omitted from the response instead of failing the whole call.
    let wanted: Vec<String> = names.iter().cloned().collect();
    let mut known = BTreeMap::new();
    for batch in wanted.chunks(200) {
        let filter = Filter::builder().name("instance-type").set_values(Some(batch.to_vec())).build();
        let mut pages = clients.ec2().describe_instance_types().filters(filter).into_paginator().items().send();
        while let Some(info) = pages.next().await {
            let info = info.map_err(failed("instance types"))?;
            let name = info.instance_type().map(|t| t.as_str().to_owned()).unwrap_or_default();
            let architectures = info
                .processor_info()
                .map(|p| p.supported_architectures().iter().map(|a| a.as_str().to_owned()).collect())
                .unwrap_or_default();
            let gpus = info.gpu_info().map(|g| g.gpus().iter().filter_map(|g| g.count()).sum()).unwrap_or_default();
            let disks = info
                .instance_storage_info()
                .map(|s| s.disks().iter().filter_map(|d| d.count()).sum())
                .unwrap_or_default();
            let fact = InstanceTypeFact {
                architectures,
                vcpus: info.v_cpu_info().and_then(|v| v.default_v_cpus()).unwrap_or_default(),
                memory_mib: info.memory_info().and_then(|m| m.size_in_mib()).unwrap_or_default(),
                gpus,
                ephemeral_disks: disks,
            };
            known.insert(name, fact);
        }
    }
    Ok(known)
}

async fn vpcs(clients: &Clients, ids: &BTreeSet<String>) -> Result<BTreeMap<String, VpcFact>, LookupError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<String> = ids.iter().cloned().collect();
    let attached = |name: &str| Filter::builder().name(name).set_values(Some(ids.clone())).build();
    let (described, gateways, egress_only) = futures::try_join!(
        async { clients.ec2().describe_vpcs().set_vpc_ids(Some(ids.clone())).send().await.map_err(failed("VPCs")) },
        async {
            let call = clients.ec2().describe_internet_gateways().filters(attached("attachment.vpc-id"));
            call.send().await.map_err(failed("internet gateways"))
        },
        async {
            let call = clients.ec2().describe_egress_only_internet_gateways();
            let found: Result<Vec<_>, _> = call.into_paginator().items().send().try_collect().await;
            found.map_err(failed("egress-only internet gateways"))
        },
    )?;
    let mut facts = BTreeMap::new();
    for vpc in described.vpcs() {
        let id = vpc.vpc_id().unwrap_or_default();
        let cidr = vpc.cidr_block().unwrap_or_default();
        let mut additional: Vec<String> = vpc
            .cidr_block_association_set()
            .iter()
            .filter_map(|a| a.cidr_block())
            .filter(|c| *c != cidr)
            .map(str::to_owned)
            .collect();
        additional.sort();
        let gateway =
            gateways.internet_gateways().iter().find(|g| g.attachments().iter().any(|a| a.vpc_id() == Some(id)));
        let egress = egress_only.iter().find(|g| g.attachments().iter().any(|a| a.vpc_id() == Some(id)));
        facts.insert(
            id.to_owned(),
            VpcFact {
                cidr: cidr.to_owned(),
                additional_cidrs: additional,
                ipv6_cidr: vpc
                    .ipv6_cidr_block_association_set()
                    .iter()
                    .find_map(|a| a.ipv6_cidr_block().map(str::to_owned)),
                internet_gateway: gateway.and_then(|g| g.internet_gateway_id().map(str::to_owned)),
                egress_only_internet_gateway: egress
                    .and_then(|g| g.egress_only_internet_gateway_id().map(str::to_owned)),
            },
        );
    }
    Ok(facts)
}

async fn subnets(clients: &Clients, ids: &BTreeSet<String>) -> Result<BTreeMap<String, SubnetFact>, LookupError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let call = clients.ec2().describe_subnets().set_subnet_ids(Some(ids.iter().cloned().collect()));
    let found: Vec<_> = call.into_paginator().items().send().try_collect().await.map_err(failed("subnets"))?;
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Ok(found
        .iter()
        .map(|subnet| {
            let fact = SubnetFact {
                vpc: text(subnet.vpc_id()),
                zone: text(subnet.availability_zone()),
                cidr: text(subnet.cidr_block()),
                ipv6_cidr: subnet
                    .ipv6_cidr_block_association_set()
                    .iter()
                    .find_map(|a| a.ipv6_cidr_block().map(str::to_owned)),
            };
            (text(subnet.subnet_id()), fact)
        })
        .collect())
}

/// The hosted zones that match the wanted ids or domains, with the VPCs of private ones.
async fn hosted_zones(
    clients: &Clients,
    wanted: &BTreeSet<String>,
) -> Result<BTreeMap<String, HostedZoneFact>, LookupError> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut listed = BTreeMap::new();
    let mut pages = clients.route53().list_hosted_zones().into_paginator().items().send();
    while let Some(zone) = pages.next().await {
        let zone = zone.map_err(failed("hosted zones"))?;
        let private = zone.config().is_some_and(|c| c.private_zone());
        let id = zone.id().trim_start_matches("/hostedzone/").to_owned();
        listed.insert(
            id,
            HostedZoneFact { name: zone.name().trim_end_matches('.').to_owned(), private, vpcs: Vec::new() },
        );
    }
    let matches = |id: &str, name: &str| {
        wanted.iter().any(|w| {
            let w = w.trim_start_matches("/hostedzone/").trim_end_matches('.');
            w == id || w == name || w.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
        })
    };
    listed.retain(|id, zone| matches(id, &zone.name));
    let private: Vec<String> = listed.iter().filter(|(_, zone)| zone.private).map(|(id, _)| id.clone()).collect();
    let associations: Vec<(String, Vec<String>)> = stream::iter(private)
        .map(|id| async move {
            let response = clients
                .route53()
                .get_hosted_zone()
                .id(&id)
                .send()
                .await
                .map_err(failed(format!("hosted zone {id}")))?;
            let vpcs = response.vpcs().iter().filter_map(|v| v.vpc_id().map(str::to_owned)).collect();
            Ok::<_, LookupError>((id, vpcs))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect()
        .await?;
    for (id, vpcs) in associations {
        if let Some(zone) = listed.get_mut(&id) {
            zone.vpcs = vpcs;
        }
    }
    Ok(listed)
}

/// The roles of instance profiles.
async fn instance_profiles(
    clients: &Clients,
    names: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<String>>, LookupError> {
    stream::iter(names.iter().cloned())
        .map(|name| async move {
            let response = clients.iam().get_instance_profile().instance_profile_name(&name).send().await;
            let response = response.map_err(failed(format!("instance profile {name}")))?;
            let roles = response.instance_profile().map(|profile| profile.roles()).unwrap_or_default();
            Ok((name, roles.iter().map(|role| role.role_name().to_owned()).collect()))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect()
        .await
}

async fn buckets(
    clients: &Clients,
    names: &BTreeSet<String>,
    published: &BTreeSet<String>,
) -> Result<BTreeMap<String, BucketFact>, LookupError> {
    stream::iter(names | published)
        .map(|name| async move {
            let fact = bucket(clients, &name, published.contains(&name)).await?;
            Ok((name, fact))
        })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect()
        .await
}

/// A bucket whose encryption or policy cannot be read counts as unencrypted and private, as in kops.
async fn bucket(clients: &Clients, name: &str, published: bool) -> Result<BucketFact, LookupError> {
    let (location, encryption, public) = futures::join!(
        clients.s3().get_bucket_location().bucket(name).send(),
        clients.s3().get_bucket_encryption().bucket(name).send(),
        async {
            if !published {
                return None;
            }
            let status = clients.s3().get_bucket_policy_status().bucket(name).send().await;
            Some(status.is_ok_and(|response| response.policy_status().and_then(|s| s.is_public()).unwrap_or_default()))
        },
    );
    let region = match location
        .map_err(failed(format!("bucket {name}")))?
        .location_constraint()
        .map(|c| c.as_str().to_owned())
    {
        None => "us-east-1".to_owned(),
        Some(region) if region.is_empty() => "us-east-1".to_owned(),
        Some(region) if region == "EU" => "eu-west-1".to_owned(),
        Some(region) => region,
    };
    let default_encryption = encryption.is_ok_and(|response| {
        let rules = response.server_side_encryption_configuration().map(|c| c.rules()).unwrap_or_default();
        rules.iter().any(|rule| rule.apply_server_side_encryption_by_default().is_some())
    });
    Ok(BucketFact { region, default_encryption, public })
}

/// Load balancers by name. One that does not exist is recorded as a fact without a DNS name, so that it is looked up only once.
async fn load_balancers(
    clients: &Clients,
    wanted: &BTreeMap<String, LoadBalancerNeed>,
) -> Result<BTreeMap<String, LoadBalancerFact>, LookupError> {
    stream::iter(wanted)
        .map(|(name, need)| async move { load_balancer(clients, name, *need).await.map(|fact| (name.clone(), fact)) })
        .buffer_unordered(CONCURRENT_CALLS)
        .try_collect()
        .await
}

async fn load_balancer(clients: &Clients, name: &str, need: LoadBalancerNeed) -> Result<LoadBalancerFact, LookupError> {
    let named = name.to_owned();
    let what = || format!("load balancer {named}");
    let mut name = name.to_owned();
    let (dns_name, vpc) = match need {
        LoadBalancerNeed::Classic => {
            let response = clients.elb().describe_load_balancers().load_balancer_names(&name).send().await;
            let found = unless_absent(response).map_err(failed(what()))?;
            let found = found.as_ref().and_then(|response| response.load_balancer_descriptions().first());
            (found.and_then(|found| found.dns_name()).map(str::to_owned), None)
        }
        LoadBalancerNeed::Network | LoadBalancerNeed::NetworkWithAddresses => {
            let response = clients.elbv2().describe_load_balancers().names(&name).send().await;
            let found = unless_absent(response).map_err(failed(what()))?;
            let mut found = found.and_then(|response| response.load_balancers.unwrap_or_default().into_iter().next());
            // Only one without security groups is ever replaced by another revision.
            if found.as_ref().is_none_or(|found| found.security_groups().is_empty())
                && let Some(revised) = newest_revision(clients, &name).await?
            {
                name = revised.load_balancer_name().unwrap_or_default().to_owned();
                found = Some(revised);
            }
            found.map_or((None, None), |found| (found.dns_name, found.vpc_id))
        }
    };
    let addresses = match vpc {
        Some(vpc) if need == LoadBalancerNeed::NetworkWithAddresses => addresses(clients, &vpc, &name).await?,
        _ => Vec::new(),
    };
    Ok(LoadBalancerFact { dns_name: dns_name.unwrap_or_default(), addresses })
}

/// The newest of the load balancers that replaced one of a name.
async fn newest_revision(clients: &Clients, name: &str) -> Result<Option<NetworkBalancer>, LookupError> {
    let call = clients.elbv2().describe_load_balancers().into_paginator().items().send();
    let all: Vec<NetworkBalancer> =
        call.try_collect().await.map_err(failed(format!("revisions of load balancer {name}")))?;
    let candidates = all.into_iter().filter(|balancer| {
        let other = balancer.load_balancer_name().unwrap_or_default();
        other != name && revision::is_like(other, name)
    });
    let mut candidates: Vec<NetworkBalancer> = candidates.collect();
    if candidates.is_empty() {
        return Ok(None);
    }
    let arns = candidates.iter().filter_map(|balancer| balancer.load_balancer_arn().map(str::to_owned)).collect();
    let call = clients.elbv2().describe_tags().set_resource_arns(Some(arns));
    let tags = call.send().await.map_err(failed(format!("tags of revisions of load balancer {name}")))?;
    let number = |balancer: &NetworkBalancer| -> Option<u64> {
        let described =
            tags.tag_descriptions().iter().find(|tags| tags.resource_arn() == balancer.load_balancer_arn())?;
        described.tags().iter().find(|tag| tag.key() == Some(revision::TAG))?.value()?.parse().ok()
    };
    candidates.retain(|balancer| number(balancer).is_some());
    Ok(candidates.into_iter().max_by_key(number))
}

/// `None` when the load balancer does not exist.
fn unless_absent<T, E, R>(response: Result<T, SdkError<E, R>>) -> Result<Option<T>, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
{
    match response {
        Ok(response) => Ok(Some(response)),
        Err(error) if class_of(&error) == Some(ErrorClass::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The addresses of a network load balancer inside its VPC, sorted.
async fn addresses(clients: &Clients, vpc: &str, name: &str) -> Result<Vec<String>, LookupError> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let call = clients.ec2().describe_network_interfaces().filters(filter("vpc-id", vpc));
    let call = call.filters(filter("interface-type", "network_load_balancer"));
    let found: Vec<_> = call
        .into_paginator()
        .items()
        .send()
        .try_collect()
        .await
        .map_err(failed(format!("network interfaces of load balancer {name}")))?;
    // The description is the only reference to the interface's owner.
    let own = format!("ELB net/{name}/");
    let mut addresses = BTreeSet::new();
    for interface in found.iter().filter(|interface| interface.description().is_some_and(|d| d.starts_with(&own))) {
        let ipv6 = interface.ipv6_addresses().iter().filter_map(|address| address.ipv6_address());
        addresses.extend(interface.private_ip_address().into_iter().chain(ipv6).map(str::to_owned));
    }
    Ok(addresses.into_iter().collect())
}
