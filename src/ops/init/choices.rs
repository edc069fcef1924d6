//! What a user chooses about a new project, and what follows from it.

use ipnet::Ipv4Net;
use kopsform_diagnostics::{Finding, Report, Rule};
use kopsform_model::facts::{architecture_of, built_in};
use kopsform_spec::channel::Channel;
use kopsform_spec::formats::Format;
use kopsform_spec::versions::{KubernetesVersion, NEWEST_SUPPORTED, OLDEST_SUPPORTED};
use kopsform_spec::zone::region_of_zone;

/// Choices as they were made; what is missing gets a default in [`Choices::complete`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// The cluster, such as `k1.devstg.example.com`. A name under `k8s.local` makes a gossip cluster.
    pub name: Option<String>,
    pub region: Option<String>,
    pub zones: Vec<String>,
    pub control_plane_zones: Vec<String>,
    /// The environment, for tags: `devstg`, `prd`.
    pub environment: Option<String>,
    pub kubernetes_version: Option<String>,
    pub image: Option<String>,
    pub control_plane_size: Option<String>,
    pub node_size: Option<String>,
    pub dns: Option<DnsType>,
    /// The ID of a hosted zone that exists.
    pub dns_zone: Option<String>,
    /// The ID of a VPC that exists.
    pub vpc: Option<String>,
    /// The CIDR of a new VPC.
    pub network_cidr: Option<String>,
    /// Private subnets that exist, in the order of the zones.
    pub subnets: Vec<String>,
    /// Public subnets that exist, in the order of the zones.
    pub utility_subnets: Vec<String>,
    /// A VPC in which the names of the cluster are resolved, too.
    pub shared_vpc: Option<String>,
    pub shared_vpc_cidr: Option<String>,
    /// The AWS profile of the account that owns the shared VPC, if that is another one.
    pub shared_profile: Option<String>,
    /// CIDRs with access to the API and to SSH.
    pub admin_access: Vec<String>,
    pub api_load_balancer: Option<LoadBalancerType>,
    /// The bucket of the state store.
    pub state_bucket: Option<String>,
    pub discovery_bucket: Option<String>,
    /// The content of the SSH public key.
    pub ssh_key: Option<String>,
    /// The AWS profile.
    pub profile: Option<String>,
    /// The bucket for Terraform's states.
    pub backend: Option<String>,
}

/// Who can resolve the names of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsType {
    Private,
    Public,
}

/// Where the load balancer of the API is reached from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadBalancerType {
    Internal,
    Public,
}

/// How the names of a cluster are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dns {
    /// Nodes exchange their addresses.
    Gossip,
    /// A hosted zone with the cluster's name.
    NewZone(DnsType),
    ExistingZone {
        id: String,
        of: DnsType,
    },
}

/// The network of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    New {
        cidr: String,
    },
    /// Subnets are in the order of the zones.
    Existing {
        vpc: String,
        private: Vec<String>,
        public: Vec<String>,
    },
}

/// A VPC in which the names of a cluster are resolved, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedVpc {
    pub vpc: String,
    pub cidr: Option<String>,
    pub profile: Option<String>,
}

/// Everything that a project is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    pub name: String,
    pub region: String,
    pub zones: Vec<String>,
    pub control_plane_zones: Vec<String>,
    pub environment: String,
    pub kubernetes_version: String,
    pub image: String,
    pub architecture: &'static str,
    pub control_plane_size: String,
    pub node_size: String,
    pub dns: Dns,
    pub network: Network,
    pub shared: Option<SharedVpc>,
    pub admin_access: Vec<String>,
    pub api_load_balancer: LoadBalancerType,
    pub state_bucket: String,
    pub discovery_bucket: String,
    pub ssh_key: Option<String>,
    pub profile: Option<String>,
    pub backend: Option<String>,
}

/// The domain of gossip clusters.
const GOSSIP_DOMAIN: &str = ".k8s.local";
pub const DEFAULT_ENVIRONMENT: &str = "dev";
pub const DEFAULT_CIDR: &str = "10.20.0.0/16";
pub const DEFAULT_CONTROL_PLANE_SIZE: &str = "t3.medium";
pub const DEFAULT_NODE_SIZE: &str = "t3.large";
/// The sizes of a VPC whose CIDR is divided into subnets: AWS permits /16 to /28 for VPCs and subnets, and public subnets have six
/// bits more.
const VPC_PREFIXES: std::ops::RangeInclusive<u8> = 16..=22;
/// As many private subnets as the division of the VPC has room for.
const MOST_ZONES: usize = 7;

/// Whether nodes of a cluster of this name find each other by gossip.
pub fn is_gossip(name: &str) -> bool {
    name.ends_with(GOSSIP_DOMAIN)
}

