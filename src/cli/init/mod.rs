//! `init`.

mod ask;

use crate::cli::output::OutputArgs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use super::flags::{Choice, choices};
use super::{CliError, Invocation};
use crate::ops::init::choices::{DnsType, LoadBalancerType};
use crate::ops::init::{self, Choices, FileState};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_files::{TEXT_LIMIT, read_text_bounded};
use kopsform_spec::address::S3Location;

/// Start a project: Terraform for the prerequisites, a cluster template and a Makefile
///
/// Writes a directory with everything from an empty AWS account to a running cluster. 1-prerequisites is Terraform for the network,
/// the hosted zone and the state store; 2-kops has the cluster's template, kopsform.yaml and a Makefile whose targets are the
/// steps of the workflow. README.md describes them.
///
/// On a terminal, asks for what is not given. Elsewhere, and with --yes, --name and --region are required and the rest has defaults.
/// Nothing is looked up: this works without network.
#[derive(Debug, clap::Args)]
#[command(override_usage = "kopsform init [OPTIONS] [leverage] DIR", after_long_help = EXAMPLES)]
pub struct InitArgs {
    /// The workflow, leverage, which is the default; and the new directory
    #[arg(value_name = "DIR", required = true, num_args = 1..=2)]
    words: Vec<String>,
    /// List the files instead of writing them
    #[arg(long)]
    dry_run: bool,
    /// Ask nothing: use the defaults for what is not given
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    output: OutputArgs,

    /// Region [default: that of --zones]
    #[arg(long, help_heading = CLUSTER)]
    region: Option<String>,
    /// Zones of the nodes [default: the first three of the region]
    #[arg(long, value_name = "ZONE", value_delimiter = ',', help_heading = CLUSTER)]
    zones: Vec<String>,
    /// Zones of the control plane, an odd number [default: three of the zones, or the first of one or two]
    #[arg(long, alias = "master-zones", value_name = "ZONE", value_delimiter = ',', help_heading = CLUSTER)]
    control_plane_zones: Vec<String>,
    /// Environment, for tags [default: dev]
    #[arg(long, help_heading = CLUSTER)]
    environment: Option<String>,
    /// Kubernetes version [default: the stable channel's]
    #[arg(long, value_name = "VERSION", help_heading = CLUSTER)]
    kubernetes_version: Option<String>,
    /// Image of all instances [default: the stable channel's]
    #[arg(long, help_heading = CLUSTER)]
    image: Option<String>,
    /// Instance type of the control plane [default: t3.medium]
    #[arg(long, alias = "master-size", value_name = "TYPE", help_heading = CLUSTER)]
    control_plane_size: Option<String>,
    /// Instance type of the worker nodes [default: t3.large]
    #[arg(long, value_name = "TYPE", help_heading = CLUSTER)]
    node_size: Option<String>,
    /// SSH public key of the instances, such as ~/.ssh/id_ed25519.pub [default: none]
    #[arg(long, value_name = "FILE", help_heading = CLUSTER)]
    ssh_public_key: Option<String>,

    /// CIDR of the new VPC, of size /16 to /22 [default: 10.20.0.0/16]
    #[arg(long, value_name = "CIDR", help_heading = NETWORK)]
    network_cidr: Option<String>,
    /// Existing VPC, instead of a new one
    #[arg(long, alias = "network-id", value_name = "VPC", help_heading = NETWORK)]
    vpc: Option<String>,
    /// Existing private subnets, one per zone and in the same order
    #[arg(long, value_name = "SUBNET", value_delimiter = ',', help_heading = NETWORK)]
    subnets: Vec<String>,
    /// Existing public subnets for load balancers, one per zone and in the same order
    #[arg(long, value_name = "SUBNET", value_delimiter = ',', help_heading = NETWORK)]
    utility_subnets: Vec<String>,
    /// Who resolves the cluster's names; a cluster under k8s.local has none [default: private]
    #[arg(long, value_parser = choices(DNS_TYPES), value_name = "TYPE", help_heading = NETWORK)]
    dns: Option<DnsType>,
    /// Existing hosted zone, by its ID [default: a new one with the cluster's name]
    #[arg(long, value_name = "ZONE", help_heading = NETWORK)]
    dns_zone: Option<String>,
    /// VPC in which the cluster's names are resolved too, such as that of a VPN
    #[arg(long, value_name = "VPC", help_heading = NETWORK)]
    shared_vpc: Option<String>,
    /// CIDR of the shared VPC, which gets access to the API
    #[arg(long, value_name = "CIDR", help_heading = NETWORK)]
    shared_vpc_cidr: Option<String>,
    /// AWS profile of the shared VPC's account, if it is another one
    #[arg(long, value_name = "PROFILE", help_heading = NETWORK)]
    shared_profile: Option<String>,
    /// Load balancer of the API [default: internal]
    #[arg(long, value_parser = choices(LOAD_BALANCERS), value_name = "TYPE", help_heading = NETWORK)]
    api_loadbalancer_type: Option<LoadBalancerType>,
    /// CIDRs that may access the API and SSH [default: those of the shared VPC, else of the VPC]
    #[arg(long, value_name = "CIDR", value_delimiter = ',', help_heading = NETWORK)]
    admin_access: Vec<String>,

