//! What Terraform itself says about the output: its formatting, its validity in each layout, and the values of strings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kopsform_model::aws::iam::PolicyDocument;
use kopsform_model::aws::resources::{
    IamRole, NetworkLoadBalancer, NthSubnet, Subnet, SubnetIpv6, SubnetMapping, Tags, Vpc,
};
use kopsform_model::{FileStorage, Graph, Layer, Lifecycles, ManagedFile, Text, text};
use kopsform_spec::names::load_balancer_name;
use kopsform_terraform::{self as terraform, Layout, Options, Protected, ProviderBlocks};

use crate::support::terraform::{PROVIDERS, Terraform};
use crate::support::{files, root, succeed};

const CLUSTER: &str = "a.example.com";

fn cluster() -> Text {
    Text::cluster_name(CLUSTER)
}

/// A graph with a resource for everything the printer does: strings that look like templates, files, blocks, references
/// and computed networks.
fn graph() -> Graph {
    let mut graph = Graph::new(CLUSTER, "us-east-1", Lifecycles::default());
    let vpc = Vpc {
        cidr: "10.0.0.0/16".into(),
        amazon_ipv6: true,
        dns_hostnames: true,
        dns_support: true,
        tags: Tags::from([
            ("Name".into(), cluster()),
            (text!["kubernetes.io/cluster/", cluster()], "owned".into()),
            ("quoted \"${key}\"".into(), "a ${b} %{if} \\ \"c\"\n\td ü".into()),
        ]),
    };
    let vpc = graph.add(Layer::Network, cluster(), vpc).unwrap();
    graph.export(&vpc, "vpc_id", vpc.id()).unwrap();
    graph.export(&vpc, "vpc_ipv6_cidr_block", vpc.ipv6_cidr()).unwrap();
    graph.export(&vpc, "vpc_ipv6_cidr_length", vpc.ipv6_prefix_length()).unwrap();
    let subnet = Subnet {
        vpc,
        zone: "us-east-1a".into(),
        ipv4: Some("10.0.0.0/24".into()),
        ipv6: Some(SubnetIpv6::Nth(NthSubnet { prefix_length: 64, index: 1 })),
        named_by_resource: false,
        tags: Tags::new(),
    };
    let subnet = graph.add(Layer::Network, text!["us-east-1a.", cluster()], subnet).unwrap();
    let balancer = NetworkLoadBalancer {
        name: Text::truncated("api", load_balancer_name(CLUSTER, "api")),
        internal: false,
        dual_stack: false,
        cross_zone: false,
        subnets: vec![SubnetMapping { subnet, address: None, private_ipv4: None }],
        security_groups: Vec::new(),
        access_log: None,
        tags: Tags::new(),
    };
    graph.add(Layer::Cluster, text!["api.", cluster()], balancer).unwrap();
    let name = text!["nodes.", cluster()];
    let trust = PolicyDocument::new(Vec::new());
    let role = IamRole { name: name.clone(), trust, permissions_boundary: None, tags: Tags::new() };
    graph.add(Layer::Security, name, role).unwrap();
    let file = ManagedFile {
        name: "cluster-completed.spec".into(),
        base: format!("s3://state/{CLUSTER}"),
        key: "cluster-completed.spec".into(),
        content: "kind: Cluster\n".into(),
        storage: FileStorage { region: "us-east-1".into(), ..FileStorage::default() },
        ..ManagedFile::default()
    };
    graph.add(Layer::Cluster, file.name.clone(), file).unwrap();
    graph
}

fn write(graph: &Graph, layout: Layout, provider_blocks: ProviderBlocks, directory: &Path) {
    let output = terraform::render(graph, &Options { layout, provider_blocks, ..Options::default() }).unwrap();
    terraform::write(&output, directory, terraform::ForeignFiles::Keep).unwrap();
}

#[test]
fn every_layout_is_formatted_and_valid() {
    let Some(terraform) = Terraform::find() else { return };
    terraform.keep_provider(|_| {});
    let graph = graph();
    let home = tempfile::tempdir().unwrap();
    let mut written = Vec::new();
    for layout in [Layout::Single, Layout::Split] {
        for blocks in [ProviderBlocks::Full, ProviderBlocks::None] {
            let name = format!("{layout:?}-{blocks:?}");
            let directory = home.path().join(&name);
            write(&graph, layout, blocks, &directory);
            if blocks == ProviderBlocks::None {
                fs::write(directory.join("config.tf"), PROVIDERS).unwrap();
            }
            written.push(name);
        }
    }
    terraform.assert_formatted(home.path());
    terraform.validates_each(home.path(), written);
}

/// A module that has no `terraform` block takes its providers by one of the user's.
const MODULE_PROVIDERS: &str = r#"terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.files]
    }
  }
}
"#;

