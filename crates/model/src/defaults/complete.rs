//! The completed cluster: every default of every component filled in.

use ipnet::IpNet;

use super::components::{self, Component, ComponentContext};
use super::fill::fill;
use super::overlay::overlay;
use super::{DefaultsContext, DefaultsError, assign, gce};
use crate::ManagedFile;
use crate::facts::hosted_zone_holding;
use kopsform_spec::channel::DEFAULT_CHANNEL;
use kopsform_spec::conversion::Convert;
use kopsform_spec::v1alpha2::{
    Cluster, DnsAccess, DnsType, InstanceGroup, InstanceGroupRole, KubeletConfig, LoadBalancerAccess,
    LoadBalancerClass, LoadBalancerType, SubnetType,
};

/// Rounds after which components that still change each other's values are an error.
const MAX_ROUNDS: usize = 10;
/// The directory of volume plugins on Flatcar, whose /usr is read-only.
const FLATCAR_VOLUME_PLUGINS: &str = "/var/lib/kubelet/volumeplugins/";

/// Fills in all defaults. What the user wrote takes precedence over what a component fills in.
///
/// # Errors
/// As [`assign`]; and when etcd members, stores, networks or the hosted zone do not make sense.
pub fn complete(
    cluster: &Cluster,
    groups: &[InstanceGroup],
    context: &DefaultsContext<'_>,
) -> Result<Cluster, DefaultsError> {
    let mut written = cluster.clone();
    written.convert();
    let topology = written.spec.topology.clone();
    drop_unused(&mut written);
    if groups.iter().any(|g| g.spec.image.to_lowercase().contains("flatcar")) {
        fill(&mut written.spec.kubelet.get_or_insert_default().volume_plugin_directory, FLATCAR_VOLUME_PLUGINS);
    }
    if written.is_on_gce() {
        gce::assign_ranges(&mut written, context.facts)?;
    }
    assign_ranges(&mut written)?;
    fill(&mut written.spec.channel, DEFAULT_CHANNEL);
    let mut written = assign(&written, context)?;
    // A cluster that was stored without `assign` has its networks only now.
    assign_ranges(&mut written)?;
    check_etcd(&written)?;
    locate_stores(&mut written)?;
    let version = written.spec.kubernetes_version.trim();
    written.spec.kubernetes_version = version.strip_prefix('v').unwrap_or(version).to_owned();
    choose_api_access(&mut written, groups);
    choose_dns(&mut written, context)?;

    let kubelet = written.spec.kubelet.clone().unwrap_or_default();
    let control_plane = written.spec.master_kubelet.clone().unwrap_or_default();
    written.spec.master_kubelet = Some(overlay::<KubeletConfig>(&kubelet, &control_plane)?);

    let mut completed = fill_components(&written, context)?;
    completed.spec.topology = topology;
    Ok(completed)
}

/// The file `cluster-completed.spec` of the state store.
///
/// # Errors
/// When the cluster cannot be written as YAML.
pub fn completed_spec_file(completed: &Cluster) -> Result<ManagedFile, DefaultsError> {
    let mut cluster = completed.clone();
    // kops chooses the DNS addon only when it builds addons.
    fill(&mut cluster.spec.kube_dns.get_or_insert_default().provider, "CoreDNS");
    // The scheduler's client limits move into its configuration file.
    if let Some(scheduler) = &mut cluster.spec.kube_scheduler {
        scheduler.qps = None;
        scheduler.burst = 0;
    }
    let value = serde_json::to_value(&cluster)?;
    let content = kopsform_yaml::to_string(&value);
    Ok(ManagedFile {
        name: "cluster-completed.spec".into(),
        base: completed.spec.config_base.trim_end_matches('/').to_owned(),
        key: "cluster-completed.spec".to_owned(),
        content,
        ..ManagedFile::default()
    })
}

/// Removes fields without a meaning, as kops does on completion.
fn drop_unused(cluster: &mut Cluster) {
    let spec = &mut cluster.spec;
    spec.container_runtime.clear();
    spec.docker = None;
    for kubelet in [&mut spec.kubelet, &mut spec.master_kubelet].into_iter().flatten() {
        kubelet.docker_disable_shared_pid = None;
    }
    if let Some(driver) = spec.cloud_config.as_mut().and_then(|c| c.aws_ebs_csi_driver.as_mut()) {
        driver.enabled = None;
    }
}

/// Pods get the upper half of nonMasqueradeCIDR, services a fixed network.
fn assign_ranges(cluster: &mut Cluster) -> Result<(), DefaultsError> {
    let spec = &mut cluster.spec;
    if spec.non_masquerade_cidr.is_empty() {
        return Ok(());
    }
    let bad =
        || DefaultsError::BadCidr { field: "nonMasqueradeCIDR".to_owned(), value: spec.non_masquerade_cidr.clone() };
    let range: IpNet = spec.non_masquerade_cidr.parse().map_err(|_| bad())?;
    spec.kube_controller_manager.get_or_insert_default();
    if let IpNet::V4(range) = range
        && spec.pod_cidr.is_empty()
    {
        let upper = range.subnets(range.prefix_len() + 1).ok().and_then(|mut halves| halves.nth(1)).ok_or_else(bad)?;
        spec.pod_cidr = upper.to_string();
    }
    let services = if range.addr().is_ipv6() { "fd00:5e4f:ce::/108" } else { "100.64.0.0/13" };
    fill(&mut spec.service_cluster_ip_range, services);
    Ok(())
}

