//! The output formats of a report.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

use crate::ops::support::github::annotation;
use kopsform_diagnostics::{Finding, Report, Severity, visible};

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Each finding with its location, line and hint.
    Table,
    /// A JSON object with all findings.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// JUnit XML, for build servers.
    Junit,
}

/// Formats a report. `files` are all that were checked: JUnit lists those without findings too.
///
/// No format holds control characters as they are: hints quote lines of the files.
pub fn render(report: &Report, files: &[String], format: Format) -> String {
    match format {
        Format::Table => visible(&table(report)).into_owned(),
        Format::Json => pretty(&json(report)),
        Format::Sarif => pretty(&sarif(report)),
        Format::Github => visible(&github(report)).into_owned(),
        Format::Junit => junit(report, files),
    }
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

fn table(report: &Report) -> String {
    let mut text = report.findings.iter().fold(String::new(), |mut text, finding| {
        let _ = writeln!(text, "{}: {finding}\n", finding.severity);
        text
    });
    for more in [Severity::Error, Severity::Warning].into_iter().filter_map(|severity| report.more(severity)) {
        let _ = writeln!(text, "{more}\n");
    }
    text
}

fn json(report: &Report) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|f| {
            let location = f.location.as_ref();
            json!({
                "severity": f.severity.to_string(),
                "code": f.rule.name(),
                "object": f.object,
                "path": f.path,
                "file": location.map(|l| &l.file),
                "line": location.map(|l| l.line),
                "column": location.map(|l| l.column),
                "message": f.message,
                "hint": f.hint,
            })
        })
        .collect();
    json!({
        "errors": report.error_count(),
        "warnings": report.warning_count(),
        "findings": findings,
    })
}

