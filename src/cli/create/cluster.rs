//! `create cluster`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;

use crate::cli::allow::AllowArgs;
use crate::cli::flags::{LookupArgs, go_bool, key_values, split_lists};
use crate::cli::get::output::{json_documents, yaml_documents};
use crate::cli::output::OutputArgs;
use crate::cli::style::Paint;
use crate::cli::target::Context;
use crate::cli::update::{self, warn_if_recovered};
use crate::cli::{CliError, Invocation};
use crate::ops::cloudformation;
use crate::ops::clouds::google_project;
use crate::ops::create;
use crate::ops::create_cluster::{CreateClusterError, CreateClusterOptions, NewCluster, design};
use crate::ops::export_kubeconfig::ExportOptions;
use crate::ops::replace::{ReplaceDeps, ReplaceError, apply};
use crate::ops::running_instances::AutoscalingCounter;
use crate::ops::support::facts::FactFinder;
use crate::ops::update_cluster::{self, UpdateDeps, UpdateOptions};
use crate::project::Target;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_env as env;
use kopsform_env::features::{Feature, Features};
use kopsform_files::{TEXT_LIMIT, read_text_bounded};
use kopsform_spec::channel::DEFAULT_CHANNEL;
use kopsform_spec::cloud::Cloud;
use kopsform_spec::new_cluster::Choices;
use kopsform_state::{CommitError, StateStore};

