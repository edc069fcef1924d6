#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn resolve(text: &str) -> String {
    let files = Files::from([
        ("main.tf".to_owned(), text.as_bytes().to_vec()),
        ("data/names.json".to_owned(), b"{\"api\": \"api-x\"}".to_vec()),
    ]);
    let out = resolved(&files);
    assert_eq!(out.keys().collect::<Vec<_>>(), ["data/names.json", SINGLE_FILE]);
    String::from_utf8(out[SINGLE_FILE].clone()).unwrap()
}

fn assert_resolves(text: &str, expected: &str) {
    let resolved = resolve(text);
    assert_eq!(hcl::parse(&resolved).unwrap(), hcl::parse(expected).unwrap(), "{resolved}");
}

#[test]
fn resources_with_for_each_become_one_block_each() {
    assert_resolves(
        r#"
locals {
  tags = { Cluster = var.name }
}
variable "name" {
  default = "a.example.com"
}
resource "aws_subnet" "this" {
  for_each   = { a = { cidr = "10.0.0.0/24" }, b = { cidr = "10.0.1.0/24", zone = "x" } }
  cidr_block = each.value.cidr
  zone       = try(each.value.zone, null)
  tags       = merge(local.tags, { Name = "${each.key}.${var.name}" })
}
"#,
        r#"
resource "aws_subnet" "this[\"a\"]" {
  cidr_block = "10.0.0.0/24"
  tags = {
    "Cluster" = "a.example.com"
    "Name"    = "a.a.example.com"
  }
}

resource "aws_subnet" "this[\"b\"]" {
  cidr_block = "10.0.1.0/24"
  zone       = "x"
  tags = {
    "Cluster" = "a.example.com"
    "Name"    = "b.a.example.com"
  }
}

variable "name" {
  default = "a.example.com"
}
"#,
    );
}

#[test]
fn dynamic_blocks_become_blocks() {
    assert_resolves(
        r#"
resource "aws_lb" "api" {
  dynamic "subnet_mapping" {
    for_each = toset(["b", "a"])
    content {
      subnet_id = aws_subnet.this[subnet_mapping.value].id
    }
  }
}
"#,
        r#"
resource "aws_lb" "api" {
  subnet_mapping {
    subnet_id = aws_subnet.this["a"].id
  }
  subnet_mapping {
    subnet_id = aws_subnet.this["b"].id
  }
}
"#,
    );
}

#[test]
fn what_only_terraform_knows_stays() {
    for text in [
        "resource \"aws_vpc\" \"a\" {\n  for_each = var.unknown\n  name     = each.value.x\n}\n",
        "resource \"aws_vpc\" \"a\" {\n  name = cidrsubnet(aws_vpc.a.cidr_block, 8, 1)\n}\n",
        "resource \"aws_vpc\" \"a\" {\n  name = \"${path.module}/x\"\n}\n",
        "resource \"aws_vpc\" \"a\" {\n  name = [for x in aws_vpc.b : x.id]\n}\n",
        "resource \"aws_vpc\" \"a\" {\n  name = local.missing\n}\n",
    ] {
        assert_resolves(text, text);
    }
}

#[test]
fn functions_of_known_values_are_values() {
    for (expression, value) in [
        ("jsondecode(file(\"${path.module}/data/names.json\"))[\"api\"]", "\"api-x\""),
        ("coalesce(null, \"a\")", "\"a\""),
        ("replace(\"a.b.c\", \".\", \"-\")", "\"a-b-c\""),
        ("replace(\"a.b\", \"/./\", \"-\")", "replace(\"a.b\", \"/./\", \"-\")"),
        ("lookup({a = 1}, \"b\", 2)", "2"),
        ("concat([1], [2])", "[1, 2]"),
        ("[for k, v in {a = 1} : \"${k}-${v}\" if v == 1]", "[\"a-1\"]"),
        ("{for x in [\"a\"] : x => upper(x)}[\"a\"]", "upper(\"a\")"),
        ("true ? \"x\" : aws_vpc.a.id", "\"x\""),
        ("try({a = 1}.b, {a = 1}.a)", "1"),
        ("\"$${x} \\\"${\"y\"}\\\"\"", "\"$${x} \\\"y\\\"\""),
    ] {
        assert_resolves(
            &format!("resource \"aws_vpc\" \"a\" {{\n  name = {expression}\n}}\n"),
            &format!("resource \"aws_vpc\" \"a\" {{\n  name = {value}\n}}\n"),
        );
    }
}

#[test]
fn files_that_are_no_hcl_and_circles_are_left_alone() {
    let files = Files::from([("a.tf".to_owned(), b"resource {{".to_vec())]);
    assert_eq!(resolved(&files), files);
    resolve("locals {\n  a = local.b\n  b = local.a\n}\nresource \"aws_vpc\" \"a\" {\n  name = local.a\n}\n");
}

#[test]
fn locals_that_double_each_other_end() {
    let mut text = String::from("locals {\n  a0 = \"x\"\n");
    for i in 1..40 {
        text.push_str(&format!("  a{i} = [local.a{0}, local.a{0}]\n", i - 1));
    }
    text.push_str("}\nresource \"aws_vpc\" \"a\" {\n  name = local.a39\n}\n");
    resolve(&text);
}

/// In every layout, each resource of the graph has a block, and nothing is left to evaluate.
#[test]
fn every_layout_resolves_to_the_resources_of_the_single_one() {
    use crate::{Layout, Options, render};
    use kopsform_model::aws::{iam, load_balancer, network, security_groups};
    use kopsform_model::fixture::{Fixture, group};
    use kopsform_model::{Context, Graph, GraphError};
    use kopsform_spec::v1alpha2::InstanceGroupRole;

    fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
        graph.export_of_cluster("cluster_name", context.cluster_name())?;
        for builder in [network::build, security_groups::build, load_balancer::build, iam::build] {
            builder(context, graph)?;
        }
        Ok(())
    }

    let mut fixture = Fixture::default();
    for (name, role) in [("bastion", InstanceGroupRole::Bastion), ("workers", InstanceGroupRole::Node)] {
        fixture.groups.push(group(name, role));
    }
    let graph = fixture.build(build).unwrap();
    for layout in [Layout::Single, Layout::Split, Layout::Module] {
        let output = render(&graph, &Options { layout, ..Options::default() }).unwrap();
        let out = resolved(&output.files);
        let text = String::from_utf8(out[SINGLE_FILE].clone()).unwrap();
        let body = hcl::parse(&text).unwrap();
        let resources = body.blocks().filter(|block| block.identifier() == "resource").count();
        assert_eq!(resources, output.addresses.len(), "{layout:?}");
        for unresolved in ["for_each", "each.", "local.", "dynamic", "var."] {
            assert!(!text.contains(unresolved), "{layout:?}: {unresolved}: {text}");
        }
    }
}

proptest! {
    #[test]
    fn no_configuration_makes_it_panic(text in "(resource|locals|variable|dynamic|for_each|each\\.value|local\\.a|\"[a$]\\{?x?\\}?\"|[\\[\\]{}=,.\n \"a-z$]){0,30}") {
        resolved(&Files::from([("a.tf".to_owned(), text.into_bytes())]));
    }
}
