//! Launch templates: how the instances of a group start.

use std::collections::BTreeMap;

use super::resources::{
    BlockDeviceMapping, CreditSpecification, Ebs, InstanceMarketOptions, LaunchTemplate, LaunchTemplateProfile,
    MetadataOptions, Monitoring, NetworkInterface, Placement, ReplaceBehaviour, SecurityGroup, SpotOptions,
    TagSpecification,
};
use super::{iam, ssh_key};
use crate::nodeup;
use crate::{Context, DataFile, Graph, GraphError, Input, Layer};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole, SubnetType};

/// The volume type where none is given.
pub(super) const DEFAULT_VOLUME_TYPE: &str = "gp3";
/// Operations a second that every gp3 volume has.
pub(super) const GP3_IOPS: i64 = 3000;
/// MiB a second that every gp3 volume has.
pub(super) const GP3_THROUGHPUT: i64 = 125;
/// Operations a second of io1 and io2 volumes where none are given.
pub(super) const PROVISIONED_IOPS: i64 = 100;
/// Instance stores get the devices from `/dev/sdc` on, for which there are names up to this number.
const MAX_INSTANCE_STORES: usize = 20;

/// Gives the text a group's instances read at boot.
pub(super) type UserData = dyn Fn(&Context<'_>, &InstanceGroup) -> Result<Option<String>, GraphError>;

/// The boot script of a group with everything around it.
pub(super) fn boot_text(context: &Context<'_>, group: &InstanceGroup) -> Result<Option<String>, GraphError> {
    Ok(nodeup::user_data(context, group)?)
}

/// Adds the launch template of a group.
pub(super) fn build(
    context: &Context<'_>,
    graph: &mut Graph,
    group: &InstanceGroup,
    user_data: Option<String>,
) -> Result<(), GraphError> {
    let name = context.autoscaling_group_name(group);
    let spec = &group.spec;
    let image = context.facts.images.get(&spec.image).ok_or_else(|| unknown(group, "image", &spec.image))?;
    let instance_type = spec.machine_type.split(',').next().unwrap_or_default().trim().to_owned();
    let tags = context.group_tags(group);
    let template = LaunchTemplate {
        block_device_mappings: block_devices(context, group, &image.root_device_name, &instance_type)?,
        credit_specification: spec
            .cpu_credits
            .clone()
            .filter(|credits| !credits.is_empty())
            .map(|credits| CreditSpecification { cpu_credits: Some(credits) }),
        ebs_optimized: spec.root_volume_optimization,
        iam_instance_profile: Some(LaunchTemplateProfile { name: iam::instance_profile(context, group)? }),
        image_id: image.id.clone(),
        instance_market_options: market_options(group),
        instance_type,
        key_name: ssh_key::reference(context),
        lifecycle: ReplaceBehaviour { create_before_destroy: true },
        metadata_options: Some(metadata_options(context, group)),
        monitoring: Some(Monitoring { enabled: Some(spec.detailed_instance_monitoring.unwrap_or(false)) }),
        name: name.clone(),
        network_interfaces: vec![network_interface(context, group)?],
        placement: Some(&spec.tenancy)
            .filter(|tenancy| !tenancy.is_empty())
            .map(|tenancy| Placement { tenancy: Some(tenancy.clone()) })
            .into_iter()
            .collect(),
        tag_specifications: ["instance", "volume", "network-interface"]
            .map(|kind| TagSpecification { resource_type: Some(kind.to_owned()), tags: tags.clone() })
            .to_vec(),
        tags,
        user_data: user_data.map(|text| DataFile::base64("user_data", text)),
    };
    graph.add(Layer::Cluster, name, template).map(|_| ())
}

fn unknown(group: &InstanceGroup, field: &str, value: &str) -> GraphError {
    GraphError::Unsupported {
        path: format!("InstanceGroup/{}: spec.{field}", group.metadata.name),
        message: format!("nothing is known about {value:?}"),
    }
}

/// Spot, unless a policy of mixed instances says how instances are bought.
fn market_options(group: &InstanceGroup) -> Option<InstanceMarketOptions> {
    let spec = &group.spec;
    let max_price =
        spec.max_price.clone().filter(|price| !price.is_empty() && spec.mixed_instances_policy.is_none())?;
    Some(InstanceMarketOptions {
        market_type: Some("spot".to_owned()),
        spot_options: Some(SpotOptions {
            block_duration_minutes: spec.spot_duration_in_minutes,
            instance_interruption_behavior: spec.instance_interruption_behavior.clone(),
            max_price: Some(max_price),
        }),
    })
}

fn metadata_options(context: &Context<'_>, group: &InstanceGroup) -> MetadataOptions {
    let given = group.spec.instance_metadata.clone().unwrap_or_default();
    let ipv6 = if has_ipv6(context, group) { "enabled" } else { "disabled" };
    MetadataOptions {
        http_endpoint: Some("enabled".to_owned()),
        http_protocol_ipv6: Some(ipv6.to_owned()),
        http_put_response_hop_limit: Some(given.http_put_response_hop_limit.unwrap_or(1)),
        http_tokens: Some(given.http_tokens.unwrap_or_else(|| "required".to_owned())),
    }
}

/// Whether any of the group's subnets has an IPv6 network.
fn has_ipv6(context: &Context<'_>, group: &InstanceGroup) -> bool {
    group.spec.subnets.iter().filter_map(|name| context.cluster.subnet(name)).any(|subnet| !subnet.ipv6_cidr.is_empty())
}

fn network_interface(context: &Context<'_>, group: &InstanceGroup) -> Result<NetworkInterface, GraphError> {
    let subnets = context.subnets_of(group)?;
    let associate_public_ip_address = match subnets.first().and_then(|subnet| subnet.r#type) {
        Some(SubnetType::Public | SubnetType::Utility) => Some(group.spec.associate_public_ip.unwrap_or(true)),
        // Where there is no way in from the internet, a public address is of no use even if asked for.
        Some(SubnetType::Private | SubnetType::DualStack) => Some(false),
        None => None,
    };
    Ok(NetworkInterface {
        associate_public_ip_address,
        delete_on_termination: Some(true),
        ipv6_address_count: Some(has_ipv6(context, group).into()),
        security_groups: security_groups(context, group),
    })
}

/// The security groups of a group's instances: the role's own one or what replaces it, then those given by id, sorted.
pub(super) fn security_groups(context: &Context<'_>, group: &InstanceGroup) -> Vec<Input> {
    let own = match &group.spec.security_group_override {
        Some(id) => Input::Known(id.clone()),
        None => SecurityGroup::id_of(context.security_group_name(group.role())),
    };
    let of_load_balancer = context
        .cluster
        .api_load_balancer()
        .filter(|_| group.has_api_server() && context.cluster.has_network_load_balancer())
        .map(|lb| lb.additional_security_groups.as_slice())
        .unwrap_or_default();
    let given = of_load_balancer.iter().chain(&group.spec.additional_security_groups);
    let mut groups: Vec<Input> = [own].into_iter().chain(given.cloned().map(Input::Known)).collect();
    // What is made here has no id yet and comes first.
    groups.sort_by_key(|group| match group {
        Input::Known(id) => Some(id.clone()),
        Input::Reference(_) => None,
    });
    groups
}

fn block_devices(
    context: &Context<'_>,
    group: &InstanceGroup,
    root_device: &str,
    instance_type: &str,
) -> Result<Vec<BlockDeviceMapping>, GraphError> {
    let root =
        BlockDeviceMapping { device_name: root_device.to_owned(), ebs: Some(root_volume(group)), virtual_name: None };
    let fact =
        context.facts.instance_types.get(instance_type).ok_or_else(|| unknown(group, "machineType", instance_type))?;
    let stores = usize::try_from(fact.ephemeral_disks).unwrap_or_default();
    if stores > MAX_INSTANCE_STORES {
        return Err(GraphError::Unsupported {
            path: format!("InstanceGroup/{}: spec.machineType", group.metadata.name),
            message: format!("{instance_type} has {stores} instance stores, more than there are device names for"),
        });
    }
    let stores = ('c'..='z').take(stores).enumerate().map(|(i, letter)| BlockDeviceMapping {
        device_name: format!("/dev/sd{letter}"),
        ebs: None,
        virtual_name: Some(format!("ephemeral{i}")),
    });
    Ok([root].into_iter().chain(additional_volumes(group)).chain(stores).collect())
}

/// The root volume of a group's instances.
pub(crate) fn root_volume(group: &InstanceGroup) -> Ebs {
    let spec = &group.spec;
    let default_size = match group.role() {
        InstanceGroupRole::ControlPlane => 64,
        InstanceGroupRole::ApiServer | InstanceGroupRole::Node => 128,
        InstanceGroupRole::Bastion => 32,
    };
    let volume_type =
        spec.root_volume_type.clone().filter(|t| !t.is_empty()).unwrap_or_else(|| DEFAULT_VOLUME_TYPE.to_owned());
    let given_iops = spec.root_volume_iops.map(i64::from).unwrap_or_default();
    let iops = match volume_type.as_str() {
        "io1" | "io2" => Some(if given_iops < PROVISIONED_IOPS { PROVISIONED_IOPS } else { given_iops }),
        "gp3" => Some(given_iops.max(GP3_IOPS)),
        _ => None,
    };
    let throughput = spec.root_volume_throughput.map(i64::from).unwrap_or_default().max(GP3_THROUGHPUT);
    Ebs {
        delete_on_termination: Some(true),
        encrypted: Some(spec.root_volume_encryption.unwrap_or(true)),
        iops,
        kms_key_id: spec
            .root_volume_encryption_key
            .clone()
            .filter(|key| !key.is_empty() && spec.root_volume_encryption == Some(true)),
        throughput: (volume_type == "gp3").then_some(throughput),
        volume_size: Some(spec.root_volume_size.filter(|size| *size > 0).unwrap_or(default_size).into()),
        volume_type: Some(volume_type),
    }
}

/// Further volumes, by device; of two with the same device the last one counts. They all go with their instance: kops
/// has never passed `deleteOnTermination` on to Terraform.
fn additional_volumes(group: &InstanceGroup) -> Vec<BlockDeviceMapping> {
    let volumes: BTreeMap<&str, Ebs> = group
        .spec
        .volumes
        .iter()
        .map(|volume| {
            let volume_type = if volume.r#type.is_empty() { DEFAULT_VOLUME_TYPE } else { &volume.r#type };
            let (iops, throughput) = match volume_type {
                "io1" | "io2" => (volume.iops.or(Some(PROVISIONED_IOPS)), volume.throughput),
                "gp3" => (volume.iops.or(Some(GP3_IOPS)), volume.throughput.or(Some(GP3_THROUGHPUT))),
                _ => (None, volume.throughput),
            };
            let ebs = Ebs {
                delete_on_termination: Some(true),
                encrypted: Some(volume.encrypted.unwrap_or(true)),
                iops,
                kms_key_id: volume.key.clone(),
                throughput,
                volume_size: Some(volume.size),
                volume_type: Some(volume_type.to_owned()),
            };
            (volume.device.as_str(), ebs)
        })
        .collect();
    volumes
        .into_iter()
        .map(|(device, ebs)| BlockDeviceMapping { device_name: device.to_owned(), ebs: Some(ebs), virtual_name: None })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::aws::resources::Resource;
    use crate::fixture::{Fixture, group};
    use kopsform_spec::v1alpha2::{Api, LoadBalancerAccess, LoadBalancerClass, MixedInstancesPolicy, Volume};

    /// The launch template of the workers, changed first.
    fn template(change: impl FnOnce(&mut Fixture)) -> LaunchTemplate {
        let mut fixture = Fixture::default();
        change(&mut fixture);
        let graph = fixture.build(|context, graph| build(context, graph, &fixture.groups[1], None)).unwrap();
        match graph.find("aws_launch_template", "nodes.a.example.com") {
            Some(Resource::LaunchTemplate(template)) => template.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn root(change: impl FnOnce(&mut InstanceGroup)) -> Ebs {
        template(|fixture| change(&mut fixture.groups[1])).block_device_mappings[0].ebs.clone().unwrap()
    }

    #[test]
    fn root_volumes_are_encrypted_gp3() {
        let ebs = root(|_| ());
        assert_eq!((ebs.volume_type.as_deref(), ebs.volume_size), (Some("gp3"), Some(128)));
        assert_eq!((ebs.iops, ebs.throughput, ebs.encrypted), (Some(3000), Some(125), Some(true)));
    }

    #[test]
    fn root_volumes_have_at_least_what_their_type_gives() {
        let typed = |volume_type: &str, iops, throughput| {
            let ebs = root(|group| {
                group.spec.root_volume_type = Some(volume_type.to_owned());
                group.spec.root_volume_iops = iops;
                group.spec.root_volume_throughput = throughput;
            });
            (ebs.iops, ebs.throughput)
        };
        assert_eq!(typed("gp3", Some(100), Some(50)), (Some(3000), Some(125)));
        assert_eq!(typed("gp3", Some(4000), Some(300)), (Some(4000), Some(300)));
        assert_eq!(typed("io2", Some(50), Some(300)), (Some(100), None));
        assert_eq!(typed("gp2", Some(4000), Some(300)), (None, None));
    }

    #[test]
    fn a_key_needs_encryption_to_be_asked_for() {
        let key = |encryption| {
            root(|group| {
                group.spec.root_volume_encryption = encryption;
                group.spec.root_volume_encryption_key = Some("arn:key".to_owned());
            })
            .kms_key_id
        };
        assert_eq!(key(Some(true)).as_deref(), Some("arn:key"));
        assert_eq!(key(None), None);
        assert_eq!(key(Some(false)), None);
    }

    #[test]
    fn disks_are_root_then_volumes_then_instance_stores() {
        let template = template(|fixture| {
            fixture.facts.instance_types.get_mut("m6i.large").unwrap().ephemeral_disks = 2;
            let volume = |device: &str, size| Volume { device: device.to_owned(), size, ..Volume::default() };
            fixture.groups[1].spec.volumes =
                vec![volume("/dev/xvde", 1), volume("/dev/xvdd", 2), volume("/dev/xvde", 3)];
        });
        let devices: Vec<_> = template
            .block_device_mappings
            .iter()
            .map(|d| (d.device_name.as_str(), d.ebs.as_ref().and_then(|e| e.volume_size), d.virtual_name.as_deref()))
            .collect();
        assert_eq!(
            devices,
            [
                ("/dev/xvda", Some(128), None),
                ("/dev/xvdd", Some(2), None),
                ("/dev/xvde", Some(3), None),
                ("/dev/sdc", None, Some("ephemeral0")),
                ("/dev/sdd", None, Some("ephemeral1")),
            ]
        );
    }

    #[test]
    fn a_price_means_spot_unless_a_policy_says_how_to_buy() {
        let priced = |policy: Option<MixedInstancesPolicy>, price: &str| {
            template(|fixture| {
                fixture.groups[1].spec.max_price = Some(price.to_owned());
                fixture.groups[1].spec.mixed_instances_policy = policy;
            })
            .instance_market_options
            .and_then(|options| options.spot_options)
            .and_then(|options| options.max_price)
        };
        assert_eq!(priced(None, "0.05").as_deref(), Some("0.05"));
        assert_eq!(priced(None, ""), None);
        assert_eq!(priced(Some(MixedInstancesPolicy::default()), "0.05"), None);
    }

    #[test]
    fn only_subnets_with_a_way_in_give_public_addresses() {
        let public = |subnet: &str, asked| {
            template(|fixture| {
                fixture.groups[1].spec.subnets = vec![subnet.to_owned()];
                fixture.groups[1].spec.associate_public_ip = asked;
            })
            .network_interfaces[0]
                .associate_public_ip_address
        };
        assert_eq!(public("utility", None), Some(true));
        assert_eq!(public("utility", Some(false)), Some(false));
        assert_eq!(public("private", None), Some(false));
        assert_eq!(public("private", Some(true)), Some(false));
    }

    #[test]
    fn addresses_and_metadata_follow_the_subnets_networks() {
        let template = template(|fixture| fixture.cluster.spec.subnets[0].ipv6_cidr = "/64#1".to_owned());
        assert_eq!(template.network_interfaces[0].ipv6_address_count, Some(1));
        assert_eq!(template.metadata_options.unwrap().http_protocol_ipv6.as_deref(), Some("enabled"));
    }

    #[test]
    fn security_groups_of_the_load_balancer_are_for_api_servers() {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.api = Some(Api {
            load_balancer: Some(LoadBalancerAccess {
                class: Some(LoadBalancerClass::Network),
                additional_security_groups: vec!["sg-2".to_owned()],
                ..LoadBalancerAccess::default()
            }),
            ..Api::default()
        });
        for group in &mut fixture.groups {
            group.spec.additional_security_groups = vec!["sg-1".to_owned()];
        }
        let context = fixture.context();
        let own = |role| SecurityGroup::id_of(context.security_group_name(role));
        let control_plane = security_groups(&context, &fixture.groups[0]);
        assert_eq!(control_plane, [own(InstanceGroupRole::ControlPlane), "sg-1".into(), "sg-2".into()]);
        assert_eq!(security_groups(&context, &fixture.groups[1]), [own(InstanceGroupRole::Node), "sg-1".into()]);
        let mut other = group("other", InstanceGroupRole::Node);
        other.spec.security_group_override = Some("sg-9".to_owned());
        other.spec.additional_security_groups = vec!["sg-1".to_owned()];
        assert_eq!(security_groups(&context, &other), ["sg-1".into(), "sg-9".into()]);
    }

    #[test]
    fn an_unknown_image_names_the_group() {
        let mut fixture = Fixture::default();
        fixture.groups[1].spec.image = "other".to_owned();
        let error = fixture.build(|context, graph| build(context, graph, &fixture.groups[1], None)).unwrap_err();
        assert_eq!(error.to_string(), "InstanceGroup/nodes: spec.image: nothing is known about \"other\"");
    }
}
