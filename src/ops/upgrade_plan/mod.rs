//! `upgrade plan`: the stages of an upgrade, which are done, and the commands for each.
//!
//! An upgrade replaces the control plane before the workers, so that no kubelet is newer than the API server. Terraform applies
//! all it is given, so the first stage names the resources of the control plane. What is done is looked up: launch templates and
//! instances in the cloud, versions in the Kubernetes API, launch templates in a local Terraform state where the cloud cannot be
//! reached.
//! `stages` decides, without any of them.

mod recorded;
mod stages;

pub use stages::{StageName, StageStatus, State};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use serde::Serialize;

use super::cluster_access::{AccessError, ClusterAccess, ConnectOptions};
use super::support::facts::{FactFinder, LookupOptions};
use super::update_cluster::{self, UpdateDeps, UpdateError, UpdateOptions, UpdatePlan};
use kopsform_diagnostics::{Explain, with_causes};
use kopsform_env::Environment;
use kopsform_model::facts::LookupError;
use kopsform_pki::KeySource;
use kopsform_rolling::discover::discover;
use kopsform_rolling::facts::ClusterFacts;
use kopsform_rolling::ports::Node;
use kopsform_spec::names;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole};
use kopsform_state::{MissingKeys, StateStore};
use kopsform_terraform::Layout;
use stages::{GroupStatus, UpgradeFacts, stages};

/// How long one API may take to answer before it counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum UpgradePlanError {
    /// The Terraform files could not be rendered.
    #[error(transparent)]
    Update(#[from] UpdateError),
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The cluster has no keysets yet, so it does not run.
    #[error("cluster {0} was not created yet: its keysets are missing in the state store")]
    NotCreated(String),
    /// The addresses of a module's resources depend on its name.
    #[error("with the layout module, the addresses of resources begin with that of the module")]
    NoModule,
}

impl Explain for UpgradePlanError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Update(error) => error.hints(),
            Self::Lookup(error) => error.hints(),
            Self::NotCreated(name) => vec![format!("create it first: kopsform update cluster {name}")],
            Self::NoModule => vec!["specify it with --module-address, such as module.cluster".to_owned()],
        }
    }
}

/// What is planned.
pub struct UpgradePlanOptions {
    /// What `update cluster` writes, and where.
    pub update: UpdateOptions,
    /// The address of the module, with the layout `module`: `module.cluster`.
    pub module: Option<String>,
    /// How the Kubernetes API is reached.
    pub connect: ConnectOptions,
}

/// What planning depends on besides the store.
pub struct UpgradePlanDeps<'a, 'w> {
    pub environment: &'a Environment,
    pub source: Arc<dyn KeySource>,
    /// Receives warnings.
    pub warn: &'w mut (dyn FnMut(String) + Send),
}

/// A stage with its commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    pub stage: StageName,
    pub state: State,
    /// Why it has this state.
    pub evidence: Vec<String>,
    /// The Terraform addresses to apply; empty for all, and for stages that apply nothing.
    pub targets: Vec<String>,
    /// For a POSIX shell. Each begins only if the one before it succeeded.
    pub commands: Vec<String>,
}

/// The stages of a cluster's upgrade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpgradePlan {
    pub cluster: String,
    /// The version of the spec.
    pub kubernetes_version: String,
    pub stages: Vec<Stage>,
}

impl UpgradePlan {
    /// The first stage before the given one that is not done; `None` if it may begin.
    pub fn missing_before(&self, stage: StageName) -> Option<&Stage> {
        self.stages.iter().find(|found| found.stage < stage && found.state != State::Done)
    }
}

/// Image and boot script from which instances are started.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Launch {
    image: String,
    user_data: Vec<u8>,
}

impl Launch {
    /// From user data in base64, as EC2 and Terraform have it.
    fn encoded(image: String, user_data: &str) -> Self {
        let decoded = base64::engine::general_purpose::STANDARD.decode(user_data.trim());
        Self { image, user_data: decoded.unwrap_or_else(|_| user_data.as_bytes().to_vec()) }
    }

    /// How it differs from what it should be.
    fn differences(&self, expected: &Self) -> Vec<String> {
        let image = (self.image != expected.image).then(|| format!("image ({}, not {})", self.image, expected.image));
        let user_data = (self.user_data != expected.user_data).then(|| "user data".to_owned());
        image.into_iter().chain(user_data).collect()
    }
}

