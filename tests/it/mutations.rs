//! Specs with random changes: every problem is reported with its location, and nothing panics.

use std::fmt::Write as _;
use std::fs;

use kopsform::ops::support::documents::InputFile;
use kopsform::ops::validate_spec::{self, ValidateOptions};
use kopsform_diagnostics::{Allowed, Report, Severity};
use kopsform_env::features::Features;
use kopsform_spec::decode::ApiObject;
use kopsform_spec::field_schema::{Field, FieldSchema};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_yaml as yaml;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::root;

fn base() -> Vec<Value> {
    let text = fs::read_to_string(root().join("tests/corpus/base.yaml")).unwrap();
    yaml::parse("base.yaml", &text).documents.iter().map(|document| document.root.to_json()).collect()
}

fn validate(text: &str) -> Report {
    let files = [InputFile { name: "spec.yaml".to_owned(), content: text.to_owned() }];
    validate_spec::run(
        &files,
        &ValidateOptions { features: &Features::default(), strict: false, allowed: Allowed::default(), facts: None },
    )
}

/// What is true of every report.
fn well_formed(text: &str, report: &Report) -> Result<(), String> {
    let lines = text.lines().count().max(1) + 1;
    for finding in &report.findings {
        let Some(place) = &finding.location else { return Err(format!("no place: {finding}")) };
        if place.line == 0 || place.column == 0 || place.line > lines || place.file != "spec.yaml" {
            return Err(format!("a location outside of {lines} lines: {finding}"));
        }
        if finding.message.trim().is_empty() {
            return Err(format!("no message: {finding:?}"));
        }
        if !finding.rule.classes().contains(&finding.class) {
            return Err(format!("not a class of its rule: {finding:?}"));
        }
        if finding.hint.as_ref().is_some_and(|hint| hint.trim().is_empty()) {
            return Err(format!("an empty hint: {finding}"));
        }
    }
    // Every form of the report can be made of it.
    for format in [
        validate_spec::Format::Table,
        validate_spec::Format::Json,
        validate_spec::Format::Sarif,
        validate_spec::Format::Github,
        validate_spec::Format::Junit,
    ] {
        validate_spec::render(report, &["spec.yaml".to_owned()], format);
    }
    Ok(())
}

/// One change of a document.
#[derive(Debug, Clone)]
enum Mutation {
    /// Another value for an existing field.
    Replace(usize, Value),
    /// A field is removed.
    Remove(usize),
    /// A key with a letter more.
    Rename(usize, char),
    /// An item or field twice.
    Repeat(usize),
    /// A field of the API set, whether it makes sense or not.
    Set(usize, Value),
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z0-9./:=<%-]{0,12}",
        "\\PC{0,8}",
        Just("10.0.0.0/8".to_owned()),
        Just("::/0".to_owned()),
        Just("eu-central-1a".to_owned()),
        Just("arn:aws:iam::1:policy/x".to_owned()),
        Just("99999999999999999999999h".to_owned()),
        Just("1e400".to_owned()),
        Just("Private".to_owned()),
        Just("true".to_owned()),
        Just("s3://".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2i64..100).prop_map(Value::from),
        any::<f64>().prop_map(|number| serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 20));
    prop_oneof![
        3 => (at(), value()).prop_map(|(at, value)| Mutation::Replace(at, value)),
        1 => at().prop_map(Mutation::Remove),
        1 => (at(), any::<char>()).prop_map(|(at, letter)| Mutation::Rename(at, letter)),
        1 => at().prop_map(Mutation::Repeat),
        4 => (at(), value()).prop_map(|(at, value)| Mutation::Set(at, value)),
    ]
}

/// A step from a value to one in it.
#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Item(usize),
}

fn places(value: &Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    if !path.is_empty() {
        found.push(path.clone());
    }
    let inner: Vec<(Step, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (Step::Key(key.clone()), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, value)| (Step::Item(i), value)).collect(),
        _ => Vec::new(),
    };
    for (step, value) in inner {
        path.push(step);
        places(value, path, found);
        path.pop();
    }
}

fn follow<'v>(mut value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    for step in path {
        value = match step {
            Step::Key(key) => value.get_mut(key.as_str())?,
            Step::Item(i) => value.get_mut(*i)?,
        };
    }
    Some(value)
}

