//! No input makes the reader panic, and every finding has a location in its input.
#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;

use kopsform_diagnostics::Report;
use kopsform_spec::decode::{Strictness, decode};
use kopsform_yaml::{parse, to_string};

/// A piece of YAML: anything the grammar knows, and anything else.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "a",
        "b: ",
        "- ",
        "? ",
        ": ",
        "\n",
        "\n  ",
        "\n    ",
        "\t",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&x ",
        "*x",
        "<<: ",
        "!!str ",
        "!t ",
        "|\n",
        ">-\n",
        "\"",
        "'",
        "\\",
        "# c\n",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "~",
        "yes",
        "0x1F",
        "1_000",
        "1e999",
        ".nan",
        "\u{feff}",
        "\r\n",
        "\u{85}",
        "spec:\n",
        "kind: Cluster\n",
        "apiVersion: kops/v1alpha2\n",
        "metadata:\n  name: x\n",
        "  subnets:\n",
        "  - name: a\n",
        "kubernetesVersion: ",
        "1.34.1",
        "10.0.0.0/8",
        "-1",
        "99999999999999999999",
    ];
    prop_oneof![
        8 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => "[ -~]{0,6}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    vec(piece(), 0..24).prop_map(|pieces| pieces.concat())
}

/// A location is on a line of the input or on the one after its last.
fn check_places(text: &str, report: &Report) {
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    for finding in &report.findings {
        let location = finding.location.as_ref().unwrap();
        assert!((1..=lines + 1).contains(&location.line), "{finding:?} in {text:?}");
        assert!(location.column >= 1 && !finding.message.is_empty(), "{finding:?} in {text:?}");
        let _ = finding.to_string();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in text()) {
        let parsed = parse("f", &text);
        check_places(&text, &parsed.report);
        for document in &parsed.documents {
            let value = document.root.to_json();
            let again = parse("f", &to_string(&value));
            prop_assert!(again.report.is_empty(), "{}\n{}", again.report, to_string(&value));
        }
    }

    #[test]
    fn no_object_panics(head in any::<bool>(), text in text()) {
        let head = if head { "apiVersion: kops/v1alpha2\nkind: Cluster\nmetadata:\n  name: x\nspec:\n  " } else { "" };
        let text = format!("{head}{text}");
        for strictness in [Strictness::Strict, Strictness::Lenient, Strictness::Stored] {
            check_places(&text, &decode("f", &text, strictness).report);
        }
    }

    #[test]
    fn no_project_panics(text in text()) {
        if let Err(report) = kopsform::project::read("f", &text) {
            check_places(&text, &report);
        }
    }
}

const HEAD: &str = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata: {name: a.b.c}\nspec:\n";

/// `kops get -o json | jq -c` gives lines of any length.
#[test]
fn a_spec_of_one_long_line_is_reported() {
    let annotations: Vec<String> = (0..1100).map(|i| format!("\"k{i}\": \"{}\"", "v".repeat(50))).collect();
    let text = format!(
        "{{\"apiVersion\": \"kops.k8s.io/v1alpha2\", \"kind\": \"InstanceGroup\", \"metadata\": {{\"name\": \"n\", \"labels\": \
         {{\"kops.k8s.io/cluster\": \"a.b\"}}, \"annotations\": {{{}}}}}, \"spec\": {{\"role\": \"Nod\"}}}}",
        annotations.join(", ")
    );
    let report = decode("one.json", &text, Strictness::Strict).report;
    assert!(report.findings.iter().any(|f| f.location.as_ref().is_some_and(|l| l.column > 65_536)), "{report}");
    assert!(report.to_string().contains("Nod"));
    assert!(report.to_string().len() < 5000);
}

/// Of findings without end some are kept, the rest is counted, and each takes little.
#[test]
fn findings_without_end_are_counted() {
    let unknown: String = (0..20_000).map(|i| format!("  k{i}: 1\n")).collect();
    let report = decode("x.yml", &format!("{HEAD}{unknown}"), Strictness::Strict).report;
    assert!(report.error_count() >= 20_000);
    assert!(report.findings.len() <= 2 * kopsform_diagnostics::MAX_FINDINGS);
    assert!(report.to_string().ends_with("more errors"));
    let long = format!("{HEAD}  ? {}\n  : 1\n", "k".repeat(4_000_000));
    assert!(decode("y.yml", &long, Strictness::Strict).report.to_string().len() < 50_000);
    let aliases: Vec<String> = (0..8000).map(|i| format!("*u{i}")).collect();
    let aliases = format!("{HEAD}  x: [{}]\n", aliases.join(","));
    assert!(decode("x.yml", &aliases, Strictness::Strict).report.to_string().len() < 100_000);
}

/// What kops calls line breaks and YAML 1.2 does not: it reads back as it was.
#[test]
fn line_separators_survive_a_store() {
    for text in ["a\u{2028}b", "a\n\u{2028}c", "\u{2029}", "x \u{85} y\n"] {
        let value = serde_json::json!({ "spec": { "cloudLabels": { "k": text, text: "v" } } });
        let written = to_string(&value);
        let parsed = parse("f", &written);
        assert!(parsed.report.is_empty(), "{}", parsed.report);
        assert_eq!(parsed.documents[0].root.to_json(), value, "{written}");
    }
}
