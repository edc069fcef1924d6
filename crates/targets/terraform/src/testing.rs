//! What a configuration means, for tests: its resources with all values, so that layouts can be compared.
//!
//! Evaluates as Terraform does as much of its language as this crate writes. An attribute of a resource is a string that names the
//! resource in the graph, so that references are the same in all layouts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use hcl::expr::{Expression, FuncCall};
use hcl::structure::{Block, Body};
use hcl::{Map, Value};

use crate::Output;

/// The attributes that references take.
const ATTRIBUTES: [&str; 13] = [
    "id",
    "arn",
    "name",
    "dns_name",
    "zone_id",
    "latest_version",
    "cidr_block",
    "ipv6_cidr_block",
    "self_link",
    "email",
    "address",
    "instance_group",
    "output_name",
];

thread_local! {
    /// The files that `file()` reads.
    static FILES: RefCell<BTreeMap<String, Vec<u8>>> = const { RefCell::new(BTreeMap::new()) };
}

/// What a configuration means.
#[derive(Debug, PartialEq)]
pub struct Meaning {
    /// Arguments and blocks by the identity of the resource.
    pub resources: BTreeMap<String, Value>,
    /// Values by name.
    pub outputs: BTreeMap<String, Value>,
}

/// The addresses of all resources of a configuration.
pub fn addresses(output: &Output) -> BTreeSet<String> {
    expand(output).0.into_keys().collect()
}

/// Evaluates a configuration.
pub fn meaning(output: &Output) -> Meaning {
    let (by_address, outputs) = expand(output);
    let identity: BTreeMap<&String, &String> = output.addresses.iter().map(|(id, address)| (address, id)).collect();
    let resources = by_address.into_iter().map(|(address, value)| (identity[&address].clone(), value)).collect();
    Meaning { resources, outputs }
}

fn expand(output: &Output) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    FILES.set(output.files.clone());
    let sources = output.files.iter().filter(|(path, _)| path.ends_with(".tf"));
    let blocks: Vec<Block> = sources
        .flat_map(|(path, text)| {
            let body = hcl::parse(std::str::from_utf8(text).unwrap()).unwrap_or_else(|error| panic!("{path}: {error}"));
            body.into_blocks().collect::<Vec<_>>()
        })
        .collect();
    let scope = scope(output, &blocks);
    let of = |kind: &'static str| blocks.iter().filter(move |block| block.identifier() == kind);
    let mut resources = BTreeMap::new();
    for block in of("resource") {
        let address = format!("{}.{}", block.labels[0].as_str(), block.labels[1].as_str());
        let for_each = block.body.attributes().find(|attribute| attribute.key() == "for_each");
        let instances = match for_each {
            None => vec![(address, scope.clone())],
            Some(for_each) => items(evaluated(&for_each.expr, &scope))
                .into_iter()
                .map(|(key, value)| {
                    let mut scope = scope.clone();
                    let each = [("key".to_owned(), Value::from(key.clone())), ("value".to_owned(), value)];
                    scope.insert("each".to_owned(), Value::Object(each.into_iter().collect()));
                    (format!("{address}[\"{}\"]", crate::format::escape(&key)), scope)
                })
                .collect(),
        };
        for (address, scope) in instances {
            assert!(resources.insert(address.clone(), body(&block.body, &scope)).is_none(), "{address} is there twice");
        }
    }
    let outputs = of("output").map(|block| {
        let value = block.body.attributes().find(|attribute| attribute.key() == "value").unwrap();
        (block.labels[0].as_str().to_owned(), evaluated(&value.expr, &scope))
    });
    (resources, outputs.collect())
}

type Scope = BTreeMap<String, Value>;

fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().unwrap()
}