/// The paths of all fields of a type, list items at the first place.
fn fields(shape: &FieldSchema, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match shape {
        FieldSchema::Object(fields_here) if path.len() < 8 => {
            for (name, Field { shape, .. }) in fields_here.iter() {
                path.push(Step::Key(name.to_owned()));
                found.push(path.clone());
                fields(shape, path, found);
                path.pop();
            }
        }
        FieldSchema::List(inner) => {
            path.push(Step::Item(0));
            found.push(path.clone());
            fields(inner, path, found);
            path.pop();
        }
        _ => {}
    }
}

/// Sets a value at a path, making what is not there yet.
fn set(mut value: &mut Value, path: &[Step], new: Value) {
    for step in path {
        value = match step {
            Step::Key(key) => {
                if !value.is_object() {
                    *value = json!({});
                }
                &mut value[key.as_str()]
            }
            Step::Item(i) => {
                if value.get(*i).is_none() {
                    *value = json!([null]);
                }
                &mut value[*i]
            }
        };
    }
    *value = new;
}

fn apply(documents: &mut [Value], mutation: &Mutation) {
    let mut found = Vec::new();
    for (i, document) in documents.iter().enumerate() {
        places(document, &mut vec![Step::Item(i)], &mut found);
    }
    let place = |at: usize| {
        let path = &found[at % found.len()];
        let Step::Item(document) = path[0] else { unreachable!("paths begin with a document") };
        (document, path[1..].to_vec())
    };
    match mutation {
        Mutation::Replace(at, value) => {
            let (document, path) = place(*at);
            if let Some(old) = follow(&mut documents[document], &path).filter(|_| !path.is_empty()) {
                *old = value.clone();
            }
        }
        Mutation::Remove(at) | Mutation::Rename(at, _) | Mutation::Repeat(at) => {
            let (document, path) = place(*at);
            let Some((last, outer)) = path.split_last() else { return };
            match (follow(&mut documents[document], outer), last, mutation) {
                (Some(Value::Object(map)), Step::Key(key), Mutation::Remove(_)) => drop(map.remove(key)),
                (Some(Value::Object(map)), Step::Key(key), Mutation::Rename(_, letter)) => {
                    let value = map.remove(key).unwrap_or_default();
                    map.insert(format!("{key}{letter}"), value);
                }
                (Some(Value::Array(items)), Step::Item(i), Mutation::Remove(_)) => drop(items.remove(*i)),
                (Some(Value::Array(items)), Step::Item(i), Mutation::Repeat(_)) => items.push(items[*i].clone()),
                _ => {}
            }
        }
        Mutation::Set(at, value) => {
            let document = at % documents.len();
            let shape = if document == 0 { Cluster::shape() } else { InstanceGroup::shape() };
            let mut paths = Vec::new();
            fields(shape, &mut Vec::new(), &mut paths);
            let path = &paths[(at / documents.len()) % paths.len()];
            set(&mut documents[document], path, value.clone());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn specs_with_random_changes_are_reported_and_never_break_the_program(
        mutations in prop::collection::vec(mutation(), 1..6)
    ) {
        let mut documents = base();
        for mutation in &mutations {
            apply(&mut documents, mutation);
        }
        let text: Vec<String> = documents.iter().map(yaml::to_string).collect();
        let text = text.join("---\n");
        let report = validate(&text);
        if let Err(error) = well_formed(&text, &report) {
            prop_assert!(false, "{error}\n{text}");
        }
    }

    #[test]
    fn files_with_random_changes_are_reported_and_never_break_the_program(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..20, "\\PC{0,6}|[-:{}\\[\\]&*!|>'\"%@#\\n\\t ]{1,6}"), 1..4)
    ) {
        let mut text = fs::read_to_string(root().join("tests/corpus/base.yaml")).unwrap();
        for (at, length, insert) in &edits {
            let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let from = at.index(boundaries.len());
            let to = (from + length).min(boundaries.len() - 1);
            text.replace_range(boundaries[from]..boundaries[to], insert);
        }
        let report = validate(&text);
        if let Err(error) = well_formed(&text, &report) {
            prop_assert!(false, "{error}\n{text}");
        }
    }
}

