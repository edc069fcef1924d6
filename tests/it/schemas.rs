//! The JSON schemas and the reference of fields: up to date, and true of every spec there is here.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Registry, Validator};
use kopsform::project::schemas;
use kopsform_diagnostics::Rule;
use kopsform_spec::reference;
use kopsform_yaml as yaml;
use serde_json::{Value, json};

use crate::support::{kopsform, root, stdout, succeed};

/// Compares a generated text with its file; with `UPDATE_GOLDEN=1` writes the file.
fn same_as_file(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        return;
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let line = kept.lines().zip(text.lines()).position(|(a, b)| a != b).unwrap_or_default() + 1;
    assert!(
        kept == text,
        "{} differs from the types, first in line {line}; run `just update` and review the diff",
        path.display()
    );
}

#[test]
fn schemas_and_reference_are_those_of_the_types() {
    for published in schemas() {
        same_as_file(&root().join("schemas").join(published.file), &published.text());
    }
    same_as_file(&root().join("docs/spec.md"), &reference::markdown());
    let kept = fs::read_dir(root().join("schemas")).unwrap().count();
    assert_eq!(kept, schemas().count(), "schemas/ has files without a type");
}

/// An example is a value in `examples`: in the description, as `{x=…}` once was, editors show the markup.
#[test]
fn descriptions_and_examples_have_no_markup_of_their_own() {
    fn strings(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::String(text) => found.push((at.to_owned(), text.clone())),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, item)| strings(item, &format!("{at}/{i}"), found))
            }
            Value::Object(fields) => {
                fields.iter().for_each(|(key, field)| strings(field, &format!("{at}/{key}"), found))
            }
            _ => {}
        }
    }
    let mut found = vec![("docs/spec.md".to_owned(), reference::markdown())];
    for published in schemas() {
        let before = found.len();
        strings(&serde_json::from_str(&published.text()).unwrap(), published.file, &mut found);
        assert!(found.len() > before, "{} has no text", published.file);
    }
    let marked = found.iter().filter(|(_, text)| text.contains("{x=") || text.contains("{x ="));
    let marked: Vec<_> = marked.map(|(at, _)| at).collect();
    assert!(marked.is_empty(), "{marked:?}");
}

#[test]
fn the_list_of_rules_is_that_of_the_registry() {
    same_as_file(&root().join("docs/rules.md"), &kopsform_diagnostics::rules_markdown());
}

#[test]
fn every_rule_is_reported_somewhere() {
    let mut sources = Vec::new();
    for directory in ["crates", "src"] {
        let is_source = |path: &Path| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("rule.rs");
        find(&root().join(directory), &is_source, &mut sources);
    }
    let code: String = sources
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .map(|text| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned())
        .collect();
    let used = |rule: &Rule| {
        let name = format!("Rule::{rule:?}");
        code.match_indices(&name).any(|(at, _)| !code[at + name.len()..].starts_with(char::is_alphanumeric))
    };
    let unused: Vec<&Rule> = Rule::ALL.iter().filter(|rule| !used(rule)).collect();
    assert!(unused.is_empty(), "nothing reports {unused:?}");
}

const BASE: &str = "file:///schemas/";

/// All schemas under the names of their files, as an editor finds them.
fn registry() -> Registry<'static> {
    let mut registry = Registry::new();
    for published in schemas() {
        registry = registry.add(format!("{BASE}{}", published.file), published.schema()).unwrap();
    }
    registry.prepare().unwrap()
}

fn validator<'r>(registry: &'r Registry<'r>, file: &str) -> Validator {
    jsonschema::options().with_registry(registry).build(&json!({ "$ref": format!("{BASE}{file}") })).unwrap()
}

/// What a schema for files with all kinds has against the documents of a file.
fn objections(name: &str, text: &str) -> Vec<String> {
    let registry = registry();
    let spec = validator(&registry, "spec.json");
    let parsed = yaml::parse(name, text);
    assert!(parsed.report.is_empty(), "{name}: {}", parsed.report);
    assert!(!parsed.documents.is_empty(), "{name} holds no document");
    let documents = parsed.documents.iter().map(|document| document.root.to_json());
    documents
        .enumerate()
        .flat_map(|(i, value)| {
            spec.iter_errors(&value)
                .map(|e| format!("{name}, document {}: {}: {e}", i + 1, e.instance_path()))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Files of a name anywhere below a directory.
fn find(directory: &Path, wanted: &dyn Fn(&Path) -> bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, wanted, found);
        } else if wanted(&path) {
            found.push(path);
        }
    }
}

/// What a project's templates give, by the values and snippets that its `kopsform.yaml` names.
fn rendered(project: &Path) -> String {
    let parsed = yaml::parse("kopsform.yaml", &fs::read_to_string(project).unwrap());
    let config = parsed.documents[0].root.to_json();
    let directory = project.parent().unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut command = kopsform(home.path());
    command.args(["toolbox", "template", "--name", "a.example.com"]);
    let lists = [("--template", "templates"), ("--values", "values"), ("--snippets", "snippets")];
    for (flag, paths) in lists.map(|(flag, key)| (flag, config[key].as_array().into_iter().flatten())) {
        for path in paths {
            command.arg(flag).arg(directory.join(path.as_str().unwrap()));
        }
    }
    if let Some(outputs) = config["outputs"]["file"].as_str() {
        command.arg("--values").arg(directory.join(outputs));
    }
    stdout(&succeed(&mut command))
}