/// The zones that a cluster gets in a region: the first three.
pub fn default_zones(region: &str) -> Vec<String> {
    built_in::zones(region).unwrap_or_default().iter().take(3).map(|zone| (*zone).to_owned()).collect()
}

/// The zones that the control plane gets: an odd number of them, so that etcd has a majority.
pub fn default_control_plane_zones(zones: &[String]) -> Vec<String> {
    zones.iter().take(if zones.len() < 3 { 1 } else { 3 }).cloned().collect()
}

/// The Kubernetes version that new clusters get.
pub fn default_kubernetes_version() -> String {
    Channel::stable().recommended_kubernetes_version().map(|version| version.to_string()).unwrap_or_default()
}

/// The bucket of the state store: names of buckets are unique in all of AWS, as are those of domains.
pub fn default_state_bucket(name: &str) -> String {
    bucket_named(name, "kops-state")
}

fn bucket_named(name: &str, purpose: &str) -> String {
    // A bucket's name has at most 63 characters.
    let base: String = name.replace('.', "-").chars().take(62 - purpose.len()).collect();
    format!("{}-{purpose}", base.trim_end_matches('-'))
}

/// Checks a string by one of the formats of specs.
///
/// # Errors
/// What is wrong with it, as a lower-case fragment.
pub fn check_format(format: &str, text: &str) -> Result<(), String> {
    Format::named(format).map_or(Ok(()), |format| format.check(text).map_err(|error| error.message))
}

/// Checks the name of a cluster.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<(), String> {
    check_format("dns-name", name)?;
    if name.split('.').count() < 2 {
        return Err(format!("{name:?} has no domain"));
    }
    Ok(())
}

/// Checks the CIDR of a new VPC.
///
/// # Errors
/// What is wrong with it.
pub fn check_vpc_cidr(cidr: &str) -> Result<(), String> {
    check_format("cidr", cidr)?;
    match cidr.parse::<Ipv4Net>() {
        Ok(net) if VPC_PREFIXES.contains(&net.prefix_len()) => Ok(()),
        _ => Err(format!("{cidr:?} is not an IPv4 network of size /16 to /22, which is divided into subnets")),
    }
}

/// Collects what is wrong with the choices.
#[derive(Default)]
struct Checker(Report);

impl Checker {
    fn error(&mut self, flag: &str, message: impl Into<String>, hint: Option<&str>) {
        let finding = Finding::error(Rule::UnknownValue, flag, message.into());
        self.0.push(match hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        });
    }

    fn missing(&mut self, flag: &str, what: &str, example: &str) {
        let finding = Finding::error(Rule::MissingField, flag, format!("{what} is required"));
        self.0.push(finding.hint(format!("such as {flag} {example}")));
    }

    fn format(&mut self, flag: &str, format: &str, values: &[String]) {
        let Some(format) = Format::named(format) else { return };
        for error in values.iter().filter_map(|value| format.check(value).err()) {
            let finding = Finding::error(format.rule, flag, error.message);
            self.0.push(match error.hint {
                Some(hint) => finding.hint(hint),
                None => finding,
            });
        }
    }
}