/// Create a cluster, or its specs only
///
/// Generates the specs of a cluster and its instance groups from the flags, validates them and stores them in the state store.
/// With `--yes`, the cluster is then created in the cloud, and kubectl's configuration gets an admin certificate for it, valid for 18
/// hours. Without it, prints what would be created; `update cluster --yes` creates it later. `--target terraform` writes Terraform
/// files instead, and `--target cloudformation` CloudFormation templates, with `--yes` also the parts that they cannot contain.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct CreateClusterArgs {
    /// Name of the cluster
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    /// Print the specs instead of storing them
    #[arg(long, help_heading = OUTPUT)]
    dry_run: bool,
    /// Output format of --dry-run
    #[arg(short, long, value_name = "yaml|json", help_heading = OUTPUT)]
    output: Option<String>,
    /// Target: direct, which creates the cluster in the cloud with --yes, or terraform or cloudformation, which write files
    /// [default: target of kopsform.yaml, else direct]
    #[arg(long, value_name = "TARGET", help_heading = OUTPUT)]
    target: Option<String>,
    /// Output directory for files of target terraform or cloudformation [default: the project's, else out/terraform or
    /// out/cloudformation]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    out: Option<PathBuf>,
    /// Create the cluster in the cloud at once; without it, the specs are stored and what would be created is printed
    #[arg(short, long, help_heading = OUTPUT)]
    yes: bool,
    #[command(flatten, next_help_heading = OUTPUT)]
    lookup: LookupArgs,
    #[command(flatten, next_help_heading = OUTPUT)]
    allow: AllowArgs,

    /// Cloud provider: aws or gce
    #[arg(long, default_value = "aws", help_heading = PLACE)]
    cloud: String,
    /// Project on Google Cloud [default: that of gcloud]
    #[arg(long, value_name = "PROJECT", default_value = "", hide_default_value = true, help_heading = PLACE)]
    project: String,
    /// Zones for worker nodes, and for the control plane unless --control-plane-zones is given
    #[arg(long, value_name = "ZONE", value_delimiter = ',', help_heading = PLACE)]
    zones: Vec<String>,
    /// Zones for the control plane, an odd number
    #[arg(long, alias = "master-zones", value_name = "ZONE", value_delimiter = ',', help_heading = PLACE)]
    control_plane_zones: Vec<String>,
    /// Existing VPC; on Google Cloud, an existing network, PROJECT/NAME for a shared VPC
    #[arg(long, alias = "vpc", value_name = "VPC", default_value = "", hide_default_value = true, help_heading = PLACE)]
    network_id: String,
    /// CIDRs of the VPC: the primary one, then additional ones
    #[arg(long, value_name = "CIDR", value_delimiter = ',', help_heading = PLACE)]
    network_cidr: Vec<String>,
    /// Existing subnets, one per zone; on Google Cloud, the name of one
    #[arg(long, value_name = "SUBNET", value_delimiter = ',', help_heading = PLACE)]
    subnets: Vec<String>,
    /// Existing subnets for load balancers, one per zone
    #[arg(long, value_name = "SUBNET", value_delimiter = ',', help_heading = PLACE)]
    utility_subnets: Vec<String>,
    /// Do not tag subnets
    #[arg(long, help_heading = PLACE)]
    disable_subnet_tags: bool,
    /// Use IPv6 for pods and services
    #[arg(long, help_heading = PLACE)]
    ipv6: bool,
    /// Topology: public or private [default: public; private with --ipv6]
    #[arg(short, long, default_value = "", hide_default_value = true, help_heading = PLACE)]
    topology: String,
    /// DNS records: public, private or none [default: none; public with --dns-zone]
    #[arg(long, value_name = "TYPE", default_value = "", hide_default_value = true, help_heading = PLACE)]
    dns: String,
    /// Hosted zone [default: the longest one that matches the cluster's name]
    #[arg(long, value_name = "ZONE", default_value = "", hide_default_value = true, help_heading = PLACE)]
    dns_zone: String,

    /// Channel that recommends versions and images
    #[arg(long, default_value = "stable", help_heading = SOFTWARE)]
    channel: String,
    /// Kubernetes version [default: the channel's]
    #[arg(long, value_name = "VERSION", default_value = "", hide_default_value = true, help_heading = SOFTWARE)]
    kubernetes_version: String,
    /// Feature gates, as Name, +Name or -Name
    #[arg(long, value_name = "GATE", value_delimiter = ',', allow_hyphen_values = true, help_heading = SOFTWARE)]
    kubernetes_feature_gates: Vec<String>,
    /// Network plugin: cilium, cilium-etcd, calico, kindnet, flannel, kube-router, kopeio, kubenet, cni; on AWS also cilium-eni
    /// and amazonvpc, on Google Cloud also gce
    #[arg(long, value_name = "PLUGIN", default_value = "cilium", help_heading = SOFTWARE)]
    networking: String,
    /// RBAC or AlwaysAllow
    #[arg(long, value_name = "MODE", default_value = "RBAC", help_heading = SOFTWARE)]
    authorization: String,
    /// Names of the etcd clusters: main, events, leases
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "main,events", help_heading = SOFTWARE)]
    etcd_clusters: Vec<String>,
    /// Encrypt etcd volumes [default: true on AWS; Google Cloud always encrypts]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = go_bool, value_name = "BOOL", help_heading = SOFTWARE)]
    encrypt_etcd_storage: Option<bool>,
    /// Type of etcd volumes
    #[arg(long, value_name = "TYPE", help_heading = SOFTWARE)]
    etcd_storage_type: Option<String>,
    /// What manages worker nodes: cloudgroups or karpenter
    #[arg(long, value_name = "MANAGER", default_value = "cloudgroups", help_heading = SOFTWARE)]
    instance_manager: String,
    /// Where to publish OIDC discovery documents, such as s3://bucket or gs://bucket; on AWS, enables IAM roles for service
    /// accounts
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true, help_heading = SOFTWARE)]
    discovery_store: String,
    /// Where nodes read their configuration, if not in the state store (feature flag EnableSeparateConfigBase)
    #[arg(long, value_name = "URL", hide = true)]
    config_base: Option<String>,
    /// Objects to apply to the cluster; not supported
    #[arg(long, value_name = "FILE", hide = true)]
    add: Vec<String>,
    /// Public OIDC discovery service; not supported
    #[arg(long, value_name = "URL", hide = true)]
    discovery_service: Option<String>,
    /// Accepted for compatibility with kops; it has no effect, because containerd is the only runtime
    #[arg(long, hide = true)]
    container_runtime: Option<String>,

    /// Number of control-plane instances [default: one per control-plane zone, else 1]
    #[arg(long, alias = "master-count", value_name = "N", help_heading = INSTANCES)]
    control_plane_count: Option<i32>,
    /// Number of worker nodes in all zones [default: one per zone]
    #[arg(long, value_name = "N", help_heading = INSTANCES)]
    node_count: Option<i32>,
    /// Number of API server nodes (feature flag APIServerNodes)
    #[arg(long, value_name = "N", hide = true)]
    api_server_count: Option<i32>,
    /// Instance types of the control plane; several create a mixed instances policy
    #[arg(long, alias = "master-size", value_name = "TYPE", value_delimiter = ',', help_heading = INSTANCES)]
    control_plane_size: Vec<String>,
    /// Instance types of worker nodes; several create a mixed instances policy
    #[arg(long, value_name = "TYPE", value_delimiter = ',', help_heading = INSTANCES)]
    node_size: Vec<String>,
    /// Root volume size of control-plane instances in GiB
    #[arg(long, alias = "master-volume-size", value_name = "GIB", help_heading = INSTANCES)]
    control_plane_volume_size: Option<i32>,
    /// Root volume type of control-plane instances
    #[arg(long, value_name = "TYPE", help_heading = INSTANCES)]
    control_plane_volume_type: Option<String>,
    /// Root volume size of worker nodes in GiB
    #[arg(long, value_name = "GIB", help_heading = INSTANCES)]
    node_volume_size: Option<i32>,
    /// Root volume type of worker nodes
    #[arg(long, value_name = "TYPE", help_heading = INSTANCES)]
    node_volume_type: Option<String>,
    /// Image of all instances [default: the channel's]
    #[arg(long, default_value = "", hide_default_value = true, help_heading = INSTANCES)]
    image: String,
    /// Image of control-plane instances
    #[arg(long, alias = "master-image", value_name = "IMAGE", default_value = "", hide_default_value = true, help_heading = INSTANCES)]
    control_plane_image: String,
    /// Image of worker nodes
    #[arg(long, value_name = "IMAGE", default_value = "", hide_default_value = true, help_heading = INSTANCES)]
    node_image: String,
    /// Image of bastions
    #[arg(long, value_name = "IMAGE", default_value = "", hide_default_value = true, help_heading = INSTANCES)]
    bastion_image: String,
    /// Tenancy of control-plane instances: default or dedicated
    #[arg(long, alias = "master-tenancy", value_name = "TENANCY", default_value = "", hide_default_value = true, help_heading = INSTANCES)]
    control_plane_tenancy: String,
    /// Tenancy of worker nodes: default or dedicated
    #[arg(long, value_name = "TENANCY", default_value = "", hide_default_value = true, help_heading = INSTANCES)]
    node_tenancy: String,
    /// Additional existing security groups for control-plane instances
    #[arg(long, alias = "master-security-groups", value_name = "SG", value_delimiter = ',', help_heading = INSTANCES)]
    control_plane_security_groups: Vec<String>,
    /// Additional existing security groups for worker nodes
    #[arg(long, value_name = "SG", value_delimiter = ',', help_heading = INSTANCES)]
    node_security_groups: Vec<String>,
    /// Whether instances get public IP addresses [default: true in public subnets]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = go_bool, value_name = "BOOL", help_heading = INSTANCES)]
    associate_public_ip: Option<bool>,
    /// Service account of all instances on Google Cloud [default: one per role is created]
    #[arg(long, value_name = "ACCOUNT", default_value = "", hide_default_value = true, help_heading = INSTANCES)]
    gce_service_account: String,
    /// Tags for all AWS resources, or labels for instances on Google Cloud, as Key=Value,Key=Value
    #[arg(long, value_name = "TAGS", default_value = "", hide_default_value = true, help_heading = INSTANCES)]
    cloud_labels: String,

    /// CIDRs that may access the Kubernetes API
    #[arg(long, value_name = "CIDR", value_delimiter = ',', default_value = "0.0.0.0/0,::/0", help_heading = ACCESS)]
    admin_access: Vec<String>,
    /// CIDRs that may access SSH [default: those of --admin-access]
    #[arg(long, value_name = "CIDR", value_delimiter = ',', help_heading = ACCESS)]
    ssh_access: Vec<String>,
    /// SSH public key for instances, such as ~/.ssh/id_ed25519.pub
    #[arg(long, value_name = "FILE", help_heading = ACCESS)]
    ssh_public_key: Option<String>,
    /// Create a bastion; requires --topology private
    #[arg(long, help_heading = ACCESS)]
    bastion: bool,
    /// Load balancer of the API: public or internal
    #[arg(long, value_name = "TYPE", default_value = "", hide_default_value = true, help_heading = ACCESS)]
    api_loadbalancer_type: String,
    /// Class of the API load balancer: network, or the deprecated classic
    #[arg(long, value_name = "CLASS", default_value = "", hide_default_value = true, help_heading = ACCESS)]
    api_loadbalancer_class: String,
    /// ARN of the API load balancer's certificate
    #[arg(long, value_name = "ARN", default_value = "", hide_default_value = true, help_heading = ACCESS)]
    api_ssl_certificate: String,
    /// Public name of the API
    #[arg(long, alias = "master-public-name", value_name = "NAME", default_value = "", hide_default_value = true, help_heading = ACCESS)]
    api_public_name: String,

    /// Set fields of the cluster, such as spec.kubelet.maxPods=200
    #[arg(long, alias = "override", value_name = "PATH=VALUE", help_heading = FIELDS)]
    set: Vec<String>,
    /// Clear fields of the cluster
    #[arg(long, value_name = "PATH", value_delimiter = ',', help_heading = FIELDS)]
    unset: Vec<String>,

    #[command(flatten)]
    elsewhere: OtherCloudFlags,
}