#[test]
fn a_module_is_valid_with_its_provider_requirements_and_with_those_of_the_user() {
    let Some(terraform) = Terraform::find() else { return };
    terraform.keep_provider(|_| {});
    let home = tempfile::tempdir().unwrap();
    let callers = [("required", ProviderBlocks::Required), ("none", ProviderBlocks::None)];
    for (name, blocks) in callers {
        let directory = home.path().join(name);
        let module = directory.join("cluster");
        write(&graph(), Layout::Module, blocks, &module);
        if blocks == ProviderBlocks::None {
            fs::write(module.join("config.tf"), MODULE_PROVIDERS).unwrap();
        }
        let call = "module \"cluster\" {\n  source = \"./cluster\"\n  providers = {\n    aws       = aws\n    \
                    aws.files = aws.files\n  }\n}\n";
        fs::write(directory.join("main.tf"), format!("{PROVIDERS}\n{call}")).unwrap();
    }
    terraform.assert_formatted(home.path());
    terraform.validates_each(home.path(), callers.map(|(name, _)| name));
}

#[test]
fn guards_and_versions_are_valid_in_every_layout() {
    let Some(terraform) = Terraform::find() else { return };
    terraform.keep_provider(|_| {});
    let home = tempfile::tempdir().unwrap();
    let layouts = [("single", Layout::Single), ("split", Layout::Split)];
    for (name, layout) in layouts {
        let options = Options {
            layout,
            prevent_destroy: [Protected::Etcd, Protected::Api].into(),
            aws_provider: Some(">= 5.0, < 7.0".parse().unwrap()),
            terraform_version: Some(">= 1.3".parse().unwrap()),
            ..Options::default()
        };
        let output = terraform::render(&graph(), &options).unwrap();
        let text: String = output.files.values().map(|content| String::from_utf8_lossy(content)).collect();
        assert_eq!(text.matches("prevent_destroy = true").count(), 1, "the load balancer: {text}");
        for constraint in ["= \">= 5.0, < 7.0\"", "required_version = \">= 1.3\""] {
            assert!(text.contains(constraint), "{text}");
        }
        terraform::write(&output, &home.path().join(name), terraform::ForeignFiles::Keep).unwrap();
    }
    terraform.assert_formatted(home.path());
    terraform.validates_each(home.path(), layouts.map(|(name, _)| name));
}