/// What demonstrations and syncs wrote is no part of the project.
fn is_written(path: &Path) -> bool {
    path.components().any(|c| matches!(c.as_os_str().to_str(), Some("out" | "state" | "clusters")))
}

#[test]
fn examples_and_goldens_fit_the_schemas() {
    let (mut specs, mut projects) = (Vec::new(), Vec::new());
    for directory in ["examples", "golden"].map(|directory| root().join(directory)) {
        let is_spec = |path: &Path| {
            let named = matches!(path.extension().and_then(|e| e.to_str()), Some("yaml" | "yml"));
            named && fs::read_to_string(path).is_ok_and(|text| text.contains("kops.k8s.io/v1alpha2"))
        };
        find(&directory, &|path| is_spec(path) && !is_written(path), &mut specs);
        find(&directory, &|path| path.ends_with("kopsform.yaml") && !is_written(path), &mut projects);
    }
    // Outputs of Terraform exist once it was applied. The preview below such a project has the same template.
    projects.retain(|project| !fs::read_to_string(project).unwrap().contains("\noutputs:\n  terraform:"));
    specs.sort();
    projects.sort();
    assert!(!specs.is_empty() && !projects.is_empty(), "there is no example");
    for file in specs {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines() {
            if let Some(schema) = line.strip_prefix("# yaml-language-server: $schema=") {
                let schema = file.with_file_name(schema);
                assert!(schema.exists(), "{} names {}, which is not there", file.display(), schema.display());
            }
        }
        // A template is no spec; what it gives is one, below.
        if !text.contains("{{") {
            assert_eq!(objections(&file.display().to_string(), &text), Vec::<String>::new());
        }
    }
    for project in projects {
        let mut objections = objections(&project.display().to_string(), &rendered(&project));
        // Leverage's template has two fields that kops drops in silence; `sync` warns about them.
        objections.retain(|o| !["'clusterId'", "'kubernetesVersion'"].iter().any(|dead| o.contains(dead)));
        assert_eq!(objections, Vec::<String>::new());
    }
}

#[test]
fn schemas_object_to_what_is_wrong() {
    let cluster = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata: {name: a.example.com}\nspec:\n";
    for (spec, place) in [
        ("  sshAcces: []\n", "/spec"),
        ("  networkCIDR: 10.0.0.0\n", "/spec/networkCIDR"),
        ("  subnets: [{name: a, type: Secret}]\n", "/spec/subnets/0/type"),
        ("  etcdClusters: [{etcdMembers: [{volumeType: gp9}]}]\n", "/spec/etcdClusters/0/etcdMembers/0/volumeType"),
        ("  kubelet: {shutdownGracePeriod: 5}\n", "/spec/kubelet/shutdownGracePeriod"),
        ("  kubernetesVersion: 1.34\n", "/spec/kubernetesVersion"),
    ] {
        let found = objections("cluster.yaml", &format!("{cluster}{spec}"));
        assert!(found.iter().any(|objection| objection.contains(&format!(": {place}: "))), "{spec}: {found:?}");
    }
    let unknown = objections("other.yaml", "apiVersion: kops.k8s.io/v1alpha2\nkind: Clusterr\n");
    assert!(!unknown.is_empty(), "a kind that kops does not know");
    let other_api = objections("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    assert_eq!(other_api, Vec::<String>::new(), "objects of other APIs are allowed next to a cluster");
}

/// Every schema inside of a schema, with its path.
fn each<'s>(schema: &'s Value, path: &str, visit: &mut dyn FnMut(&str, &'s Value)) {
    visit(path, schema);
    for key in ["properties", "$defs"] {
        for (name, inner) in schema.get(key).and_then(Value::as_object).into_iter().flatten() {
            each(inner, &format!("{path}/{name}"), visit);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key).filter(|inner| inner.is_object()) {
            each(inner, &format!("{path}/*"), visit);
        }
    }
}

#[test]
fn fields_are_described_and_their_examples_and_defaults_fit() {
    for published in schemas().filter(|p| p.file != "spec.json") {
        let schema = published.schema();
        assert!(jsonschema::meta::is_valid(&schema), "{} is no schema", published.file);
        let definitions = schema.get("$defs").cloned().unwrap_or_default();
        each(&schema, published.file, &mut |path, field| {
            for (name, property) in field.get("properties").and_then(Value::as_object).into_iter().flatten() {
                assert!(property.get("description").is_some(), "{path}/{name} says nothing");
            }
            assert!(field.get("format").is_none(), "{path} has a format whose meaning differs in JSON Schema");
            let mut alone = field.clone();
            if let Value::Object(alone) = &mut alone
                && field.to_string().contains("$ref")
            {
                alone.insert("$defs".to_owned(), definitions.clone());
            }
            let examples = field.get("examples").and_then(Value::as_array).into_iter().flatten();
            let values: Vec<&Value> = examples.chain(field.get("default")).collect();
            if !values.is_empty() {
                let validator = jsonschema::validator_for(&alone).unwrap();
                for value in values {
                    assert!(validator.is_valid(value), "{path}: {value} does not fit its own field");
                }
            }
        });
    }
}
