//! What holds for every input.
#![allow(clippy::unwrap_used)]

use kopsform_compare::{Configuration, Files, compare, equivalent};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A value of a configuration or manifest: no null, which means the same as nothing.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-z][a-z0-9.:/-]{0,12}".prop_map(Value::from),
        (0..1_000_i64).prop_map(Value::from),
        any::<bool>().prop_map(Value::from)
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::btree_map("[a-z]{1,6}", inner.clone(), 1..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
            proptest::collection::vec(inner, 1..4).prop_map(Value::Array),
        ]
    })
}

fn mapping() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map("[a-z]{1,6}", value(), 1..5).prop_map(|map| map.into_iter().collect())
}

/// Every way to change exactly one leaf.
fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, below)| {
            path.push(name.clone());
            leaves(below, path, found);
            path.pop();
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, below)| {
            path.push(i.to_string());
            leaves(below, path, found);
            path.pop();
        }),
        _ => found.push(path.clone()),
    }
}

fn changed(value: &Value, which: &prop::sample::Index) -> Value {
    let mut all = Vec::new();
    leaves(value, &mut Vec::new(), &mut all);
    let path = &all[which.index(all.len())];
    let mut copy = value.clone();
    *copy.pointer_mut(&format!("/{}", path.join("/"))).unwrap() = Value::from("another-value-than-before");
    copy
}

/// Documents as a manifest, each in the flow style of JSON or the block style of YAML.
fn manifest(objects: &[Value], block: bool) -> String {
    let print = |object: &Value| if block { kopsform_yaml::to_string(object) } else { object.to_string() };
    objects.iter().map(print).collect::<Vec<_>>().join("\n---\n")
}

fn object(name: &str, spec: &Map<String, Value>) -> Value {
    json!({"apiVersion": "v1", "kind": "Thing", "metadata": {"name": name}, "spec": spec})
}

/// A resource, with its arguments in their order or the reverse.
fn resource(name: &str, body: &Map<String, Value>, reversed: bool) -> String {
    fn expression(value: &Value, reversed: bool) -> String {
        match value {
            Value::Array(items) => {
                let mut items: Vec<String> = items.iter().map(|item| expression(item, reversed)).collect();
                if reversed {
                    items.reverse();
                }
                format!("[{}]", items.join(if reversed { ",\n" } else { ", " }))
            }
            Value::Object(map) => {
                let mut entries: Vec<String> =
                    map.iter().map(|(name, below)| format!("{name} = {}", expression(below, reversed))).collect();
                if reversed {
                    entries.reverse();
                }
                format!("{{\n{}\n}}", entries.join("\n"))
            }
            other => other.to_string(),
        }
    }
    let mut lines: Vec<String> =
        body.iter().map(|(name, value)| format!("{name} = {}", expression(value, reversed))).collect();
    if reversed {
        lines.reverse();
    }
    format!("resource \"aws_thing\" \"{name}\" {{\n{}\n}}\n", lines.join("\n"))
}

