//! Launch templates.

use aws_sdk_ec2::types as ec2;
use aws_smithy_types::base64;

use super::support::{
    all, ec2_tags, filter, found_tags, ids_in, int, own_id, plain, sent, tag_map, tagged, unchanged, wanted_tags,
    with_id,
};
use super::{DirectCloud, Search};
use kopsform_direct::desired::{disk_text, spot_text};
use kopsform_direct::{Attributes, CloudError, Found, Object, Operation, Residue, TaskKind, Value, When};
use kopsform_model::In;
use kopsform_model::aws::resources::{Disk, DiskContent, InstanceVolume, LaunchTemplate, MetadataOptions, SpotOptions};
use kopsform_model::aws::tags::NAME;
use kopsform_rolling::ports::ApiError;

/// kops' name of a template that no group uses.
pub(super) const RESIDUE: &str = "LaunchTemplate";
/// The version that groups use.
const LATEST: &str = "$Latest";
/// What instances start with that carries tags.
const TAGGED: [ec2::ResourceType; 3] =
    [ec2::ResourceType::Instance, ec2::ResourceType::Volume, ec2::ResourceType::NetworkInterface];
/// How many templates or versions EC2 returns in one answer at most. Without a number, it returns fewer.
const PAGE: i32 = 200;
/// From so many templates on, the newest versions of all templates of the account are read at once: a request for each group
/// would be throttled in clusters with many.
const SEVERAL: usize = 2;

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let wanted = search.of::<LaunchTemplate>(TaskKind::LaunchTemplate);
    if wanted.is_empty() {
        return Ok(found);
    }
    let client = search.cloud.clients.ec2();
    let names: Vec<&str> = wanted.iter().map(|(_, template)| template.name.as_str()).collect();
    let mut templates: Vec<ec2::LaunchTemplate> = Vec::new();
    // EC2 takes 200 values of a filter.
    for names in names.chunks(200) {
        let describe = || client.describe_launch_templates().max_results(PAGE);
        let by_tag = describe().filters(filter(format!("tag:{NAME}"), names.iter().copied()));
        let by_tag: Vec<ec2::LaunchTemplate> = all!(by_tag, "DescribeLaunchTemplates")?;
        let unknown: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !by_tag.iter().any(|template| template.launch_template_name() == Some(*name)))
            .collect();
        templates.extend(by_tag);
        if !unknown.is_empty() {
            let by_name = describe().filters(filter("launch-template-name", unknown));
            let by_name: Vec<ec2::LaunchTemplate> = all!(by_name, "DescribeLaunchTemplates")?;
            templates.extend(by_name);
        }
    }
    let own: Vec<&ec2::LaunchTemplate> =
        templates.iter().filter(|t| t.launch_template_name().is_some_and(|name| names.contains(&name))).collect();
    let versions = newest_versions(search, &own).await?;
    for (task, template) in wanted {
        let Some(existing) = own.iter().find(|t| t.launch_template_name() == Some(template.name.as_str())) else {
            continue;
        };
        let id = existing.launch_template_id().unwrap_or_default();
        let version = versions.iter().find(|version| version.launch_template_id() == Some(id));
        if let Some(data) = version.and_then(|version| version.launch_template_data()) {
            found.objects.insert(task.id.clone(), object(existing, data));
        }
    }
    // Older releases made a template for each change of a group, with the group's name as a tag.
    for template in &templates {
        let name = template.launch_template_name().unwrap_or_default();
        if !names.contains(&name) {
            let handle = template.launch_template_id().unwrap_or_default().to_owned();
            found.residue.push(Residue { when: When::Now, kind: RESIDUE, item: name.to_owned(), handle });
        }
    }
    Ok(found)
}

async fn newest_versions(
    search: &Search<'_>,
    templates: &[&ec2::LaunchTemplate],
) -> Result<Vec<ec2::LaunchTemplateVersion>, ApiError> {
    let client = search.cloud.clients.ec2();
    let describe = || client.describe_launch_template_versions().versions(LATEST).max_results(PAGE);
    match templates {
        [] => Ok(Vec::new()),
        several if several.len() >= SEVERAL => all!(describe(), "DescribeLaunchTemplateVersions"),
        one => {
            let mut versions = Vec::new();
            for template in one {
                let call = describe().set_launch_template_id(template.launch_template_id().map(str::to_owned));
                let found: Vec<ec2::LaunchTemplateVersion> = all!(call, "DescribeLaunchTemplateVersions")?;
                versions.extend(found);
            }
            Ok(versions)
        }
    }
}

