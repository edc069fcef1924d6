//! Output for programs: every command that reports something does so as JSON and YAML.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{kopsform, root, stderr, stdout, stored_minimal_project};

/// Commands without such output, with the reason.
const NONE: &[(&str, &str)] = &[
    ("completion", "prints a script"),
    ("create cluster", "prints the specs with --dry-run -o json, else next steps"),
    ("create instancegroup", "prints the spec with --dry-run -o json, else nothing"),
    ("create secret ciliumpassword", "reports nothing"),
    ("create secret dockerconfig", "reports nothing"),
    ("create secret encryptionconfig", "reports nothing"),
    ("create sshpublickey", "reports nothing"),
    ("delete", "deletes what files name, one object after the other"),
    ("delete secret", "reports nothing"),
    ("delete sshpublickey", "reports nothing"),
    ("edit cluster", "opens an editor"),
    ("edit instancegroup", "opens an editor"),
    ("get secrets", "kops refuses it: scripts rely on `-o plaintext`"),
    ("man", "writes files"),
    ("reconcile cluster", "runs other commands: `update cluster` and `rolling-update cluster` have documents"),
    ("migrate terraform", "prints Terraform or a script"),
    ("schema", "prints a JSON schema"),
    ("toolbox template", "prints what a template renders to"),
];

/// Commands that are run, and have a subcommand or arguments of their own, by their paths.
fn leaves(command: &clap::Command, path: &str, found: &mut BTreeMap<String, clap::Command>) {
    let shown: Vec<_> = command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help").collect();
    if !path.is_empty() && !command.is_subcommand_required_set() {
        found.insert(path.to_owned(), command.clone());
    }
    for sub in shown {
        leaves(sub, format!("{path} {}", sub.get_name()).trim(), found);
    }
}

fn commands() -> BTreeMap<String, clap::Command> {
    let mut root = kopsform::cli::command();
    root.build();
    let mut found = BTreeMap::new();
    leaves(&root, "", &mut found);
    // `get [CLUSTER]` is the old form of `get all`.
    found.remove("get");
    assert!(found.len() > 40, "{:?}", found.keys());
    found
}

/// Whether a command accepts `-o json` and `-o yaml`.
fn has_documents(command: &clap::Command) -> bool {
    let Some(arg) = command.get_arguments().find(|arg| arg.get_id() == "output") else { return false };
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let listed = |name: &str| values.iter().any(|value| value == name) || (values.is_empty() && help.contains(name));
    arg.get_short() == Some('o') && listed("json") && listed("yaml")
}

#[test]
fn every_command_that_reports_something_does_so_for_programs() {
    let excepted: BTreeMap<_, _> = NONE.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, command) in commands() {
        match (has_documents(&command), excepted.get(path.as_str())) {
            (false, None) => wrong.push(format!("{path}: has no -o json|yaml, and no reason in NONE")),
            // Their flags have a meaning of kops.
            (true, Some(_)) if !path.starts_with("create ") && path != "get secrets" => {
                wrong.push(format!("{path}: has -o json|yaml, remove it from NONE"));
            }
            _ => {}
        }
    }
    let known = commands();
    wrong.extend(
        NONE.iter().filter(|(path, _)| !known.contains_key(*path)).map(|(path, _)| format!("no command {path}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// docs/json-output.md has a section for each.
#[test]
fn every_document_is_described() {
    let text = std::fs::read_to_string(root().join("docs/json-output.md")).unwrap();
    let excepted: BTreeMap<_, _> = NONE.iter().copied().collect();
    let missing: Vec<_> = commands()
        .into_keys()
        .filter(|path| !excepted.contains_key(path.as_str()) && !text.contains(&format!("`{path}`")))
        .collect();
    assert!(missing.is_empty(), "docs/json-output.md does not describe {missing:?}");
}

/// The document that a command prints in a format. Nothing else may be on stdout.
fn document(home: &Path, line: &str, format: &str) -> serde_json::Value {
    let mut command = kopsform(home);
    command.current_dir(home).env("KOPS_STATE_STORE", format!("file://{}", home.join("state").display()));
    command.env("KOPS_CLUSTER_NAME", "minimal.k8s.local").args(line.split(' ')).args(["-o", format]);
    let output = command.output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 2)), "{line}: {}", stderr(&output));
    let text = stdout(&output);
    let parsed = match format {
        "json" => serde_json::from_str(&text).map_err(|error| error.to_string()),
        // The reader takes a file without an object to be empty.
        _ if text == "null\n" => Ok(serde_json::Value::Null),
        _ => kopsform_yaml::from_str("", &text).map_err(|report| report.to_string()),
    };
    parsed.unwrap_or_else(|error| panic!("{line} -o {format}: {error}\n{text}"))
}