fn files(files: &[(&str, String)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_and_style_of_manifests_do_not_count(specs in proptest::collection::vec(mapping(), 1..4)) {
        let mut objects: Vec<Value> = specs.iter().enumerate().map(|(i, spec)| object(&format!("n{i}"), spec)).collect();
        let old = manifest(&objects, true);
        objects.reverse();
        let new = manifest(&objects, false);
        prop_assert!(equivalent("data/x", old.as_bytes(), new.as_bytes()), "{old}\n{new}");
    }

    #[test]
    fn a_changed_value_of_a_manifest_is_found(spec in mapping(), which in any::<prop::sample::Index>()) {
        let old = object("n", &spec);
        let mut new = old.clone();
        new["spec"] = changed(&old["spec"], &which);
        let (a, b) = (manifest(&[old], true), manifest(&[new], true));
        prop_assert!(!equivalent("data/x", a.as_bytes(), b.as_bytes()), "{a}\n{b}");
        prop_assert_eq!(compare(&files(&[("data/x", a)]), &files(&[("data/x", b)])).len(), 1);
    }

    #[test]
    fn order_and_files_of_blocks_do_not_count(bodies in proptest::collection::vec(mapping(), 1..4)) {
        let blocks = |reversed: bool| -> Vec<String> {
            bodies.iter().enumerate().map(|(i, body)| resource(&format!("r{i}"), body, reversed)).collect()
        };
        let old = files(&[("main.tf", blocks(false).concat())]);
        let names: Vec<String> = (0..bodies.len()).map(|i| format!("f{i}.tf")).collect();
        let split: Vec<(&str, String)> = names.iter().map(String::as_str).zip(blocks(true)).collect();
        let found = compare(&old, &files(&split));
        prop_assert!(found.iter().all(|f| f.severity == kopsform_compare::Severity::Bytes), "{found:#?}");
    }

    #[test]
    fn a_changed_argument_is_found(body in mapping(), which in any::<prop::sample::Index>()) {
        let Value::Object(other) = changed(&Value::Object(body.clone()), &which) else { unreachable!() };
        let (a, b) = (resource("r", &body, false), resource("r", &other, true));
        let found = compare(&files(&[("main.tf", a.clone())]), &files(&[("main.tf", b.clone())]));
        prop_assert!(found.iter().any(|f| f.severity == kopsform_compare::Severity::Meaning), "{a}\n{b}");
        prop_assert!(!equivalent("main.tf", a.as_bytes(), b.as_bytes()));
    }

    #[test]
    fn order_of_a_policy_does_not_count_and_each_change_is_found(
        statements in proptest::collection::vec(proptest::collection::btree_set("[a-z]{2,4}:[A-Z][a-z]{1,6}", 1..4), 1..5),
        which in any::<prop::sample::Index>(),
    ) {
        let policy = |reversed: bool, without: Option<usize>| {
            let mut list: Vec<Value> = statements.iter().enumerate().map(|(i, actions)| {
                let mut actions: Vec<&String> = actions.iter().collect();
                if reversed { actions.reverse(); }
                let mut actions: Vec<Value> = actions.into_iter().map(|a| Value::from(a.as_str())).collect();
                if without == Some(i) { actions[0] = Value::from("zzz:New"); }
                let single = reversed && actions.len() == 1;
                let actions = if single { actions[0].clone() } else { Value::from(actions) };
                json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
            }).collect();
            if reversed { list.reverse(); }
            json!({"Version": "2012-10-17", "Statement": list}).to_string()
        };
        let old = policy(false, None);
        prop_assert!(equivalent("p", old.as_bytes(), policy(true, None).as_bytes()));
        let new = policy(true, Some(which.index(statements.len())));
        prop_assert!(!equivalent("p", old.as_bytes(), new.as_bytes()), "{old}\n{new}");
    }

    #[test]
    fn no_bytes_make_it_panic(a in bytes(), b in bytes(), name in "(main\\.tf|data/[a-z]{1,8})") {
        let (x, y) = (Files::from([(name.clone(), a.clone())]), Files::from([(name.clone(), b.clone())]));
        let found = compare(&x, &y);
        prop_assert_eq!(found.is_empty(), a == b, "{:?}", found);
        let _ = equivalent(&name, &a, &b);
        let _ = Configuration::parse(&x);
    }
}

/// Bytes of every kind, and pieces of what is recognized.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "resource \"a\" \"b\" {\n",
        "}\n",
        "x = ",
        "<<-E\n",
        "E\n",
        "file(\"${path.module}/a\")",
        "${",
        "[",
        "{",
        "}",
        "]",
        "\"",
        "#!/bin/bash\nNODEUP_URL_AMD64=x\n",
        "cat > conf/kube_env.yaml << 'K'\n",
        "K\n",
        "echo \"H4sIAAAAAAAA/8pIzcnJBwAAAP//\" | base64 -d | gzip -d > conf/kube_env.yaml\n",
        "Content-Type: multipart/mixed; boundary=\"B\"\n\n",
        "--B\n",
        "--B--\n",
        "Content-Transfer-Encoding: base64\n\n",
        "apiVersion: v1\nkind: X\n",
        "---\n",
        "metadata: {name: a}\n",
        "- ",
        ": ",
        "&a ",
        "*a",
        "\n",
        "ssh-rsa AAAA",
        "{\"Statement\": [{\"Effect\": 1}]}",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "-----END",
        "\u{feff}",
        "é",
        "\t",
        "=",
        "null",
    ]);
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        proptest::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat().into_bytes()),
    ]
}