fn sarif(report: &Report) -> Value {
    let mut rules: BTreeMap<&str, usize> = report.findings.iter().map(|f| (f.rule.name(), 0)).collect();
    rules.values_mut().enumerate().for_each(|(i, index)| *index = i);
    let level = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|f| {
            let mut result = json!({
                "ruleId": f.rule.name(),
                "ruleIndex": rules[f.rule.name()],
                "level": level(f.severity),
                "message": { "text": one_line(f) },
            });
            if let Some(location) = &f.location {
                result["locations"] = json!([{
                    "physicalLocation": {
                        "artifactLocation": { "uri": uri(&location.file) },
                        "region": { "startLine": location.line, "startColumn": location.column },
                    },
                    "logicalLocations": [{ "fullyQualifiedName": format!("{} {}", f.object, f.path).trim(), "kind": "member" }],
                }]);
            }
            result
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kopsform",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.keys().map(|code| json!({ "id": code })).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// A file name as a URI reference, percent-encoded. URLs are left as they are.
fn uri(name: &str) -> String {
    if name.contains("://") {
        return name.to_owned();
    }
    name.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

/// Field, message and hint, without the location.
fn one_line(finding: &Finding) -> String {
    let mut text = String::new();
    if !finding.path.is_empty() {
        let _ = write!(text, "{}: ", finding.path);
    }
    text.push_str(&finding.message);
    if let Some(hint) = &finding.hint {
        let _ = write!(text, " ({hint})");
    }
    text
}

fn github(report: &Report) -> String {
    let annotations = report.findings.iter().map(|finding| {
        let place = finding.location.as_ref().map(|l| (l.file.clone(), l.line.to_string(), l.column.to_string()));
        let mut properties = Vec::new();
        if let Some((file, line, column)) = &place {
            properties.extend([("file", file.as_str()), ("line", line.as_str()), ("col", column.as_str())]);
        }
        properties.push(("title", finding.rule.name()));
        annotation(&finding.severity.to_string(), &properties, &one_line(finding))
    });
    annotations.collect()
}

fn junit(report: &Report, files: &[String]) -> String {
    let mut by_file: BTreeMap<&str, Vec<&Finding>> = files.iter().map(|f| (f.as_str(), Vec::new())).collect();
    for finding in &report.findings {
        let file = finding.location.as_ref().map_or("", |l| l.file.as_str());
        by_file.entry(file).or_default().push(finding);
    }
    let mut junit = quick_junit::Report::new("validate spec");
    for (file, findings) in by_file {
        let mut suite = TestSuite::new(file);
        if findings.is_empty() {
            suite.add_test_case(test_case(file, "valid", TestCaseStatus::success()));
        }
        suite.add_test_cases(findings.into_iter().map(|finding| finding_case(file, finding)));
        junit.add_test_suite(suite);
    }
    junit.to_string().unwrap_or_default()
}

/// A failure for an error; a success with output for a warning, which JUnit has no word for.
fn finding_case(file: &str, finding: &Finding) -> TestCase {
    let name = format!("{} {}", finding.rule, finding.path);
    let mut case = match finding.severity {
        Severity::Error => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            // A reader of XML takes line breaks of an attribute for blanks anyway.
            let message = one_line(finding).replace('\n', " ");
            status.set_type(finding.rule.name()).set_message(message).set_description(finding.to_string());
            test_case(file, name.trim(), status)
        }
        Severity::Warning => {
            let mut case = test_case(file, name.trim(), TestCaseStatus::success());
            case.set_system_out(finding.to_string());
            case
        }
    };
    let line = finding.location.as_ref().map_or(0, |l| l.line);
    case.extra.insert("line".into(), line.to_string().into());
    case
}

fn test_case(file: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(file);
    case
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use kopsform_diagnostics::{Location, Rule};

    fn report() -> Report {
        let at = |line| Location { file: "a,b.yaml".to_owned(), line, column: 3 };
        let mut report = Report::default();
        report.push(
            Finding::error(Rule::UnknownField, "spec.x", "unknown <field>")
                .at(at(4))
                .object("Cluster/a")
                .hint("did\nyou?"),
        );
        report.push(Finding::warning(Rule::OldVersion, "spec.v", "100% old").at(at(5)));
        report
    }

    #[test]
    fn tables_have_the_location_first_and_the_hint_last() {
        let text = render(&report(), &[], Format::Table);
        assert!(
            text.starts_with("error: a,b.yaml:4:3: spec.x: unknown <field>\nhint: did\nyou?\n\nwarning: "),
            "{text}"
        );
    }

    #[test]
    fn no_format_holds_control_characters() {
        let mut report = Report::default();
        report.push(Finding::error(Rule::UnknownField, "spec.\u{1b}x", "a\u{1b}[31mb").hint("c\u{1b}[2Jd"));
        for format in [Format::Table, Format::Json, Format::Sarif, Format::Github, Format::Junit] {
            let text = render(&report, &[], format);
            assert!(!text.contains('\u{1b}') && text.contains('c'), "{format:?}: {text}");
        }
    }

    #[test]
    fn programs_get_every_part() {
        let value: Value = serde_json::from_str(&render(&report(), &[], Format::Json)).unwrap();
        assert_eq!((&value["errors"], &value["warnings"]), (&json!(1), &json!(1)));
        assert_eq!(value["findings"][0]["code"], "unknown-field");
        assert_eq!(value["findings"][0]["line"], 4);
        let value: Value = serde_json::from_str(&render(&report(), &[], Format::Sarif)).unwrap();
        let run = &value["runs"][0];
        assert_eq!(run["results"][0]["ruleIndex"], 1);
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "unknown-field");
        assert_eq!(run["results"][1]["level"], "warning");
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%2Cb.yaml");
        assert_eq!(place["region"], json!({ "startLine": 4, "startColumn": 3 }));
    }

    #[test]
    fn build_servers_get_escaped_text() {
        let text = render(&report(), &[], Format::Github);
        assert_eq!(
            text,
            "::error file=a%2Cb.yaml,line=4,col=3,title=unknown-field::spec.x: unknown <field> (did%0Ayou?)\n\
             ::warning file=a%2Cb.yaml,line=5,col=3,title=old-version::spec.v: 100%25 old\n"
        );
        let text = render(&report(), &["clean.yaml".to_owned()], Format::Junit);
        assert!(text.contains("<testsuites name=\"validate spec\" tests=\"3\" skipped=\"0\" failures=\"1\""), "{text}");
        assert!(text.contains("<testcase name=\"valid\" classname=\"clean.yaml\""), "{text}");
        assert!(text.contains("message=\"spec.x: unknown &lt;field&gt; (did you?)\""), "{text}");
        assert!(text.contains("line=\"4\""), "{text}");
    }
}