fn names_are_in_camel_case(value: &serde_json::Value, path: &str) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let is_camel =
                    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(char::is_alphanumeric);
                assert!(is_camel, "{path}.{name}");
                names_are_in_camel_case(value, &format!("{path}.{name}"));
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| names_are_in_camel_case(item, path)),
        _ => {}
    }
}

#[test]
fn documents_are_the_same_in_both_formats_and_the_only_output() {
    let home = stored_minimal_project();
    std::fs::write(home.path().join("plan.json"), r#"{"format_version":"1.2","resource_changes":[]}"#).unwrap();
    for (line, fields) in [
        ("version", &["version", "kops", "targets", "features"][..]),
        ("sync --offline --check", &["differences"]),
        ("sync --offline", &["changed", "out", "steps"]),
        ("update cluster --offline --target terraform --out out --check", &["differences"]),
        ("update cluster --offline --target terraform --out out", &["cluster", "out", "written", "createdKeysets"]),
        ("replace -f cluster.yml --dry-run", &["objects"]),
        ("replace -f cluster.yml", &["objects"]),
        ("validate spec -f cluster.yml", &[]),
        ("diff --offline", &["cluster"]),
        ("check plan plan.json", &["findings"]),
        ("state show", &[]),
        ("pki report", &[]),
        ("pki rotate", &[]),
        ("pki rotate --stage promote", &[]),
        ("get keypairs", &[]),
        ("export kubeconfig --admin --internal", &["contexts"]),
        ("upgrade cluster --kubernetes-version 1.36.2 --offline", &["cluster", "actions", "applied"]),
    ] {
        let (json, yaml) = (document(home.path(), line, "json"), document(home.path(), line, "yaml"));
        let same = json == yaml || line.starts_with("export") || line.starts_with("sync");
        assert!(same, "{line}: {json:#} {yaml:#}");
        for field in fields {
            assert!(json.get(field).is_some(), "{line}: no {field} in {json:#}");
        }
        names_are_in_camel_case(&json, line);
    }
}

#[test]
fn keys_and_locks_are_reported_as_documents() {
    let home = stored_minimal_project();
    let created = document(home.path(), "create keypair kubernetes-ca", "json");
    assert_eq!(created[0]["keyset"], "kubernetes-ca");
    let promoted = document(home.path(), "promote keypair kubernetes-ca", "yaml");
    assert_eq!((&promoted[0]["id"], &promoted[0]["changed"]), (&created[0]["id"], &true.into()));
    let distrusted = document(home.path(), "distrust keypair kubernetes-ca", "json");
    assert_eq!(distrusted[0]["changed"], true);
    let id = distrusted[0]["id"].as_str().unwrap();
    assert_eq!(document(home.path(), &format!("trust keypair kubernetes-ca {id}"), "json")[0]["id"], id);
    let lock = document(home.path(), "state lock", "json");
    assert_eq!(document(home.path(), "state show", "yaml")["id"], lock["id"]);
    let id = lock["id"].as_str().unwrap();
    assert_eq!(document(home.path(), &format!("state unlock --id {id}"), "yaml")["id"], id);
    assert!(document(home.path(), "state show", "json").is_null());
    let deleted = document(home.path(), "delete ig nodes --yes", "json");
    assert_eq!((&deleted["instanceGroup"], &deleted["deleted"]), (&"nodes".into(), &true.into()));
}