/// The lifetime of the admin certificate of a new cluster, as in kops.
const CREDENTIAL: Duration = Duration::from_secs(18 * 3600);

const OUTPUT: &str = "Output";
const PLACE: &str = "Location and network";
const SOFTWARE: &str = "Software";
const INSTANCES: &str = "Instances";
const ACCESS: &str = "Access";
const FIELDS: &str = "Spec fields";

const EXAMPLES: &str = "\
Examples:
  Show the specs of a small cluster
    kopsform create cluster demo.example.com --zones eu-west-1a --dry-run -o yaml

  Three control-plane instances and six workers in private subnets, with a bastion
    kopsform create cluster demo.example.com --zones eu-west-1a,eu-west-1b,eu-west-1c \\
      --control-plane-count 3 --node-count 6 --topology private --bastion

  A cluster on Google Cloud
    kopsform create cluster demo.example.com --cloud gce --project example-project --zones us-central1-a

  A cluster that is created at once
    kopsform create cluster demo.example.com --zones eu-west-1a --ssh-public-key ~/.ssh/id_ed25519.pub --yes

  A cluster in an existing VPC, written as Terraform right away
    kopsform create cluster demo.example.com --zones eu-west-1a --network-id vpc-0123 --subnets subnet-0123 \\
      --ssh-public-key ~/.ssh/id_ed25519.pub --target terraform --out .
";