/// Plans the upgrade of a cluster to what its spec says.
///
/// # Errors
/// If the Terraform files cannot be rendered. APIs that cannot be reached are reported as warnings.
pub async fn plan(
    state: &StateStore,
    name: &str,
    options: &UpgradePlanOptions,
    deps: UpgradePlanDeps<'_, '_>,
) -> Result<UpgradePlan, UpgradePlanError> {
    let UpgradePlanDeps { environment, source, warn } = deps;
    if options.update.terraform.layout == Layout::Module && options.module.is_none() {
        return Err(UpgradePlanError::NoModule);
    }
    // What the workers' templates say in the end: the version of the spec.
    let whole = UpdateOptions { worker_version: None, ..base(&options.update) };
    let all = rendered(state, name, &whole, (environment, &source), warn).await?;
    let roles = vec![InstanceGroupRole::ControlPlane, InstanceGroupRole::ApiServer];
    let of_api = UpdateOptions { roles, ..base(&options.update) };
    let first = rendered(state, name, &of_api, (environment, &source), &mut |_| {}).await?;
    let prefix = options.module.as_ref().map(|module| format!("{module}.")).unwrap_or_default();
    let known: BTreeSet<&String> = all.addresses().values().collect();
    let shared = first.addresses().values().filter(|address| known.contains(address));
    let targets: BTreeSet<String> = shared.map(|address| format!("{prefix}{address}")).collect();

    let facts = gather(state, name, options, &all, environment, warn).await?;
    let commands = Commands { name, options };
    let stages = stages(&facts)
        .into_iter()
        .map(|StageStatus { stage, state, evidence }| {
            let targets = match stage {
                StageName::ControlPlane => targets.iter().cloned().collect(),
                _ => Vec::new(),
            };
            let commands = commands.of(stage, &targets);
            Stage { stage, state, evidence, targets, commands }
        })
        .collect();
    Ok(UpgradePlan { cluster: name.to_owned(), kubernetes_version: facts.version, stages })
}

/// The options of an update that writes nothing.
fn base(options: &UpdateOptions) -> UpdateOptions {
    let lookup = LookupOptions { lock: options.lookup.lock.clone(), offline: options.lookup.offline };
    UpdateOptions {
        terraform: options.terraform.clone(),
        check: true,
        missing_keys: MissingKeys::Refuse,
        allowed: options.allowed,
        ..UpdateOptions::new(options.out.clone(), lookup)
    }
}

async fn rendered<'a>(
    state: &StateStore,
    name: &str,
    options: &'a UpdateOptions,
    (environment, source): (&'a Environment, &Arc<dyn KeySource>),
    warn: &mut (dyn FnMut(String) + Send),
) -> Result<UpdatePlan<'a>, UpgradePlanError> {
    let finder = FactFinder::open(&options.lookup, environment)?;
    let deps = UpdateDeps { environment, finder, source: source.clone(), warn };
    update_cluster::plan(state, name, options, deps).await.map_err(|error| match error {
        UpdateError::Keys(kopsform_state::EnsureError::MissingKeys(_)) => UpgradePlanError::NotCreated(name.to_owned()),
        other => other.into(),
    })
}