fn check_etcd(cluster: &Cluster) -> Result<(), DefaultsError> {
    for (index, etcd) in cluster.spec.etcd_clusters.iter().enumerate() {
        let invalid =
            |text: String| Err(DefaultsError::Invalid(format!("spec.etcdClusters[{index}] {:?}: {text}", etcd.name)));
        if etcd.name.is_empty() {
            return invalid("the cluster has no name".to_owned());
        }
        let mut names: Vec<&str> = etcd.etcd_members.iter().map(|m| m.name.as_str()).collect();
        if names.iter().any(|name| name.is_empty()) {
            return invalid("a member has no name".to_owned());
        }
        if let Some(member) = etcd.etcd_members.iter().find(|m| m.instance_group.as_deref().unwrap_or("").is_empty()) {
            return invalid(format!("member {:?} has no instance group", member.name));
        }
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return invalid(format!("two members are named {:?}", pair[0]));
        }
        if names.len().is_multiple_of(2) {
            return invalid(format!("{} members cannot keep a majority; use an odd number", names.len()));
        }
    }
    Ok(())
}

fn locate_stores(cluster: &mut Cluster) -> Result<(), DefaultsError> {
    let spec = &mut cluster.spec;
    let base = spec.config_base.trim_end_matches('/').to_owned();
    if base.is_empty() {
        return Err(DefaultsError::Missing { field: "configBase" });
    }
    if base.starts_with("memfs:") || base.starts_with("ssh:") {
        return Err(DefaultsError::BadStore { field: "configBase", value: base });
    }
    fill(&mut spec.key_store, &format!("{base}/pki"));
    fill(&mut spec.secret_store, &format!("{base}/secrets"));
    Ok(())
}

/// By default, API servers in private subnets get a load balancer, others a DNS record of their addresses.
fn choose_api_access(cluster: &mut Cluster, groups: &[InstanceGroup]) {
    let mut api = cluster.spec.api.take().unwrap_or_default();
    if api.dns.is_none() && api.load_balancer.is_none() {
        let wanted = if groups.iter().any(|g| g.spec.role == Some(InstanceGroupRole::ApiServer)) {
            InstanceGroupRole::ApiServer
        } else {
            InstanceGroupRole::ControlPlane
        };
        let kinds: Vec<SubnetType> = groups
            .iter()
            .filter(|g| g.spec.role == Some(wanted))
            .flat_map(|g| &g.spec.subnets)
            .filter_map(|name| cluster.subnet(name)?.r#type)
            .collect();
        if kinds.contains(&SubnetType::Private) {
            api.load_balancer = Some(LoadBalancerAccess::default());
        } else if kinds.contains(&SubnetType::Public) {
            api.dns = Some(DnsAccess {});
        }
    }
    if let Some(balancer) = &mut api.load_balancer {
        balancer.r#type.get_or_insert(LoadBalancerType::Public);
        if !cluster.is_on_gce() {
            balancer.class.get_or_insert(LoadBalancerClass::Classic);
        }
    }
    cluster.spec.api = (api.dns.is_some() || api.load_balancer.is_some()).then_some(api);
}

fn choose_dns(cluster: &mut Cluster, context: &DefaultsContext<'_>) -> Result<(), DefaultsError> {
    let kind = cluster.dns_type();
    if cluster.spec.dns_zone.is_empty() && cluster.publishes_dns_records() {
        if cluster.is_on_gce() {
            cluster.spec.dns_zone = gce::managed_zone(cluster, context.facts)?.to_owned();
        } else {
            cluster.spec.dns_zone = hosted_zone_holding(context.facts, &cluster.metadata.name, kind)?.to_owned();
        }
    }
    if kind != DnsType::None {
        if !cluster.spec.dns_zone.is_empty() {
            let name = format!("api.{}", cluster.metadata.name);
            fill(&mut cluster.spec.master_public_name, &name);
        }
        let external = cluster.spec.external_dns.get_or_insert_default();
        if !external.disable {
            fill(&mut external.provider, "dns-controller");
        }
    }
    Ok(())
}

/// Runs all components and overlays what was written, until nothing changes.
fn fill_components(written: &Cluster, context: &DefaultsContext<'_>) -> Result<Cluster, DefaultsError> {
    let context = ComponentContext::new(written, context)?;
    let mut current = written.clone();
    for _ in 0..=MAX_ROUNDS {
        let mut next = current.clone();
        for component in components::ALL {
            let component: Component = component;
            component(&mut next, &context)?;
        }
        let next = overlay(&next, written)?;
        if next == current {
            return Ok(current);
        }
        current = next;
    }
    Err(DefaultsError::Invalid(format!("defaults still change each other after {MAX_ROUNDS} rounds")))
}