/// Flags for other clouds, which kops accepts and ignores.
#[derive(Debug, clap::Args)]
struct OtherCloudFlags {
    #[arg(long, hide = true)]
    os_ext_net: Option<String>,
    #[arg(long, hide = true)]
    os_ext_subnet: Option<String>,
    #[arg(long, hide = true)]
    os_lb_floating_subnet: Option<String>,
    #[arg(long, hide = true)]
    os_kubelet_ignore_az: bool,
    #[arg(long, hide = true)]
    os_octavia: bool,
    #[arg(long, hide = true)]
    os_octavia_provider: Option<String>,
    #[arg(long, hide = true)]
    os_dns_servers: Option<String>,
    #[arg(long, hide = true)]
    os_network: Option<String>,
    #[arg(long, hide = true)]
    azure_subscription_id: Option<String>,
    #[arg(long, hide = true)]
    azure_tenant_id: Option<String>,
    #[arg(long, hide = true)]
    azure_resource_group_name: Option<String>,
    #[arg(long, hide = true)]
    azure_route_table_name: Option<String>,
    #[arg(long, hide = true)]
    azure_admin_user: Option<String>,
    #[arg(long, hide = true)]
    spotinst_product: Option<String>,
    #[arg(long, hide = true)]
    spotinst_orientation: Option<String>,
}

impl OtherCloudFlags {
    /// The flags that were given.
    fn given(&self) -> Vec<&'static str> {
        let is_given = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
        [
            ("os-ext-net", is_given(&self.os_ext_net)),
            ("os-ext-subnet", is_given(&self.os_ext_subnet)),
            ("os-lb-floating-subnet", is_given(&self.os_lb_floating_subnet)),
            ("os-kubelet-ignore-az", self.os_kubelet_ignore_az),
            ("os-octavia", self.os_octavia),
            ("os-octavia-provider", is_given(&self.os_octavia_provider)),
            ("os-dns-servers", is_given(&self.os_dns_servers)),
            ("os-network", is_given(&self.os_network)),
            ("azure-subscription-id", is_given(&self.azure_subscription_id)),
            ("azure-tenant-id", is_given(&self.azure_tenant_id)),
            ("azure-resource-group-name", is_given(&self.azure_resource_group_name)),
            ("azure-route-table-name", is_given(&self.azure_route_table_name)),
            ("azure-admin-user", is_given(&self.azure_admin_user)),
        ]
        .into_iter()
        .filter_map(|(flag, given)| given.then_some(flag))
        .collect()
    }

    /// A flag for Spotinst that was given. Spotinst runs instances on AWS, so kops does not ignore these flags here.
    fn spotinst(&self) -> Option<&'static str> {
        let flags =
            [("spotinst-product", &self.spotinst_product), ("spotinst-orientation", &self.spotinst_orientation)];
        flags.into_iter().find_map(|(flag, value)| value.is_some().then_some(flag))
    }
}

/// Output format of `--dry-run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Printed {
    Yaml,
    Json,
}

/// What to do once the specs are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Nothing.
    Stop,
    /// Print what would be created.
    Preview,
    /// Create the cluster in the cloud.
    Direct,
    /// Write Terraform.
    Terraform,
    /// Write CloudFormation templates, and with `--yes` what they cannot contain.
    CloudFormation,
}

