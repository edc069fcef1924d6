//! What Terraform itself says about the output: its formatting, its validity in each layout, and what texts become.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kopsform::env::Environment;
use kopsform::lookup::Facts;
use kopsform::model::names::load_balancer_name;
use kopsform::model::resources::{IamRole, LoadBalancer, Subnet, SubnetIpv6Cidr, SubnetMapping, Tags, Vpc};
use kopsform::model::{DataFile, Graph, Ipv6Subnet, Layer, Lifecycles, ManagedFile, Value};
use kopsform::terraform::{self, Layout, Options, ProviderBlocks};

use crate::support::{clean, skip, succeed, tool};

const CLUSTER: &str = "a.example.com";

/// Terraform in a folder, with providers from a mirror where there is one.
struct Terraform {
    home: tempfile::TempDir,
    program: PathBuf,
}

impl Terraform {
    /// `None`, after [`skip`], where Terraform is not installed.
    fn find() -> Option<Self> {
        let Some(program) = tool("terraform") else {
            skip("terraform is not installed");
            return None;
        };
        let home = tempfile::tempdir().unwrap();
        let config = plugin_mirror().map_or_else(String::new, |mirror| {
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n")
        });
        fs::write(home.path().join("terraformrc"), config).unwrap();
        Some(Self { home, program })
    }

    fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        clean(&mut command, self.home.path());
        command
            .args(arguments)
            .current_dir(folder)
            .env("TF_CLI_CONFIG_FILE", self.home.path().join("terraformrc"))
            .env("TF_DATA_DIR", self.home.path().join("data"))
            .env("CHECKPOINT_DISABLE", "1");
        command
    }

    #[track_caller]
    fn assert_formatted(&self, folder: &Path) {
        succeed(&mut self.command(folder, &["fmt", "-check", "-diff", "-recursive"]));
    }

    /// Says false, after [`skip`], where the AWS provider cannot be had.
    #[track_caller]
    fn validates(&self, folder: &Path) -> bool {
        let output = self.command(folder, &["init", "-backend=false", "-input=false", "-no-color"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() && said.contains("Failed to query available provider packages") {
            skip("terraform finds no AWS provider");
            return false;
        }
        assert!(output.status.success(), "{said}");
        succeed(&mut self.command(folder, &["validate", "-no-color"]));
        true
    }
}

/// A folder of provider packages, as `terraform providers mirror` makes them: the one that `KOPSFORM_TEST_PROVIDERS`
/// names, or one among the places where software that is not packaged lies.
fn plugin_mirror() -> Option<PathBuf> {
    if let Some(mirror) = std::env::var_os("KOPSFORM_TEST_PROVIDERS") {
        return Some(mirror.into());
    }
    let folders = ["/opt", "/usr/local/share", "/usr/share"].iter().filter_map(|folder| fs::read_dir(folder).ok());
    folders.flatten().flatten().map(|entry| entry.path()).find(|path| path.join("registry.terraform.io").is_dir())
}

/// A graph with a resource for everything the printer does: texts that look like templates, files, blocks, references
/// and computed networks.
fn graph() -> Graph {
    let mut graph = Graph::new(CLUSTER, Lifecycles::default());
    graph.provider.region = "us-east-1".into();
    let tags = |pairs: &[(&str, &str)]| -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let vpc = Vpc {
        cidr_block: "10.0.0.0/16".into(),
        assign_generated_ipv6_cidr_block: Some(true),
        tags: tags(&[
            ("Name", CLUSTER),
            (&format!("kubernetes.io/cluster/{CLUSTER}"), "owned"),
            ("quoted \"${key}\"", "a ${b} %{if} \\ \"c\"\n\td ü"),
        ]),
        ..Vpc::default()
    };
    graph.add(Layer::Network, CLUSTER, vpc).unwrap();
    graph.output("vpc_id", Vpc::attribute(CLUSTER, "id")).unwrap();
    graph.output("vpc_ipv6_cidr_block", Vpc::attribute(CLUSTER, "ipv6_cidr_block")).unwrap();
    graph.output("vpc_ipv6_cidr_length", Value::VpcIpv6PrefixLength).unwrap();
    let subnet = Subnet {
        availability_zone: "us-east-1a".into(),
        cidr_block: Some("10.0.0.0/24".into()),
        ipv6_cidr_block: Some(SubnetIpv6Cidr::OfVpc(Ipv6Subnet { prefix_length: 64, index: 1 })),
        vpc_id: Vpc::id_of(CLUSTER),
        ..Subnet::default()
    };
    graph.add(Layer::Network, format!("us-east-1a.{CLUSTER}"), subnet).unwrap();
    let balancer = LoadBalancer {
        load_balancer_type: "network".into(),
        name: load_balancer_name(CLUSTER, "api"),
        subnet_mapping: vec![SubnetMapping {
            subnet_id: Subnet::id_of(format!("us-east-1a.{CLUSTER}")),
            ..SubnetMapping::default()
        }],
        ..LoadBalancer::default()
    };
    graph.add(Layer::Cluster, format!("api.{CLUSTER}"), balancer).unwrap();
    let role = IamRole {
        assume_role_policy: DataFile::text("policy", r#"{"Version": "2012-10-17", "Statement": []}"#),
        name: format!("nodes.{CLUSTER}"),
        ..IamRole::default()
    };
    graph.add(Layer::Security, format!("nodes.{CLUSTER}"), role).unwrap();
    let file = ManagedFile {
        name: "cluster-completed.spec".into(),
        base: format!("s3://state/{CLUSTER}"),
        key: "cluster-completed.spec".into(),
        content: "kind: Cluster\n".into(),
        public: false,
    };
    graph.add_file(Layer::Cluster, &file, &Facts::default(), &Environment::default()).unwrap();
    graph
}

fn write(graph: &Graph, layout: Layout, provider_blocks: ProviderBlocks, folder: &Path) {
    let output = terraform::render(graph, &Options { layout, provider_blocks });
    terraform::write(&output, folder).unwrap();
}

/// The providers a person has in files of their own.
const CONFIG: &str = r#"provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "files"
  region = "us-east-1"
}
"#;

#[test]
fn every_layout_is_formatted_and_valid() {
    let Some(terraform) = Terraform::find() else { return };
    let graph = graph();
    for layout in [Layout::Single, Layout::Split] {
        for blocks in [ProviderBlocks::Full, ProviderBlocks::None] {
            let folder = tempfile::tempdir().unwrap();
            write(&graph, layout, blocks, folder.path());
            terraform.assert_formatted(folder.path());
            if blocks == ProviderBlocks::None {
                fs::write(folder.path().join("config.tf"), CONFIG).unwrap();
            }
            if !terraform.validates(folder.path()) {
                return;
            }
        }
    }
}

#[test]
fn one_module_does_for_several_clusters() {
    let Some(terraform) = Terraform::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    write(&graph(), Layout::Module, ProviderBlocks::Full, &folder.path().join("cluster"));
    let root = format!(
        r#"{CONFIG}
module "cluster" {{
  for_each     = toset(["blue.example.com", "green.example.com"])
  source       = "./cluster"
  cluster_name = each.key
  data_dir     = "${{path.module}}/clusters/${{each.key}}"
  providers = {{
    aws       = aws
    aws.files = aws.files
  }}
}}
"#
    );
    fs::write(folder.path().join("main.tf"), root).unwrap();
    terraform.assert_formatted(folder.path());
    terraform.validates(folder.path());
}

#[test]
fn texts_reach_terraform_as_they_are() {
    let Some(terraform) = Terraform::find() else { return };
    let texts = [
        "plain",
        "${a} %{b} $${c} %%{d} $ % {e}",
        "$$ $$${f}$${ $",
        "\"quoted\" \\ back\\n",
        "two\nlines\tand a tab\r",
        "control \u{1} \u{7f} ünï çödé 日本 \u{1f600}",
        "",
    ];
    let mut graph = Graph::new(CLUSTER, Lifecycles::default());
    for (index, text) in texts.iter().enumerate() {
        graph.output(&format!("text_{index}"), *text).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    write(&graph, Layout::Single, ProviderBlocks::None, folder.path());
    terraform.assert_formatted(folder.path());
    succeed(&mut terraform.command(folder.path(), &["apply", "-auto-approve", "-input=false", "-no-color"]));
    let output = succeed(&mut terraform.command(folder.path(), &["output", "-json"]));
    let outputs: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(outputs[&format!("text_{index}")]["value"], serde_json::Value::from(*text));
    }
}