#[test]
fn one_module_does_for_several_clusters() {
    let Some(terraform) = Terraform::find() else { return };
    let directory = tempfile::tempdir().unwrap();
    write(&graph(), Layout::Module, ProviderBlocks::Full, &directory.path().join("cluster"));
    let root = format!(
        r#"{PROVIDERS}
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
    fs::write(directory.path().join("main.tf"), root).unwrap();
    terraform.assert_formatted(directory.path());
    terraform.validates(directory.path());
}

#[test]
fn strings_reach_terraform_as_they_are() {
    let Some(terraform) = Terraform::find() else { return };
    let strings = [
        "plain",
        "${a} %{b} $${c} %%{d} $ % {e}",
        "$$ $$${f}$${ $",
        "\"quoted\" \\ back\\n",
        "two\nlines\tand a tab\r",
        "control \u{1} \u{7f} ünï çödé 日本 \u{1f600}",
        "",
    ];
    let mut graph = Graph::new(CLUSTER, "us-east-1", Lifecycles::default());
    for (index, text) in strings.iter().enumerate() {
        graph.export_of_cluster(format!("text_{index}"), *text).unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    write(&graph, Layout::Single, ProviderBlocks::None, directory.path());
    terraform.assert_formatted(directory.path());
    succeed(&mut terraform.command(directory.path(), &["apply", "-auto-approve", "-input=false", "-no-color"]));
    let output = succeed(&mut terraform.command(directory.path(), &["output", "-json"]));
    let outputs: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    for (index, text) in strings.iter().enumerate() {
        assert_eq!(outputs[&format!("text_{index}")]["value"], serde_json::Value::from(*text));
    }
}

/// What Terraform 0.12.26 knows of what the printer could write: blocks, the arguments of blocks that are Terraform's own, and
/// functions. Later releases know more; look up a name that is not here in theirs.
const BLOCKS_OF_0_12: [&str; 7] = ["locals", "output", "provider", "resource", "data", "terraform", "variable"];
const ARGUMENTS_OF_0_12: [(&str, &[&str]); 3] = [
    ("output", &["value", "description"]),
    ("variable", &["type", "description", "default"]),
    ("terraform", &["required_version", "required_providers"]),
];
const FUNCTIONS_OF_0_12: [&str; 12] = [
    "file",
    "filebase64",
    "cidrsubnet",
    "tonumber",
    "regex",
    "jsondecode",
    "coalesce",
    "replace",
    "merge",
    "toset",
    "try",
    "values",
];

#[test]
fn nothing_is_newer_than_terraform_0_12() {
    let graph = graph();
    for layout in [Layout::Single, Layout::Split, Layout::Module] {
        let output = terraform::render(&graph, &Options { layout, ..Options::default() }).unwrap();
        for (path, content) in output.files.iter().filter(|(path, _)| path.ends_with(".tf")) {
            let body = hcl::parse(std::str::from_utf8(content).unwrap()).unwrap();
            for block in body.blocks() {
                let kind = block.identifier();
                assert!(BLOCKS_OF_0_12.contains(&kind), "{path}: {kind}");
                if let Some((_, known)) = ARGUMENTS_OF_0_12.iter().find(|(name, _)| *name == kind) {
                    let nested = block.body().blocks().map(hcl::Block::identifier);
                    for argument in block.body().attributes().map(hcl::Attribute::key).chain(nested) {
                        assert!(known.contains(&argument), "{path}: {kind}.{argument}");
                    }
                }
                check_expressions(path, block.body());
            }
            // A module is given its providers by a newer Terraform only, and says so.
            let takes_providers = layout == Layout::Module;
            let text = String::from_utf8_lossy(content);
            assert!(takes_providers || !text.contains("configuration_aliases"), "{path}");
        }
    }
}

fn check_expressions(path: &str, body: &hcl::Body) {
    body.attributes().for_each(|attribute| check_expression(path, attribute.expr()));
    body.blocks().for_each(|block| check_expressions(path, block.body()));
}

fn check_expression(path: &str, expression: &hcl::Expression) {
    use hcl::Expression;
    use hcl::expr::Operation;
    let check = |expression: &Expression| check_expression(path, expression);
    match expression {
        Expression::FuncCall(call) => {
            let name = call.name.to_string();
            assert!(FUNCTIONS_OF_0_12.contains(&name.as_str()), "{path}: {name}()");
            call.args.iter().for_each(check);
        }
        Expression::Array(items) => items.iter().for_each(check),
        Expression::Object(entries) => entries.iter().for_each(|(_, value)| check(value)),
        Expression::Conditional(conditional) => {
            [&conditional.cond_expr, &conditional.true_expr, &conditional.false_expr].into_iter().for_each(check);
        }
        Expression::Parenthesis(inner) => check(inner),
        Expression::Traversal(traversal) => check(&traversal.expr),
        Expression::Operation(operation) => match operation.as_ref() {
            Operation::Unary(operation) => check(&operation.expr),
            Operation::Binary(operation) => {
                check(&operation.lhs_expr);
                check(&operation.rhs_expr);
            }
        },
        Expression::ForExpr(each) => {
            check(&each.collection_expr);
            check(&each.value_expr);
        }
        _ => {}
    }
}

/// The arguments of the provider's resources, by the path of their block.
fn arguments_of_provider(version: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("tests/aws_provider").join(format!("{version}.txt"))).unwrap();
    let line = |line: &str| {
        let (path, arguments) = line.split_once(':').unwrap();
        (path.to_owned(), arguments.split_whitespace().map(str::to_owned).collect())
    };
    text.lines().map(line).collect()
}

/// Fails if a block has an argument, or a block in it, that the provider doesn't know.
fn check_arguments(at: &str, path: &str, body: &hcl::Body, known: &BTreeMap<String, BTreeSet<String>>) -> usize {
    let arguments = known.get(path).unwrap_or_else(|| panic!("{at}: {path} is no block of the provider"));
    let mut count = 0;
    for argument in body.attributes().map(hcl::Attribute::key) {
        // Terraform's own.
        if !matches!(argument, "provider" | "for_each") {
            assert!(arguments.contains(argument), "{at}: {path}.{argument}");
            count += 1;
        }
    }
    for block in body.blocks() {
        count += match block.identifier() {
            "lifecycle" => 0,
            "dynamic" => {
                let content = block.body().blocks().find(|block| block.identifier() == "content").unwrap();
                check_arguments(at, &format!("{path}.{}", block.labels()[0].as_str()), content.body(), known)
            }
            name => check_arguments(at, &format!("{path}.{name}"), block.body(), known),
        };
    }
    count
}

fn is_resource_of_aws(block: &hcl::Block) -> bool {
    block.identifier() == "resource" && block.labels()[0].as_str().starts_with("aws_")
}

/// The outputs of the goldens, which have every layout, and of a graph with what they don't have.
#[test]
fn every_argument_is_one_of_the_provider_in_versions_5_and_6() {
    let mut sources = BTreeMap::new();
    for (path, content) in files(&root().join("golden")) {
        if path.ends_with(".tf") {
            sources.insert(path, content);
        }
    }
    for layout in [Layout::Single, Layout::Split, Layout::Module] {
        let output = terraform::render(&graph(), &Options { layout, ..Options::default() }).unwrap();
        let tf = output.files.into_iter().filter(|(path, _)| path.ends_with(".tf"));
        sources.extend(tf.map(|(path, content)| (format!("{layout:?}/{path}"), content)));
    }
    for version in ["5", "6"] {
        let known = arguments_of_provider(version);
        let mut count = 0;
        for (path, content) in &sources {
            let body = hcl::parse(std::str::from_utf8(content).unwrap()).unwrap();
            for block in body.blocks().filter(|block| is_resource_of_aws(block)) {
                let at = format!("{path}, version {version}");
                count += check_arguments(&at, block.labels()[0].as_str(), block.body(), &known);
            }
        }
        assert!(count > 1000, "{count}");
    }
}