/// Looks up what is known of the cluster. What cannot be asked is unknown.
async fn gather(
    state: &StateStore,
    name: &str,
    options: &UpgradePlanOptions,
    plan: &UpdatePlan<'_>,
    environment: &Environment,
    warn: &mut (dyn FnMut(String) + Send),
) -> Result<UpgradeFacts, UpgradePlanError> {
    let expected = plan.launches()?;
    let offline = options.update.lookup.offline;
    let access = match offline {
        true => None,
        false => match ClusterAccess::open(state, name, environment).await {
            Ok(access) => Some(access),
            Err(error) => {
                warn(with_causes(&error));
                None
            }
        },
    };
    let (mut nodes, mut cloud, mut launches) = (None, None, None);
    if let Some(access) = &access {
        let (found, snapshot, templates) = futures::join!(
            in_time(nodes_of(access, &options.connect, environment)),
            in_time(async { access.cloud().snapshot().await.map_err(|error| error.to_string()) }),
            in_time(async { access.launch_templates().await.map_err(|error| error.to_string()) }),
        );
        nodes = found.map_err(|reason| warn(format!("the Kubernetes API is not used: {reason}"))).ok();
        let known = nodes.as_deref().unwrap_or_default();
        let groups = snapshot.and_then(|snapshot| {
            let capabilities = access.cloud().capabilities();
            discover(name, &access.groups, &snapshot, capabilities, known).map_err(|error| with_causes(&error))
        });
        cloud = groups.map_err(|reason| warn(format!("instances are unknown: {reason}"))).ok();
        launches = templates.map_err(|reason| warn(format!("launch templates are unknown: {reason}"))).ok();
    }
    let launches = match launches {
        Some(found) => found.into_iter().map(|(name, (image, data))| (name, Launch::encoded(image, &data))).collect(),
        None => recorded::launch_templates(&options.update.out),
    };
    let of_cluster = plan.cluster();
    let groups =
        plan.all_groups().iter().map(|group| status(group, of_cluster, cloud.as_ref(), &launches, &expected)).collect();
    let versions = nodes.map(|nodes| versions(&nodes, cloud.as_ref()));
    Ok(UpgradeFacts { version: plan.cluster().spec.kubernetes_version.clone(), groups, versions })
}

async fn in_time<T>(question: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let late = || Err(format!("no answer within {} s", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, question).await.unwrap_or_else(|_| late())
}

async fn nodes_of(
    access: &ClusterAccess,
    connect: &ConnectOptions,
    environment: &Environment,
) -> Result<Vec<Arc<Node>>, String> {
    let connected = access.connect(connect, environment).await.map_err(|error: AccessError| with_causes(&error))?;
    connected.nodes().await.map_err(|error| error.to_string())
}

/// What is known of a group.
fn status(
    group: &InstanceGroup,
    cluster: &Cluster,
    cloud: Option<&ClusterFacts>,
    launches: &BTreeMap<String, Launch>,
    expected: &BTreeMap<String, (String, String)>,
) -> GroupStatus {
    let name = &group.metadata.name;
    let found = cloud.and_then(|facts| facts.group(name));
    let templates = templates_of(group, cluster);
    let wanted: Vec<(&String, Launch)> = templates
        .iter()
        .filter_map(|template| Some((template, expected.get(template)?)))
        .map(|(template, (image, user_data))| {
            (template, Launch { image: image.clone(), user_data: user_data.clone().into_bytes() })
        })
        .collect();
    let has_launch_template = !wanted.is_empty();
    // A group in several zones is up to date when it is in all of them.
    let launch = wanted.iter().map(|(template, wanted)| Some(launches.get(*template)?.differences(wanted)));
    let launch = launch.collect::<Option<Vec<_>>>().filter(|_| has_launch_template);
    let launch = launch.map(|all| all.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect());
    // A group that the cloud does not have has no instances: it is new.
    let outdated = cloud.map(|_| {
        let instances = found.map(|group| group.instances.as_slice()).unwrap_or_default();
        (instances.iter().filter(|instance| instance.needs_update()).count(), instances.len())
    });
    GroupStatus { name: name.clone(), role: group.role(), launch, has_launch_template, outdated }
}

/// What the launch templates of a group go by: the name of its auto scaling group, or those of its managed instance groups, one in
/// each zone.
fn templates_of(group: &InstanceGroup, cluster: &Cluster) -> Vec<String> {
    let (name, cluster_name) = (&group.metadata.name, &cluster.metadata.name);
    if cluster.is_on_gce() {
        let zones = group.spec.zones.iter();
        return zones.map(|zone| names::gce::managed_group(zone, name, cluster_name)).collect();
    }
    let suffix = match group.role() {
        InstanceGroupRole::ControlPlane => ".masters",
        InstanceGroupRole::ApiServer => ".apiservers",
        InstanceGroupRole::Node | InstanceGroupRole::Bastion => "",
    };
    vec![format!("{name}{suffix}.{cluster_name}")]
}

/// The kubelet versions of nodes that serve the API, and of the others. Without the cloud, the label of the control plane decides.
fn versions(nodes: &[Arc<Node>], cloud: Option<&ClusterFacts>) -> (Vec<String>, Vec<String>) {
    let serves_api = |node: &Node| match cloud.and_then(|facts| facts.instance_of_node(&node.instance)) {
        Some((group, _)) => matches!(group.role, InstanceGroupRole::ControlPlane | InstanceGroupRole::ApiServer),
        None => node.control_plane,
    };
    let (api, others): (Vec<_>, Vec<_>) = nodes.iter().partition(|node| serves_api(node));
    let versions = |nodes: Vec<&Arc<Node>>| nodes.into_iter().map(|node| node.kubelet_version.clone()).collect();
    (versions(api), versions(others))
}

/// The commands of the stages.
struct Commands<'a> {
    name: &'a str,
    options: &'a UpgradePlanOptions,
}

