//! What a module has besides resources: variables and data; and the descriptions of outputs.

use std::collections::BTreeMap;

use hcl::expr::{Expression, TemplateExpr};
use hcl::structure::Block;

use super::hcl_expr::{call, traversal};

/// The file in the data directory with names that carry a hash of the cluster's.
pub const NAMES_FILE: &str = "names.json";

/// The variables: the cluster's name and where its files are. Both have what the module was made from as default.
pub fn variables(cluster: &str) -> [Block; 2] {
    let name = variable(
        "cluster_name",
        concat!(
            "The name of the cluster, a DNS name. Clusters of one shape can share this module: each gives its name, and ",
            "the directory of files that was made for it.",
        ),
        Expression::String(cluster.to_owned()),
    );
    let directory = variable(
        "data_dir",
        "The directory with the cluster's policies, boot scripts, manifests and names; that of the module when null.",
        Expression::Null,
    );
    [name, directory]
}

fn variable(name: &str, description: &str, default: Expression) -> Block {
    Block::builder("variable")
        .add_label(name)
        .add_attribute(("description", description))
        .add_attribute(("type", Expression::from(hcl::expr::Variable::sanitized("string"))))
        .add_attribute(("default", default))
        .build()
}

/// Where files are.
pub fn data_dir() -> Expression {
    let own_directory = TemplateExpr::QuotedString("${path.module}/data".to_owned());
    call("coalesce", [traversal("var", ["data_dir"]), own_directory.into()])
}

/// Names that carry a hash of the cluster's.
pub fn names() -> Expression {
    let path = TemplateExpr::QuotedString(format!("${{local.data_dir}}/{NAMES_FILE}"));
    call("jsondecode", [call("file", [path.into()])])
}

/// Names by what they are for, as JSON with a line each.
pub fn names_file(names: &BTreeMap<String, String>) -> Vec<u8> {
    let json = |text: &str| serde_json::Value::from(text);
    let lines: Vec<_> = names.iter().map(|(purpose, name)| format!("  {}: {}", json(purpose), json(name))).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n")).into_bytes()
}

/// The description of an output, for users of the module.
pub fn describe(output: &str) -> String {
    let role = |name: &str| match name {
        "master" | "masters" => "the control plane".to_owned(),
        "node" | "nodes" => "the nodes".to_owned(),
        "bastion" | "bastions" => "the bastions".to_owned(),
        "apiserver" | "apiservers" => "the API servers".to_owned(),
        other => other.to_owned(),
    };
    let fixed = match output {
        "cluster_name" => "The name of the cluster.",
        "region" => "The region the cluster is in.",
        "project" => "The project the cluster is in.",
        "vpc_id" => "The id of the VPC.",
        "vpc_cidr_block" => "The IPv4 network of the VPC.",
        "vpc_ipv6_cidr_block" => "The IPv6 network of the VPC.",
        "vpc_ipv6_cidr_length" => "The prefix length of the VPC's IPv6 network, null without one.",
        "subnet_ids" => "The ids of the subnets that existed before the cluster.",
        "iam_openid_connect_provider_arn" => "The ARN of the identity provider of service accounts.",
        "iam_openid_connect_provider_issuer" => "The issuer of service account tokens, without a scheme.",
        _ => "",
    };
    if !fixed.is_empty() {
        return fixed.to_owned();
    }
    let between = |prefix: &str, suffix: &str| output.strip_prefix(prefix)?.strip_suffix(suffix).map(str::to_owned);
    if let Some(subnet) = between("subnet_", "_id") {
        format!("The id of the subnet {subnet}.")
    } else if let Some(table) = between("route_table_", "_id") {
        format!("The id of the {} route table.", table.replacen('-', " ", 1))
    } else if let Some(name) = output.strip_suffix("_autoscaling_group_ids") {
        format!("The ids of the auto scaling groups of {}.", role(name))
    } else if let Some(name) = output.strip_suffix("_security_group_ids") {
        format!("The ids of the security groups of {}.", role(name))
    } else if let Some(name) = output.strip_suffix("_subnet_ids") {
        format!("The ids of the subnets of {}.", role(name))
    } else if let Some(name) = output.strip_suffix("_role_arn") {
        format!("The ARN of the IAM role of {}.", role(name))
    } else if let Some(name) = output.strip_suffix("_role_name") {
        format!("The name of the IAM role of {}.", role(name))
    } else {
        format!("{}.", output.replace('_', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_described_by_what_they_hold() {
        for (output, description) in [
            ("masters_role_arn", "The ARN of the IAM role of the control plane."),
            ("node_subnet_ids", "The ids of the subnets of the nodes."),
            ("route_table_private-us-east-1a_id", "The id of the private us-east-1a route table."),
            ("subnet_us-east-1a_id", "The id of the subnet us-east-1a."),
        ] {
            assert_eq!(describe(output), description);
        }
    }
}