impl CreateClusterArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let printed = self.printed()?;
        let named = update::target::named(self.target.as_deref(), invocation)?;
        let target = named.unwrap_or(Target::Direct);
        let mut then = self.then(target);
        self.check_spaces()?;
        let name = invocation.cluster_name(&self.cluster, Context::Ignored)?;
        let state = invocation.state_store()?;
        let lookup = invocation.lookup(&self.lookup)?;
        let out = match target {
            Target::Terraform => invocation.terraform_out(self.out.as_ref(), &name)?,
            Target::CloudFormation => invocation.cloudformation_out(self.out.as_ref(), &name)?,
            Target::Direct if self.out.is_some() => {
                let is = if named.is_some() { "the target is direct" } else { "the default target is direct" };
                return Err(CliError::message(format!("--out needs --target terraform or cloudformation: {is}"))
                    .hint("add --target terraform, or `target: terraform` to kopsform.yaml"));
            }
            Target::Direct => PathBuf::new(),
        };
        let cloud = self.cloud()?;
        if then == Then::Direct && lookup.offline {
            return Err(CliError::message("--yes creates the cluster in the cloud, which --offline excludes")
                .hint("add --target terraform, or omit --yes to store the specs only"));
        }
        if then == Then::CloudFormation && self.yes && lookup.offline {
            return Err(CliError::message("--yes writes what templates cannot contain, which --offline excludes")
                .hint("omit --yes to write the templates only"));
        }
        if then == Then::Preview && lookup.offline {
            then = Then::Stop;
        }
        for flag in self.elsewhere.given().into_iter().chain(self.without_effect(cloud)) {
            invocation.ui.warn(&format!("--{flag} has no effect on {}", cloud.title()));
        }
        if self.container_runtime.as_deref().is_some_and(|runtime| !matches!(runtime, "" | "containerd")) {
            invocation.ui.warn("--container-runtime has no effect: containerd is the only runtime");
        }
        let allowed = self.allow.rules(invocation)?;
        let yes = self.yes;
        let options = self.options(&name, invocation)?;
        let environment = &invocation.environment;
        let mut facts = FactFinder::open(&lookup, environment)?;
        let new = design(&state, options, &mut facts, environment).await?;
        for warning in &new.warnings {
            invocation.ui.warn(warning);
        }
        if let Some(printed) = printed {
            let objects = new.objects().map_err(|error| CliError::message(error.to_string()))?;
            invocation.ui.data(&match printed {
                Printed::Yaml => yaml_documents(&objects),
                Printed::Json => json_documents(&objects, true),
            });
            return Ok(ExitCode::Done);
        }

        let file = new.file().map_err(|error| CliError::message(error.to_string()))?;
        let instances = AutoscalingCounter { environment, offline: lookup.offline };
        let deps = ReplaceDeps { environment, facts: &mut facts, instances: &instances, now: jiff::Timestamp::now() };
        let plan = create::plan(&state, &[file], false, allowed, deps).await?;
        let holder = invocation.holder("create cluster");
        match then {
            Then::Stop => {
                stored(&name, apply(&state, plan, &holder).await)?;
                invocation.ui.text(&next_steps(&new));
            }
            Then::Preview => {
                stored(&name, apply(&state, plan, &holder).await)?;
                let options = UpdateOptions { allowed, ..UpdateOptions::new(out, lookup) };
                preview(invocation, &state, &name, &options).await;
                invocation.ui.text(&next_steps(&new));
            }
            Then::Direct => {
                let options = UpdateOptions { allowed, unstored: Some(target), ..UpdateOptions::new(out, lookup) };
                let create = update::direct::Apply {
                    operation: "create cluster",
                    prune: false,
                    stop: update::direct::stop_on_signal(invocation)?,
                    export: Some(ExportOptions { admin: Some(CREDENTIAL), ..ExportOptions::default() }),
                    must_export: false,
                    output: OutputArgs::default(),
                    continued_by: Some(format!("kopsform update cluster {name} --yes --admin")),
                };
                // Nothing is stored before everything that follows from it is known to be possible.
                let preview = state.preview(plan.objects.iter().map(|planned| planned.write.planned()));
                let changes = update::direct::plan(invocation, &preview, &name, &options).await?;
                stored(&name, apply(&state, plan, &holder).await)?;
                create.run(invocation, &state, &options, changes).await?;
            }
            Then::Terraform => {
                warn_if_recovered(invocation, &out)?;
                let terraform = invocation.terraform_defaults(&name)?.options;
                let base = UpdateOptions::new(out.clone(), lookup);
                let options = UpdateOptions { allowed, terraform, unstored: Some(target), ..base };
                let mut warn = |warning: String| invocation.ui.warn(&warning);
                let source = invocation.key_source()?;
                let deps = UpdateDeps { environment, finder: facts, source, warn: &mut warn };
                let preview = state.preview(plan.objects.iter().map(|planned| planned.write.planned()));
                let update = update_cluster::plan(&preview, &name, &options, deps).await?;
                stored(&name, apply(&state, plan, &holder).await)?;
                let command = continued_by(&name, Target::Terraform, &out);
                let updated = update_cluster::apply(update, &state)
                    .await
                    .map_err(|error| CliError::from(error).hint(update::stored_hint(&command)))?;
                invocation.report_update(&updated, &out, false);
            }
            Then::CloudFormation => {
                update::cloudformation::warn_if_recovered(invocation, &out)?;
                let options =
                    UpdateOptions { allowed, unstored: Some(target), ..UpdateOptions::new(out.clone(), lookup) };
                let mut warn = |warning: String| invocation.ui.warn(&warning);
                let source = invocation.key_source()?;
                let deps = UpdateDeps { environment, finder: facts, source, warn: &mut warn };
                let preview = state.preview(plan.objects.iter().map(|planned| planned.write.planned()));
                let form = kopsform_cloudformation::Options::default();
                let templates = cloudformation::plan(&preview, &name, &options, form, deps).await?;
                stored(&name, apply(&state, plan, &holder).await)?;
                let create = update::cloudformation::Apply {
                    operation: "create cluster",
                    yes,
                    continued_by: Some(format!("{} --yes", continued_by(&name, Target::CloudFormation, &out))),
                };
                let (_, steps) = create.run(invocation, &state, templates, &out).await?;
                invocation.ui.text(&steps);
            }
        }
        Ok(ExitCode::Done)
    }

    fn cloud(&self) -> Result<Cloud, CliError> {
        Cloud::named(&self.cloud)
            .ok_or_else(|| CliError::message(format!("cloud {:?} is not supported", self.cloud)).hint("use aws or gce"))
    }

    /// The flags that were given for the other one of the supported clouds.
    fn without_effect(&self, cloud: Cloud) -> Vec<&'static str> {
        let given = match cloud {
            Cloud::Aws => vec![
                ("project", !self.project.is_empty()),
                ("gce-service-account", !self.gce_service_account.is_empty()),
            ],
            Cloud::Gce => vec![
                ("utility-subnets", !self.utility_subnets.is_empty()),
                ("disable-subnet-tags", self.disable_subnet_tags),
                ("control-plane-tenancy", !self.control_plane_tenancy.is_empty()),
                ("node-tenancy", !self.node_tenancy.is_empty()),
                ("control-plane-security-groups", !self.control_plane_security_groups.is_empty()),
                ("node-security-groups", !self.node_security_groups.is_empty()),
            ],
        };
        given.into_iter().filter_map(|(flag, given)| given.then_some(flag)).collect()
    }

    /// A space after a comma makes the rest of a list the name of the cluster.
    fn check_spaces(&self) -> Result<(), CliError> {
        let lists = [
            ("--zones", &self.zones),
            ("--control-plane-zones", &self.control_plane_zones),
            ("--subnets", &self.subnets),
            ("--utility-subnets", &self.utility_subnets),
            ("--network-cidr", &self.network_cidr),
            ("--admin-access", &self.admin_access),
            ("--ssh-access", &self.ssh_access),
        ];
        let split = lists.into_iter().find(|(_, values)| values.last().is_some_and(String::is_empty));
        let (Some((flag, values)), Some(rest)) = (split, self.cluster.first()) else { return Ok(()) };
        let values = values.iter().filter(|value| !value.is_empty()).map(String::as_str);
        let whole: Vec<&str> = values.chain([rest.as_str()]).collect();
        Err(CliError::message(format!("{flag} ends with a comma, and {rest:?} would be the name of the cluster"))
            .hint(format!("write the list without spaces: {flag} {}", whole.join(","))))
    }

    fn printed(&self) -> Result<Option<Printed>, CliError> {
        match (self.dry_run, self.output.as_deref().unwrap_or_default()) {
            (false, _) => Ok(None),
            (true, "") => Err(CliError::message("unable to execute --dry-run without setting --output")
                .hint("add -o yaml or -o json")),
            (true, "yaml") => Ok(Some(Printed::Yaml)),
            (true, "json") => Ok(Some(Printed::Json)),
            (true, other) => {
                Err(CliError::message(format!("unsupported output type {other:?}")).hint("use yaml or json"))
            }
        }
    }

    fn then(&self, target: Target) -> Then {
        match target {
            Target::Terraform => Then::Terraform,
            Target::Direct if self.yes => Then::Direct,
            Target::Direct => Then::Preview,
            Target::CloudFormation => Then::CloudFormation,
        }
    }

    fn options(self, name: &str, invocation: &Invocation) -> Result<CreateClusterOptions, CliError> {
        let features = Features::from_environment(&invocation.environment);
        let cloud = self.cloud()?;
        let project = match cloud {
            Cloud::Gce if self.project.is_empty() => google_project(&invocation.environment).ok_or_else(|| {
                CliError::message("--cloud gce needs a project")
                    .hint("add --project PROJECT, or run `gcloud config set project PROJECT`")
            })?,
            _ => self.project,
        };
        if let Some(flag) = self.elsewhere.spotinst() {
            return Err(CliError::message(format!(
                "--{flag} is not supported: kopsform does not manage Spotinst groups"
            ))
            .hint("for spot instances, create the groups and set spec.maxPrice or spec.mixedInstancesPolicy"));
        }
        if self.discovery_service.is_some() {
            return Err(CliError::message("--discovery-service is not supported")
                .hint("publish discovery documents in a bucket: --discovery-store s3://bucket"));
        }
        if !self.add.is_empty() {
            return Err(CliError::message("--add is not supported").hint(
                "print the specs with --dry-run -o yaml, add the objects to the file, and run kopsform create -f",
            ));
        }
        let needs_flag = |flag: &str, feature: &str| {
            CliError::message(format!("{flag} requires the feature flag {feature}"))
                .hint(format!("export {}={feature}", env::KOPS_FEATURE_FLAGS))
        };
        if self.config_base.is_some() && !features.enabled(Feature::EnableSeparateConfigBase) {
            return Err(needs_flag("--config-base", "EnableSeparateConfigBase"));
        }
        if self.api_server_count.is_some() && !features.enabled(Feature::ApiServerNodes) {
            return Err(needs_flag("--api-server-count", "APIServerNodes"));
        }
        let karpenter = match self.instance_manager.as_str() {
            "cloudgroups" => false,
            "karpenter" => true,
            other => {
                return Err(CliError::message(format!("invalid value {other:?} for --instance-manager"))
                    .hint("use cloudgroups or karpenter"));
            }
        };
        let ssh_public_key = self.ssh_public_key.map(|path| read_key(&path, invocation)).transpose()?;
        let config_base = match self.config_base {
            Some(base) => format!("{}/{name}", base.trim_end_matches('/')),
            None => format!("{}/{name}", invocation.state_url()?),
        };
        // Lists may have a space after a comma.
        let filled = |values: Vec<String>| {
            values.into_iter().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
        };
        let count = |flag: &str, count: Option<i32>| match count {
            None | Some(0) => Ok(None),
            Some(count) => usize::try_from(count)
                .map(Some)
                .map_err(|_| CliError::message(format!("{flag} must not be negative: {count}"))),
        };
        let on_gce = cloud == Cloud::Gce;
        let (subnet_names, subnet_ids) = if on_gce { (self.subnets, Vec::new()) } else { (Vec::new(), self.subnets) };
        let utility_subnets = if on_gce { Vec::new() } else { self.utility_subnets };
        let choices = Choices {
            cloud,
            project,
            gce_service_account: self.gce_service_account,
            subnet_names: filled(subnet_names),
            name: name.to_owned(),
            config_base,
            zones: filled(self.zones),
            control_plane_zones: filled(self.control_plane_zones),
            control_plane_count: count("--control-plane-count", self.control_plane_count)?,
            node_count: count("--node-count", self.node_count)?,
            api_server_count: count("--api-server-count", self.api_server_count)?.unwrap_or_default(),
            single_node_group: features.enabled(Feature::AwsSingleNodesInstanceGroup),
            control_plane_sizes: filled(self.control_plane_size),
            node_sizes: filled(self.node_size),
            control_plane_volume_size: self.control_plane_volume_size.filter(|size| *size != 0),
            node_volume_size: self.node_volume_size.filter(|size| *size != 0),
            control_plane_volume_type: self.control_plane_volume_type.filter(|kind| !kind.is_empty()),
            node_volume_type: self.node_volume_type.filter(|kind| !kind.is_empty()),
            control_plane_tenancy: self.control_plane_tenancy,
            node_tenancy: self.node_tenancy,
            control_plane_security_groups: filled(self.control_plane_security_groups),
            node_security_groups: filled(self.node_security_groups),
            image: self.image,
            control_plane_image: self.control_plane_image,
            node_image: self.node_image,
            bastion_image: self.bastion_image,
            associate_public_ip: self.associate_public_ip,
            network_id: self.network_id,
            network_cidrs: filled(self.network_cidr),
            subnets: Default::default(),
            utility_subnets: Default::default(),
            disable_subnet_tags: self.disable_subnet_tags,
            ipv6: self.ipv6,
            topology: self.topology,
            dns: self.dns,
            dns_zone: self.dns_zone,
            kubernetes_version: self.kubernetes_version,
            feature_gates: filled(self.kubernetes_feature_gates),
            channel: if self.channel.is_empty() { DEFAULT_CHANNEL.to_owned() } else { self.channel },
            networking: self.networking,
            authorization: self.authorization,
            etcd_clusters: filled(self.etcd_clusters),
            encrypt_etcd_storage: self.encrypt_etcd_storage,
            etcd_storage_type: self.etcd_storage_type.filter(|kind| !kind.is_empty()),
            karpenter,
            discovery_store: self.discovery_store,
            cloud_labels: key_values(&self.cloud_labels)
                .map_err(|reason| CliError::message(format!("error parsing global cloud labels: {reason}")))?,
            admin_access: filled(self.admin_access),
            ssh_access: filled(self.ssh_access),
            bastion: self.bastion,
            api_load_balancer_type: self.api_loadbalancer_type,
            api_load_balancer_class: self.api_loadbalancer_class,
            api_ssl_certificate: self.api_ssl_certificate,
            api_public_name: self.api_public_name,
        };
        Ok(CreateClusterOptions {
            choices,
            subnet_ids: filled(subnet_ids),
            utility_subnet_ids: filled(utility_subnets),
            unsets: filled(self.unset),
            sets: split_lists(&self.set),
            ssh_public_key,
        })
    }
}

