//! Launch templates: how the instances of a group start.

use std::collections::BTreeMap;

use super::resources::{
    Disk, DiskContent, InstanceVolume, LaunchTemplate, MetadataOptions, NetworkInterface, SecurityGroup, SpotOptions,
};
use super::{iam, ssh_key};
use crate::nodeup;
use crate::{Context, Graph, GraphError, In, Layer, Ref};
use kopsform_spec::v1alpha2::{InstanceGroup, SubnetType};

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

/// Returns the user data of a group's instances.
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
) -> Result<Ref<LaunchTemplate>, GraphError> {
    let name = context.autoscaling_group_name(group);
    let spec = &group.spec;
    let image = context.facts.images.get(&spec.image).ok_or_else(|| unknown(group, "image", &spec.image))?;
    let instance_type = spec.machine_type.split(',').next().unwrap_or_default().trim().to_owned();
    let template = LaunchTemplate {
        name: name.clone(),
        image: image.id.clone(),
        profile: iam::instance_profile(context, group)?,
        key: ssh_key::reference(context),
        user_data,
        disks: disks(context, group, &image.root_device_name, &instance_type)?,
        instance_type,
        network_interface: network_interface(context, group)?,
        metadata: metadata_options(context, group),
        cpu_credits: spec.cpu_credits.clone().filter(|credits| !credits.is_empty()),
        ebs_optimized: spec.root_volume_optimization,
        spot: spot_options(group),
        detailed_monitoring: spec.detailed_instance_monitoring.unwrap_or(false),
        tenancy: Some(&spec.tenancy).filter(|tenancy| !tenancy.is_empty()).cloned(),
        tags: context.group_tags(group),
    };
    graph.add(Layer::Cluster, name, template)
}

fn unknown(group: &InstanceGroup, field: &str, value: &str) -> GraphError {
    GraphError::Unsupported {
        path: format!("InstanceGroup/{}: spec.{field}", group.metadata.name),
        message: format!("nothing is known about {value:?}"),
    }
}

/// Spot, unless a policy of mixed instances says how instances are bought.
fn spot_options(group: &InstanceGroup) -> Option<SpotOptions> {
    let spec = &group.spec;
    let max_price =
        spec.max_price.clone().filter(|price| !price.is_empty() && spec.mixed_instances_policy.is_none())?;
    Some(SpotOptions {
        max_price,
        duration_minutes: spec.spot_duration_in_minutes,
        interruption_behavior: spec.instance_interruption_behavior.clone(),
    })
}

fn metadata_options(context: &Context<'_>, group: &InstanceGroup) -> MetadataOptions {
    let given = group.spec.instance_metadata.clone().unwrap_or_default();
    MetadataOptions {
        ipv6: has_ipv6(context, group),
        hop_limit: given.http_put_response_hop_limit.unwrap_or(1),
        tokens: given.http_tokens.unwrap_or_else(|| "required".to_owned()),
    }
}

/// Whether any of the group's subnets has an IPv6 network.
fn has_ipv6(context: &Context<'_>, group: &InstanceGroup) -> bool {
    group.spec.subnets.iter().filter_map(|name| context.cluster.subnet(name)).any(|subnet| !subnet.ipv6_cidr.is_empty())
}

fn network_interface(context: &Context<'_>, group: &InstanceGroup) -> Result<NetworkInterface, GraphError> {
    let subnets = context.subnets_of(group)?;
    let public_ip = match subnets.first().and_then(|subnet| subnet.r#type) {
        Some(SubnetType::Public | SubnetType::Utility) => Some(group.spec.associate_public_ip.unwrap_or(true)),
        // Where there is no way in from the internet, a public address is of no use even if asked for.
        Some(SubnetType::Private | SubnetType::DualStack) => Some(false),
        None => None,
    };
    Ok(NetworkInterface {
        public_ip,
        ipv6_addresses: has_ipv6(context, group).into(),
        security_groups: security_groups(context, group),
    })
}

/// The security groups of a group's instances: the role's own one or what replaces it, then those given by id, sorted.
pub(super) fn security_groups(context: &Context<'_>, group: &InstanceGroup) -> Vec<In<SecurityGroup>> {
    let own = match &group.spec.security_group_override {
        Some(id) => id.as_str().into(),
        None => Ref::new(context.security_group_name(group.role())).into(),
    };
    let of_load_balancer = context
        .cluster
        .api_load_balancer()
        .filter(|_| group.has_api_server() && context.cluster.has_network_load_balancer())
        .map(|lb| lb.additional_security_groups.as_slice())
        .unwrap_or_default();
    let given = of_load_balancer.iter().chain(&group.spec.additional_security_groups);
    let mut groups: Vec<In<_>> = [own].into_iter().chain(given.map(|id| id.as_str().into())).collect();
    // What is made here has no id yet and comes first.
    groups.sort_by_key(|group| match group {
        In::Existing(id) => Some(id.clone()),
        In::Node(_) => None,
    });
    groups
}