/// What expressions can refer to.
fn scope(output: &Output, blocks: &[Block]) -> Scope {
    let mut scope = Scope::new();
    let empty = || Value::Object(Map::new());
    for (identity, address) in &output.addresses {
        let attributes = |prefix: &str| {
            let attributes = ATTRIBUTES.map(|name| (name.to_owned(), Value::from(format!("{prefix}.{name}"))));
            Value::Object(attributes.into_iter().collect())
        };
        let (block, key) = address.split_once('[').map_or((address.as_str(), None), |(block, key)| (block, Some(key)));
        let (kind, label) = block.split_once('.').unwrap();
        let labels = object(scope.entry(kind.to_owned()).or_insert_with(empty));
        match key {
            None => _ = labels.insert(label.to_owned(), attributes(identity)),
            Some(key) => {
                let Value::String(key) = evaluated(&key.trim_end_matches(']').parse().unwrap(), &Scope::new()) else {
                    panic!()
                };
                let instances = labels.entry(label.to_owned()).or_insert_with(empty);
                object(instances).insert(key, attributes(identity));
            }
        }
    }
    let mut data = empty();
    for block in blocks.iter().filter(|block| block.identifier() == "data") {
        let [kind, label] = [0, 1].map(|i| block.labels[i].as_str().to_owned());
        let id = block.body.attributes().find(|attribute| attribute.key() == "id").unwrap();
        let Value::String(id) = evaluated(&id.expr, &Scope::new()) else { panic!() };
        let attributes = ATTRIBUTES.map(|name| match name {
            "id" => (name.to_owned(), Value::from(id.clone())),
            _ => (name.to_owned(), Value::from(format!("data {id}.{name}"))),
        });
        let labels = object(&mut data).entry(kind).or_insert_with(empty);
        object(labels).insert(label, Value::Object(attributes.into_iter().collect()));
    }
    scope.insert("data".to_owned(), data);
    let of =
        |entries: &[(&str, Value)]| Value::Object(entries.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
    scope.insert("path".to_owned(), of(&[("module", ".".into())]));
    scope.insert("aws".to_owned(), of(&[("files", "aws.files".into())]));
    scope.insert("google".to_owned(), of(&[("files", "google.files".into())]));
    // The name of an argument, in `ignore_changes`.
    scope.insert("target_size".to_owned(), "target_size".into());
    let variables = blocks.iter().filter(|block| block.identifier() == "variable").map(|block| {
        let default = block.body.attributes().find(|attribute| attribute.key() == "default").unwrap();
        (block.labels[0].as_str().to_owned(), evaluated(&default.expr, &Scope::new()))
    });
    scope.insert("var".to_owned(), Value::Object(variables.collect()));
    // In any order: a local is known when what it needs is.
    scope.insert("local".to_owned(), empty());
    let locals = blocks.iter().filter(|block| block.identifier() == "locals");
    let mut open: Vec<(&str, &Expression)> =
        locals.flat_map(|block| block.body.attributes()).map(|a| (a.key(), &a.expr)).collect();
    while !open.is_empty() {
        let before = open.len();
        open.retain(|(name, expression)| match evaluate(expression, &scope) {
            Ok(value) => {
                object(scope.get_mut("local").unwrap()).insert((*name).to_owned(), value);
                false
            }
            Err(_) => true,
        });
        assert!(open.len() < before, "locals that cannot be evaluated: {open:?}");
    }
    scope
}

/// The arguments and blocks of a body.
fn body(body: &Body, scope: &Scope) -> Value {
    let mut found: Map<String, Value> = Map::new();
    for attribute in body.attributes().filter(|attribute| attribute.key() != "for_each") {
        match evaluated(&attribute.expr, scope) {
            // As if the argument was not there.
            Value::Null => {}
            // Paths of data files depend on the layout, what is in them doesn't.
            Value::String(path) if path.starts_with("./data/") => {
                _ = found.insert(attribute.key().to_owned(), content(&path).into());
            }
            value => _ = found.insert(attribute.key().to_owned(), value),
        }
    }
    let mut add = |name: &str, block: Value| {
        let blocks = found.entry(name.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
        blocks.as_array_mut().unwrap().push(block);
    };
    for block in body.blocks() {
        if block.identifier() != "dynamic" {
            add(block.identifier(), self::body(&block.body, scope));
            continue;
        }
        let name = block.labels[0].as_str();
        let for_each = block.body.attributes().next().unwrap();
        let content = block.body.blocks().next().unwrap();
        for (key, value) in items(evaluated(&for_each.expr, scope)) {
            let mut scope = scope.clone();
            let item = [("key".to_owned(), Value::from(key)), ("value".to_owned(), value)];
            scope.insert(name.to_owned(), Value::Object(item.into_iter().collect()));
            add(name, self::body(&content.body, &scope));
        }
    }
    Value::Object(found)
}

/// What `for_each` goes through, by key.
fn items(value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(object) => object.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect(),
        Value::Array(items) => items
            .into_iter()
            .map(|item| (item.as_str().map_or_else(|| "item".to_owned(), str::to_owned), item))
            .collect(),
        other => panic!("for_each of {other:?}"),
    }
}

fn evaluated(expression: &Expression, scope: &Scope) -> Value {
    evaluate(expression, scope).unwrap_or_else(|error| panic!("{error}: {expression}"))
}

fn evaluate(expression: &Expression, scope: &Scope) -> Result<Value, String> {
    let mut context = Context::new();
    for (name, value) in scope {
        context.declare_var(hcl::Identifier::sanitized(name), value.clone());
    }
    for (name, function) in FUNCTIONS {
        let definition = FuncDef::builder().variadic_param(ParamType::Any).build(function);
        context.declare_func(hcl::Identifier::sanitized(name), definition);
    }
    without_try(expression, &context).evaluate(&context).map_err(|error| error.to_string())
}

/// An expression with each `try()` replaced by the argument that can be evaluated.
fn without_try(expression: &Expression, context: &Context<'_>) -> Expression {
    let inner = |expression: &Expression| without_try(expression, context);
    match expression {
        Expression::FuncCall(call) if call.name.name.as_str() == "try" => {
            call.args.iter().map(inner).find(|argument| argument.evaluate(context).is_ok()).unwrap()
        }
        Expression::FuncCall(call) => {
            let args = call.args.iter().map(inner).collect();
            FuncCall { name: call.name.clone(), args, expand_final: call.expand_final }.into()
        }
        Expression::Array(items) => Expression::Array(items.iter().map(inner).collect()),
        Expression::Object(object) => {
            Expression::Object(object.iter().map(|(key, value)| (key.clone(), inner(value))).collect())
        }
        other => other.clone(),
    }
}

type Function = fn(FuncArgs) -> Result<Value, String>;

const FUNCTIONS: [(&str, Function); 12] = [
    ("format", |args| Ok(format!("format of {:?}", args.iter().collect::<Vec<_>>()).into())),
    ("file", |args| Ok(read(&args).into())),
    ("filebase64", |args| Ok(format!("base64 of {}", read(&args)).into())),
    ("merge", |args| {
        let mut merged = Map::new();
        for object in args.iter() {
            merged.extend(object.as_object().ok_or("merge of something else than objects")?.clone());
        }
        Ok(Value::Object(merged))
    }),
    ("toset", |args| Ok(args[0].clone())),
    ("values", |args| {
        let object: BTreeMap<_, _> = args[0].as_object().ok_or("values of no object")?.clone().into_iter().collect();
        Ok(Value::Array(object.into_values().collect()))
    }),
    ("coalesce", |args| args.iter().find(|value| !value.is_null()).cloned().ok_or_else(|| "all are null".to_owned())),
    ("jsondecode", |args| serde_json::from_str(args[0].as_str().unwrap()).map_err(|error| error.to_string())),
    ("replace", |args| {
        let [text, from, to] = [0, 1, 2].map(|i| args[i].as_str().unwrap());
        Ok(text.replace(from, to).into())
    }),
    ("cidrsubnet", |args| Ok(format!("cidrsubnet of {:?}", args.iter().collect::<Vec<_>>()).into())),
    ("regex", |_| Ok(Value::Array(vec!["56".into()]))),
    ("tonumber", |args| Ok(args[0].as_str().unwrap().parse::<i64>().unwrap().into())),
];

fn read(args: &FuncArgs) -> String {
    content(args[0].as_str().unwrap())
}

fn content(path: &str) -> String {
    FILES.with_borrow(|files| {
        let content = files.get(path.trim_start_matches("./")).unwrap_or_else(|| panic!("no file {path}"));
        String::from_utf8(content.clone()).unwrap()
    })
}