/// The fields of a template as desired ones are written.
fn object(template: &ec2::LaunchTemplate, data: &ec2::ResponseLaunchTemplateData) -> Object {
    let interface = data.network_interfaces().first();
    let metadata = data.metadata_options();
    let user_data = data.user_data().filter(|text| !text.is_empty());
    let user_data =
        user_data.and_then(|text| base64::decode(text).ok()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let groups: Vec<&String> =
        interface.map(|i| i.groups()).unwrap_or_default().iter().chain(data.security_group_ids()).collect();
    let spot = data.instance_market_options().and_then(|market| market.spot_options()).map(|spot| {
        spot_text(&SpotOptions {
            max_price: spot.max_price().unwrap_or_default().to_owned(),
            duration_minutes: spot.block_duration_minutes().map(i64::from),
            interruption_behavior: spot.instance_interruption_behavior().map(|behavior| behavior.as_str().to_owned()),
        })
    });
    // All tagged kinds should have the tags of the template itself.
    let own = tag_map(template.tags());
    let of_kinds = TAGGED.map(|kind| {
        let specification = data.tag_specifications().iter().find(|s| s.resource_type() == Some(&kind));
        specification.map(|specification| tag_map(specification.tags())).unwrap_or_default()
    });
    let tags = of_kinds.into_iter().find(|tags| *tags != own).unwrap_or(own);
    Object::new(template.launch_template_id().unwrap_or_default())
        .field("AssociatePublicIP", interface.and_then(|i| i.associate_public_ip_address()))
        .field(
            "BlockDeviceMappings",
            Value::Set(data.block_device_mappings().iter().map(|mapping| disk_text(&disk(mapping)).into()).collect()),
        )
        .field("CPUCredits", data.credit_specification().and_then(|credits| credits.cpu_credits()))
        .field("EBSOptimized", data.ebs_optimized().unwrap_or_default())
        .field("HTTPProtocolIPv6", metadata.and_then(|m| m.http_protocol_ipv6()).map(|value| value.as_str()))
        .field("HTTPPutResponseHopLimit", metadata.and_then(|m| m.http_put_response_hop_limit()).map(i64::from))
        .field("HTTPTokens", metadata.and_then(|m| m.http_tokens()).map(|value| value.as_str()))
        .field("IAMInstanceProfile", data.iam_instance_profile().and_then(|profile| profile.name()))
        .field("IPv6AddressCount", i64::from(interface.and_then(|i| i.ipv6_address_count()).unwrap_or_default()))
        .field("ImageID", data.image_id())
        .field("InstanceMonitoring", data.monitoring().and_then(|m| m.enabled()).unwrap_or_default())
        .field("InstanceType", data.instance_type().map(ec2::InstanceType::as_str))
        .field("SSHKey", data.key_name())
        .field("SecurityGroups", Value::set(groups))
        .field("SpotPrice", spot)
        .field("Tags", Value::Map(tags))
        .field("Tenancy", data.placement().and_then(|placement| placement.tenancy()).map(ec2::Tenancy::as_str))
        .field("UserData", user_data.map_or(Value::Absent, Value::Script))
}

fn disk(mapping: &ec2::LaunchTemplateBlockDeviceMapping) -> Disk {
    let device = mapping.device_name().unwrap_or_default().to_owned();
    let store = mapping.virtual_name().and_then(|name| name.strip_prefix("ephemeral")?.parse().ok());
    let content = match (store, mapping.ebs()) {
        (Some(number), None) => DiskContent::InstanceStore(number),
        (_, ebs) => DiskContent::Volume(InstanceVolume {
            volume_type: ebs.and_then(|ebs| ebs.volume_type()).map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            size: ebs.and_then(|ebs| ebs.volume_size()).unwrap_or_default().into(),
            encrypted: ebs.and_then(|ebs| ebs.encrypted()).unwrap_or_default(),
            kms_key: ebs.and_then(|ebs| ebs.kms_key_id()).map(str::to_owned),
            iops: ebs.and_then(|ebs| ebs.iops()).map(i64::from),
            throughput: ebs.and_then(|ebs| ebs.throughput()).map(i64::from),
            delete_on_termination: ebs.and_then(|ebs| ebs.delete_on_termination()).unwrap_or_default(),
        }),
    };
    Disk { device, content }
}

/// What AWS takes as the content of a version.
fn data(operation: &Operation<'_>, template: &LaunchTemplate) -> Result<ec2::RequestLaunchTemplateData, CloudError> {
    let interface = &template.network_interface;
    let groups = ids_in(operation, TaskKind::SecurityGroup, &interface.security_groups)?;
    let interface = ec2::LaunchTemplateInstanceNetworkInterfaceSpecificationRequest::builder()
        .device_index(0)
        .delete_on_termination(true)
        .set_associate_public_ip_address(interface.public_ip)
        .ipv6_address_count(int(interface.ipv6_addresses))
        .set_groups(Some(groups));
    // Instance profiles go by their names, also those that the user says others create.
    let profile = match &template.profile {
        In::Existing(name) => name.as_str(),
        In::Node(profile) => profile.name().as_str(),
    };
    let profile = ec2::LaunchTemplateIamInstanceProfileSpecificationRequest::builder().name(profile);
    // A key goes by its name, which the graph knows.
    let key = template.key.as_ref().map(|key| match key {
        In::Existing(name) => name.clone(),
        In::Node(node) => node.name().to_string(),
    });
    let tags = plain(&template.tags);
    let tagged = TAGGED.map(|kind| {
        ec2::LaunchTemplateTagSpecificationRequest::builder()
            .resource_type(kind)
            .set_tags(Some(ec2_tags(&tags)))
            .build()
    });
    let credits = template
        .cpu_credits
        .as_ref()
        .map(|credits| ec2::CreditSpecificationRequest::builder().cpu_credits(credits).build());
    let placement = template.tenancy.as_ref().map(|tenancy| {
        ec2::LaunchTemplatePlacementRequest::builder().tenancy(ec2::Tenancy::from(tenancy.as_str())).build()
    });
    Ok(ec2::RequestLaunchTemplateData::builder()
        .set_block_device_mappings(Some(template.disks.iter().map(mapping).collect()))
        .set_credit_specification(credits)
        .disable_api_termination(false)
        .set_ebs_optimized(template.ebs_optimized)
        .iam_instance_profile(profile.build())
        .image_id(&template.image)
        .set_instance_market_options(template.spot.as_ref().map(market))
        .instance_type(ec2::InstanceType::from(template.instance_type.as_str()))
        .set_key_name(key)
        .metadata_options(metadata(&template.metadata))
        .monitoring(ec2::LaunchTemplatesMonitoringRequest::builder().enabled(template.detailed_monitoring).build())
        .network_interfaces(interface.build())
        .set_placement(placement)
        .set_tag_specifications(Some(tagged.into()))
        .set_user_data(template.user_data.as_ref().map(base64::encode))
        .build())
}

fn mapping(disk: &Disk) -> ec2::LaunchTemplateBlockDeviceMappingRequest {
    let mapping = ec2::LaunchTemplateBlockDeviceMappingRequest::builder().device_name(&disk.device);
    match &disk.content {
        DiskContent::InstanceStore(number) => mapping.virtual_name(format!("ephemeral{number}")),
        DiskContent::Volume(volume) => mapping.ebs(
            ec2::LaunchTemplateEbsBlockDeviceRequest::builder()
                .volume_type(ec2::VolumeType::from(volume.volume_type.as_str()))
                .volume_size(int(volume.size))
                .encrypted(volume.encrypted)
                .set_kms_key_id(volume.kms_key.clone())
                .set_iops(volume.iops.map(int))
                .set_throughput(volume.throughput.map(int))
                .delete_on_termination(volume.delete_on_termination)
                .build(),
        ),
    }
    .build()
}

fn market(spot: &SpotOptions) -> ec2::LaunchTemplateInstanceMarketOptionsRequest {
    let behavior = spot.interruption_behavior.as_deref().map(ec2::InstanceInterruptionBehavior::from);
    let options = ec2::LaunchTemplateSpotMarketOptionsRequest::builder()
        .max_price(&spot.max_price)
        .set_block_duration_minutes(spot.duration_minutes.map(int))
        .set_instance_interruption_behavior(behavior);
    ec2::LaunchTemplateInstanceMarketOptionsRequest::builder()
        .market_type(ec2::MarketType::Spot)
        .spot_options(options.build())
        .build()
}

fn metadata(options: &MetadataOptions) -> ec2::LaunchTemplateInstanceMetadataOptionsRequest {
    use ec2::LaunchTemplateInstanceMetadataProtocolIpv6::{Disabled, Enabled};
    ec2::LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_protocol_ipv6(if options.ipv6 { Enabled } else { Disabled })
        .http_put_response_hop_limit(int(options.hop_limit))
        .http_tokens(ec2::LaunchTemplateHttpTokensState::from(options.tokens.as_str()))
        .build()
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let template = cloud.resource::<LaunchTemplate>(operation.task)?;
    let call = cloud
        .clients
        .ec2()
        .create_launch_template()
        .launch_template_name(template.name.as_str())
        .launch_template_data(data(operation, template)?)
        .set_tag_specifications(tagged(ec2::ResourceType::LaunchTemplate, &plain(&template.tags)));
    let created = sent!(call, "CreateLaunchTemplate {}", template.name)?;
    Ok(with_id(created.launch_template().and_then(|template| template.launch_template_id()).unwrap_or_default()))
}

/// Adds a version and makes it the default. Groups use the newest one, whichever is the default.
pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let template = cloud.resource::<LaunchTemplate>(operation.task)?;
    let (id, client) = (own_id(operation)?, cloud.clients.ec2());
    let call = client.create_launch_template_version().launch_template_id(id);
    let created =
        sent!(call.launch_template_data(data(operation, template)?), "CreateLaunchTemplateVersion {}", template.name)?;
    let version = created.launch_template_version().and_then(|version| version.version_number()).unwrap_or_default();
    let call = client.modify_launch_template().launch_template_id(id).default_version(version.to_string());
    sent!(call, "ModifyLaunchTemplate {}", template.name)?;
    if operation.changes("Tags") {
        // What was found may be the tags of instances; the template's are set as a whole.
        cloud.retag(id, &wanted_tags(operation.task), &found_tags(operation)).await?;
    }
    unchanged(operation)
}

pub(super) async fn remove(cloud: &DirectCloud, id: &str) -> Result<(), CloudError> {
    let call = cloud.clients.ec2().delete_launch_template().launch_template_id(id);
    sent!(call, "DeleteLaunchTemplate {id}").map(|_| ())
}