#[test]
fn fifty_errors_in_one_file_are_fifty_findings_in_one_run() {
    let mut text = fs::read_to_string(root().join("tests/corpus/base.yaml")).unwrap();
    for i in 0..50 {
        let error = match i % 5 {
            0 => "maxSzie: 3".to_owned(),
            1 => "machineType: large".to_owned(),
            2 => "subnets: [nowhere]".to_owned(),
            3 => "rootVolumeType: gp9".to_owned(),
            _ => "taints: [a]".to_owned(),
        };
        let _ = write!(
            text,
            "---\napiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata: {{name: pool-{i}, labels: \
             {{kops.k8s.io/cluster: demo.example.org}}}}\nspec:\n  role: Node\n  {error}\n"
        );
    }
    let report = validate(&text);
    assert_eq!(report.errors().count(), 50, "{report}");
    let lines: std::collections::BTreeSet<usize> =
        report.errors().filter_map(|finding| finding.location.as_ref().map(|place| place.line)).collect();
    assert_eq!(lines.len(), 50, "each in its own line");
}

#[test]
fn files_made_to_exhaust_a_reader_are_refused_with_a_reason() {
    let bomb: String = std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((1..12).map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", "))))
        .collect();
    let cluster = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata: {name: a.example.org}\n";
    let deep = format!("{cluster}spec: {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let indented: String = (0..5000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let large = format!("{cluster}# {}\n", "x".repeat(100 << 20));
    for (name, text) in [
        ("aliases of aliases", format!("{cluster}{bomb}")),
        ("brackets in brackets", deep),
        ("fields in fields", format!("{cluster}{indented}")),
        ("a hundred megabytes", large),
        ("a line without an end", format!("{cluster}spec: {}", "\"".to_owned() + &"a".repeat(1 << 20))),
    ] {
        let start = std::time::Instant::now();
        let report = validate(&text);
        let error = report.errors().next().unwrap_or_else(|| panic!("{name} passes"));
        assert!(error.location.is_some(), "{name}: {}", error.message);
        assert!(error.severity == Severity::Error && error.message.len() < 500, "{name}: {}", error.message);
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{name} takes {:?}", start.elapsed());
    }
}

/// The entries of long lists and maps, as lines below `spec`.
fn long_lists(entries: usize) -> impl Iterator<Item = (&'static str, String)> {
    type Entry = fn(usize) -> String;
    let lists: [(&str, Entry); 10] = [
        ("subnets", |i| {
            let (b, c) = (i / 256 % 256, i % 256);
            format!("  - {{name: s{i}, zone: us-east-1a, type: Public, cidr: 10.{b}.{c}.0/24}}\n")
        }),
        ("subnets", |_| "  - {name: s, zone: us-east-1a, type: Public, cidr: 10.0.0.0/8}\n".to_owned()),
        ("hooks", |i| format!("  - {{name: h{i}.service, manifest: x}}\n")),
        ("fileAssets", |i| format!("  - {{name: f{i}, path: /etc/f{i}, content: x}}\n")),
        ("sshAccess", |i| format!("  - 10.0.{i}.0/33\n")),
        ("etcdClusters", |i| format!("  - {{name: e{i}, etcdMembers: [{{name: a, instanceGroup: g{i}}}]}}\n")),
        ("cloudLabels", |i| format!("    label{i}: x\n")),
        ("cloudLabels", |i| format!("    'aws:{i}': x\n")),
        ("unknownFields", |i| format!("    kubernetesVersion{i}: x\n")),
        ("kubelet: {featureGates: {}}\n  kubeScheduler", |i| format!("    field{i}: x\n")),
    ];
    lists.into_iter().map(move |(field, entry)| {
        let head = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata: {name: a.example.com}\nspec:\n";
        (field, format!("{head}  {field}:\n{}", (0..entries).map(entry).collect::<String>()))
    })
}

#[test]
fn time_grows_no_faster_than_a_spec() {
    const FEW: usize = 2_000;
    let time = |text: &str| {
        let start = std::time::Instant::now();
        let report = validate(text);
        well_formed(text, &report).unwrap();
        start.elapsed()
    };
    for ((field, few), (_, many)) in long_lists(FEW).zip(long_lists(10 * FEW)) {
        // Ten times as long takes ten times as long; it would be a hundred times if each entry were compared with all others.
        let (few, many) = (time(&few).max(std::time::Duration::from_millis(100)), time(&many));
        assert!(many < few * 40, "{field}: {few:?}, and {many:?} for ten times as many");
    }
}
