//! The engine as a whole.
#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::json;

use super::*;

fn render(text: &str) -> String {
    let data = json!({
        "name": "demo", "zones": ["a", "b", "c"], "subnets": {"b": "subnet-b", "a": "subnet-a"},
        "count": 3, "yes": true, "nothing": null, "deep": {"er": {"est": "found"}},
    });
    Template::parse("t.tpl", text).unwrap().render(&data).unwrap()
}

fn errors(text: &str) -> Vec<String> {
    let data = json!({"name": "demo", "zones": ["a"], "map": {"alpha": 1}});
    let report = match Template::parse("t.tpl", text) {
        Ok(template) => template.render(&data).err().unwrap_or_default(),
        Err(report) => report,
    };
    report
        .findings
        .iter()
        .map(|f| {
            let at = f.location.as_ref().map(|l| format!("{}:{}", l.line, l.column)).unwrap_or_default();
            let path = if f.path.is_empty() { String::new() } else { format!("{}: ", f.path) };
            format!("{at} {path}{}", f.message)
        })
        .collect()
}

#[test]
fn control_structures() {
    for (text, expected) in [
        ("{{ if .yes }}A{{ else }}B{{ end }}", "A"),
        ("{{ if .nothing }}A{{ else if eq .count 3 }}C{{ else }}B{{ end }}", "C"),
        ("{{ with .deep.er }}{{ .est }}{{ end }}", "found"),
        ("{{ with .nothing }}A{{ else with .name }}{{ . }}{{ end }}", "demo"),
        ("{{ range $i, $z := .zones }}{{ $i }}{{ $z }}{{ end }}", "0a1b2c"),
        ("{{ range $k, $v := .subnets }}{{ $k }}={{ $v }};{{ end }}", "a=subnet-a;b=subnet-b;"),
        ("{{ range .zones }}{{ if eq . \"b\" }}{{ continue }}{{ end }}{{ . }}{{ end }}", "ac"),
        ("{{ range .zones }}{{ if eq . \"b\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "a"),
        ("{{ range 3 }}{{ . }}{{ else }}none{{ end }}{{ range list }}x{{ else }}none{{ end }}", "012none"),
        ("{{ define \"t\" }}<{{ . }}>{{ end }}{{ template \"t\" .name }}", "<demo>"),
        ("{{ block \"t\" .zones }}{{ len . }}{{ end }}", "3"),
        ("{{ $x := 1 }}{{ if .yes }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ $x := 1 }}{{ range .zones }}{{ $x = add $x 1 }}{{ end }}{{ $x }}", "4"),
        (
            "{{ define \"r\" }}{{ if gt . 0 }}{{ . }}{{ template \"r\" (int (sub . 1)) }}{{ end }}{{ end }}{{ template \"r\" 3 }}",
            "321",
        ),
        ("a {{- /* no */ -}} b {{- \"c\" -}} d", "abcd"),
        ("{{ with $y := .name }}{{ $y }}{{ $.count }}{{ end }}", "demo3"),
    ] {
        assert_eq!(render(text), expected, "{text}");
    }
}

#[test]
fn all_errors_at_once_with_their_places() {
    assert_eq!(
        errors(
            "{{ .nam }}\n {{ .map.alhpa }} {{ if .gone }}{{ .inside }}{{ end }}\n{{ upper 5 }}{{ $x := .no }}{{ $x }}"
        ),
        [
            "1:4 .nam: there is no key \"nam\"",
            "2:9 .map.alhpa: there is no key \"alhpa\"",
            "2:25 .gone: there is no key \"gone\"",
            "3:10 upper takes a string here, not 5",
            "3:23 .no: there is no key \"no\"",
        ]
    );
    assert_eq!(
        errors("{{ if .a }}{{ nofunc }}\n{{ \"x }}\n{{ else }}{{ else }}{{ end }}{{ end }}{{ range $x }}"),
        [
            "1:15 function \"nofunc\" is not defined",
            "2:4 unterminated quoted string",
            "3:14 a second `{{ else }}` in this if",
            "3:33 `{{ end }}` without a block to end",
            "3:39 `{{ range }}` is never closed",
            "3:48 undefined variable $x",
        ]
    );
}

#[test]
fn hints_name_the_nearest_key() {
    let report = Template::parse("t.tpl", "{{ .cluster_nmae.value }}").unwrap().render(&json!({"cluster_name": {}}));
    insta::assert_snapshot!(report.unwrap_err(), @r#"
    t.tpl:1:4: .cluster_nmae: there is no key "cluster_nmae"
         1 | {{ .cluster_nmae.value }}
           |    ^
    hint: did you mean cluster_name?
    "#);
}

/// Templates with the output of Go and sprig, or that they refuse.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    data: serde_json::Value,
    missing_key: String,
    cases: Vec<Vector>,
}

#[derive(serde::Deserialize)]
struct Vector {
    template: String,
    output: Option<String>,
}

pub(super) fn eval_context() -> EvalContext {
    let random: Random = std::sync::Arc::new(|buffer: &mut [u8]| {
        getrandom::fill(buffer).map_err(|_| FunctionError::new("no randomness"))
    });
    EvalContext {
        now: Some(jiff::Timestamp::from_second(1_700_000_000).unwrap()),
        random: Some(random),
        ..EvalContext::default()
    }
}

fn replay(text: &str) {
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    let missing_key = match vectors.missing_key.as_str() {
        "default" => MissingKey::Default,
        "zero" => MissingKey::Zero,
        _ => MissingKey::Error,
    };
    let mut wrong = Vec::new();
    for vector in &vectors.cases {
        let data = Value::with_float_numbers(&vectors.data);
        let got = Template::parse("t.tpl", &vector.template)
            .and_then(|template| template.missing_key(missing_key).render_in(&data, &eval_context()));
        match (&vector.output, &got) {
            (Some(expected), Ok(text)) if expected == text => {}
            (None, Err(_)) => {}
            _ => wrong.push(format!("{}\n   expected {:?}\n   got {got:?}", vector.template, vector.output)),
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), vectors.cases.len(), wrong.join("\n"));
}

#[test]
fn templates_print_what_go_prints() {
    replay(include_str!("testdata/vectors.json"));
}

#[test]
fn missing_keys_print_what_go_prints() {
    replay(include_str!("testdata/missing-key-default.json"));
    replay(include_str!("testdata/missing-key-zero.json"));
}