    /// Bucket of the OIDC discovery documents [default: named after the cluster]
    #[arg(long, value_name = "BUCKET", help_heading = ACCOUNT)]
    discovery_bucket: Option<String>,
    /// Existing S3 bucket for Terraform's states [default: local files]
    #[arg(long, value_name = "BUCKET", help_heading = ACCOUNT)]
    backend: Option<String>,
    /// AWS profile of Terraform's providers
    #[arg(long, value_name = "PROFILE", help_heading = ACCOUNT)]
    profile: Option<String>,
}

const CLUSTER: &str = "Cluster";
const NETWORK: &str = "Network and names";
const ACCOUNT: &str = "Buckets and account";

const EXAMPLES: &str = "\
Examples:
  Ask for what is needed, on a terminal
    kopsform init demo

  A gossip cluster in a new VPC
    kopsform init leverage demo --name demo.k8s.local --region eu-west-1

  In a VPC that exists, with a hosted zone that exists
    kopsform init leverage demo --name k1.dev.example.com --zones us-east-1a,us-east-1b \\
      --vpc vpc-0123 --subnets subnet-01,subnet-02 --utility-subnets subnet-03,subnet-04 --dns-zone Z0123

  The Terraform of the new cluster, without AWS
    cd demo/2-kops && make preview
";

const DNS_TYPES: [Choice<DnsType>; 2] = [
    ("private", DnsType::Private, "Its VPC, and the shared one"),
    ("public", DnsType::Public, "Everyone; the zone has to be delegated from the domain above"),
];

const LOAD_BALANCERS: [Choice<LoadBalancerType>; 2] = [
    ("internal", LoadBalancerType::Internal, "Reached from networks that are connected to the VPC"),
    ("public", LoadBalancerType::Public, "Reached from the internet"),
];

/// The workflows that there are.
const LEVERAGE: &str = "leverage";

impl InitArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let dir = directory(&self.words)?;
        let mut choices = self.choices(invocation)?;
        if !self.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
            ask::fill(&mut choices, invocation)?;
        }
        let answers = choices.complete().map_err(|report| {
            CliError::message(format!("cannot start the project:\n{report}"))
                .hint("`kopsform init` asks for what is missing on a terminal; `kopsform init --help` lists the flags")
        })?;
        let plan = init::plan(&dir, &answers)?;
        let states = plan.states.clone();
        if !self.dry_run {
            plan.apply()?;
        }
        self.report(&dir, &states, invocation)
    }

    /// What was given, without defaults.
    fn choices(&self, invocation: &Invocation) -> Result<Choices, CliError> {
        let ssh_key = self.ssh_public_key.as_ref().map(|file| read_key(file, invocation)).transpose()?;
        Ok(Choices {
            name: invocation.global.name.clone().filter(|name| !name.is_empty()),
            region: self.region.clone(),
            zones: self.zones.clone(),
            control_plane_zones: self.control_plane_zones.clone(),
            environment: self.environment.clone(),
            kubernetes_version: self.kubernetes_version.clone(),
            image: self.image.clone(),
            control_plane_size: self.control_plane_size.clone(),
            node_size: self.node_size.clone(),
            dns: self.dns,
            dns_zone: self.dns_zone.clone(),
            vpc: self.vpc.clone(),
            network_cidr: self.network_cidr.clone(),
            subnets: self.subnets.clone(),
            utility_subnets: self.utility_subnets.clone(),
            shared_vpc: self.shared_vpc.clone(),
            shared_vpc_cidr: self.shared_vpc_cidr.clone(),
            shared_profile: self.shared_profile.clone(),
            admin_access: self.admin_access.clone(),
            api_load_balancer: self.api_loadbalancer_type,
            state_bucket: invocation.global.state.as_deref().map(bucket_of).transpose()?,
            discovery_bucket: self.discovery_bucket.clone(),
            ssh_key,
            profile: self.profile.clone(),
            backend: self.backend.clone(),
        })
    }

    fn report(
        &self,
        dir: &Path,
        states: &[(String, FileState)],
        invocation: &Invocation,
    ) -> Result<ExitCode, CliError> {
        let paths = |wanted: FileState| -> Vec<&str> {
            states.iter().filter(|(_, state)| *state == wanted).map(|(path, _)| path.as_str()).collect()
        };
        let (new, unchanged) = (paths(FileState::New), paths(FileState::Unchanged));
        let ui = &invocation.ui;
        if self.output.is_document() {
            let document = serde_json::json!({
                "directory": dir, "new": new, "unchanged": unchanged, "written": !self.dry_run,
            });
            self.output.report(ui, "", &document)?;
            return Ok(ExitCode::Done);
        }
        for (path, state) in states {
            let state = if *state == FileState::New { "new" } else { "unchanged" };
            ui.text(&format!("{state:<11}{}\n", dir.join(path).display()));
        }
        if self.dry_run {
            ui.note("Nothing was written (--dry-run)");
        } else {
            ui.text(&next_steps(dir));
        }
        Ok(ExitCode::Done)
    }
}