impl Choices {
    /// Checks the choices and adds what follows from them.
    ///
    /// # Errors
    /// Everything that is missing, invalid or contradictory, by the name of its flag.
    pub fn complete(self) -> Result<Answers, Report> {
        let mut cx = Checker::default();
        let name = self.name.clone().unwrap_or_default();
        match &self.name {
            None => cx.missing("--name", "the name of the cluster", "demo.example.com"),
            Some(name) => {
                if let Err(message) = check_name(name) {
                    cx.error("--name", message, Some("use a name such as k1.dev.example.com or k1.dev.k8s.local"));
                }
            }
        }
        let (region, zones) = self.location(&mut cx);
        let control_plane_zones = self.zones_of_control_plane(&zones, &mut cx);
        let network = self.network(&zones, &mut cx);
        let dns = self.names(is_gossip(&name), &mut cx);
        let shared = self.shared_vpc(&dns, &mut cx);
        let kubernetes_version = self.version(&mut cx);
        let control_plane_size =
            self.control_plane_size.clone().unwrap_or_else(|| DEFAULT_CONTROL_PLANE_SIZE.to_owned());
        let node_size = self.node_size.clone().unwrap_or_else(|| DEFAULT_NODE_SIZE.to_owned());
        let architecture = architecture(&control_plane_size, &node_size, &mut cx);
        let image = self.image.clone().unwrap_or_else(|| image_for(&kubernetes_version, architecture));
        cx.format("--image", "image", std::slice::from_ref(&image));
        let environment = self.environment.clone().unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned());
        cx.format("--environment", "name", std::slice::from_ref(&environment));
        cx.format("--admin-access", "cidr-any", &self.admin_access);
        let state_bucket = self.state_bucket.clone().unwrap_or_else(|| default_state_bucket(&name));
        let discovery_bucket = self.discovery_bucket.clone().unwrap_or_else(|| bucket_named(&name, "discovery"));
        if !name.is_empty() {
            cx.format("--state-bucket", "bucket", std::slice::from_ref(&state_bucket));
            cx.format("--discovery-bucket", "bucket", std::slice::from_ref(&discovery_bucket));
            if state_bucket == discovery_bucket {
                let message = "the discovery bucket is public, the state store must not be: they are different buckets";
                cx.error("--discovery-bucket", message, None);
            }
        }
        cx.format("--backend", "bucket", self.backend.as_slice());
        cx.format("--ssh-public-key", "ssh-key", self.ssh_key.as_slice());
        cx.format("--profile", "name", self.profile.as_slice());
        if cx.0.has_errors() {
            return Err(cx.0);
        }
        Ok(Answers {
            name,
            region,
            zones,
            control_plane_zones,
            environment,
            kubernetes_version,
            image,
            architecture,
            control_plane_size,
            node_size,
            dns,
            network,
            shared,
            admin_access: self.admin_access,
            api_load_balancer: self.api_load_balancer.unwrap_or(LoadBalancerType::Internal),
            state_bucket,
            discovery_bucket,
            ssh_key: self.ssh_key,
            profile: self.profile,
            backend: self.backend,
        })
    }

    /// The region and its zones, of which either may be left out.
    fn location(&self, cx: &mut Checker) -> (String, Vec<String>) {
        cx.format("--zones", "zone", &self.zones);
        let of_zones = self.zones.first().and_then(|zone| region_of_zone(zone)).map(str::to_owned);
        let Some(region) = self.region.clone().or(of_zones) else {
            if self.zones.is_empty() {
                cx.missing("--region", "the region, or its zones with --zones,", "eu-west-1");
            }
            return (String::new(), self.zones.clone());
        };
        cx.format("--region", "region", std::slice::from_ref(&region));
        let zones = if self.zones.is_empty() { default_zones(&region) } else { self.zones.clone() };
        if zones.is_empty() {
            cx.missing(
                "--zones",
                &format!("{region} is not a region whose zones are built in: a list of zones"),
                "ZONE,ZONE,ZONE",
            );
        }
        for (i, zone) in zones.iter().enumerate() {
            if region_of_zone(zone).is_some_and(|of| of != region) {
                cx.error("--zones", format!("{zone} is not a zone of {region}"), None);
            }
            if zones.iter().take(i).any(|other| other == zone) {
                cx.error("--zones", format!("{zone} is named twice"), None);
            }
        }
        if zones.len() > MOST_ZONES {
            cx.error("--zones", format!("{} zones are more than {MOST_ZONES}", zones.len()), None);
        }
        (region, zones)
    }

    fn zones_of_control_plane(&self, zones: &[String], cx: &mut Checker) -> Vec<String> {
        const FLAG: &str = "--control-plane-zones";
        let chosen = &self.control_plane_zones;
        if chosen.is_empty() {
            return default_control_plane_zones(zones);
        }
        if chosen.len().is_multiple_of(2) {
            let hint = "etcd needs a majority: use one, three or five zones";
            cx.error(FLAG, format!("{} is an even number of zones", chosen.len()), Some(hint));
        }
        for zone in chosen.iter().filter(|zone| !zones.is_empty() && !zones.contains(zone)) {
            cx.error(FLAG, format!("{zone} is not one of the zones {}", zones.join(", ")), None);
        }
        chosen.clone()
    }

    fn network(&self, zones: &[String], cx: &mut Checker) -> Network {
        let Some(vpc) = self.vpc.clone() else {
            for (flag, subnets) in [("--subnets", &self.subnets), ("--utility-subnets", &self.utility_subnets)] {
                if !subnets.is_empty() {
                    cx.error(flag, "subnets exist in a VPC that exists", Some("set --vpc, or leave out the subnets"));
                }
            }
            let cidr = self.network_cidr.clone().unwrap_or_else(|| DEFAULT_CIDR.to_owned());
            if let Err(message) = check_vpc_cidr(&cidr) {
                cx.error("--network-cidr", message, None);
            }
            return Network::New { cidr };
        };
        cx.format("--vpc", "vpc-id", std::slice::from_ref(&vpc));
        if self.network_cidr.is_some() {
            cx.error(
                "--network-cidr",
                "a VPC that exists has its CIDR already",
                Some("leave it out, or leave out --vpc"),
            );
        }
        let examples = "subnet-0123,subnet-4567";
        for (flag, what, subnets) in [
            ("--subnets", "the private subnet of each zone", &self.subnets),
            ("--utility-subnets", "the public subnet of each zone", &self.utility_subnets),
        ] {
            cx.format(flag, "subnet-id", subnets);
            if subnets.is_empty() {
                cx.missing(flag, what, examples);
            } else if !zones.is_empty() && subnets.len() != zones.len() {
                let message = format!("{} subnets for {} zones: {}", subnets.len(), zones.len(), zones.join(", "));
                cx.error(flag, message, Some("name one subnet for each zone, in the same order"));
            }
        }
        Network::Existing { vpc, private: self.subnets.clone(), public: self.utility_subnets.clone() }
    }

    fn names(&self, gossip: bool, cx: &mut Checker) -> Dns {
        cx.format("--dns-zone", "hosted-zone-id", self.dns_zone.as_slice());
        let of = self.dns.unwrap_or(DnsType::Private);
        if gossip {
            for (flag, given) in [("--dns", self.dns.is_some()), ("--dns-zone", self.dns_zone.is_some())] {
                if given {
                    let hint = "leave it out, or choose a name outside of k8s.local";
                    cx.error(flag, "a cluster under k8s.local is found by gossip, without a hosted zone", Some(hint));
                }
            }
            return Dns::Gossip;
        }
        match &self.dns_zone {
            Some(id) => Dns::ExistingZone { id: id.trim_start_matches("/hostedzone/").to_owned(), of },
            None => Dns::NewZone(of),
        }
    }

    fn shared_vpc(&self, dns: &Dns, cx: &mut Checker) -> Option<SharedVpc> {
        cx.format("--shared-vpc", "vpc-id", self.shared_vpc.as_slice());
        cx.format("--shared-vpc-cidr", "cidr", self.shared_vpc_cidr.as_slice());
        cx.format("--shared-profile", "name", self.shared_profile.as_slice());
        let Some(vpc) = self.shared_vpc.clone() else {
            for (flag, given) in
                [("--shared-vpc-cidr", &self.shared_vpc_cidr), ("--shared-profile", &self.shared_profile)]
            {
                if given.is_some() {
                    cx.error(flag, "it has no effect without a shared VPC", Some("set --shared-vpc, or leave it out"));
                }
            }
            return None;
        };
        if *dns != Dns::NewZone(DnsType::Private) {
            let message = "only a new private zone is associated with it: the cluster has none";
            cx.error("--shared-vpc", message, Some("leave it out; --admin-access permits access from its CIDR"));
        }
        Some(SharedVpc { vpc, cidr: self.shared_vpc_cidr.clone(), profile: self.shared_profile.clone() })
    }

    fn version(&self, cx: &mut Checker) -> String {
        const FLAG: &str = "--kubernetes-version";
        let Some(text) = &self.kubernetes_version else { return default_kubernetes_version() };
        let version = text.trim_start_matches('v').to_owned();
        match KubernetesVersion::parse(&version) {
            Err(_) => {
                cx.error(FLAG, format!("{text:?} is not a release such as {}", default_kubernetes_version()), None)
            }
            Ok(parsed) if parsed.minor() < OLDEST_SUPPORTED.1 || parsed.minor() > NEWEST_SUPPORTED.1 => {
                let (oldest, newest) = (OLDEST_SUPPORTED.1, NEWEST_SUPPORTED.1);
                cx.error(FLAG, format!("{version} is not between 1.{oldest} and 1.{newest}"), None);
            }
            Ok(_) => {}
        }
        version
    }
}

/// The architecture of all instances, as channels name it.
fn architecture(control_plane: &str, nodes: &str, cx: &mut Checker) -> &'static str {
    let of = |name: &str| built_in::instance_type(name).map_or("amd64", architecture_of);
    for (flag, name) in [("--control-plane-size", control_plane), ("--node-size", nodes)] {
        cx.format(flag, "machine-type", &[name.to_owned()]);
    }
    if of(control_plane) != of(nodes) {
        let message = format!("{nodes} is of architecture {}, {control_plane} is of {}", of(nodes), of(control_plane));
        cx.error("--node-size", message, Some("the instances have one image: choose types of one architecture"));
    }
    of(nodes)
}

/// The image that the stable channel recommends.
fn image_for(version: &str, architecture: &str) -> String {
    let version = KubernetesVersion::parse(version).ok();
    let image = version.and_then(|version| Channel::stable().image(&version, architecture).map(str::to_owned));
    image.unwrap_or_default()
}