fn read_key(path: &str, invocation: &Invocation) -> Result<String, CliError> {
    read_text_bounded(&invocation.expanded(path), TEXT_LIMIT).map_err(|error| {
        CliError::message(format!("error reading SSH key file {path:?}: {}", std::io::Error::from(error)))
    })
}

/// Prints what would be created. The specs are stored by now, and may lack what the user adds next, such as a secret: then there is
/// only a warning.
async fn preview(invocation: &Invocation, state: &StateStore, name: &str, options: &UpdateOptions) {
    match update::direct::plan(invocation, state, name, options).await {
        Ok(plan) => {
            invocation.ui.text("Previewing changes that will be made:\n\n");
            invocation.ui.painted(Paint::Preview, &update::direct::preview_text(&plan.plan));
        }
        Err(error) => {
            let hints: String = error.hints.iter().map(|hint| format!("; {hint}")).collect();
            invocation.ui.warn(&format!("the specs are stored, but there is no preview: {}{hints}", error.message));
        }
    }
}

/// What storing the specs of a new cluster came to. A conflict means that another process has just created one of the same name.
fn stored<T>(name: &str, outcome: Result<T, ReplaceError>) -> Result<T, CliError> {
    outcome.map_err(|error| match error {
        ReplaceError::Commit(CommitError::Conflict { .. }) => CreateClusterError::Exists(name.to_owned()).into(),
        other => other.into(),
    })
}

