//! Templates, YAML and specs.

use kopsform::ops::support::documents::InputFile;
use kopsform::ops::validate_spec::{self, Format, ValidateOptions};
use kopsform_diagnostics::Allowed;
use kopsform_env::features::Features;
use kopsform_template::Template;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::input::{bounded, config, files, mutated, token};

/// Locations are in the text. For YAML, a carriage return ends a line too.
fn well_placed(text: &str, report: &kopsform_diagnostics::Report) -> Result<(), TestCaseError> {
    let lines = text.split(['\n', '\r']).count() + 1;
    for finding in &report.findings {
        if let Some(place) = &finding.location {
            prop_assert!((1..=lines).contains(&place.line) && place.column > 0, "{finding}");
        }
    }
    // Printing a report must not fail either, nor take long.
    prop_assert!(bounded(|| report.to_string()).len() < 1 << 20);
    Ok(())
}

/// The first place where two values differ. As in Go, which prints 10.0 as 10, numbers are compared by what they are worth.
fn difference(one: &Value, other: &Value, path: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            one.iter().find_map(|(key, value)| difference(value, &other[key], &format!("{path}.{key}")))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            (0..one.len()).find_map(|at| difference(&one[at], &other[at], &format!("{path}[{at}]")))
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => None,
        _ => (one != other).then(|| format!("{path}: {one:?}, not {other:?}")),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn templates(
        text in mutated(files(["tests/project/cluster.yml", "golden/templates/leverage.yml"])),
        value in token(),
    ) {
        let data = json!({ "value": value, "list": [value, 1, null], "map": { value.clone(): true } });
        match bounded(|| Template::parse("cluster.yml", &text)) {
            Err(report) => well_placed(&text, &report)?,
            Ok(template) => match bounded(|| template.render(&data)) {
                Err(report) => well_placed(&text, &report)?,
                Ok(rendered) => prop_assert!(rendered.len() <= text.len() + 16 * (1 << 20)),
            },
        }
    }

    /// Values of any form pass through a template as they are.
    #[test]
    fn values_in_templates(value in token()) {
        let template = Template::parse("t", "{{ .value }}|{{ .value | toJson }}").unwrap();
        let rendered = bounded(|| template.render(&json!({ "value": value }))).unwrap();
        let rest = rendered.strip_prefix(value.as_str()).and_then(|rest| rest.strip_prefix('|')).unwrap();
        prop_assert_eq!(serde_json::from_str::<String>(rest).unwrap(), value);
    }

    #[test]
    fn yaml(text in mutated(files(["tests/corpus/base.yaml", "golden/keysets/kubernetes-ca.yaml"]))) {
        let parsed = bounded(|| kopsform_yaml::parse("f.yaml", &text));
        well_placed(&text, &parsed.report)?;
        if parsed.report.has_errors() {
            return Ok(());
        }
        for document in parsed.documents {
            let value = document.root.to_json();
            let printed = bounded(|| kopsform_yaml::to_string(&value));
            let again = kopsform_yaml::parse("f.yaml", &printed);
            prop_assert!(!again.report.has_errors(), "{}\n{printed}", again.report);
            let again = again.documents.first().map_or(Value::Null, |document| document.root.to_json());
            prop_assert!(difference(&again, &value, "$").is_none(), "{:?}", difference(&again, &value, "$"));
        }
    }

    #[test]
    fn specs(text in mutated(files(["tests/corpus/base.yaml", "examples/minimal/cluster.yml"]))) {
        let inputs = [InputFile { name: "spec.yaml".to_owned(), content: text.clone() }];
        let features = Features::default();
        let options = ValidateOptions { features: &features, strict: false, allowed: Allowed::default(), facts: None };
        let report = bounded(|| validate_spec::run(&inputs, &options));
        well_placed(&text, &report)?;
        for format in [Format::Table, Format::Json, Format::Sarif, Format::Github, Format::Junit] {
            let rendered = bounded(|| validate_spec::render(&report, &["spec.yaml".to_owned()], format));
            prop_assert!(!rendered.contains('\u{1b}'), "a terminal escape reached the output");
        }
    }
}