/// Nothing of a private key is in a finding, wherever it is.
#[test]
fn private_keys_are_never_part_of_a_finding() {
    use base64::Engine as _;
    let key =
        |c: char| format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", c.to_string().repeat(64));
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let indented = |text: &str| text.replace('\n', "\n    ");
    for form in [
        |key: &str, _: &str, _: &str| key.to_owned(),
        |_: &str, encoded: &str, _: &str| format!("ClusterName: a\nKubeletConfig:\n  x: {encoded}\n"),
        |_: &str, _: &str, indented: &str| {
            format!("apiVersion: v1\nkind: X\nmetadata: {{name: n}}\ndata:\n  a: |\n    {indented}\n")
        },
        |key: &str, _: &str, _: &str| serde_json::json!({"a": [key]}).to_string(),
    ] {
        let text = |c: char| form(&key(c), &encoded(&key(c)), &indented(&key(c)));
        let found = compare(&files(&[("data/a", text('Q'))]), &files(&[("data/a", text('R'))]));
        let printed = format!("{found:?}");
        assert!(!found.is_empty(), "{}", text('Q'));
        assert!(
            !printed.contains("QQQQ") && !printed.contains("RRRR") && !printed.contains(&encoded(&key('Q'))[40..60]),
            "{printed}"
        );
    }
}

/// Documents within documents within documents, until the file is as large as any.
#[test]
fn documents_within_documents_end() {
    let nested = |last: &str| {
        let depth = 600;
        let mut text: String = (0..depth).map(|i| format!("{}a: |\n", " ".repeat(i))).collect();
        text.push_str(&format!("{}b: {last}\n", " ".repeat(depth)));
        files(&[("data/a", text)])
    };
    assert_eq!(compare(&nested("1"), &nested("2")).len(), 1);
}

/// Each doubling of the input at most about doubles the time; quadratic matching would make it sixteen times as long.
#[test]
fn time_grows_with_the_size() {
    let configuration = |count: usize, changed: usize| {
        let block = |i: usize| {
            let port = if i.is_multiple_of(2) { i + changed } else { i };
            format!(
                "resource \"aws_security_group_rule\" \"r{i}\" {{\n  from_port = {port}\n  to_port = {i}\n  tags = {{ a = \"{i}\" }}\n}}\n"
            )
        };
        files(&[("main.tf", (0..count).map(block).collect())])
    };
    let list = |count: usize, changed: usize| {
        let item = |i: usize| format!("  - {{a: {}, b: x}}\n", i * 2 + changed);
        let objects =
            |i: usize| format!("apiVersion: v1\nkind: X\nmetadata: {{name: n}}\nvalue: {}\n---\n", i + changed);
        let items: String = (0..count).map(item).collect();
        files(&[
            ("data/a", format!("apiVersion: v1\nkind: Y\nitems:\n{items}")),
            ("data/b", (0..count).map(objects).collect()),
        ])
    };
    let time = |make: &dyn Fn(usize, usize) -> Files, count: usize| {
        let (a, b) = (make(count, 0), make(count, 1));
        let start = std::time::Instant::now();
        assert!(!compare(&a, &b).is_empty());
        start.elapsed().as_secs_f64()
    };
    for make in [&configuration as &dyn Fn(usize, usize) -> Files, &list] {
        let (small, large) = (time(make, 300), time(make, 1_200));
        assert!(large < small * 10.0 + 0.5, "{small} s, {large} s");
    }
}
