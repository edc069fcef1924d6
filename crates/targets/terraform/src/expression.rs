//! Values of the model as HCL expressions: references are traversals, files are function calls, texts are quoted.

use std::collections::BTreeMap;

use hcl::expr::{
    BinaryOp, BinaryOperator, Conditional, Expression, FuncCall, Object, ObjectKey, TemplateExpr, Traversal, Variable,
};
use hcl::structure::{Attribute, Block, Body, Structure};
use hcl::{Identifier, Number};

use super::format::escape;
use super::naming::Naming;
use kopsform_model::aws::resources::{Argument, Arguments};
use kopsform_model::{DataFile, FileReading, Ipv6Subnet, ProviderAlias, Reference, ReferenceKind, Value};

/// Turns arguments into HCL, and gathers the files they read.
#[derive(Debug)]
pub struct Converter {
    /// How things are called.
    pub naming: Naming,
    /// Path below the output directory → content.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The folder of data files in the output directory.
pub const DATA_FOLDER: &str = "data";

/// The local that holds the VPC's IPv6 network.
const VPC_IPV6_CIDR_BLOCK: &str = "vpc_ipv6_cidr_block";
/// The local that holds its prefix length.
const VPC_IPV6_CIDR_LENGTH: &str = "vpc_ipv6_cidr_length";

impl Converter {
    /// A converter that has seen no files yet.
    pub fn new(naming: Naming) -> Self {
        Self { naming, files: BTreeMap::new() }
    }

    /// The body of a block: arguments in the order of their names, as kops writes them.
    ///
    /// `owner` is the resource's type and name, which files are called after.
    pub fn body(&mut self, owner: (&str, &str), arguments: &Arguments) -> Body {
        let mut sorted: Vec<_> = arguments.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        let mut structures = Vec::new();
        for (name, argument) in sorted {
            match argument {
                Argument::Value(value) => structures.push(Structure::Attribute(Attribute {
                    key: Identifier::sanitized(name),
                    expr: self.expression(owner, value),
                })),
                Argument::Blocks(blocks) => structures.extend(blocks.iter().map(|inner| {
                    Structure::Block(Block {
                        identifier: Identifier::sanitized(name),
                        labels: Vec::new(),
                        body: self.body(owner, inner),
                    })
                })),
            }
        }
        Body(structures)
    }

    /// One value.
    pub fn expression(&mut self, owner: (&str, &str), value: &Value) -> Expression {
        match value {
            Value::Bool(value) => Expression::Bool(*value),
            Value::Int(value) => Expression::Number(Number::from(*value)),
            Value::Text(text) => self.naming.text(text),
            Value::List(values) => {
                Expression::Array(values.iter().map(|value| self.expression(owner, value)).collect())
            }
            Value::Map(map) => {
                let entries = map
                    .iter()
                    .map(|(key, value)| (ObjectKey::Expression(self.naming.text(key)), self.expression(owner, value)));
                Expression::Object(entries.collect::<Object<_, _>>())
            }
            Value::Reference(reference) => self.reference(reference),
            Value::File(file) => self.file(owner, file),
            Value::Provider(ProviderAlias::Files) => traversal("aws", ["files"]),
            Value::Ipv6Subnet(subnet) => ipv6_subnet(*subnet),
            Value::VpcIpv6PrefixLength => vpc_ipv6_prefix_length(),
        }
    }

    fn reference(&self, reference: &Reference) -> Expression {
        let name = self.naming.label(reference.resource_type, &reference.name);
        match reference.kind {
            ReferenceKind::Resource => traversal(reference.resource_type, [name.as_str(), reference.attribute]),
            ReferenceKind::Data => traversal("data", [reference.resource_type, &name, reference.attribute]),
        }
    }

    fn file(&mut self, (resource_type, name): (&str, &str), file: &DataFile) -> Expression {
        let name = format!("{}_{}", self.naming.file_stem(resource_type, name), file.part);
        let function = match file.reading {
            FileReading::Text => "file",
            FileReading::Base64 => "filebase64",
        };
        let template = format!("{}/{}", self.naming.data_folder(), escape(&name));
        self.files.insert(format!("{DATA_FOLDER}/{name}"), file.content.clone());
        call(function, [TemplateExpr::QuotedString(template).into()])
    }
}

/// `root.a.b`.
pub fn traversal<const N: usize>(root: &str, attributes: [&str; N]) -> Expression {
    let mut builder = Traversal::builder(Variable::sanitized(root));
    for attribute in attributes {
        builder = builder.attr(Identifier::sanitized(attribute));
    }
    builder.build().into()
}

/// `function(arguments)`.
pub fn call<const N: usize>(function: &str, arguments: [Expression; N]) -> Expression {
    let mut call = FuncCall::new(Identifier::sanitized(function));
    call.args.extend(arguments);
    call.into()
}

/// `cidrsubnet(network, size - length, index)`: a part of a network whose size is known only when it exists.
fn ipv6_subnet(subnet: Ipv6Subnet) -> Expression {
    let new_bits = BinaryOp::new(
        Expression::Number(Number::from(subnet.prefix_length)),
        BinaryOperator::Minus,
        traversal("local", [VPC_IPV6_CIDR_LENGTH]),
    );
    let network = traversal("local", [VPC_IPV6_CIDR_BLOCK]);
    call("cidrsubnet", [network, new_bits.into(), Expression::Number(Number::from(subnet.index))])
}

/// The number after the slash of the VPC's IPv6 network, or null where there is none.
fn vpc_ipv6_prefix_length() -> Expression {
    let network = || traversal("local", [VPC_IPV6_CIDR_BLOCK]);
    let empty = BinaryOp::new(network(), BinaryOperator::Eq, Expression::String(String::new()));
    let digits = call("regex", [Expression::String(r".*/(\d+)".to_owned()), network()]);
    let first = Traversal::builder(digits).index(Expression::Number(Number::from(0))).build();
    Conditional::new(empty, Expression::Null, call("tonumber", [first.into()])).into()
}