impl Commands<'_> {
    fn of(&self, stage: StageName, targets: &[String]) -> Vec<String> {
        let name = shell(self.name);
        let ready = format!("kopsform upgrade plan {name}{} --ready {stage}", self.same());
        let roll = format!("kopsform rolling-update cluster {name} --yes{}", self.connect());
        match stage {
            StageName::ControlPlane => vec![self.update(), self.apply(targets)],
            StageName::RollControlPlane => {
                vec![ready, format!("{roll} --instance-group-roles control-plane,apiserver")]
            }
            StageName::Workers => vec![ready, self.update(), self.apply(&[])],
            StageName::RollWorkers => vec![ready, roll],
        }
    }

    fn update(&self) -> String {
        format!("kopsform update cluster {} --target terraform{}", shell(self.name), self.output())
    }

    /// The output directory and what else decides about the files.
    fn output(&self) -> String {
        let update = &self.options.update;
        let layout = match update.terraform.layout {
            Layout::Single => "",
            Layout::Split => " --layout split",
            Layout::Module => " --layout module",
        };
        let lookup = match (&update.lookup.lock, update.lookup.offline) {
            (Some(lock), true) => format!(" --offline --lock {}", shell(&lock.display().to_string())),
            (_, offline) => if offline { " --offline" } else { "" }.to_owned(),
        };
        format!(" --out {}{layout}{lookup}", shell(&update.out.display().to_string()))
    }

    /// How the Kubernetes API is reached.
    fn connect(&self) -> String {
        let ConnectOptions { api_server, use_kubeconfig, .. } = &self.options.connect;
        let server = api_server.as_ref().map(|server| format!(" --api-server {}", shell(server))).unwrap_or_default();
        format!("{server}{}", if *use_kubeconfig { " --use-kubeconfig" } else { "" })
    }

    /// The flags that another run of this command needs.
    fn same(&self) -> String {
        let module = self.options.module.as_ref().map(|module| format!(" --module-address {}", shell(module)));
        format!("{}{}{}", self.output(), module.unwrap_or_default(), self.connect())
    }

    /// Modules are applied in the directory of their root module, which is not known.
    fn apply(&self, targets: &[String]) -> String {
        let directory = match self.options.module {
            Some(_) => String::new(),
            None => format!(" -chdir={}", shell(&self.options.update.out.display().to_string())),
        };
        let targets: String = targets.iter().map(|target| format!(" \\\n  -target={}", shell(target))).collect();
        format!("terraform{directory} apply{targets}")
    }
}

/// An argument for a POSIX shell.
fn shell(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    match !argument.is_empty() && argument.chars().all(is_plain) {
        true => argument.to_owned(),
        false => format!("'{}'", argument.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_quoted_for_the_shell() {
        assert_eq!(shell("aws_vpc.demo-example-com"), "aws_vpc.demo-example-com");
        assert_eq!(shell(r#"module.c.aws_s3_object.files["a b"]"#), r#"'module.c.aws_s3_object.files["a b"]'"#);
        assert_eq!(shell("it's"), r"'it'\''s'");
        assert_eq!(shell(""), "''");
    }

    #[test]
    fn what_differs_in_a_launch_template_is_named() {
        let expected = Launch { image: "ami-2".to_owned(), user_data: b"new".to_vec() };
        let old = Launch::encoded("ami-1".to_owned(), "b2xk");
        assert_eq!(old.user_data, b"old");
        assert_eq!(old.differences(&expected), ["image (ami-1, not ami-2)", "user data"]);
        assert!(expected.differences(&expected).is_empty());
    }
}