/// The commands that come next.
fn next_steps(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        "\nNext:\n   \
         make -C {dir}/2-kops preview               write the Terraform of the cluster with stand-in IDs, without AWS\n   \
         make -C {dir}/1-prerequisites apply        create the network and the state store\n   \
         make -C {dir}/2-kops cluster-update plan   store the cluster, write kubernetes.tf, show what it creates\n\n\
         {dir}/README.md describes the workflow.\n"
    )
}

/// The new directory.
fn directory(words: &[String]) -> Result<PathBuf, CliError> {
    match words {
        [kind] if kind == LEVERAGE => Err(CliError::message("the new directory is missing")
            .hint("kopsform init leverage DIR; for a directory of that name: kopsform init ./leverage")),
        [dir] => Ok(PathBuf::from(dir)),
        [kind, dir] if kind == LEVERAGE => Ok(PathBuf::from(dir)),
        [kind, ..] => {
            Err(CliError::message(format!("{kind:?} is not a workflow"))
                .hint("there is one: kopsform init leverage DIR"))
        }
        [] => Err(CliError::message("the new directory is missing").hint("kopsform init leverage DIR")),
    }
}

/// The bucket of `--state`.
fn bucket_of(url: &str) -> Result<String, CliError> {
    let plain = url.trim_end_matches('/');
    let is_bucket = plain.strip_prefix("s3://").is_some_and(|rest| !rest.is_empty() && !rest.contains('/'));
    let bucket = S3Location::bucket_of(plain).filter(|_| is_bucket);
    bucket.ok_or_else(|| {
        CliError::message(format!("--state: {url:?} is not a bucket"))
            .hint("the project creates the bucket of the state store: --state s3://BUCKET")
    })
}

/// The content of a public key.
fn read_key(file: &str, invocation: &Invocation) -> Result<String, CliError> {
    let path = invocation.expanded(file);
    let text = read_text_bounded(&path, TEXT_LIMIT).map_err(|error| {
        let error = std::io::Error::from(error);
        CliError::message(format!("cannot read the SSH public key {}: {error}", path.display()))
    })?;
    if text.contains("PRIVATE KEY") {
        return Err(CliError::message(format!("{} is a private key", path.display()))
            .hint("name the public key, which ends in .pub"));
    }
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_workflow_may_be_left_out() {
        let of = |words: &[&str]| directory(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["demo"]).unwrap(), Path::new("demo"));
        assert_eq!(of(&["leverage", "demo"]).unwrap(), Path::new("demo"));
        assert_eq!(of(&["leverage"]).unwrap_err().message, "the new directory is missing");
        assert!(of(&["minimal", "demo"]).unwrap_err().message.contains("\"minimal\""));
    }

    #[test]
    fn the_state_store_is_a_whole_bucket() {
        assert_eq!(bucket_of("s3://state/").unwrap(), "state");
        for url in ["s3://", "s3://a/b", "gs://a", "file:///a", "a"] {
            assert!(bucket_of(url).unwrap_err().message.contains("is not a bucket"), "{url}");
        }
    }
}