/// The command that writes the files of a target again, or what is missing of them.
fn continued_by(name: &str, target: Target, out: &Path) -> String {
    format!("kopsform update cluster {name} --target {} --out {}", target.name(), out.display())
}

/// Suggestions for next steps in kops' words, with the commands of this program.
fn next_steps(new: &NewCluster) -> String {
    let name = &new.cluster.metadata.name;
    let mut text = format!(
        "\nCluster configuration has been created.\n\nSuggestions:\n\
         \x20* list clusters with: kopsform get cluster\n\
         \x20* edit this cluster with: kopsform edit cluster {name}\n"
    );
    let roles = [("node", false), ("control-plane", true)];
    for (role, control_plane) in roles {
        let of_role = |g: &&kopsform_spec::v1alpha2::InstanceGroup| match control_plane {
            true => g.is_control_plane(),
            false => g.role() == kopsform_spec::v1alpha2::InstanceGroupRole::Node,
        };
        if let Some(group) = new.groups.iter().find(of_role) {
            let group = &group.metadata.name;
            text.push_str(&format!(" * edit your {role} instance group: kopsform edit ig --name={name} {group}\n"));
        }
    }
    text.push_str(&format!(
        "\nFinally create it with: kopsform update cluster --name {name} --yes --admin\n\
         or write Terraform with: kopsform update cluster --name {name} --target terraform --out .\n\n"
    ));
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser;

    use super::*;
    use kopsform_env::Environment;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: CreateClusterArgs,
    }

    fn parse(line: &str) -> CreateClusterArgs {
        Line::try_parse_from(std::iter::once("x").chain(line.split(' '))).unwrap().args
    }

    fn options(line: &str) -> Result<CreateClusterOptions, CliError> {
        let environment = Environment::of([(env::KOPS_STATE_STORE, "s3://state/")]);
        parse(line).options("c.example.com", &Invocation::for_tests(environment))
    }

    #[test]
    fn a_space_in_a_list_is_found() {
        let error = parse("--zones us-east-1a, us-east-1b").check_spaces().unwrap_err();
        assert_eq!(error.message, "--zones ends with a comma, and \"us-east-1b\" would be the name of the cluster");
        assert_eq!(error.hints, ["write the list without spaces: --zones us-east-1a,us-east-1b"]);
        assert!(parse("a.example.com --zones us-east-1a,us-east-1b").check_spaces().is_ok());
        let mut args = parse("--zones x");
        args.zones = vec!["a".to_owned(), " b ".to_owned()];
        let environment = Environment::of([(env::KOPS_STATE_STORE, "s3://state/")]);
        let options = args.options("c.example.com", &Invocation::for_tests(environment)).unwrap();
        assert_eq!(options.choices.zones, ["a", "b"]);
    }

    #[test]
    fn flags_become_choices() {
        let options = options(
            "--zones a --zones b,c --vpc vpc-1 --master-size m5.large,m6i.large --associate-public-ip=false \
             --cloud-labels Team=x,Env=\"a=b\" --set spec.a=1,spec.b=2 --node-count 0 --kubernetes-feature-gates -A,+B",
        )
        .unwrap();
        let choices = &options.choices;
        assert_eq!(choices.zones, ["a", "b", "c"]);
        assert_eq!(choices.control_plane_sizes, ["m5.large", "m6i.large"]);
        assert_eq!((choices.network_id.as_str(), choices.associate_public_ip), ("vpc-1", Some(false)));
        assert_eq!(choices.cloud_labels["Env"], "a=b");
        assert_eq!(choices.config_base, "s3://state/c.example.com");
        assert_eq!((choices.node_count, choices.encrypt_etcd_storage), (None, None));
        assert_eq!(choices.feature_gates, ["-A", "+B"]);
        assert_eq!(options.sets, ["spec.a=1", "spec.b=2"]);
    }

    #[test]
    fn invalid_choices_are_refused_with_a_hint() {
        for line in [
            "--cloud azure",
            "--cloud gce",
            "--spotinst-product Linux/UNIX",
            "--instance-manager x",
            "--node-count=-1",
            "--api-server-count 1",
            "--config-base s3://b",
        ] {
            assert!(options(line).is_err(), "{line}");
        }
        assert_eq!(parse("--project p --os-octavia").elsewhere.given(), ["os-octavia"]);
        assert_eq!(parse("--project p").without_effect(Cloud::Aws), ["project"]);
        assert_eq!(parse("--node-tenancy dedicated").without_effect(Cloud::Gce), ["node-tenancy"]);
        assert!(parse("--dry-run").printed().is_err());
        assert_eq!(parse("--dry-run -o json").printed().unwrap(), Some(Printed::Json));
        assert_eq!(parse("-o json").printed().unwrap(), None);
        assert_eq!(parse("--yes").then(Target::Direct), Then::Direct);
        assert_eq!(parse("").then(Target::Direct), Then::Preview);
        assert_eq!(parse("--yes").then(Target::Terraform), Then::Terraform);
        assert_eq!(parse("").then(Target::CloudFormation), Then::CloudFormation);
    }
}