fn disks(
    context: &Context<'_>,
    group: &InstanceGroup,
    root_device: &str,
    instance_type: &str,
) -> Result<Vec<Disk>, GraphError> {
    let root = Disk { device: root_device.to_owned(), content: DiskContent::Volume(root_volume(group)) };
    let fact =
        context.facts.instance_types.get(instance_type).ok_or_else(|| unknown(group, "machineType", instance_type))?;
    let stores = usize::try_from(fact.ephemeral_disks).unwrap_or_default();
    if stores > MAX_INSTANCE_STORES {
        return Err(GraphError::Unsupported {
            path: format!("InstanceGroup/{}: spec.machineType", group.metadata.name),
            message: format!("{instance_type} has {stores} instance stores, more than there are device names for"),
        });
    }
    let stores = ('c'..='z')
        .take(stores)
        .enumerate()
        .map(|(i, letter)| Disk { device: format!("/dev/sd{letter}"), content: DiskContent::InstanceStore(i) });
    Ok([root].into_iter().chain(additional_volumes(group)).chain(stores).collect())
}

/// The root volume of a group's instances.
pub(crate) fn root_volume(group: &InstanceGroup) -> InstanceVolume {
    let spec = &group.spec;
    let volume_type =
        spec.root_volume_type.clone().filter(|t| !t.is_empty()).unwrap_or_else(|| DEFAULT_VOLUME_TYPE.to_owned());
    let given_iops = spec.root_volume_iops.map(i64::from).unwrap_or_default();
    let iops = match volume_type.as_str() {
        "io1" | "io2" => Some(if given_iops < PROVISIONED_IOPS { PROVISIONED_IOPS } else { given_iops }),
        "gp3" => Some(given_iops.max(GP3_IOPS)),
        _ => None,
    };
    let throughput = spec.root_volume_throughput.map(i64::from).unwrap_or_default().max(GP3_THROUGHPUT);
    InstanceVolume {
        size: spec.root_volume_size.filter(|size| *size > 0).unwrap_or(group.role().default_root_volume_size()).into(),
        encrypted: spec.root_volume_encryption.unwrap_or(true),
        kms_key: spec
            .root_volume_encryption_key
            .clone()
            .filter(|key| !key.is_empty() && spec.root_volume_encryption == Some(true)),
        iops,
        throughput: (volume_type == "gp3").then_some(throughput),
        delete_on_termination: true,
        volume_type,
    }
}

/// Further volumes, by device; of two with the same device the last one counts.
fn additional_volumes(group: &InstanceGroup) -> Vec<Disk> {
    let volumes: BTreeMap<&str, InstanceVolume> = group
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
            let disk = InstanceVolume {
                volume_type: volume_type.to_owned(),
                size: volume.size,
                encrypted: volume.encrypted.unwrap_or(true),
                kms_key: volume.key.clone(),
                iops,
                throughput,
                delete_on_termination: volume.delete_on_termination.unwrap_or(true),
            };
            (volume.device.as_str(), disk)
        })
        .collect();
    let disk = |(device, volume): (&str, _)| Disk { device: device.to_owned(), content: DiskContent::Volume(volume) };
    volumes.into_iter().map(disk).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::fixture::{Fixture, group};
    use kopsform_spec::v1alpha2::InstanceGroupRole;
    use kopsform_spec::v1alpha2::{Api, LoadBalancerAccess, LoadBalancerClass, MixedInstancesPolicy, Volume};

    /// The launch template of the workers, changed first.
    fn template(change: impl FnOnce(&mut Fixture)) -> LaunchTemplate {
        let mut fixture = Fixture::default();
        change(&mut fixture);
        let one =
            |context: &Context<'_>, graph: &mut Graph| build(context, graph, &fixture.groups[1], None).map(|_| ());
        let graph = fixture.build(one).unwrap();
        graph.get(&Ref::<LaunchTemplate>::new("nodes.a.example.com")).unwrap().clone()
    }

    fn root(change: impl FnOnce(&mut InstanceGroup)) -> InstanceVolume {
        match &template(|fixture| change(&mut fixture.groups[1])).disks[0].content {
            DiskContent::Volume(volume) => volume.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn root_volumes_are_encrypted_gp3() {
        let ebs = root(|_| ());
        assert_eq!((ebs.volume_type.as_str(), ebs.size), ("gp3", 128));
        assert_eq!((ebs.iops, ebs.throughput, ebs.encrypted), (Some(3000), Some(125), true));
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
            .kms_key
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
            .disks
            .iter()
            .map(|disk| match &disk.content {
                DiskContent::Volume(volume) => (disk.device.as_str(), Some(volume.size), None),
                DiskContent::InstanceStore(number) => (disk.device.as_str(), None, Some(*number)),
            })
            .collect();
        assert_eq!(
            devices,
            [
                ("/dev/xvda", Some(128), None),
                ("/dev/xvdd", Some(2), None),
                ("/dev/xvde", Some(3), None),
                ("/dev/sdc", None, Some(0)),
                ("/dev/sdd", None, Some(1)),
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
            .spot
            .map(|options| options.max_price)
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
            .network_interface
            .public_ip
        };
        assert_eq!(public("utility", None), Some(true));
        assert_eq!(public("utility", Some(false)), Some(false));
        assert_eq!(public("private", None), Some(false));
        assert_eq!(public("private", Some(true)), Some(false));
    }

    #[test]
    fn addresses_and_metadata_follow_the_subnets_networks() {
        let template = template(|fixture| fixture.cluster.spec.subnets[0].ipv6_cidr = "/64#1".to_owned());
        assert_eq!(template.network_interface.ipv6_addresses, 1);
        assert!(template.metadata.ipv6);
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
        let own = |role| In::from(Ref::new(context.security_group_name(role)));
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
        let error = build(&fixture.context(), &mut Graph::default(), &fixture.groups[1], None).unwrap_err();
        assert_eq!(error.to_string(), "InstanceGroup/nodes: spec.image: nothing is known about \"other\"");
    }
}
